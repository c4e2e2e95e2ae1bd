"""Waiting for counters to tick: bounded, together, and with every look kept.

Called at both ends of a window with aligned boundaries. The result says between which two instants each counter
ticked, and what the power sensor showed meanwhile.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.counter import FINE_S, Counter, CounterSample, TickSpan
from llenergymeasure.energy.nvml import Failure

MAX_TICK_WIDTH_S = 0.002
"""A tick that was seen no more exactly than this, or 2 % of the period, is not used if another can be had."""
MAX_WAIT_PERIODS = 3.5
"""The longest wait for ticks, in periods of the slowest counter, or as long as one may stand still."""


@dataclass(slots=True)
class TickWait:
    """One counter during a wait: the first look, the ticks since, and every look's power."""

    counter: Counter
    first: CounterSample | Failure
    last: CounterSample | None = None
    tick: TickSpan | None = None
    tick_sample: CounterSample | None = None
    ticks: int = 0
    powers: list[tuple[float, float]] = field(default_factory=list)
    failure: Failure | None = None

    def __post_init__(self) -> None:
        if isinstance(self.first, Failure):
            self.failure = self.first
        else:
            self._keep(self.first)

    @property
    def done(self) -> bool:
        """A tick was seen exactly enough, or the sensor is gone."""
        if self.failure is not None:
            return True
        limit_s = max(MAX_TICK_WIDTH_S, 0.02 * self.counter.timing.period_s)
        return self.tick is not None and self.tick.width_s <= limit_s

    def sample(self) -> None:
        """Read once, and see whether it ticked."""
        sample = self.counter.sample()
        if isinstance(sample, Failure):
            self.failure = sample
            return
        before = self.last
        self._keep(sample)
        if before is None or sample.energy_mj == before.energy_mj:
            return
        unseen = TickSpan(before.begin_s, sample.end_s)
        span = self.counter.tick_of(sample, unseen)
        # A machine that is too busy to let this process look may hide a tick.
        self.ticks += max(1, math.ceil(unseen.width_s / self.counter.timing.longest_s))
        self.tick, self.tick_sample = span, sample
        self.counter.last_tick_s = span.middle_s

    def _keep(self, sample: CounterSample) -> None:
        self.last = sample
        if sample.power_w is not None:
            self.powers.append((sample.end_s, sample.power_w))


def wait_for_ticks(waits: Mapping[str, TickWait], clock: Clock, *, together: bool) -> None:
    """Look at the counters until each has ticked, or the time is up.

    ``together`` keeps looking at a counter that has ticked until all have (a window begins for all devices at
    one instant, so each device's latest tick counts); otherwise a counter is left alone once it has ticked.
    """
    timings = [wait.counter.timing for wait in waits.values()]
    patience_s = max(
        (max(MAX_WAIT_PERIODS * timing.period_s, timing.standstill_s) for timing in timings), default=0.0
    )
    deadline_s = clock.monotonic() + patience_s + MAX_TICK_WIDTH_S
    pending = [wait for wait in waits.values() if not wait.done]
    while pending and (now_s := clock.monotonic()) < deadline_s:
        clock.sleep(min((wait.counter.pause_s(now_s) for wait in pending), default=FINE_S))
        for wait in waits.values() if together else pending:
            if wait.failure is None:
                wait.sample()
        pending = [wait for wait in waits.values() if not wait.done]
