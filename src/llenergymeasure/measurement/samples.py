"""Power and temperature from the sampler's samples over some time."""

import math
from collections.abc import Sequence
from statistics import fmean

from llenergymeasure.energy.samples import DeviceSample


def power_w(samples: Sequence[DeviceSample]) -> float | None:
    """The mean power of all GPUs together; None where the power of one is not known."""
    means = []
    for own in _by_device(samples).values():
        known = [sample.power_w for sample in own if not math.isnan(sample.power_w)]
        if not known:
            return None
        means.append(fmean(known))
    return math.fsum(means) if means else None


def hottest_c(samples: Sequence[DeviceSample]) -> float | None:
    """The temperature of the hottest GPU at the end; None where no temperature is known."""
    last = [own[-1].temperature_c for own in _by_device(samples).values()]
    return max((celsius for celsius in last if not math.isnan(celsius)), default=None)


def _by_device(samples: Sequence[DeviceSample]) -> dict[int, list[DeviceSample]]:
    by_device: dict[int, list[DeviceSample]] = {}
    for sample in samples:
        by_device.setdefault(sample.device, []).append(sample)
    return by_device
