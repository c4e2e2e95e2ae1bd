"""What is known of a GPU's power near the boundaries of a window: by its sensor, or by its counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, Timing
from llenergymeasure.energy.nvml.plausible import is_power
from llenergymeasure.energy.uncertainty import SENSOR_WINDOW_S

SENSOR_AGE_S = 0.13
"""What a power sensor shows may be this old: published measurements found a new value every 100 ms at the
slowest, each an average over the 25 ms before it, and 5 ms are to be safe."""
SENSOR_RELATIVE = 0.05
"""The relative standard uncertainty of a power sensor. It only measures part of the time, and averages that:
published comparisons with wall meters found errors of -8 to +13 % (Yang, Adámek and Armour, SC24)."""
UNKNOWN_POWER = 1.0
"""Where no instantaneous power can be read, power at a boundary is taken to lie within so much of its mean,
to both sides. As a standard deviation (``SLOW_FLUCTUATION`` of that range) this is 0.48 of the mean. Set by
the calibration."""


def without_impossible(
    begin: CounterBegin, end: CounterEnd, ceiling_w: float
) -> tuple[CounterBegin, CounterEnd]:
    """The readings at both boundaries, without the powers that no such board can draw."""

    def possible(power_w: float | None) -> float | None:
        return power_w if power_w is not None and is_power(power_w, ceiling_w) else None

    def timed(powers: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
        return tuple(power for power in powers if is_power(power[1], ceiling_w))

    return (
        replace(
            begin,
            sample=begin.sample._replace(power_w=possible(begin.sample.power_w)),
            powers=tuple(power_w for power_w in begin.powers if is_power(power_w, ceiling_w)),
            waited_w=timed(begin.waited_w),
        ),
        replace(
            end,
            sample=end.sample._replace(power_w=possible(end.sample.power_w)),
            powers=timed(end.powers),
        ),
    )


def power_at_end(begin: CounterBegin, end: CounterEnd) -> float | None:
    """The power sensor right after the work; None in a window so short that it may show older power."""
    return end.sample.power_w if end.at_s - begin.at_s > SENSOR_AGE_S else None


def mean_power(begin: CounterBegin, end: CounterEnd, timing: Timing) -> float | None:
    """The mean power over the whole ticks inside the window, by the counter; None where there was none.

    The last tick before the end lies as many periods before the tick after it as the counter moved since.
    """
    if begin.tick is None or end.tick is None:
        return None
    counted_j = (end.sample.energy_mj - begin.sample.energy_mj) * 1e-3
    span_s = end.tick.middle_s - max(end.ticks, 1) * timing.period_s - begin.tick.middle_s
    return counted_j / span_s if span_s > 0.5 * timing.period_s else None


def power_after(end: CounterEnd) -> tuple[float, list[float]] | None:
    """The mean power after the work, by its sensor, and the sensor's values; None where it shows none.

    A value counts once the sensor has moved and no longer averages over the work. Each value counts for the
    time since the value before it, and the last one for the rest.
    """
    moves = [
        (at_s, power_w)
        for (_, before_w), (at_s, power_w) in pairwise(end.powers)
        if power_w != before_w and at_s > end.at_s + SENSOR_WINDOW_S
    ]
    if not moves:
        return None
    energy_j, since_s, last_s = 0.0, end.at_s, end.powers[-1][0]
    for at_s, power_w in moves:
        energy_j += power_w * (at_s - since_s)
        since_s = at_s
    mean_w = (energy_j + moves[-1][1] * (last_s - since_s)) / (last_s - end.at_s)
    return mean_w, [power_w for _, power_w in moves]


def settled_before(begin: CounterBegin) -> list[float]:
    """The sensor's values in the wait before the window that do not average over what was before the wait."""
    if not begin.waited_w:
        return []
    first_s = begin.waited_w[0][0]
    return [power_w for at_s, power_w in begin.waited_w if at_s > first_s + SENSOR_AGE_S] or [
        power_w
        for (_, before_w), (at_s, power_w) in pairwise(begin.waited_w)
        if power_w != before_w and at_s > first_s + SENSOR_WINDOW_S
    ]


def unknown_powers(powers_w: Sequence[float]) -> list[float]:
    """The lowest and the highest that power is taken to be at a boundary where only its mean is known."""
    mean_w = sum(powers_w) / len(powers_w)
    return [(1 - UNKNOWN_POWER) * mean_w, (1 + UNKNOWN_POWER) * mean_w]
