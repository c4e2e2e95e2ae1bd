"""A GPU's energy counter as software can see it: its samples, its timing, and when it moves.

The counter stands still and then jumps, at a period of its own: a *tick*. A sample therefore says what was
used up to the last tick, not up to now. :mod:`.counter_reading` reads it, :mod:`.calibration` measures its
period, :mod:`.ticks` waits for it to move, and :mod:`.boundaries` derives what follows for a window's joules.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.nvml.driver import Failure

FINE_S = 0.0003
"""The pause between two samples of the counter when a tick is due."""
COARSE_S = 0.005
"""The longest pause when none is due; short enough to see an instantaneous power sensor move."""
STANDSTILL_PERIODS = 2.5
"""A counter that did not move for this many of its periods is stuck, independently of the load: two ticks are
missing."""
LEAST_W = 5.0
"""A GPU draws at least this, so that even a counter of coarse resolution moves now and then."""
STAMP_S = 0.0001
"""How far off a driver's stamp can be on the monotonic clock: the wall clock is read right after it, and may
be slewed."""


class CounterSample(NamedTuple):
    """One sample of the counter.

    Args:
        energy_mj: the counter's value in millijoules.
        power_w: instantaneous power, read with it; None where there is none.
        begin_s: when the call began, on the monotonic clock.
        end_s: when it returned.
        stamp_s: the driver's time stamp, on the monotonic clock; None where it gives none.
        average_w: power averaged over a second, read with it where there is no instantaneous power.
    """

    energy_mj: int
    power_w: float | None
    begin_s: float
    end_s: float
    stamp_s: float | None
    average_w: float | None = None


Read: TypeAlias = Callable[[], CounterSample | Failure]


class TickSpan(NamedTuple):
    """A tick lies between these two instants of the monotonic clock."""

    low_s: float
    high_s: float

    @property
    def middle_s(self) -> float:
        """The best single guess."""
        return 0.5 * (self.low_s + self.high_s)

    @property
    def width_s(self) -> float:
        """How far apart they are."""
        return self.high_s - self.low_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What calibration found about a counter.

    Args:
        period_s: the mean time between two ticks.
        period_uncertainty_s: its standard uncertainty.
        spread_s: the standard deviation of single periods.
        resolution_j: the counter's smallest step.
        stamped: whether the driver's time stamps are those of the ticks, not of the calls. Then a tick's time
            is known without waiting for it.
        ticks: how many ticks were observed.
        unsteadiness: the largest change of power from one period to the next while they were, as a part of
            the mean power; a steady rise or fall apart.
        shown_range: by what part of the power the sensor's values differed meanwhile, likewise; of averages,
            by what part they changed from one to the next.
        averaged: whether those values are averages over a second.
    """

    period_s: float
    period_uncertainty_s: float
    spread_s: float
    resolution_j: float
    stamped: bool
    ticks: int
    unsteadiness: float = 0.0
    shown_range: float = 0.0
    averaged: bool = False

    @property
    def longest_s(self) -> float:
        """The longest that a period may be: three standard deviations above the mean."""
        return self.period_s + 3 * math.hypot(self.period_uncertainty_s, self.spread_s)

    @property
    def standstill_s(self) -> float:
        """A counter that stands still for longer than this is stuck.

        A coarse counter moves only once its smallest step has been used up. The lower the power, the longer
        that takes.
        """
        return STANDSTILL_PERIODS * self.period_s + self.resolution_j / LEAST_W

    def last_tick(self, sample: CounterSample) -> TickSpan:
        """The last tick before a sample: where the driver's stamp is, else anywhere in the period before."""
        return self.stamped_tick(sample) or TickSpan(sample.begin_s - self.longest_s, sample.end_s)

    def stamped_tick(self, sample: CounterSample) -> TickSpan | None:
        """The last tick before a sample by the driver's stamp; None where stamps are not those of ticks."""
        if not self.stamped or sample.stamp_s is None:
            return None
        return TickSpan(sample.stamp_s - STAMP_S, sample.stamp_s + STAMP_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterBegin:
    """The start of a window on one device.

    Args:
        at_s: when the window started.
        sample: the counter then.
        tick: its last tick before; None where it was not followed.
        powers: the power in every sample since that tick, while other devices were waited for.
        before_w: the mean power over the steps of the counter up to that tick, by the counter.
        waited_w: time and power of every sample of the wait.
    """

    at_s: float
    sample: CounterSample
    tick: TickSpan | None = None
    powers: tuple[float, ...] = ()
    before_w: float | None = None
    waited_w: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterEnd:
    """The end of a window on one device.

    Args:
        at_s: when the work ended.
        sample: the first sample after the work.
        tick: a tick after the work; None if none came, or none was waited for.
        tick_sample: the sample that showed it.
        ticks: how many ticks there were up to it.
        powers: time and power of every sample up to it.
        waited: whether the counter was followed after the work.
        moved_on: where it was not followed: whether it has moved since; None where that is not known.
    """

    at_s: float
    sample: CounterSample
    tick: TickSpan | None = None
    tick_sample: CounterSample | None = None
    ticks: int = 0
    powers: tuple[tuple[float, float], ...] = ()
    waited: bool = False
    moved_on: bool | None = None

    @property
    def last_step_j(self) -> float:
        """What the counter moved by between the end of the work and the tick after it."""
        return ((self.tick_sample or self.sample).energy_mj - self.sample.energy_mj) * 1e-3

    def counted_j(self, begin: CounterBegin) -> float:
        """What the counter moved by between the window's start and the last reading."""
        return ((self.tick_sample or self.sample).energy_mj - begin.sample.energy_mj) * 1e-3


@dataclass(slots=True, kw_only=True)
class Counter:
    """One device's counter: how to read it, its timing, its last observed tick, and the latest sample.

    ``is_confirmed`` is False from the end of a window that did not wait for the counter until a sample shows
    that the counter has moved again.
    """

    method: Method
    read: Read
    timing: Timing
    last_tick_s: float
    latest: CounterSample | None = None
    is_confirmed: bool = True

    def sample(self) -> CounterSample | Failure:
        """Read it, with a few tries for a driver that fails for a moment."""
        sample = _read_with_retries(self.read)
        if not isinstance(sample, Failure):
            self.latest = sample
        return sample

    def moved_since(self, sample: CounterSample, clock: Clock) -> bool | None:
        """Whether the counter has moved since a sample; None where it can no longer be read.

        Waits for it, until it has stood still for so long that it is stuck.
        """
        while True:
            latest = self.latest
            if latest is not None and latest.energy_mj != sample.energy_mj:
                return True
            if latest is not None and latest.end_s - sample.end_s > self.timing.standstill_s:
                return False
            if isinstance(self.sample(), Failure):
                return None
            if self.latest is not None and self.latest.energy_mj == sample.energy_mj:
                clock.sleep(COARSE_S)

    def pause_s(self, now_s: float) -> float:
        """How long to pause before the next sample: until shortly before the next tick is due.

        The tick due ``n`` periods after the last one is at ``last + n T``, give or take ``n u(T)`` and the
        spread of single periods. Three times that, and at least 2 ms or 2 % of a period, is the guard before
        and after it in which samples are taken as fast as is useful.
        """
        timing = self.timing
        periods = max(1.0, math.ceil((now_s - self.last_tick_s) / timing.period_s))
        guard_s = max(
            0.002, 0.02 * timing.period_s, 3 * (periods * timing.period_uncertainty_s + timing.spread_s)
        )
        due_s = self.last_tick_s + periods * timing.period_s
        last_due_s = due_s - timing.period_s
        if due_s - guard_s <= now_s or (periods > 1 and now_s <= last_due_s + guard_s):
            return FINE_S
        return max(FINE_S, min(COARSE_S, due_s - guard_s - now_s))


def _read_with_retries(read: Read, attempts: int = 3) -> CounterSample | Failure:
    """A sample, with a few tries for a driver that fails for a moment."""
    sample = read()
    while isinstance(sample, Failure) and attempts > 1:
        sample, attempts = read(), attempts - 1
    return sample
