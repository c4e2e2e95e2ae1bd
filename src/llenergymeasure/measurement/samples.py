"""What the sampler saw of the GPUs over some time: power and temperature, as numbers."""

import math
from collections.abc import Sequence
from statistics import fmean

from llenergymeasure.energy.nvml_sampler import DeviceSample


def power_w(rows: Sequence[DeviceSample]) -> float | None:
    """The mean power of all GPUs together; None where one was not seen."""
    means = []
    for own in _by_device(rows).values():
        known = [row.power_w for row in own if not math.isnan(row.power_w)]
        if not known:
            return None
        means.append(fmean(known))
    return math.fsum(means) if means else None


def hottest_c(rows: Sequence[DeviceSample]) -> float | None:
    """The temperature of the hottest GPU at the end; None where no temperature is known."""
    last = [own[-1].temperature_c for own in _by_device(rows).values()]
    return max((celsius for celsius in last if not math.isnan(celsius)), default=None)


def _by_device(rows: Sequence[DeviceSample]) -> dict[int, list[DeviceSample]]:
    found: dict[int, list[DeviceSample]] = {}
    for row in rows:
        found.setdefault(row.device, []).append(row)
    return found
