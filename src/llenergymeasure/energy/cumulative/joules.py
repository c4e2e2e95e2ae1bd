"""From a counter's readings at the boundaries of a window to its joules, with uncertainty and bound.

With the counter's period ``T``: a reading is the energy up to the last tick before it, which lies anywhere in
the ``T`` before the read. So what was counted lacks the *tail*, from the last tick to the window's end, and
contains the *head*, from the last tick to its start::

    E(a, b) = C(b) - C(a) - head + tail

Either has a duration between ``d1`` and ``d2``, which are ``T`` apart, less or more by how far the read was
from the boundary. With the window's mean power ``P``, and ``d`` the mean of the two::

    energy      = P d
    uncertainty = hypot( P (d2 - d1) / sqrt(12),      when the tick was: uniform
                         OTHER_POWER P |d| )          power there is not the mean power
    bound       = from that energy to 0, or to P_max d2

Heads and tails that are alike cancel. A counter that does not tick in time, but whenever a fixed ``step_j``
has been used, has ``T = step_j / P``.

A counter that moves rarely (``FOLLOW_S`` and more) is followed, if boundaries wait for ticks: until it has
moved before the start, so that the head is short; and after the end until it moves once more, by ``S``. Then
the tail is known in two ways, which are averaged by their uncertainties: as ``P d``, or as ``S`` less what
was used after the end, at between none and the mean power. It lies between 0 and ``S`` in any case.

Where nothing says how much the device can draw, there is no bound (None), except that of a tail that was
followed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from llenergymeasure.energy.cumulative.counter import Counter, CounterReading
from llenergymeasure.energy.uncertainty import RECTANGULAR, weighted_mean, within

OTHER_POWER = 0.5
"""The relative standard deviation of the power next to a boundary from the mean power of the window. Nothing
shows that power: between none, as of a device that idles, and twice the mean a rectangular distribution has
0.58. Work between two times of idling, the common case, errs by 0.5."""


class Begin(NamedTuple):
    """The counter at the start: a reading, and the times that its last tick lies between, where known."""

    reading: CounterReading
    tick: tuple[float, float] | None = None


class End(NamedTuple):
    """The counter at the end, and the reading that showed its next tick, if that was waited for."""

    reading: CounterReading
    next_tick: tuple[float, float] | None = None
    next_reading: CounterReading | None = None


class Joules(NamedTuple):
    """The energy, its standard uncertainty, and the largest error; None where nothing limits that."""

    energy_j: float
    uncertainty_j: float
    bound_j: float | None


class _Part(NamedTuple):
    """A head or tail."""

    energy_j: float
    uncertainty_j: float
    bound_j: float | None


def window_joules(
    counter: Counter,
    counted_j: float,
    step_j: float,
    *,
    begin: Begin,
    end: End,
    boundaries: tuple[float, float],
) -> Joules:
    """The energy between the boundaries.

    Args:
        counter: the counter.
        counted_j: what it counted from the reading at the start to that at the end.
        step_j: what it moved by from there to its next tick; 0 where that was not waited for.
        begin: the counter at the start.
        end: the counter at the end.
        boundaries: the instants of the window.
    """
    begin_s, end_s = boundaries
    power_w = counted_j / max(end.reading.end_s - begin.reading.begin_s, counter.period_s)
    period_s = counter.period_s if counter.step_j is None else counter.step_j / max(power_w, 1e-12)
    last = begin.tick or (begin.reading.begin_s - period_s, begin.reading.end_s)
    head = _part(counter, power_w, begin_s - last[1], begin_s - last[0])
    if end.next_tick is None:
        tail = _part(counter, power_w, end_s - end.reading.end_s, end_s - (end.reading.begin_s - period_s))
    else:
        tail = _followed(power_w, step_j, period_s, end_s, end.next_tick)
    uncertainty_j = math.hypot(head.uncertainty_j, tail.uncertainty_j)
    bounds_j = (head.bound_j, tail.bound_j)
    bound_j = None if None in bounds_j else math.fsum(bound for bound in bounds_j if bound is not None)
    return Joules(
        max(0.0, counted_j - head.energy_j + tail.energy_j),
        uncertainty_j if bound_j is None else min(uncertainty_j, bound_j),
        bound_j,
    )


def _part(counter: Counter, power_w: float, shortest_s: float, longest_s: float) -> _Part:
    """A head or tail whose duration lies between the two."""
    middle_s = 0.5 * (shortest_s + longest_s)
    uncertainty_j = math.hypot(
        power_w * (longest_s - shortest_s) / RECTANGULAR, OTHER_POWER * power_w * abs(middle_s)
    )
    energy_j = power_w * middle_s
    if counter.watts_max is None:
        return _Part(energy_j, uncertainty_j, None)
    low_j, high_j = counter.watts_max * min(0.0, shortest_s), counter.watts_max * max(0.0, longest_s)
    return _Part(energy_j, uncertainty_j, max(high_j - energy_j, energy_j - low_j))


def _followed(
    power_w: float, step_j: float, period_s: float, end_s: float, next_tick: tuple[float, float]
) -> _Part:
    """The tail, where the tick after the end was seen."""
    after_s = max(0.0, 0.5 * (next_tick[0] + next_tick[1]) - end_s)
    before_s = max(0.0, period_s - after_s)
    width_s = next_tick[1] - next_tick[0]
    either = (
        (power_w * before_s, power_w * math.hypot(OTHER_POWER * before_s, width_s / RECTANGULAR)),
        (step_j - 0.5 * power_w * after_s, 0.5 * power_w * (after_s + width_s)),
    )
    tail = within(*weighted_mean(either), 0.0, step_j)
    return _Part(tail.energy_j, tail.uncertainty_j, tail.bound_j)
