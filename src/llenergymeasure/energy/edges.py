"""From counter readings to joules with a standard uncertainty and a hard bound: pure arithmetic.

The counter tells the energy between two of its ticks. A window begins and ends elsewhere, so::

    E(window) = E(tick to tick) - head + tail            (edges="immediate": both ticks lie before the edges)
    E(window) = E(tick to tick) - head - tail            (edges="tick": the last tick lies after the work)

``head`` is what was used from the begin tick to the window's begin, ``tail`` what lies between the window's end
and the end tick. Neither is seen by the counter alone; both are bounded, by 0 and by the largest power that the
device can draw (or by the counter's own last step), and both are estimated from power read at the edge.

Uncertainties follow the GUM: an interval that could hold the value anywhere counts as its width over sqrt(12);
estimates of one thing are averaged by inverse variance, and where they disagree by more than they should the
result is widened by that ratio (Birge). What is assumed is listed in ``docs/energy.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .counter import STAMP_S, Sample, TickSpan, Timing

FLAT = math.sqrt(12)
STEADY = 0.005
"""Power between two looks is taken to be no steadier than this fraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Joules with a standard uncertainty, and the interval that holds them."""

    energy_j: float
    uncertainty_j: float
    low_j: float
    high_j: float
    flags: tuple[str, ...] = ()

    @property
    def bound_j(self) -> float:
        """The largest error possible."""
        return max(self.high_j - self.energy_j, self.energy_j - self.low_j)


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """The begin of a window on one device: the counter there, the last tick before it (None: anywhere)."""

    at_s: float
    sample: Sample
    tick: TickSpan | None


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """The end of a window on one device.

    ``sample`` is the first look after the work. With aligned edges ``tick`` is a tick after it, ``tick_sample``
    the look that showed it, ``ticks`` how many there were, and ``powers`` every look's time and power.
    """

    at_s: float
    sample: Sample
    tick: TickSpan | None = None
    tick_sample: Sample | None = None
    ticks: int = 0
    powers: tuple[tuple[float, float], ...] = ()


def window_energy(begin: Begin, end: End, timing: Timing, ceiling_w: float) -> Estimate | None:
    """The energy of the window; None when the counter went backwards."""
    if end.tick is not None and end.tick_sample is not None:
        return _aligned(begin, end, end.tick, end.tick_sample, timing, ceiling_w)
    return _immediate(begin, end, timing, ceiling_w)


def _aligned(
    begin: Begin, end: End, tick: TickSpan, tick_sample: Sample, timing: Timing, ceiling_w: float
) -> Estimate | None:
    """Both edges at ticks: counter step, less the head, less the tail."""
    counted_j = (tick_sample.energy_mj - begin.sample.energy_mj) * 1e-3
    last_j = (tick_sample.energy_mj - end.sample.energy_mj) * 1e-3
    if counted_j < 0 or last_j < 0:
        return None
    head = _head(begin, timing, ceiling_w)
    tail = _tail(begin, end, tick, timing, last_j, ceiling_w)
    grain_j = timing.resolution_j
    energy_j = counted_j - head.energy_j - tail.energy_j
    low_j = max(0.0, counted_j - grain_j - head.high_j - tail.high_j)
    high_j = min(counted_j + grain_j - head.low_j - tail.low_j, ceiling_w * (end.at_s - begin.at_s))
    return _within(
        energy_j, math.hypot(head.uncertainty_j, tail.uncertainty_j, grain_j / math.sqrt(6)), low_j, high_j
    )


def _within(energy_j: float, uncertainty_j: float, low_j: float, high_j: float) -> Estimate:
    """An estimate kept inside what is possible; near an edge of it, the interval limits the uncertainty too."""
    high_j = max(high_j, low_j)
    energy_j = min(max(energy_j, low_j), high_j)
    return Estimate(
        energy_j=energy_j,
        uncertainty_j=min(uncertainty_j, max(high_j - energy_j, energy_j - low_j)),
        low_j=low_j,
        high_j=high_j,
    )


def _head(begin: Begin, timing: Timing, ceiling_w: float) -> Estimate:
    """The energy from the begin tick to the window's begin."""
    span = begin.tick or last_tick(begin.sample, timing)
    longest_s, shortest_s = begin.at_s - span.low_s, max(0.0, begin.at_s - span.high_s)
    return _uniform_power(begin.sample.power_w, shortest_s, longest_s, ceiling_w)


def _uniform_power(power_w: float | None, shortest_s: float, longest_s: float, ceiling_w: float) -> Estimate:
    """Energy at one known power over a duration known to an interval."""
    middle_s = 0.5 * (shortest_s + longest_s)
    high_j = ceiling_w * longest_s
    if power_w is None:
        return Estimate(energy_j=high_j / 2, uncertainty_j=high_j / FLAT, low_j=0.0, high_j=high_j)
    return Estimate(
        energy_j=power_w * middle_s,
        uncertainty_j=math.hypot(power_w * (longest_s - shortest_s) / FLAT, STEADY * power_w * middle_s),
        low_j=0.0,
        high_j=high_j,
    )


def _tail(
    begin: Begin, end: End, tick: TickSpan, timing: Timing, last_j: float, ceiling_w: float
) -> Estimate:
    """The energy from the end of the work to the end tick.

    Three things are known of it: the power seen in it; the counter's last step, less what the work used of it at
    the power it had before; and the interval that it must lie in.
    """
    tail_s = max(0.0, tick.middle_s - end.at_s)
    span_s = max(end.ticks, 1) * timing.period_s
    work_s = max(0.0, span_s - tail_s)
    slack_s = tick.width_s + 3 * math.hypot(timing.period_uncertainty_s, timing.spread_s)
    after_s = end.sample.end_s - end.at_s
    low_j = max(0.0, last_j - timing.resolution_j - ceiling_w * (work_s + slack_s))
    high_j = min(last_j + timing.resolution_j + ceiling_w * after_s, ceiling_w * (tail_s + tick.width_s))
    high_j = max(high_j, low_j)
    candidates = [(0.5 * (low_j + high_j), (high_j - low_j) / FLAT)]
    before_w = _mean_power(begin, end, tick, timing)
    seen = _power_after(end, tick)
    clock_s = math.hypot(tick.width_s / FLAT, timing.spread_s)
    known_w = [power_w for power_w in (before_w, end.sample.power_w) if power_w is not None]
    if known_w:
        work_w = sum(known_w) / len(known_w)
        unsteady_w = math.hypot(
            STEADY * work_w, (max(known_w) - min(known_w)) if len(known_w) > 1 else 0.3 * work_w
        )
        error_j = math.hypot(unsteady_w * work_s, work_w * clock_s, timing.resolution_j / math.sqrt(6))
        candidates.append((last_j - work_w * work_s, error_j))
    if seen is not None:
        seen_w, unsteady_w = seen
        candidates.append((seen_w * tail_s, math.hypot(unsteady_w * tail_s, seen_w * clock_s)))
    energy_j, uncertainty_j = weighted_mean(candidates)
    return _within(energy_j, uncertainty_j, low_j, high_j)


def _mean_power(begin: Begin, end: End, tick: TickSpan, timing: Timing) -> float | None:
    """The mean power over the whole ticks inside the window; None when there was none."""
    if begin.tick is None:
        return None
    counted_j = (end.sample.energy_mj - begin.sample.energy_mj) * 1e-3
    span_s = tick.middle_s - max(end.ticks, 1) * timing.period_s - begin.tick.middle_s
    return counted_j / span_s if span_s > 0.5 * timing.period_s else None


def _power_after(end: End, tick: TickSpan) -> tuple[float, float] | None:
    """Mean power after the work by the power sensor, and how unsure that is.

    The sensor shows the past until it moves: what it shows after it has moved stands for the time before, and a
    sensor that did not move may still be showing the work.
    """
    powers = [(at_s, power_w) for at_s, power_w in end.powers if at_s >= end.at_s]
    if not powers:
        return None
    values = [power_w for _, power_w in powers]
    if min(values) == max(values):
        return values[0], 0.5 * values[0]
    energy_j, since_s, last_s = 0.0, end.at_s, powers[-1][0]
    moved = [after for before, after in zip(powers, powers[1:], strict=False) if after[1] != before[1]]
    for at_s, power_w in moved:
        energy_j += power_w * (at_s - since_s)
        since_s = at_s
    energy_j += values[-1] * (last_s - since_s)
    fresh = [power_w for _, power_w in moved]
    spread_w = max(fresh) - min(fresh) if len(fresh) > 1 else 0.25 * abs(values[-1] - values[0])
    mean_w = energy_j / (last_s - end.at_s)
    return mean_w, math.hypot(STEADY * mean_w, spread_w / math.sqrt(2 * len(fresh)))


def weighted_mean(estimates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean by inverse variance, its uncertainty widened by Birge's ratio where the estimates disagree."""
    tiny = 1e-9
    weights = [1 / max(uncertainty, tiny) ** 2 for _, uncertainty in estimates]
    mean = sum(weight * value for weight, (value, _) in zip(weights, estimates, strict=True)) / sum(weights)
    spread = sum(weight * (value - mean) ** 2 for weight, (value, _) in zip(weights, estimates, strict=True))
    birge = math.sqrt(spread / (len(estimates) - 1)) if len(estimates) > 1 else 1.0
    return mean, max(1.0, birge) / math.sqrt(sum(weights))


def _immediate(begin: Begin, end: End, timing: Timing, ceiling_w: float) -> Estimate | None:
    """No waiting: the ticks lie up to a period before each edge (exactly known where the driver stamps them)."""
    counted_j = (end.sample.energy_mj - begin.sample.energy_mj) * 1e-3
    if counted_j < 0:
        return None
    length_s = end.at_s - begin.at_s
    grain_j = timing.resolution_j
    head = _head(begin, timing, ceiling_w)
    last = last_tick(end.sample, timing)
    tail = _uniform_power(
        end.sample.power_w, max(0.0, end.at_s - last.high_s), max(0.0, end.at_s - last.low_s), ceiling_w
    )
    ticked = counted_j > 0
    flags: tuple[str, ...] = ("edges-immediate",)
    if not ticked:  # the whole window lies within one step: only the power sensor speaks
        flags = (*flags, "no-tick-in-window")
        power_w = end.sample.power_w
        mean_w = ceiling_w / 2 if power_w is None else power_w
        estimate = mean_w * length_s, (ceiling_w / FLAT if power_w is None else 0.5 * mean_w) * length_s
    else:
        estimate = (
            counted_j - head.energy_j + tail.energy_j,
            math.hypot(head.uncertainty_j, tail.uncertainty_j, grain_j / math.sqrt(6)),
        )
    low_j = max(0.0, counted_j - grain_j - head.high_j + tail.low_j)
    high_j = min(counted_j + grain_j - head.low_j + tail.high_j, ceiling_w * length_s)
    within = _within(*estimate, low_j, high_j)
    return Estimate(
        energy_j=within.energy_j,
        uncertainty_j=within.uncertainty_j,
        low_j=low_j,
        high_j=within.high_j,
        flags=flags,
    )


def last_tick(sample: Sample, timing: Timing) -> TickSpan:
    """The last tick before a look: anywhere in the period before it, or where the driver's stamp says."""
    if timing.stamped and sample.stamp_s is not None:
        return TickSpan(sample.stamp_s - STAMP_S, sample.stamp_s + STAMP_S)
    return TickSpan(sample.begin_s - timing.period_s, sample.end_s)
