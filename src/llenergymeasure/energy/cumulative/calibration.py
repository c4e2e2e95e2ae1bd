"""Measuring how often a counter moves, and whether its unit can be right, when a meter is opened.

The counter is read until it has moved a few times. The period is the mean time between the first and the last
of these ticks. Where all of them were by one in the last digit that the counter shows, it does not tick in
time but whenever that much energy has been used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.cumulative.counter import UNIT_DOUBTED, Counter, CounterReading
from llenergymeasure.energy.cumulative.source import SCALE, Command
from llenergymeasure.energy.figures import Unavailable

CALIBRATION_BUDGET_S = 2.5
"""The longest time that calibration takes."""
CALIBRATION_TICKS = 6
"""Five periods."""
MIN_TICKS = 3
"""Fewer than two periods say little."""
FILE_PAUSE_S, COMMAND_PAUSE_S = 0.0005, 0.02
"""The pause between two reads."""
MOST_W, LEAST_W = 1e5, 1e-3
"""No machine draws more than the one, and none that computes draws less than the other: then the unit is
another one."""


@dataclass(slots=True)
class _Calibration:
    counter: Counter
    last: CounterReading | None = None
    ticks: list[CounterReading] = field(default_factory=list)
    failure: CounterReading | None = None

    @property
    def is_done(self) -> bool:
        return self.failure is not None or len(self.ticks) >= CALIBRATION_TICKS

    def read(self, clock: Clock) -> None:
        reading = self.counter.read(clock)
        if reading.failure:
            self.failure = reading
        elif self.last is not None and reading.value != self.last.value:
            self.ticks.append(reading)
        self.last = reading

    def result(self, budget_s: float) -> Counter | Unavailable:
        counter = self.counter
        if self.failure is not None:
            return unavailable(counter, self.failure.failure, self.failure.hint)
        if len(self.ticks) < MIN_TICKS:
            if counter.period_s:
                return counter
            return unavailable(
                counter,
                f"it moved less than {MIN_TICKS} times in {budget_s:g} s",
                counter.standstill_hint
                or "If it moves that rarely, say how often: update_seconds. Otherwise it does not count.",
            )
        steps = [_forward(counter, after.value - before.value) for before, after in pairwise(self.ticks)]
        length_s = self.ticks[-1].end_s - self.ticks[0].end_s
        power_w = counter.joules(sum(steps)) / length_s
        if doubt := doubted(counter, power_w):
            return unavailable(counter, doubt, UNIT_DOUBTED)
        by_energy = set(steps) == {_resolution([tick.value for tick in self.ticks])}
        return replace(
            counter,
            period_s=counter.period_s or length_s / len(steps),
            step_j=counter.joules(steps[0]) if by_energy and not counter.period_s else None,
        )


def calibrate(counters: Sequence[Counter], clock: Clock, budget_s: float) -> list[Counter | Unavailable]:
    """Each counter with its period and step; or, for one that cannot be used, why not.

    Args:
        counters: a ``period_s`` of 0 is one that has to be measured.
        clock: the meter's.
        budget_s: the longest time to spend.
    """
    calibrations = [_Calibration(counter) for counter in counters]
    has_commands = any(isinstance(counter.source, Command) for counter in counters)
    deadline_s = clock.monotonic() + budget_s
    while clock.monotonic() < deadline_s and not all(one.is_done for one in calibrations):
        for calibration in calibrations:
            if not calibration.is_done:
                calibration.read(clock)
        clock.sleep(COMMAND_PAUSE_S if has_commands else FILE_PAUSE_S)
    return [calibration.result(budget_s) for calibration in calibrations]


def doubted(counter: Counter, power_w: float) -> str:
    """Why a power cannot be that of the device; empty where it can."""
    most_w = MOST_W if counter.watts_max is None else counter.watts_max
    if power_w > most_w:
        return f"it rises by {power_w:.3g} W, and {most_w:.4g} W is the most that is possible: its unit is not {counter.unit}"
    if power_w < LEAST_W:
        return f"it rises by {power_w:.3g} W, and nothing that computes draws as little: its unit is not {counter.unit}"
    return ""


def _forward(counter: Counter, moved: int) -> int:
    """A step that may have passed the value at which the counter starts again."""
    return moved + counter.wrap * SCALE if moved < 0 and counter.wrap is not None else moved


def _resolution(values: Sequence[int]) -> int:
    """One in the last digit that the values use: the largest power of ten that divides them all."""
    resolution = 1
    while all(value % (10 * resolution) == 0 for value in values) and any(values):
        resolution *= 10
    return resolution


def unavailable(counter: Counter, reason: str, hint: str) -> Unavailable:
    """The counter's figure, where there is none."""
    return Unavailable(reason=reason, hint=hint, scope=counter.scope, device=counter.name)
