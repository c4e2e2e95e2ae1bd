"""Waiting for counters to tick: for a limited time, all together, and recording the power in every sample.

Called at both boundaries of a window with aligned boundaries. The result says between which two instants each
counter ticked, and what power was read meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.nvml.counter import FINE_S, Counter, CounterSample, TickSpan
from llenergymeasure.energy.nvml.driver import Failure

MAX_TICK_WIDTH_S = 0.002
"""A tick whose instant is known less exactly than this, or than 2 % of the period, is not used if another
comes."""
MAX_WAIT_PERIODS = 3.5
"""The longest wait for ticks, in periods of the slowest counter, or as long as one may stand still: two ticks
that were missed because the machine did not let this process run, and a third."""


@dataclass(slots=True, kw_only=True)
class TickWait:
    """One counter during a wait.

    Args:
        counter: the counter.
        first: the sample that the wait began with.
        last: the latest sample.
        tick: the latest tick since, None if there was none.
        tick_sample: the sample that showed it.
        ticks: how many there were.
        powers: when each sample was taken, and its power in watts.
        failure: why reading ended.
    """

    counter: Counter
    first: CounterSample
    last: CounterSample = field(init=False)
    tick: TickSpan | None = None
    tick_sample: CounterSample | None = None
    ticks: int = 0
    powers: list[tuple[float, float]] = field(default_factory=list)
    failure: Failure | None = None

    def __post_init__(self) -> None:
        self._keep(self.first)

    @property
    def is_done(self) -> bool:
        """Whether a tick's instant is known exactly enough, or the sensor failed."""
        if self.failure is not None:
            return True
        limit_s = max(MAX_TICK_WIDTH_S, 0.02 * self.counter.timing.period_s)
        return self.tick is not None and self.tick.width_s <= limit_s

    @property
    def counted_w(self) -> float | None:
        """The mean power over the steps of the counter that ended in this wait; None where none did.

        The first step began when the counter last moved before the wait.
        """
        if self.tick_sample is None:
            return None
        counted_j = (self.tick_sample.energy_mj - self.first.energy_mj) * 1e-3
        return counted_j / (self.ticks * self.counter.timing.period_s)

    def sample(self) -> None:
        """Read once, and notice whether the counter ticked."""
        sample = self.counter.sample()
        if isinstance(sample, Failure):
            self.failure = sample
            return
        before = self.last
        self._keep(sample)
        if sample.energy_mj == before.energy_mj:
            return
        between = TickSpan(before.begin_s, sample.end_s)
        # A machine that is too busy to let this process run may hide a tick, which is then counted anyway.
        self.ticks += max(1, math.ceil(between.width_s / self.counter.timing.longest_s))
        stamped = self.counter.timing.stamped_tick(sample) if between.width_s > MAX_TICK_WIDTH_S else None
        self.tick, self.tick_sample = stamped or between, sample
        self.counter.last_tick_s = self.tick.middle_s
        self.counter.is_confirmed = True

    def _keep(self, sample: CounterSample) -> None:
        self.last = sample
        if sample.power_w is not None:
            self.powers.append((sample.end_s, sample.power_w))


def wait_for_ticks(waits: Sequence[TickWait], clock: Clock, *, together: bool) -> None:
    """Sample the counters until each has ticked, or the time is up.

    ``together`` goes on sampling a counter that has ticked until all have: a window starts for all devices at
    one instant, so each device's latest tick counts. Otherwise a counter is left alone once it has ticked.
    """
    timings = [wait.counter.timing for wait in waits]
    longest_s = max(
        (max(MAX_WAIT_PERIODS * timing.period_s, timing.standstill_s) for timing in timings), default=0.0
    )
    deadline_s = clock.monotonic() + longest_s + MAX_TICK_WIDTH_S
    pending = [wait for wait in waits if not wait.is_done]
    while pending and (now_s := clock.monotonic()) < deadline_s:
        clock.sleep(min((wait.counter.pause_s(now_s) for wait in pending), default=FINE_S))
        for wait in waits if together else pending:
            if wait.failure is None:
                wait.sample()
        pending = [wait for wait in waits if not wait.is_done]
