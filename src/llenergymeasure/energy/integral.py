"""Joules from sampled power: for GPUs older than Volta, which have no energy counter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from .edges import Estimate
from .probe import Row

SENSOR_RELATIVE = 0.05
"""A power sensor looks at part of the time only, and averages it: published comparisons with wall meters
differ by this much and more."""
FEWEST_LOOKS = 5


def integrate(rows: Sequence[Row], begin_s: float, end_s: float, ceiling_w: float) -> Estimate | None:
    """Energy of one device between two instants by the trapezoid rule; None with fewer than five looks inside.

    The uncertainty has three parts: the sensor, what happens between looks (from how much neighbours differ), and
    the two ends. The bound is all that a power sensor can promise: between looks the device drew anything up to
    its ceiling.
    """
    looks = [(0.5 * (row.begin_s + row.end_s), row.power_w) for row in rows if not math.isnan(row.power_w)]
    inside = [look for look in looks if begin_s <= look[0] <= end_s]
    if len(inside) < FEWEST_LOOKS:
        return None
    before = max((look for look in looks if look[0] < begin_s), default=None)
    after = min((look for look in looks if look[0] > end_s), default=None)
    points = [_at(begin_s, before, inside[0]), *inside, _at(end_s, after, inside[-1])]
    steps = [(right[0] - left[0], left[1], right[1]) for left, right in pairwise(points)]
    energy_j = math.fsum(step_s * 0.5 * (left_w + right_w) for step_s, left_w, right_w in steps)
    between_j = math.sqrt(
        math.fsum((step_s * (right_w - left_w)) ** 2 / 12 for step_s, left_w, right_w in steps)
    )
    most_j = ceiling_w * (end_s - begin_s)
    return Estimate(
        energy_j=energy_j,
        uncertainty_j=math.hypot(SENSOR_RELATIVE * energy_j, between_j),
        low_j=0.0,
        high_j=max(most_j, energy_j),
        flags=("power-integrated",),
    )


def _at(
    instant_s: float, outside: tuple[float, float] | None, inside: tuple[float, float]
) -> tuple[float, float]:
    """The power at an edge: on the line between the looks around it, or that of the nearest."""
    if outside is None:
        return instant_s, inside[1]
    share = (instant_s - inside[0]) / (outside[0] - inside[0])
    return instant_s, inside[1] + share * (outside[1] - inside[1])
