"""What a counter counted over a chain of readings, each close enough to the last to be unambiguous.

A counter that wraps after ``R`` joules, of a device that draws at most ``P_max``, cannot have come round
between two readings that are less than ``R / P_max`` apart: then the difference modulo ``R`` is what was
counted. Any number of such steps may follow each other, so a window may be as long as one likes, as long as
the counter is read in between. A step that would take more than ``P_max`` is no step: either the counter was
set back, or its unit is another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from llenergymeasure.energy.cumulative.counter import UNIT_DOUBTED, Counter, CounterReading
from llenergymeasure.energy.cumulative.source import SCALE


class Counted(NamedTuple):
    """The joules that were counted from the first reading to the last."""

    energy_j: float


class Broken(NamedTuple):
    """Why a chain of readings gives no energy.

    ``finding`` is the id of the finding that says so; empty where the counter is not to blame.
    """

    finding: Literal["", "counter-reset"]
    reason: str
    hint: str


def counted(counter: Counter, readings: Sequence[CounterReading]) -> Counted | Broken:
    """What the counter counted between the first reading and the last, which are in the order of time."""
    energy_j = 0.0
    for before, after in pairwise(readings):
        step = _step_j(counter, before, after)
        if isinstance(step, Broken):
            return step
        energy_j += step
    return Counted(energy_j)


def _step_j(counter: Counter, before: CounterReading, after: CounterReading) -> float | Broken:
    length_s = after.end_s - before.begin_s
    if counter.unambiguous_s is not None and length_s >= counter.unambiguous_s:
        return Broken(
            "",
            f"for {length_s:.0f} s the counter was not read, and could have wrapped more than once (it holds "
            f"{counter.range_j:.0f} J)",
            f"Let the meter sample (sample_hz above 0): it then reads the counter in between. Without that, use "
            f"windows of at most {counter.unambiguous_s:.0f} s.",
        )
    moved = after.value - before.value
    if moved < 0 and counter.wrap is not None:
        moved += counter.wrap * SCALE
    energy_j = counter.joules(moved)
    if moved < 0 or _is_too_much(counter, energy_j, length_s):
        return _reset(counter, after.value < before.value, energy_j, length_s)
    return energy_j


def _is_too_much(counter: Counter, energy_j: float, length_s: float) -> bool:
    if counter.watts_max is None:
        return False
    return energy_j > counter.watts_max * (length_s + counter.period_s) + (counter.step_j or 0.0)


def _reset(counter: Counter, went_back: bool, energy_j: float, length_s: float) -> Broken:
    """Going back is a reset. Too much energy forward may also be that of a smaller unit than was assumed."""
    if went_back:
        return Broken("counter-reset", "the counter went back: it was reset", "Measure again.")
    return Broken(
        "counter-reset",
        f"the counter says {energy_j:.4g} J in {length_s:.3g} s, and {counter.watts_max:.4g} W is the most that "
        f"is possible: it was set to another value, or its unit is not {counter.unit}",
        f"Measure again. {UNIT_DOUBTED}",
    )
