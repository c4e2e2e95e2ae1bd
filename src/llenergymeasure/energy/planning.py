"""How long a window must be for a wanted uncertainty."""

from __future__ import annotations

import math
from dataclasses import dataclass

from llenergymeasure.energy.counter import FINE_S, Timing
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.integral import AVERAGE_S, SENSOR_RELATIVE
from llenergymeasure.energy.rapl import UPDATE_S
from llenergymeasure.energy.sensors import Sensors

DEFAULT_TARGET = 0.05
"""The relative standard uncertainty under which a window is too coarse, where the caller names none."""
ALIGNED_BOUNDARIES = 0.08
"""At aligned boundaries, what stays unknown of a period's energy: as found in the calibration of docs/energy.md, whose
windows end anywhere in the counter's period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a window could resolve: the smallest window that meets ``target``, and whether this one did."""

    target: float
    smallest_window_s: float
    length_s: float

    @property
    def met(self) -> bool:
        """Whether the window was long enough."""
        return self.length_s >= self.smallest_window_s


def smallest_window_s(sensors: Sensors, target: float, *, aligned: bool) -> float:
    """The shortest window whose relative standard uncertainty is at most ``target`` on every device."""
    if not target > 0:
        raise WindowError(f"a target of {target:g} cannot be met: it is a relative uncertainty, above 0")
    boundaries_s = [
        boundary_s(sensor.counter.timing, aligned=aligned) for sensor in sensors.gpus if sensor.counter
    ]
    if any(sensor.counter is None and sensor.has_power for sensor in sensors.gpus):
        if target <= SENSOR_RELATIVE:
            raise WindowError(
                f"no window is long enough for {target:g}: a GPU here has no counter, and integrated power stays "
                f"{SENSOR_RELATIVE:.0%} uncertain"
            )
        boundaries_s.append(AVERAGE_S)
    boundaries_s += [UPDATE_S * math.sqrt(2 / 12)] if sensors.rapl.zones else []
    if not boundaries_s:
        raise WindowError(
            "no window is long enough: nothing here can be measured (see `llenergymeasure doctor`)"
        )
    return max(boundaries_s) / target


def boundary_s(timing: Timing, *, aligned: bool) -> float:
    """The standard uncertainty of both boundaries together, in seconds of the window's mean power."""
    if aligned:
        return math.hypot(FINE_S, ALIGNED_BOUNDARIES * timing.period_s)
    if timing.stamped:
        return ALIGNED_BOUNDARIES * timing.period_s
    return timing.period_s / math.sqrt(6)
