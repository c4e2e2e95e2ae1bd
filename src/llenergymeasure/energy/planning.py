"""How long a window must be for a wanted uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.sensor import Sensor

DEFAULT_TARGET = 0.05
"""The relative standard uncertainty that a window has to reach where the caller names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a window could resolve: the length of the smallest one that meets ``target``, and its own."""

    target: float
    smallest_window_s: float
    length_s: float

    @property
    def met(self) -> bool:
        """Whether the window was long enough."""
        return self.length_s >= self.smallest_window_s


def smallest_window_s(sensors: Sequence[Sensor], target: float, *, aligned: bool) -> float:
    """The shortest window whose relative standard uncertainty is at most ``target`` on every device.

    What is uncertain at the boundaries does not grow with the window, so the relative uncertainty falls as
    one over its length, at steady power.

    Raises:
        WindowError: nothing here can be measured, or not that exactly.
    """
    lengths_s = [sensor.smallest_window_s(target, aligned=aligned) for sensor in sensors]
    known_s = [length_s for length_s in lengths_s if length_s is not None]
    if not known_s:
        raise WindowError(
            "no window is long enough: nothing here can be measured (see `llenergymeasure doctor`)"
        )
    return max(known_s)
