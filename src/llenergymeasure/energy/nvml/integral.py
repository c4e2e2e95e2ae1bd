"""Joules from sampled power: for GPUs without an energy counter, and as a check on the others."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from llenergymeasure.energy.nvml.boundary_power import SENSOR_RELATIVE
from llenergymeasure.energy.nvml.plausible import frozen, power_readings
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.uncertainty import RECTANGULAR, UNCERTAINTY_IS_BOUND, EnergyEstimate

MIN_SAMPLES = 5
"""Fewer samples show nothing of what power does between them."""
GAP_S, GAP_STEPS = 0.5, 10.0
"""Time without a sample is a gap when it is longer than this, and than this many median steps between
samples: then the sampler did not run, and was not only set to a low rate."""
WIDE_STEPS = 2.0
"""In a step longer than this many median ones, a sample is missing: power may have been anything between the
extremes of the samples."""
UNSEEN = 0.5
"""The part of the time that a power sensor does not look at is up to 0.75 (Yang, Adámek and Armour, SC24).
Set by the calibration, since pulses are seldom as deep as the board allows."""
AVERAGE_S = 1.0
"""Over this the power call averages on cards where it is not instantaneous, by NVML's documentation."""


def integrate(
    samples: Sequence[DeviceSample], begin_s: float, end_s: float, ceiling_w: float
) -> EnergyEstimate | str:
    """Energy of one device between two instants by the trapezoid rule; or, as a clause, why not.

    With steps of the length ``h`` between powers ``l`` and ``r``, the energy is the sum of ``h (l + r) / 2``.
    At a boundary, power is that of the line between the samples around it, or of the nearest one. The
    uncertainty has five parts, added in quadrature:

    1. The sensor: ``SENSOR_RELATIVE`` times the energy.
    2. Between samples: power that goes from ``l`` to ``r`` at some point of the step used between ``h l`` and
       ``h r``, so ``h |r - l| / sqrt(12)`` for each step. In a step with a sample missing (``WIDE_STEPS``)
       the range of all powers takes the place of ``|r - l|``.
    3. The ends, where no sample lies beyond one: the same with the range of all powers.
    4. Averaging, where a power is the mean over the second before it (``A = AVERAGE_S``). The integral then
       contains ``x`` of the energy before the window, and lacks ``y`` of its last second; both are between 0
       and ``P_max A / 2``, and equal while power does not change. ``P_max A / 2 / sqrt(12)`` is taken for ``x
       - y``. A jump from nothing to ``P_max`` right at the start makes an error of ``sqrt(12) = 3.5`` times
       that, and none makes more.

    5. What an instantaneous sensor does not look at: it averages over 25 ms, of every 100 on some cards, and
       nothing shows which. A load that pulses in step with it reads the same each time, as a constant one
       does, and is off by up to its whole depth. In the unseen part, power is taken to be anything up to
       ``P_max``: with the shown mean ``P`` over the length ``d``, ``UNSEEN d hypot(P - P_max / 2, P_max /
       sqrt(12))``.

    4 and 5 serve the worst work, so the uncertainty is a bound (``UNCERTAINTY_IS_BOUND``): for constant
    power, errors are those of the sensor's gain alone.

    The hard bound is all that a power sensor can promise: between samples the device drew anything up to its
    ceiling. Readings that cannot be power are thrown out first (:mod:`.plausible`): a few are missing
    samples, with many of them there is no figure, nor with a sensor that shows one power while the clocks
    move.
    """
    readings = power_readings(samples, ceiling_w)
    if not readings.are_trusted:
        return readings.rejected
    stuck = frozen(readings.samples)
    if stuck is not None and stuck.is_contradicted:
        return stuck.clause
    known = [sample for sample in readings.samples if not math.isnan(sample.power_w)]
    powers = [(0.5 * (sample.begin_s + sample.end_s), sample.power_w) for sample in known]
    inside = [power for power in powers if begin_s <= power[0] <= end_s]
    if len(inside) < MIN_SAMPLES:
        return f"there are fewer than {MIN_SAMPLES} samples of its power"
    before = max((power for power in powers if power[0] < begin_s), default=None)
    after = min((power for power in powers if power[0] > end_s), default=None)
    first_s, last_s = before[0] if before else begin_s, after[0] if after else end_s
    gap_s, median_s = longest_gap([first_s, *(at_s for at_s, _ in inside), last_s])
    if is_gap(gap_s, median_s):
        return f"no sample of its power was taken for {gap_s:.2g} s"
    points = [_at(begin_s, before, inside[0]), *inside, _at(end_s, after, inside[-1])]
    steps = [(right[0] - left[0], left[1], right[1]) for left, right in pairwise(points)]
    energy_j = math.fsum(step_s * 0.5 * (left_w + right_w) for step_s, left_w, right_w in steps)
    range_w = max(power_w for _, power_w in powers) - min(power_w for _, power_w in powers)
    between_j = [
        step_s * (range_w if step_s > WIDE_STEPS * median_s else right_w - left_w) / RECTANGULAR
        for step_s, left_w, right_w in steps
    ]
    ends_s = [steps[0][0] if before is None else 0.0, steps[-1][0] if after is None else 0.0]
    averaged = not all(sample.instant for sample in known)
    length_s = end_s - begin_s
    not_shown_j = unshown_j(energy_j / length_s, length_s, ceiling_w, averaged=averaged)
    return EnergyEstimate(
        energy_j=energy_j,
        uncertainty_j=math.hypot(
            SENSOR_RELATIVE * energy_j,
            *between_j,
            *(end_s * range_w / RECTANGULAR for end_s in ends_s),
            not_shown_j,
        ),
        low_j=0.0,
        high_j=max(ceiling_w * length_s, energy_j),
        flags=(
            "power-integrated",
            *(["power-averaged"] if averaged else []),
            *(["power-readings-rejected"] if readings.rejected_w else []),
            *(["power-frozen"] if stuck is not None else []),
            UNCERTAINTY_IS_BOUND,
        ),
    )


def unshown_j(power_w: float, length_s: float, ceiling_w: float, *, averaged: bool) -> float:
    """The uncertainty from what the sensor does not show: parts 4 and 5 of :func:`integrate`."""
    if averaged:
        return AVERAGE_S / 2 * ceiling_w / RECTANGULAR
    return UNSEEN * length_s * math.hypot(power_w - 0.5 * ceiling_w, ceiling_w / RECTANGULAR)


def longest_gap(times_s: Sequence[float]) -> tuple[float, float]:
    """The longest time between two samples that follow each other, and the median one."""
    steps_s = [right_s - left_s for left_s, right_s in pairwise(times_s)]
    return max(steps_s), statistics.median(steps_s)


def is_gap(gap_s: float, median_s: float) -> bool:
    """Whether a time without a sample is much longer than usual."""
    return gap_s > max(GAP_S, GAP_STEPS * median_s)


def _at(
    instant_s: float, outside: tuple[float, float] | None, inside: tuple[float, float]
) -> tuple[float, float]:
    """The power at a boundary: on the line between the samples around it, or that of the nearest."""
    if outside is None:
        return instant_s, inside[1]
    share = (instant_s - inside[0]) / (outside[0] - inside[0])
    return instant_s, inside[1] + share * (outside[1] - inside[1])
