"""The meter's clock: the system's, or one that a test sets.

Every wait and every time stamp of this package goes through a :class:`Clock`, so that a simulated driver and
the meter can share virtual time.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the meter needs of a clock."""

    def monotonic(self) -> float:
        """Seconds that never go back; the same clock in every process of this machine."""
        ...

    def wall(self) -> float:
        """Seconds since 1970, as drivers stamp their values."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for some time."""
        ...


class SystemClock:
    """``CLOCK_MONOTONIC`` and the wall clock of this machine."""

    monotonic = staticmethod(time.monotonic)
    wall = staticmethod(time.time)
    sleep = staticmethod(time.sleep)
