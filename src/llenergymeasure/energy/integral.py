"""Joules from sampled power: for GPUs older than Volta, which have no energy counter."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

from llenergymeasure.energy.boundaries import RECTANGULAR, EnergyEstimate
from llenergymeasure.energy.nvml_sampler import DeviceSample

SENSOR_RELATIVE = 0.05
"""A power sensor looks at part of the time only, and averages it: published comparisons with wall meters
differ by this much and more."""
MIN_SAMPLES = 5
GAP_S, GAP_STEPS = 0.5, 10.0
"""Time without a look is a gap when it is longer than this, and than so many times what is usual between looks."""
WIDE_STEPS = 2.0
"""Of a step longer than so many usual ones, power may have been anything between the extremes seen."""
AVERAGE_S = 1.0
"""Over this the power call averages on cards where it is not instantaneous."""


def integrate(
    rows: Sequence[DeviceSample], begin_s: float, end_s: float, ceiling_w: float
) -> EnergyEstimate | str:
    """Energy of one device between two instants by the trapezoid rule; or, as a clause, why not.

    The uncertainty has four parts: the sensor, what happens between looks (from how much neighbours differ, and over
    long steps from all that was seen), the ends where no look lies beyond them, and, for power that is an average,
    what it still shows of the time before the window and does not yet of its last second. The bound is all that a
    power sensor can promise: between looks the device drew anything up to its ceiling.
    """
    told = [row for row in rows if not math.isnan(row.power_w)]
    looks = [(0.5 * (row.begin_s + row.end_s), row.power_w) for row in told]
    inside = [look for look in looks if begin_s <= look[0] <= end_s]
    if len(inside) < MIN_SAMPLES:
        return f"fewer than {MIN_SAMPLES} looks at its power"
    before = max((look for look in looks if look[0] < begin_s), default=None)
    after = min((look for look in looks if look[0] > end_s), default=None)
    gap_s, usual_s = longest_gap([before or (begin_s, 0.0), *inside, after or (end_s, 0.0)])
    if is_gap(gap_s, usual_s):
        return f"nobody looked at its power for {gap_s:.2g} s"
    points = [_at(begin_s, before, inside[0]), *inside, _at(end_s, after, inside[-1])]
    steps = [(right[0] - left[0], left[1], right[1]) for left, right in pairwise(points)]
    energy_j = math.fsum(step_s * 0.5 * (left_w + right_w) for step_s, left_w, right_w in steps)
    range_w = max(power_w for _, power_w in looks) - min(power_w for _, power_w in looks)
    between_j = [
        step_s * (range_w if step_s > WIDE_STEPS * usual_s else right_w - left_w) / RECTANGULAR
        for step_s, left_w, right_w in steps
    ]
    ends_s = [steps[0][0] if before is None else 0.0, steps[-1][0] if after is None else 0.0]
    averaged = not all(row.instant for row in told)
    averaging_j = AVERAGE_S / 2 * ceiling_w / RECTANGULAR if averaged else 0.0
    return EnergyEstimate(
        energy_j=energy_j,
        uncertainty_j=math.hypot(
            SENSOR_RELATIVE * energy_j,
            *between_j,
            *(end_s * range_w / RECTANGULAR for end_s in ends_s),
            averaging_j,
        ),
        low_j=0.0,
        high_j=max(ceiling_w * (end_s - begin_s), energy_j),
        flags=("power-integrated", "power-averaged") if averaged else ("power-integrated",),
    )


def longest_gap(looks: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The longest time between two looks (time, power) that follow each other, and the median one."""
    steps_s = [right[0] - left[0] for left, right in pairwise(looks)]
    return max(steps_s), statistics.median(steps_s)


def is_gap(gap_s: float, usual_s: float) -> bool:
    """Whether so long a time without a look is out of the ordinary."""
    return gap_s > max(GAP_S, GAP_STEPS * usual_s)


def _at(
    instant_s: float, outside: tuple[float, float] | None, inside: tuple[float, float]
) -> tuple[float, float]:
    """The power at an boundary: on the line between the looks around it, or that of the nearest."""
    if outside is None:
        return instant_s, inside[1]
    share = (instant_s - inside[0]) / (outside[0] - inside[0])
    return instant_s, inside[1] + share * (outside[1] - inside[1])
