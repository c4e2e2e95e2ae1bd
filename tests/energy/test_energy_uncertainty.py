"""The formulas that the docstrings of ``llenergymeasure.energy`` derive, each compared with a simulation."""

from __future__ import annotations

import math
import random
import statistics

import pytest

from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.nvml.calibration import calibrate
from llenergymeasure.energy.nvml.counter import CounterSample
from llenergymeasure.energy.uncertainty import (
    FAST_FLUCTUATION,
    RECTANGULAR,
    SENSOR_WINDOW_S,
    SLOW_FLUCTUATION,
    TRIANGULAR,
    fluctuation_j,
    weighted_mean,
    within,
)


def root_mean_square(values):
    return math.sqrt(math.fsum(value * value for value in values) / len(values))


def test_the_widths_of_a_rectangle_and_a_triangle():
    draw = random.Random(1)
    flat = [draw.random() for _ in range(100_000)]
    peaked = [draw.triangular() for _ in range(100_000)]
    assert statistics.pstdev(flat) == pytest.approx(1 / RECTANGULAR, rel=0.01)
    assert statistics.pstdev(peaked) == pytest.approx(1 / TRIANGULAR, rel=0.01)


@pytest.mark.parametrize("averages", [1, 4, 25])
def test_fast_fluctuations_grow_with_the_root_of_the_duration(averages):
    """Power averaged over one sensor window after the other, each independent of the last."""
    draw = random.Random(2)
    errors_j = [
        math.fsum(draw.gauss(0, FAST_FLUCTUATION * 200) * SENSOR_WINDOW_S for _ in range(averages))
        for _ in range(5_000)
    ]
    stated_j = fluctuation_j([200.0, 200.0], averages * SENSOR_WINDOW_S)
    assert root_mean_square(errors_j) == pytest.approx(stated_j, rel=0.05)


def test_slow_fluctuations_are_a_part_of_the_range_and_grow_with_the_duration():
    fast_j = fluctuation_j([200.0], 0.05)
    both_j = fluctuation_j([100.0, 300.0], 0.05)
    assert both_j == pytest.approx(math.hypot(fast_j, SLOW_FLUCTUATION * 200 * 0.05))
    assert 1 / TRIANGULAR < SLOW_FLUCTUATION < 1 / RECTANGULAR
    assert fluctuation_j([], 0.05) == 0.0


def test_the_weighted_mean_is_as_uncertain_as_it_says():
    draw = random.Random(3)
    errors = []
    for _ in range(20_000):
        mean, uncertainty = weighted_mean([(draw.gauss(0, 1), 1.0), (draw.gauss(0, 3), 3.0)])
        errors.append(mean)
        assert uncertainty >= 1 / math.sqrt(1 + 1 / 9)
    assert root_mean_square(errors) == pytest.approx(1 / math.sqrt(1 + 1 / 9), rel=0.03)


def test_estimates_that_disagree_widen_their_mean():
    assert weighted_mean([(10.0, 1.0), (14.0, 1.0)]) == pytest.approx((12.0, math.sqrt(8) / math.sqrt(2)))
    assert weighted_mean([(10.0, 2.0)]) == (10.0, 2.0)


@pytest.mark.parametrize(
    ("energy_j", "moved_j"), [(5.0, 5.0), (-3.0, 0.5), (0.0, 0.5), (11.0, 9.5), (10.0, 9.5)]
)
def test_an_estimate_outside_the_interval_is_moved_into_it(energy_j, moved_j):
    estimate = within(energy_j, 1.0, 0.0, 10.0)
    assert (estimate.energy_j, estimate.uncertainty_j) == (moved_j, 1.0)
    assert estimate.bound_j == max(moved_j, 10 - moved_j)


def test_near_an_end_the_interval_limits_the_uncertainty():
    assert within(1.0, 50.0, 0.0, 4.0).uncertainty_j == 3.0


class SteppingClock:
    def __init__(self, at_s):
        self.at_s = at_s

    def monotonic(self):
        return self.at_s

    def sleep(self, seconds):
        self.at_s += seconds


def calibrated(draw, jitter):
    """The timing found for a counter, and its true period; ``jitter`` is how far off ticks are."""
    period_s = draw.uniform(0.05, 0.15)
    phase_s = draw.uniform(0, period_s)
    clock, ticks_s = SteppingClock(draw.uniform(0, 1)), {}

    def tick_s(number):
        off_s = jitter * period_s * (draw.random() - 0.5)
        return ticks_s.setdefault(number, phase_s + number * period_s + off_s)

    def read():
        begin_s = clock.at_s
        clock.at_s += 20e-6
        number = int((begin_s - phase_s) // period_s) + 1
        while tick_s(number) > begin_s:
            number -= 1
        return CounterSample(1000 + 7 * number, None, begin_s, clock.at_s, None)

    (counter,) = calibrate([(Method.NVML_FIELD_83, read)], clock)
    return counter.timing, period_s


@pytest.mark.parametrize("jitter", [0.0, 0.02])
def test_a_period_is_known_as_exactly_as_calibration_says(jitter):
    draw = random.Random(4)
    found = [calibrated(draw, jitter) for _ in range(300)]
    errors_s = [timing.period_s - period_s for timing, period_s in found]
    stated_s = root_mean_square([timing.period_uncertainty_s for timing, _ in found])
    assert root_mean_square(errors_s) == pytest.approx(stated_s, rel=0.25)
    spread_s = statistics.fmean(timing.spread_s / period_s for timing, period_s in found)
    assert spread_s == pytest.approx(jitter / math.sqrt(6), abs=0.001)  # of the difference of two ticks
