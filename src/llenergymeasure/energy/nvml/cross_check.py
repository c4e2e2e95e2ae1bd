"""Whether a counter and the power sensor contradict each other, beyond what either can know.

They see different things. The sensor has a gain error; it looks at 25 ms in 100 on some cards; or it averages
over a second, which reaches back before the window. On a module, the counter covers more than the GPU whose
power is shown. Called by :mod:`.checks`.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from llenergymeasure.energy.figures import Measured, Scope
from llenergymeasure.energy.nvml.boundary_power import SENSOR_AGE_S, SENSOR_RELATIVE
from llenergymeasure.energy.nvml.gpu import CEILING_MARGIN, MeasuredGpu
from llenergymeasure.energy.nvml.integral import AVERAGE_S, MIN_SAMPLES
from llenergymeasure.energy.samples import DeviceSample

GAIN_SIGMAS, COUNTER_SIGMAS = 3.2, 4.0
"""The sensor's gain may be off by so many standard deviations, 16 %: published comparisons found -8 to +13 %.
The counter's figure may be off by so many of its own."""
SEEN = 0.25
"""The part of the time that an instantaneous sensor looks at, at least (Yang, Adámek and Armour, SC24)."""
SETTLED_S = AVERAGE_S + SENSOR_AGE_S
"""An average that is shown so long after the window's start is of the window alone."""


def contradiction(
    gpu: MeasuredGpu, figure: Measured, samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> str | None:
    """How a counter's figure and the power sensor contradict each other, as a sentence; None if they do not.

    Args:
        gpu: the GPU.
        figure: its energy by the counter.
        samples: those of this GPU, without what cannot be power, with one more on each side of the window.
        begin_s: when the window began.
        end_s: when it ended.
    """
    length_s = end_s - begin_s
    if length_s <= 0:
        return None
    counted_w = figure.energy_j / length_s
    own_w = COUNTER_SIGMAS * figure.uncertainty_j / length_s
    allowed = _averages(samples, begin_s, end_s) or _instants(gpu, samples, begin_s, end_s)
    if allowed is None:
        return None
    shown_w, low_w, high_w = allowed
    is_high = counted_w - own_w > high_w and figure.scope is not Scope.MODULE
    if not is_high and counted_w + own_w >= low_w:
        return None
    return (
        f"the counter says {counted_w:.4g} W on average, the power sensor {shown_w:.4g} W: with all that the sensor "
        f"may not have seen, it was {low_w:.4g} to {high_w:.4g} W"
    )


def _averages(
    samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> tuple[float, float, float] | None:
    """By averages over a second: what they show, and the least and the most that mean power can then be.

    Their mean over the window leaves out none of it, but counts its first and its last second less than the
    rest. That can matter by as much as power changes, over half a second at each end.
    """
    inside = [sample for sample in samples if begin_s + SETTLED_S <= sample.begin_s <= end_s]
    averages = [_average_w(sample) for sample in inside]
    known = [power_w for power_w in averages if not math.isnan(power_w)]
    if len(known) < MIN_SAMPLES or end_s - begin_s < 2 * AVERAGE_S:
        return None
    powers = [sample.power_w for sample in samples if not math.isnan(sample.power_w)]
    range_w = max([*known, *powers]) - min([*known, *powers])
    shown_w = statistics.fmean(known)
    slack_w = GAIN_SIGMAS * SENSOR_RELATIVE * shown_w + range_w * AVERAGE_S / (end_s - begin_s)
    return shown_w, shown_w - slack_w, shown_w + slack_w


def _average_w(sample: DeviceSample) -> float:
    return sample.power_w if math.isnan(sample.average_w) and not sample.instant else sample.average_w


def _instants(
    gpu: MeasuredGpu, samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> tuple[float, float, float] | None:
    """The same by instantaneous power: in the part of the time that was not seen, anything may have been.

    A reading may be of a time shortly before it, which matters where readings differ.
    """
    known = [sample for sample in samples if not math.isnan(sample.power_w)]
    inside_w = [sample.power_w for sample in known if begin_s <= sample.begin_s <= end_s]
    if len(inside_w) < MIN_SAMPLES or not all(sample.instant for sample in known):
        return None
    shown_w = statistics.fmean(inside_w)
    gain = GAIN_SIGMAS * SENSOR_RELATIVE
    powers = [sample.power_w for sample in known]
    old_w = (max(powers) - min(powers)) * min(1.0, SENSOR_AGE_S / (end_s - begin_s))
    low_w = SEEN * (1 - gain) * shown_w - old_w
    unseen_w = (1 - SEEN) * gpu.ceiling_w / CEILING_MARGIN
    return shown_w, low_w, SEEN * (1 + gain) * shown_w + unseen_w + old_w
