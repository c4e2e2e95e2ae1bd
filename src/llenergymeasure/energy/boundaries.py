"""From counter readings to joules with a standard uncertainty and a hard bound: pure arithmetic.

The counter tells the energy between two of its ticks. A window begins and ends elsewhere, so::

    E(window) = E(tick to tick) - head + tail            (boundaries="immediate": both ticks lie before the boundaries)
    E(window) = E(tick to tick) - head - tail            (boundaries="tick": the last tick lies after the work)

``head`` is what was used from the begin tick to the window's begin, ``tail`` what lies between the window's end
and the end tick. Neither is seen by the counter alone; both are bounded, by 0 and by the largest power that the
device can draw (or by the counter's own last step), and both are estimated from power read at the boundary.

Uncertainties follow the GUM: an interval counts as its width over sqrt(12) or, where its ends are unlikely, sqrt(24);
estimates of one thing are averaged by inverse variance, and where they disagree by more than they should the
result is widened by that ratio (Birge). What is assumed is listed in ``docs/energy.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from llenergymeasure.energy.counter import STAMP_S, CounterSample, TickSpan, Timing

RECTANGULAR = math.sqrt(12)
"""Width over standard deviation, of a value that may be anywhere in an interval alike."""
TRIANGULAR = math.sqrt(24)
"""The same where the ends are unlikelier than the middle, as for an energy between nothing and the most possible."""
UNSEEN = 0.04
"""Of a boundary that was looked at once, this part of its interval stays in doubt however alike the powers seen were."""
FLICKER = 0.055
"""Fluctuations that a power sensor averages away, as a part of the power, over one of its averages."""
SENSOR_LAG_S = 0.13
"""What a power sensor shows may be this old: it moves every 100 ms at the slowest, and averages before that."""
SENSOR_WINDOW_S = 0.03
"""A power sensor averages over no more than this (25 ms on A100 and H100, by published measurements)."""
SPREAD = 0.24
"""Standard uncertainty of the power between looks, as a part of the range that the looks span."""

BLIND = 0.73
"""Where no instantaneous power can be read, power at a boundary may be so much more or less, relative to its mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyEstimate:
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
class CounterBegin:
    """The begin of a window on one device: the counter there, and the last tick before it (None: anywhere).

    ``powers`` is what the looks since that tick showed, while other devices were waited for.
    """

    at_s: float
    sample: CounterSample
    tick: TickSpan | None = None
    powers: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterEnd:
    """The end of a window on one device.

    ``sample`` is the first look after the work. With aligned boundaries (``waited``) ``tick`` is a tick after it, None if
    none came, ``tick_sample`` the look that showed it, ``ticks`` how many there were, and ``powers`` every look's
    time and power. Without waiting, ``moved_on`` says whether the counter has been seen to move since; None: not known.
    """

    at_s: float
    sample: CounterSample
    tick: TickSpan | None = None
    tick_sample: CounterSample | None = None
    ticks: int = 0
    powers: tuple[tuple[float, float], ...] = ()
    waited: bool = False
    moved_on: bool | None = None


def window_energy(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """The energy of the window; None when the counter went backwards, or up by more than the device can draw."""
    if end.tick is not None and end.tick_sample is not None:
        return _aligned(begin, end, timing, ceiling_w)
    return _immediate(begin, end, timing, ceiling_w)


def _aligned(begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float) -> EnergyEstimate | None:
    """Both boundaries at ticks: counter step, less the head, less the tail."""
    tick, tick_sample = end.tick, end.tick_sample
    assert tick is not None
    assert tick_sample is not None
    counted_j = (tick_sample.energy_mj - begin.sample.energy_mj) * 1e-3
    if counted_j < 0 or _last_step_j(end) < 0:
        return None
    head = _head(begin, timing, begin.powers, ceiling_w)
    tail = _tail(begin, end, tick, timing, ceiling_w)
    if tail is None:
        return None
    grain_j = timing.resolution_j
    energy_j = counted_j - head.energy_j - tail.energy_j
    low_j = max(0.0, counted_j - grain_j - head.high_j - tail.high_j)
    most_j = ceiling_w * (end.at_s - begin.at_s)
    if low_j > most_j + grain_j:
        return None
    high_j = min(counted_j + grain_j - head.low_j - tail.low_j, most_j)
    return _within(
        energy_j, math.hypot(head.uncertainty_j, tail.uncertainty_j, grain_j / math.sqrt(6)), low_j, high_j
    )


def _last_step_j(end: CounterEnd) -> float:
    """What the counter moved by between the end of the work and the end tick."""
    later = end.tick_sample or end.sample
    return (later.energy_mj - end.sample.energy_mj) * 1e-3


def _within(energy_j: float, uncertainty_j: float, low_j: float, high_j: float) -> EnergyEstimate:
    """An estimate kept inside what is possible.

    One that falls outside says that the value is near that end: half an uncertainty inside it. Near an end the
    interval limits the uncertainty too.
    """
    high_j = max(high_j, low_j)
    inside_j = min(0.5 * uncertainty_j, 0.5 * (high_j - low_j))
    if energy_j <= low_j:
        energy_j = low_j + inside_j
    elif energy_j >= high_j:
        energy_j = high_j - inside_j
    return EnergyEstimate(
        energy_j=energy_j,
        uncertainty_j=min(uncertainty_j, max(high_j - energy_j, energy_j - low_j)),
        low_j=low_j,
        high_j=high_j,
    )


def _head(begin: CounterBegin, timing: Timing, around_w: Sequence[float], ceiling_w: float) -> EnergyEstimate:
    """The energy from the begin tick to the window's begin, at the power seen there, or else around it."""
    span = begin.tick or last_tick(begin.sample, timing)
    power_w = sum(begin.powers) / len(begin.powers) if begin.powers else begin.sample.power_w
    if power_w is None and around_w:
        power_w = sum(around_w) / len(around_w)
    return _beside(span, begin.at_s, power_w, around_w, ceiling_w)


def _beside(
    tick: TickSpan, at_s: float, power_w: float | None, around_w: Sequence[float], ceiling_w: float
) -> EnergyEstimate:
    """Energy from a tick to a boundary after it, at a power that is as unsure as the powers around it differ."""
    shortest_s, longest_s = max(0.0, at_s - tick.high_s), max(0.0, at_s - tick.low_s)
    middle_s, high_j = 0.5 * (shortest_s + longest_s), ceiling_w * longest_s
    if power_w is None:
        energy_j = 0.5 * ceiling_w * middle_s
        return EnergyEstimate(energy_j=energy_j, uncertainty_j=high_j / TRIANGULAR, low_j=0.0, high_j=high_j)
    uncertainty_j = math.hypot(
        power_w * (longest_s - shortest_s) / RECTANGULAR, unseen_j(around_w, middle_s), UNSEEN * high_j
    )
    return EnergyEstimate(energy_j=power_w * middle_s, uncertainty_j=uncertainty_j, low_j=0.0, high_j=high_j)


def _tail(
    begin: CounterBegin, end: CounterEnd, tick: TickSpan, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """The energy from the end of the work to the end tick; None where the last step is more than can be drawn in it.

    Three things are known of it: the power seen in it; the counter's last step, less what the work used of it at
    the power it had before; and the interval that it must lie in.
    """
    last_j = _last_step_j(end)
    tail_s = max(0.0, tick.middle_s - end.at_s)
    span_s = max(end.ticks, 1) * timing.period_s
    work_s = max(0.0, span_s - tail_s)
    slack_s = tick.width_s + max(end.ticks, 1) * (timing.longest_s - timing.period_s)
    after_s = end.sample.end_s - end.at_s
    low_j = max(0.0, last_j - timing.resolution_j - ceiling_w * (work_s + slack_s))
    most_j = ceiling_w * (tail_s + tick.width_s)
    if low_j > most_j + timing.resolution_j:
        return None
    high_j = max(low_j, min(last_j + timing.resolution_j + ceiling_w * after_s, most_j))
    candidates: list[tuple[float, float]] = []
    after = _after(end)
    before_w = [
        power_w
        for power_w in (_mean_power(begin, end, tick, timing), _at_end(begin, end))
        if power_w is not None
    ]
    around_w = [*before_w, *(power_w for _, power_w in after), last_j / span_s]
    if begin.sample.power_w is not None:
        around_w.append(begin.sample.power_w)
    clock_s = math.hypot(tick.width_s / RECTANGULAR, timing.spread_s)
    if end.sample.power_w is None:
        around_w += _blind(around_w)
        step_w = last_j / span_s
        error_j = math.hypot(unseen_j(around_w, math.sqrt(tail_s * min(work_s, tail_s))), step_w * clock_s)
        candidates.append((step_w * tail_s, error_j))
    if before_w:
        work_w = sum(before_w) / len(before_w)
        error_j = math.hypot(unseen_j(around_w, work_s), work_w * clock_s, timing.resolution_j / math.sqrt(6))
        candidates.append((last_j - work_w * work_s, error_j))
    if after:
        mean_w = _power_after(end, after)
        candidates.append((mean_w * tail_s, math.hypot(unseen_j(around_w, tail_s), mean_w * clock_s)))
    if not candidates:
        candidates = [(0.5 * (low_j + high_j), (high_j - low_j) / RECTANGULAR)]
    energy_j, uncertainty_j = weighted_mean(candidates)
    return _within(energy_j, uncertainty_j, low_j, high_j)


def unseen_j(powers_w: Sequence[float], duration_s: float) -> float:
    """Standard uncertainty of the energy over a part of a step, when power was only seen around it.

    From how much the powers seen differ; and, since a few that agree do not prove that nothing moved in between,
    from fluctuations too fast for the power sensor, which average out with the root of the duration.
    """
    if not powers_w:
        return 0.0
    mean_w = sum(powers_w) / len(powers_w)
    range_w = max(powers_w) - min(powers_w)
    return math.hypot(
        FLICKER * mean_w * math.sqrt(SENSOR_WINDOW_S * duration_s), SPREAD * range_w * duration_s
    )


def _blind(powers_w: Sequence[float]) -> list[float]:
    """The least and the most that power is thought to be at a boundary, where it is known on the mean alone."""
    mean_w = sum(powers_w) / len(powers_w)
    return [(1 - BLIND) * mean_w, (1 + BLIND) * mean_w]


def _mean_power(begin: CounterBegin, end: CounterEnd, tick: TickSpan, timing: Timing) -> float | None:
    """The mean power over the whole ticks inside the window; None when there was none."""
    if begin.tick is None:
        return None
    counted_j = (end.sample.energy_mj - begin.sample.energy_mj) * 1e-3
    span_s = tick.middle_s - max(end.ticks, 1) * timing.period_s - begin.tick.middle_s
    return counted_j / span_s if span_s > 0.5 * timing.period_s else None


def _at_end(begin: CounterBegin, end: CounterEnd) -> float | None:
    """The power sensor right after the work, if what it shows can be of the work; it may lag behind."""
    return end.sample.power_w if end.at_s - begin.at_s > SENSOR_LAG_S else None


def _after(end: CounterEnd) -> list[tuple[float, float]]:
    """When and to what the power sensor moved after the work, once its averaging had left the work behind."""
    return [
        after
        for before, after in pairwise(end.powers)
        if after[1] != before[1] and after[0] > end.at_s + SENSOR_WINDOW_S
    ]


def _power_after(end: CounterEnd, moves: Sequence[tuple[float, float]]) -> float:
    """Mean power after the work by the power sensor: what it moves to stands for the time before the move."""
    energy_j, since_s, last_s = 0.0, end.at_s, end.powers[-1][0]
    for at_s, power_w in moves:
        energy_j += power_w * (at_s - since_s)
        since_s = at_s
    return (energy_j + moves[-1][1] * (last_s - since_s)) / (last_s - end.at_s)


def weighted_mean(estimates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean by inverse variance, its uncertainty widened by Birge's ratio where the estimates disagree."""
    tiny = 1e-9
    weights = [1 / max(uncertainty, tiny) ** 2 for _, uncertainty in estimates]
    mean = sum(weight * value for weight, (value, _) in zip(weights, estimates, strict=True)) / sum(weights)
    spread = sum(weight * (value - mean) ** 2 for weight, (value, _) in zip(weights, estimates, strict=True))
    birge = math.sqrt(spread / (len(estimates) - 1)) if len(estimates) > 1 else 1.0
    return mean, max(1.0, birge) / math.sqrt(sum(weights))


def _immediate(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """No waiting: the ticks lie up to a period before each boundary (exactly known where the driver stamps them)."""
    counted_j = (end.sample.energy_mj - begin.sample.energy_mj) * 1e-3
    if counted_j < 0:
        return None
    length_s = end.at_s - begin.at_s
    grain_j = timing.resolution_j
    first, last = last_tick(begin.sample, timing), last_tick(end.sample, timing)
    span_s = max(last.middle_s - first.middle_s, timing.period_s)
    at_end_w = _at_end(begin, end)
    inside_w = [
        power_w for power_w in (counted_j / span_s if counted_j else None, at_end_w) if power_w is not None
    ]
    around_w = [*inside_w] if begin.sample.power_w is None else [begin.sample.power_w, *inside_w]
    if end.sample.power_w is None and around_w:
        around_w += _blind(around_w)
    if at_end_w is None:
        around_w.append(0.5 * ceiling_w)  # of so short a window no sensor has seen the power
    head = _head(begin, timing, around_w, ceiling_w)
    tail = _beside(last, end.at_s, sum(inside_w) / len(inside_w) if inside_w else None, around_w, ceiling_w)
    low_j = max(0.0, counted_j - grain_j - head.high_j + tail.low_j)
    most_j = ceiling_w * length_s
    if low_j > most_j + grain_j:
        return None
    high_j = min(counted_j + grain_j - head.low_j + tail.high_j, most_j)
    flags: tuple[str, ...] = ("boundaries-immediate",)
    if counted_j:
        energy_j = counted_j - head.energy_j + tail.energy_j
        uncertainty_j = math.hypot(head.uncertainty_j, tail.uncertainty_j, grain_j / math.sqrt(6))
    else:  # the whole window lies within one step: only the power sensor speaks, if it does
        flags = (*flags, "no-tick-in-window")
        energy_j = 0.5 * high_j if at_end_w is None else at_end_w * length_s
        uncertainty_j = (
            high_j / TRIANGULAR
            if at_end_w is None
            else max(unseen_j(around_w, length_s), 0.3 * energy_j, UNSEEN * high_j)
        )
    within = _within(energy_j, uncertainty_j, low_j, high_j)
    return replace(within, flags=flags)


def last_tick(sample: CounterSample, timing: Timing) -> TickSpan:
    """The last tick before a look: anywhere in the period before it, or where the driver's stamp says."""
    if timing.stamped and sample.stamp_s is not None:
        return TickSpan(sample.stamp_s - STAMP_S, sample.stamp_s + STAMP_S)
    return TickSpan(sample.begin_s - timing.longest_s, sample.end_s)
