"""What is known of a GPU's power near the boundaries of a window: by its sensor, or by its counter."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, Timing
from llenergymeasure.energy.uncertainty import SENSOR_WINDOW_S

SENSOR_AGE_S = 0.13
"""What a power sensor shows may be this old: published measurements found a new value every 100 ms at the
slowest, each an average over the 25 ms before it, and 5 ms are to be safe."""
UNKNOWN_POWER = 0.73
"""Where no instantaneous power can be read, power at a boundary is taken to lie within so much of its mean,
to both sides. As a standard deviation (``SLOW_FLUCTUATION`` of that range) this is 0.35 of the mean. Set by
the calibration."""


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


def unknown_powers(powers_w: Sequence[float]) -> list[float]:
    """The lowest and the highest that power is taken to be at a boundary where only its mean is known."""
    mean_w = sum(powers_w) / len(powers_w)
    return [(1 - UNKNOWN_POWER) * mean_w, (1 + UNKNOWN_POWER) * mean_w]
