"""What is known of a counter, and one reading of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.cumulative.source import SCALE, Failed, Source, read_value
from llenergymeasure.energy.figures import Method, Scope

STANDSTILL_PERIODS = 10.0
"""A counter that stands still for this many periods does not count: every device draws something."""
UNIT_DOUBTED = "Check the unit: compare with another meter, and name the counter in measurement.counters with the right one."


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A counter, and what its readings mean.

    Args:
        name: what it is called in figures.
        scope: what its joules cover.
        method: how the figure is obtained.
        source: where it is read.
        unit_j: joules of one of its units.
        unit: the name of its unit.
        period_s: how often it moves.
        step_j: the step that it always moves by, where that is not time but energy; None otherwise.
        wrap: the value at which it starts again at 0, in its units; None if it never does.
        watts_max: the most that what it counts can draw; None if that is not known.
        standstill_hint: what to do if it stands still.
        refused_hint: what to do if it may not be read.
        notes: what to know about it.
    """

    name: str
    scope: Scope
    method: Method
    source: Source
    unit_j: float
    unit: str
    period_s: float
    step_j: float | None = None
    wrap: int | None = None
    watts_max: float | None = None
    standstill_hint: str = ""
    refused_hint: str = ""
    notes: tuple[str, ...] = ()

    @property
    def range_j(self) -> float | None:
        """The joules after which it starts again; None if it never does."""
        return None if self.wrap is None else self.wrap * self.unit_j

    @property
    def unambiguous_s(self) -> float | None:
        """For how long it cannot have come round; None where it never does."""
        if self.range_j is None or self.watts_max is None:
            return None
        return self.range_j / self.watts_max

    def joules(self, value: int) -> float:
        """The energy of a difference of values."""
        return value * self.unit_j / SCALE

    def read(self, clock: Clock) -> CounterReading:
        """Its value now."""
        begin_s = clock.monotonic()
        value = read_value(self.source)
        end_s = clock.monotonic()
        if isinstance(value, Failed):
            hint = self.refused_hint if value.is_refused else ""
            return CounterReading(0, begin_s, end_s, value.reason, hint)
        return CounterReading(value, begin_s, end_s)


class CounterReading(NamedTuple):
    """A counter's value in billionths of its unit and the span of the read, or why there is none."""

    value: int
    begin_s: float
    end_s: float
    failure: str = ""
    hint: str = ""
