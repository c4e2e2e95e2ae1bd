"""From counter readings to a window's joules, with a standard uncertainty and a hard bound: pure arithmetic.

Notation: ``E(t)`` is the energy that the device has used by the instant ``t``, ``C`` a counter reading, ``T``
the counter's period, ``q`` its smallest step, ``P_max`` the most that the device can draw (``ceiling_w``). A
reading is the energy at the last *tick* before it, rounded down: ``C(t) = E(tick before t) - (0 to q)``. A
window runs from ``a`` to ``b``; neither is a tick.

**The two cases.** Let ``a0`` be the last tick before ``a``. Then ``head = E(a) - E(a0)`` was counted and is
not part of the window. At the end, either the counter was followed to a tick ``e`` after the work (aligned
boundaries), and ``tail = E(e) - E(b)`` was counted but is not part of it; or nothing was waited for
(immediate boundaries), and what was used since the last tick ``b0`` before the end, ``tail = E(b) - E(b0)``,
is part of it but was not counted::

    E(a, b) = C(e) - C(a) - head - tail      aligned
    E(a, b) = C(b) - C(a) - head + tail      immediate

The counter alone shows neither head nor tail. Both are estimated from power that was read near the boundary,
and both are bounded by 0 and by ``P_max`` times their duration.

**When the tick was.** While the counter is followed, a tick lies between two samples some ``FINE_S`` apart,
and ``a`` comes right after it. A counter that was not followed ticked anywhere in the ``T`` before the sample
(``Timing.longest_s`` to be safe), unless the driver stamps its ticks. See :meth:`.Timing.last_tick`.

**The head**, and the immediate tail, lie between such a tick and the boundary after it. With the shortest and
the longest duration that this can be, ``d1`` and ``d2``, their mean ``d`` and the power ``P`` there::

    energy      = P d
    uncertainty = hypot( P (d2 - d1) / sqrt(12),        when the tick was: uniform
                         fluctuation over d,            what power did meanwhile (uncertainty.py)
                         FLOOR P_max d2 )               one reading cannot show that nothing changed
    bounds      = 0 .. P_max d2

At immediate boundaries without stamps the first part dominates. ``d`` is then uniform over ``T`` at both
boundaries, so that both together leave ``sqrt(2) P T / sqrt(12) = P T / sqrt(6)``, 0.41 of a period's energy.
(In the calibration the root mean square of the errors is 0.43 of a period's energy; with stamped ticks it is
0.19, and aligned it is 0.07.)

**The aligned tail** is known in three ways; see :mod:`.tail`.

**Together.** The parts are independent, so their uncertainties add in quadrature, with that of the counter's
rounding: two readings, each uniform over ``q``, make ``sqrt(2) q / sqrt(12) = q / sqrt(6)``. Bounds add as
they are. In any case the window used between 0 and ``P_max (b - a)``; the estimate is moved into what is left
of the interval (:func:`~llenergymeasure.energy.uncertainty.within`). If nothing is left, the counter was
reset, and there is no estimate.

The constants are either published figures about sensors or were set by the calibration of ``docs/energy.md``;
each says which. ``benchmarks/results/calibration.md`` shows what the calibration finds when each is halved or
doubled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from llenergymeasure.energy.nvml.boundary_power import (
    UNKNOWN_POWER,
    power_at_end,
    unknown_powers,
    without_impossible,
)
from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, TickSpan, Timing
from llenergymeasure.energy.nvml.pulsing import (
    EVIDENT_STEPS,
    LOCKED,
    LOCKED_PULSES,
    steps_differ,
    steps_pulse,
)
from llenergymeasure.energy.nvml.tail import AS_BOUND, WORK_SHARE, aligned_tail
from llenergymeasure.energy.uncertainty import (
    RECTANGULAR,
    SENSOR_WINDOW_S,
    TRIANGULAR,
    UNCERTAINTY_IS_BOUND,
    EnergyEstimate,
    fluctuation_j,
    within,
)

FLOOR = 0.04
"""Of a head or tail with a power reading next to it, this part of ``P_max d2`` stays uncertain even if all
readings agree. Set by the calibration: it matters where the tick's instant is stamped, so that nothing else
is uncertain."""
TICK_UNKNOWN = 1.28
"""Times the standard deviation of a tick that may be anywhere in a period: power is not the same in all of
it, when work began or ended there. Set by the calibration."""
STAMPED = 1.6
"""Times the uncertainties of head and tail where ticks are stamped. Set by the calibration."""
STAMPED_FAST = 0.016
"""The standard deviation of power averaged over ``SENSOR_WINDOW_S`` where the ticks' instants are stamped and
nothing shows that power changes, as a part of the power. Set by the calibration."""
ONE_READING = 0.3
"""The least relative uncertainty of a window whose power is known from one reading. The calibration would do
without it (its ratio for such windows is 0.93, and 0.56 with it); it is caution, since one reading shows 25
ms of 130 or more."""


def window_energy(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """The energy of a window; None where the counter went backwards, or up by more than can be drawn."""
    begin, end = without_impossible(begin, end, ceiling_w)
    if end.tick is not None and end.tick_sample is not None:
        return _aligned(begin, end, timing, ceiling_w)
    return _immediate(begin, end, timing, ceiling_w)


def _aligned(begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float) -> EnergyEstimate | None:
    """Both boundaries at ticks: what was counted, less the head, less the tail."""
    counted_j = end.counted_j(begin)
    if counted_j < 0 or end.last_step_j < 0:
        return None
    head = _head(begin, timing, begin.powers, ceiling_w)
    tail = aligned_tail(begin, end, timing, ceiling_w)
    if tail is None:
        return None
    resolution_j = timing.resolution_j
    low_j = max(0.0, counted_j - resolution_j - head.high_j - tail.high_j)
    most_j = ceiling_w * (end.at_s - begin.at_s)
    if low_j > most_j + resolution_j:
        return None
    high_j = min(counted_j + resolution_j - head.low_j - tail.low_j, most_j)
    uncertainty_j = math.hypot(head.uncertainty_j, tail.uncertainty_j, resolution_j / math.sqrt(6))
    return within(counted_j - head.energy_j - tail.energy_j, uncertainty_j, low_j, high_j, tail.flags)


def _immediate(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """Nothing was waited for: what was counted, less the head, plus what was used since the last tick."""
    counted_j = end.counted_j(begin)
    if counted_j < 0:
        return None
    length_s = end.at_s - begin.at_s
    resolution_j = timing.resolution_j
    inside_w = _inside_w(begin, end, timing)
    if timing.stamped and inside_w is not None:
        head, tail = _stamped(begin, end, timing, inside_w, ceiling_w)
    else:
        head, tail = _unstamped(begin, end, timing, inside_w, ceiling_w)
    low_j = max(0.0, counted_j - resolution_j - head.high_j + tail.low_j)
    most_j = ceiling_w * length_s
    if low_j > most_j + resolution_j:
        return None
    high_j = min(counted_j + resolution_j - head.low_j + tail.high_j, most_j)
    if counted_j:
        uncertainty_j = math.hypot(head.uncertainty_j, tail.uncertainty_j, resolution_j / math.sqrt(6))
        flags = ("boundaries-immediate", *dict.fromkeys((*head.flags, *tail.flags)))
        return within(counted_j - head.energy_j + tail.energy_j, uncertainty_j, low_j, high_j, flags)
    around_w = _around_w(begin, end, inside_w, ceiling_w)
    estimate = _without_tick(power_at_end(begin, end), around_w, length_s, high_j)
    return within(*estimate, low_j, high_j, ("boundaries-immediate", "no-tick-in-window"))


def _inside_w(begin: CounterBegin, end: CounterEnd, timing: Timing) -> float | None:
    """The mean power between the last ticks before the window's start and its end; None if they are one."""
    counted_j = end.counted_j(begin)
    if not counted_j:
        return None
    span_s = timing.last_tick(end.sample).middle_s - timing.last_tick(begin.sample).middle_s
    return counted_j / max(span_s, timing.period_s)


def _around_w(begin: CounterBegin, end: CounterEnd, inside_w: float | None, ceiling_w: float) -> list[float]:
    """Every power that is known around an immediate window.

    A window too short for any sensor to have shown its power may have had half of ``P_max`` as well as what
    was read around it.
    """
    end_w = power_at_end(begin, end)
    around_w = [power_w for power_w in (begin.sample.power_w, inside_w, end_w) if power_w is not None]
    if end.sample.power_w is None and around_w:
        around_w += unknown_powers(around_w)
    if end_w is None:
        around_w.append(0.5 * ceiling_w)
    return around_w


def _unstamped(
    begin: CounterBegin, end: CounterEnd, timing: Timing, inside_w: float | None, ceiling_w: float
) -> tuple[EnergyEstimate, EnergyEstimate]:
    """Head and tail where it is unknown when the counter ticked.

    Power at the end is the mean of the window's own power by the counter and of the sensor right after it.
    """
    around_w = _around_w(begin, end, inside_w, ceiling_w)
    end_w = power_at_end(begin, end)
    known_w = [power_w for power_w in (inside_w, end_w) if power_w is not None]
    head = _head(begin, timing, around_w, ceiling_w)
    return head, _between(timing.last_tick(end.sample), end.at_s, _mean(known_w), around_w, ceiling_w)


def _stamped(
    begin: CounterBegin, end: CounterEnd, timing: Timing, inside_w: float, ceiling_w: float
) -> tuple[EnergyEstimate, EnergyEstimate]:
    """Head and tail where the driver says when the counter ticked, so that only their powers are uncertain.

    In the head it is that of the sensor then, before the work, or, less likely, that inside the window; in
    the tail that inside the window or that of the sensor then, which are equally likely. Two values ``a`` and
    ``b`` of the probabilities ``p`` and ``1 - p`` have the standard deviation ``sqrt(p (1 - p)) |a - b|``.
    """
    sensor_w, end_w = begin.sample.power_w, power_at_end(begin, end)
    begun, ended = timing.last_tick(begin.sample).middle_s, timing.last_tick(end.sample).middle_s
    work_s, gain = ended - begin.at_s, 0.0
    if end_w is not None and work_s > timing.period_s:
        before_j = (inside_w if sensor_w is None else sensor_w) * max(0.0, begin.at_s - begun)
        gain = abs(end_w * work_s / max(end.counted_j(begin) - before_j, 1e-9) - 1)
    pulses = steps_pulse(timing, inside_w) + LOCKED_PULSES * (gain > LOCKED)
    is_evident = gain > LOCKED or steps_differ(timing, inside_w) > EVIDENT_STEPS
    work_is_counted = work_s > 0.5 * (ended - begun)
    is_raised = sensor_w is not None and abs(inside_w / sensor_w - 1) > LOCKED
    if end_w is None and (is_raised or not work_is_counted):
        end_w = 0.5 * ceiling_w  # neither the sensor nor the counter has shown the work's power yet
    parts = []
    for sample, at_s, one_w, share in (
        (begin.sample, begin.at_s, sensor_w, WORK_SHARE),
        (end.sample, end.at_s, end_w, 0.5),
    ):
        tick = timing.last_tick(sample)
        duration_s = max(0.0, at_s - tick.middle_s)
        # Without a sensor, power may be anything from nothing to twice the mean.
        other_w = (1 - UNKNOWN_POWER) * inside_w if one_w is None else one_w
        power_w = inside_w if one_w is None else share * one_w + (1 - share) * inside_w
        uncertainty_j = STAMPED * math.hypot(
            math.sqrt(share * (1 - share)) * abs(inside_w - other_w) * duration_s,
            STAMPED_FAST * inside_w * min(duration_s, math.sqrt(SENSOR_WINDOW_S * duration_s)),
            pulses * inside_w * min(duration_s, max(0.0, timing.period_s - duration_s)),
            power_w * tick.width_s / RECTANGULAR,
        )
        parts.append(
            EnergyEstimate(
                energy_j=power_w * duration_s,
                uncertainty_j=AS_BOUND * uncertainty_j if is_evident else uncertainty_j,
                low_j=0.0,
                high_j=ceiling_w * max(0.0, at_s - tick.low_s),
                flags=(UNCERTAINTY_IS_BOUND,) if is_evident else (),
            )
        )
    return parts[0], parts[1]


def _without_tick(
    power_w: float | None, around_w: Sequence[float], length_s: float, high_j: float
) -> tuple[float, float]:
    """Energy and uncertainty of a window within one step of the counter, which says nothing then.

    A power reading, if there is one, counts for the whole window. Otherwise the energy may be anything up to
    the bound: the middle, with a triangular distribution, since neither end is likely.
    """
    if power_w is None:
        return 0.5 * high_j, high_j / TRIANGULAR
    energy_j = power_w * length_s
    return energy_j, max(fluctuation_j(around_w, length_s), ONE_READING * energy_j, FLOOR * high_j)


def _head(begin: CounterBegin, timing: Timing, around_w: Sequence[float], ceiling_w: float) -> EnergyEstimate:
    """The energy from the last tick to the window's start, at the power read there, or else around it."""
    tick = begin.tick or timing.last_tick(begin.sample)
    power_w = _mean(begin.powers) if begin.powers else begin.sample.power_w
    if power_w is None:
        power_w = _mean(around_w)
    return _between(tick, begin.at_s, power_w, around_w, ceiling_w)


def _between(
    tick: TickSpan, at_s: float, power_w: float | None, around_w: Sequence[float], ceiling_w: float
) -> EnergyEstimate:
    """The energy from a tick to a boundary after it; see the module for the formula.

    Without any power it may be anything up to the bound: the middle, with a triangular distribution.
    """
    shortest_s, longest_s = max(0.0, at_s - tick.high_s), max(0.0, at_s - tick.low_s)
    middle_s, high_j = 0.5 * (shortest_s + longest_s), ceiling_w * longest_s
    if power_w is None:
        energy_j = 0.5 * ceiling_w * middle_s
        return EnergyEstimate(energy_j=energy_j, uncertainty_j=high_j / TRIANGULAR, low_j=0.0, high_j=high_j)
    uncertainty_j = math.hypot(
        TICK_UNKNOWN * power_w * (longest_s - shortest_s) / RECTANGULAR,
        fluctuation_j(around_w, middle_s),
        FLOOR * high_j,
    )
    return EnergyEstimate(energy_j=power_w * middle_s, uncertainty_j=uncertainty_j, low_j=0.0, high_j=high_j)


def _mean(powers_w: Sequence[float]) -> float | None:
    return sum(powers_w) / len(powers_w) if powers_w else None
