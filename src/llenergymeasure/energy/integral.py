"""Joules from sampled power: for GPUs older than Volta, which have no energy counter, and as a check on the others."""

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
"""Time without a sample is a gap when it is longer than this, and than so many median steps between samples."""
WIDE_STEPS = 2.0
"""Of a step longer than so many median ones, power may have been anything between the extremes of the samples."""
AVERAGE_S = 1.0
"""Over this the power call averages on cards where it is not instantaneous."""


def integrate(
    samples: Sequence[DeviceSample], begin_s: float, end_s: float, ceiling_w: float
) -> EnergyEstimate | str:
    """Energy of one device between two instants by the trapezoid rule; or, as a clause, why not.

    The uncertainty has four parts: the sensor, what happens between samples (from how much neighbours differ, and over
    long steps from all samples), the ends where no sample lies beyond them, and, for power that is an average,
    what it still shows of the time before the window and does not yet of its last second. The bound is all that a
    power sensor can promise: between samples the device drew anything up to its ceiling.
    """
    known = [sample for sample in samples if not math.isnan(sample.power_w)]
    powers = [(0.5 * (sample.begin_s + sample.end_s), sample.power_w) for sample in known]
    inside = [power for power in powers if begin_s <= power[0] <= end_s]
    if len(inside) < MIN_SAMPLES:
        return f"there are fewer than {MIN_SAMPLES} samples of its power"
    before = max((power for power in powers if power[0] < begin_s), default=None)
    after = min((power for power in powers if power[0] > end_s), default=None)
    first_s, last_s = before[0] if before else begin_s, after[0] if after else end_s
    gap_s, median_s = longest_gap([first_s, *(at_s for at_s, _ in inside), last_s])
    if is_gap(gap_s, median_s):
        return f"no sample of its power was taken for {gap_s:.2g} s"
    points = [_at(begin_s, before, inside[0]), *inside, _at(end_s, after, inside[-1])]
    steps = [(right[0] - left[0], left[1], right[1]) for left, right in pairwise(points)]
    energy_j = math.fsum(step_s * 0.5 * (left_w + right_w) for step_s, left_w, right_w in steps)
    range_w = max(power_w for _, power_w in powers) - min(power_w for _, power_w in powers)
    between_j = [
        step_s * (range_w if step_s > WIDE_STEPS * median_s else right_w - left_w) / RECTANGULAR
        for step_s, left_w, right_w in steps
    ]
    ends_s = [steps[0][0] if before is None else 0.0, steps[-1][0] if after is None else 0.0]
    averaged = not all(sample.instant for sample in known)
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


def longest_gap(times_s: Sequence[float]) -> tuple[float, float]:
    """The longest time between two samples that follow each other, and the median one."""
    steps_s = [right_s - left_s for left_s, right_s in pairwise(times_s)]
    return max(steps_s), statistics.median(steps_s)


def is_gap(gap_s: float, median_s: float) -> bool:
    """Whether so long a time without a sample is out of the ordinary."""
    return gap_s > max(GAP_S, GAP_STEPS * median_s)


def _at(
    instant_s: float, outside: tuple[float, float] | None, inside: tuple[float, float]
) -> tuple[float, float]:
    """The power at a boundary: on the line between the samples around it, or that of the nearest."""
    if outside is None:
        return instant_s, inside[1]
    share = (instant_s - inside[0]) / (outside[0] - inside[0])
    return instant_s, inside[1] + share * (outside[1] - inside[1])
