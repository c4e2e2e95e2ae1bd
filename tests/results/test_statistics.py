"""Statistics: compared with tables and with brute force, and their invariants."""

import itertools
import math
import random
from statistics import fmean

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from llenergymeasure.results.statistics import (
    autocorrelation,
    difference_of_means,
    outliers,
    ratio_of_means,
    summarise,
    t_cdf,
    t_quantile,
    trend,
    windows_needed,
)

VALUES = st.lists(st.floats(0.01, 1000), min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [(1, 12.7062), (2, 4.3027), (5, 2.5706), (6, 2.4469), (10, 2.2281), (30, 2.0423), (120, 1.9799)],
)
def test_students_t_agrees_with_printed_tables(freedom: int, quantile: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(quantile, abs=5e-5)


def test_students_t_of_one_degree_is_cauchys_and_of_very_many_is_the_normal() -> None:
    for value in (-30, -2, -0.3, 0, 0.7, 4, 100):
        assert t_cdf(value, 1) == pytest.approx(0.5 + math.atan(value) / math.pi, abs=1e-12)
        assert t_cdf(value, 1e7) == pytest.approx(t_cdf(value, math.inf), abs=1e-6)


@given(st.floats(-50, 50), st.floats(0.5, 500))
def test_the_distribution_is_symmetric(value: float, freedom: float) -> None:
    assert t_cdf(-value, freedom) == pytest.approx(1 - t_cdf(value, freedom), abs=1e-12)


@given(st.floats(0.5001, 0.999999), st.floats(0.5, 500))
def test_the_quantile_is_the_inverse_of_the_distribution(probability: float, freedom: float) -> None:
    assert t_cdf(t_quantile(probability, freedom), freedom) == pytest.approx(probability, rel=1e-6)


def test_a_sample_that_is_worked_out_by_hand() -> None:
    summary = summarise([2.0, 4.0, 4.0, 6.0])
    assert (summary.count, summary.mean) == (4, 4.0)
    assert summary.sd == pytest.approx(math.sqrt(8 / 3))
    assert summary.half_width == pytest.approx(3.18245 * math.sqrt(8 / 3) / 2, rel=1e-5)
    assert summary.low == pytest.approx(4 - 3.18245 * math.sqrt(8 / 3) / 2, rel=1e-5)


def test_one_value_has_no_spread() -> None:
    summary = summarise([3.0])
    assert (summary.mean, summary.sd, summary.low, summary.half_width) == (3.0, None, None, None)


@given(VALUES, st.floats(0.1, 10))
def test_a_summary_scales_and_its_interval_holds_the_mean(values: list[float], factor: float) -> None:
    summary, scaled = summarise(values), summarise([factor * value for value in values])
    assert summary.low is not None
    assert summary.high is not None
    assert summary.low <= summary.mean <= summary.high
    assert scaled.mean == pytest.approx(factor * summary.mean)
    assert scaled.sd == pytest.approx(factor * (summary.sd or 0), abs=1e-9)


def test_intervals_hold_the_truth_in_95_of_100() -> None:
    draw = random.Random(1)
    samples = [summarise([draw.gauss(10, 1) for _ in range(7)]) for _ in range(3000)]
    hits = sum((one.low or 0) <= 10 <= (one.high or 0) for one in samples)
    assert 0.94 <= hits / len(samples) <= 0.96


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([1.0, 1.0, 9.0], ()),
        ([1.0, 1.01, 0.99, 9.0], (3,)),
        ([1.0, 1.0, 1.0, 1.005], ()),
        ([1.0, 1.0, 1.0, 1.02], (3,)),
        ([5.0, 1.0, 1.1, 0.9, 1.05, 0.2], (0, 5)),
        ([1.0, 2.0, 3.0, 4.0, 5.0], ()),
    ],
)
def test_outliers(values: list[float], found: tuple[int, ...]) -> None:
    assert outliers(values) == found


@pytest.mark.parametrize("count", [4, 5, 6])
def test_the_trend_tests_probability_is_that_of_all_orders(count: int) -> None:
    def score(order: tuple[int, ...]) -> int:
        return abs(sum((b > a) - (b < a) for a, b in itertools.combinations(order, 2)))

    orders = list(itertools.permutations(range(count)))
    for order in orders[:: len(orders) // 20]:
        expected = sum(score(other) >= score(order) for other in orders) / len(orders)
        found = trend([float(value) for value in order])
        assert found is not None
        assert found.p == pytest.approx(expected)


@pytest.mark.parametrize(
    ("values", "p", "change"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 2 / math.factorial(7), 6 / 4),
        ([4.0, 3.0, 2.0, 1.0], 2 / 24, -3 / 2.5),
        ([1.0, 1.0, 1.0, 1.0], 1.0, 0.0),
    ],
)
def test_trends(values: list[float], p: float, change: float) -> None:
    found = trend(values)
    assert found is not None
    assert (found.p, found.change) == (pytest.approx(p), pytest.approx(change))
    assert trend(values[:3]) is None


@given(VALUES, VALUES)
def test_a_swapped_ratio_is_the_inverse(over: list[float], under: list[float]) -> None:
    there, back = ratio_of_means(over, under), ratio_of_means(under, over)
    assert there is not None
    assert back is not None
    assert there.value == pytest.approx(1 / back.value)
    assert there.low <= there.value <= there.high
    assert there.p == pytest.approx(back.p, abs=1e-9)
    assume(abs(there.p - 0.05) > 1e-6)
    assert there.distinguishable == (there.p < 0.05)


@given(VALUES, VALUES, st.floats(0.001, 0.5))
def test_a_shared_uncertainty_makes_the_interval_at_least_as_wide_as_itself(
    over: list[float], under: list[float], shared: float
) -> None:
    alone, together = ratio_of_means(over, under), ratio_of_means(over, under, extra_over=shared)
    assert alone is not None
    assert together is not None
    assert together.value == pytest.approx(alone.value)
    assert math.log(together.high / together.low) >= 2 * 1.9599 * shared


def test_the_ratio_agrees_with_welchs_formulas() -> None:
    """On the logarithms of the values."""
    over, under = [2.0, 2.2, 2.1], [1.0, 1.3, 1.1, 1.2]
    logs = [[math.log(value) for value in side] for side in (over, under)]
    variances = [
        sum((value - fmean(side)) ** 2 for value in side) / (len(side) - 1) / len(side) for side in logs
    ]
    freedom = sum(variances) ** 2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 3)
    error = math.sqrt(sum(variances))
    difference = fmean(logs[0]) - fmean(logs[1])
    found = ratio_of_means(over, under)
    assert found is not None
    assert found.value == pytest.approx(math.exp(difference))
    assert found.high == pytest.approx(math.exp(difference + t_quantile(0.975, freedom) * error))
    assert found.p == pytest.approx(2 * (1 - t_cdf(difference / error, freedom)))


def test_a_tiny_probability_is_not_rounded_to_zero() -> None:
    found = ratio_of_means([2.0, 2.0001, 1.9999] * 4, [1.0, 1.0001, 0.9999] * 4)
    assert found is not None
    assert 0 < found.p < 1e-30


@pytest.mark.parametrize(
    ("over", "under"), [([1.0], [1.0, 2.0]), ([1.0, 2.0], [1.0]), ([1.0, -1.0], [1.0, 2.0]), ([1.0, 2.0], [0.0, 1.0])]
)  # fmt: skip
def test_no_ratio_where_it_is_undefined(over: list[float], under: list[float]) -> None:
    assert ratio_of_means(over, under) is None


def test_equal_values_are_not_different_and_constant_ones_are() -> None:
    same, other = ratio_of_means([2.0, 2.0], [2.0, 2.0]), ratio_of_means([2.0, 2.0], [1.0, 1.0])
    assert same is not None
    assert other is not None
    assert not same.distinguishable
    assert other.distinguishable
    assert (same.p, other.p) == (1.0, 0.0)


@settings(max_examples=50)
@given(st.lists(st.floats(1, 2), min_size=3, max_size=10), st.floats(0.01, 0.5))
def test_how_many_windows_would_be_enough(values: list[float], half: float) -> None:
    summary = summarise(values)
    needed = windows_needed(summary, half)
    assert needed is not None
    assert summary.sd is not None
    assert t_quantile(0.975, needed - 1) * summary.sd / math.sqrt(needed) <= half * (1 + 1e-9)


@given(VALUES, VALUES)
def test_a_difference_of_means_has_welchs_interval(over: list[float], under: list[float]) -> None:
    found = difference_of_means(summarise(over), summarise(under))
    assert found is not None
    mean, half = found
    assert mean == pytest.approx(fmean(over) - fmean(under))
    assert half >= 0
    assert difference_of_means(summarise(over), summarise([1.0])) is None


def correlated(draw: random.Random, count: int, correlation: float) -> list[float]:
    """Values about 100 with a standard deviation of 1, each of which resembles the one before it (AR(1))."""
    value, values = draw.gauss(0, 1), []
    for _ in range(count):
        values.append(100 + value)
        value = correlation * value + math.sqrt(1 - correlation**2) * draw.gauss(0, 1)
    return values


@pytest.mark.parametrize(
    ("count", "correlation", "least", "most"),
    [
        (7, 0.0, 0.935, 0.965),
        (30, 0.0, 0.935, 0.965),
        (7, 0.6, 0.72, 0.90),  # seven windows hardly show it: 0.70 without any correction
        (15, 0.6, 0.83, 0.96),
        (30, 0.6, 0.89, 0.96),
        (30, 0.9, 0.85, 0.96),  # 0.31 without
        (60, 0.9, 0.88, 0.96),
    ],
)
def test_how_often_the_interval_covers_the_mean_of_correlated_windows(
    count: int, correlation: float, least: float, most: float
) -> None:
    draw = random.Random(20261)
    runs = [summarise(correlated(draw, count, correlation)) for _ in range(2000)]
    covered = sum(run.low <= 100 <= run.high for run in runs if run.low is not None and run.high is not None)
    assert least <= covered / len(runs) <= most


def test_independent_windows_are_seldom_taken_for_correlated_ones() -> None:
    draw = random.Random(7)
    found = [autocorrelation(correlated(draw, 7, 0.0)) > 0 for _ in range(2000)]
    assert sum(found) / len(found) < 0.08


def test_what_a_correlated_sample_is_worth() -> None:
    summary = summarise([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0])
    assert summary.correlation > 0.7
    assert 2 <= summary.independent < 3
    assert summary.freedom == 2
    independent = summary.sd / math.sqrt(10)
    assert summary.standard_error > 2 * independent
    assert summary.half_width == pytest.approx(t_quantile(0.975, 2) * summary.standard_error)


@given(st.lists(st.floats(0.01, 1000), min_size=5, max_size=12))
def test_a_correlation_widens_the_interval_and_never_narrows_it(values: list[float]) -> None:
    summary = summarise(values)
    assert 0 <= summary.correlation <= 0.9
    assert 1 <= summary.independent <= len(values)
    assert summary.half_width >= t_quantile(0.975, len(values) - 1) * summary.sd / math.sqrt(len(values)) * (
        1 - 1e-12
    )


def test_equal_configurations_are_not_told_apart_by_correlated_windows_as_often() -> None:
    """Comparing two runs of 15 windows with a correlation of 0.6: 20 % by Welch's test alone."""
    draw = random.Random(3)
    ratios = [ratio_of_means(correlated(draw, 15, 0.6), correlated(draw, 15, 0.6)) for _ in range(1000)]
    assert sum(ratio is not None and ratio.distinguishable for ratio in ratios) / len(ratios) < 0.13
