"""Statistics of a handful of windows: pure functions of numbers, standard library only.

A mean with Student's interval; the Mann-Kendall trend test with the slope by Theil and Sen; outliers by the
median absolute deviation; Welch's test on logarithms for the ratio of two means. Windows are assumed to be
independent draws from one distribution; the trend test is there to contradict that. ``docs/measuring.md`` has
the references.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, repeat
from statistics import fmean, median, stdev

CONFIDENCE = 0.95
OUTLIER_DEVIATIONS = 5.0
"""How far from the median a value must be to be an outlier, in scaled median absolute deviations.

With the usual 3 to 3.5, one in ten normal samples of seven would have an outlier.
"""
MIN_OUTLIER_DISTANCE = 0.01
"""A value nearer to the median than this, relative to the median, is never an outlier."""
_MAD_TO_SD = 1.4826
"""The standard deviation of a normal distribution over its median absolute deviation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A sample: its size, mean and standard deviation, and the 95 % confidence interval of the mean.

    ``sd`` and the interval are None for a single value. ``outliers`` are the positions of values far from the
    rest; all numbers include them.
    """

    count: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None
    outliers: tuple[int, ...]

    @property
    def standard_error(self) -> float | None:
        """The standard error of the mean; None for a single value."""
        return None if self.sd is None else self.sd / math.sqrt(self.count)

    @property
    def half_width(self) -> float | None:
        """Half of the interval's width; None for a single value."""
        return None if self.low is None or self.high is None else 0.5 * (self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Whether values rise or fall from first to last.

    ``p`` is the two-sided probability that chance alone gives so clear an order (Mann-Kendall). ``change`` is
    the total change from the first value to the last by the median slope (Theil-Sen), relative to the median.
    """

    p: float
    change: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The ratio of two means with its 95 % interval.

    ``p`` is the two-sided probability that chance alone gives a ratio so far from 1.
    """

    value: float
    low: float
    high: float
    p: float

    @property
    def distinguishable(self) -> bool:
        """Whether the interval excludes 1."""
        return not self.low <= 1 <= self.high


def summarise(values: Sequence[float]) -> Summary:
    """The summary of one or more values."""
    mean = fmean(values)
    if len(values) == 1:
        return Summary(count=1, mean=mean, sd=None, low=None, high=None, outliers=())
    sd = stdev(values)
    half = t_quantile(0.5 + CONFIDENCE / 2, len(values) - 1) * sd / math.sqrt(len(values))
    return Summary(
        count=len(values), mean=mean, sd=sd, low=mean - half, high=mean + half, outliers=outliers(values)
    )


def outliers(values: Sequence[float]) -> tuple[int, ...]:
    """The positions of values far from the median; none among fewer than four values."""
    if len(values) < 4:
        return ()
    middle = median(values)
    deviations = [abs(value - middle) for value in values]
    allowed = max(OUTLIER_DEVIATIONS * _MAD_TO_SD * median(deviations), MIN_OUTLIER_DISTANCE * abs(middle))
    return tuple(index for index, deviation in enumerate(deviations) if deviation > allowed)


def trend(values: Sequence[float]) -> Trend | None:
    """The trend of values in their order; None for fewer than four, where no order is improbable."""
    if len(values) < 4:
        return None
    pairs = list(combinations(range(len(values)), 2))
    score = sum(_sign(values[later] - values[earlier]) for earlier, later in pairs)
    slope = median([(values[later] - values[earlier]) / (later - earlier) for earlier, later in pairs])
    middle = median(values)
    return Trend(
        p=_kendall_p(abs(score), len(values)),
        change=slope * (len(values) - 1) / abs(middle) if middle else 0.0,
    )


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _kendall_p(score: int, count: int) -> float:
    """The exact probability of a score of at least that size among all orders of ``count`` different values.

    It counts the orders for each number of inversions, by adding one value after another. With ties the true
    probability is smaller.
    """
    orders = [1]
    for places in range(2, count + 1):
        fewer = [0, *accumulate(orders), *repeat(sum(orders), places - 1)]
        orders = [
            fewer[inversions] - fewer[max(0, inversions - places)] for inversions in range(1, len(fewer))
        ]
    most = count * (count - 1) // 2
    extreme = sum(ways for inversions, ways in enumerate(orders) if abs(most - 2 * inversions) >= score)
    return extreme / math.factorial(count)


def ratio_of_means(
    over: Sequence[float], under: Sequence[float], *, extra_over: float = 0.0, extra_under: float = 0.0
) -> Ratio | None:
    """How many times ``over`` is ``under``: Welch's t-test on logarithms, so that test and interval agree.

    Args:
        over: the numerator's values, at least two.
        under: the denominator's values, at least two.
        extra_over: a relative standard uncertainty that all values of ``over`` share, so that it is not in
            their spread.
        extra_under: the same for ``under``.

    Returns:
        The ratio; None if a side has fewer than two values, or one that is not above 0.
    """
    if min(len(over), len(under)) < 2 or min(*over, *under) <= 0:
        return None
    sides = [[math.log(value) for value in side] for side in (over, under)]
    # The variance of each side's mean, with its degrees of freedom; shared uncertainties are taken as exact.
    terms = [(stdev(side) ** 2 / len(side), len(side) - 1) for side in sides]
    variance = sum(term for term, _ in terms) + extra_over**2 + extra_under**2
    difference = fmean(sides[0]) - fmean(sides[1])
    if variance == 0:
        value = math.exp(difference)
        return Ratio(value=value, low=value, high=value, p=float(difference == 0))
    denominator = sum(term**2 / freedom for term, freedom in terms)
    freedom = variance**2 / denominator if denominator else math.inf  # Welch-Satterthwaite
    error = math.sqrt(variance)
    half = t_quantile(0.5 + CONFIDENCE / 2, freedom) * error
    return Ratio(
        value=math.exp(difference),
        low=math.exp(difference - half),
        high=math.exp(difference + half),
        p=2 * t_cdf(-abs(difference) / error, freedom),
    )


def difference_of_means(over: Summary, under: Summary) -> tuple[float, float] | None:
    """The difference of two means and half the width of its 95 % interval (Welch).

    None if a side is a single value.
    """
    if over.standard_error is None or under.standard_error is None:
        return None
    terms = [(side.standard_error or 0.0) ** 2 for side in (over, under)]
    variance = sum(terms)
    if variance == 0:
        return over.mean - under.mean, 0.0
    denominator = sum(term**2 / (side.count - 1) for term, side in zip(terms, (over, under), strict=True))
    half = t_quantile(0.5 + CONFIDENCE / 2, variance**2 / denominator) * math.sqrt(variance)
    return over.mean - under.mean, half


def windows_needed(summary: Summary, half_width: float) -> int | None:
    """How many values with the same spread would make the interval that narrow; None without a spread."""
    if summary.sd is None or half_width <= 0:
        return None
    count = max(summary.count, 2)
    while t_quantile(0.5 + CONFIDENCE / 2, count - 1) * summary.sd / math.sqrt(count) > half_width:
        count = count + 1 if count < 30 else math.ceil(count * 1.1)
    return count


def t_cdf(value: float, freedom: float) -> float:
    """The probability that Student's t is at most ``value``; the degrees of freedom may be infinite."""
    if math.isinf(freedom):
        return 0.5 * math.erfc(-value / math.sqrt(2))
    tail = 0.5 * _regularized_beta(freedom / (freedom + value * value), 0.5 * freedom, 0.5)
    return 1 - tail if value > 0 else tail


@lru_cache(maxsize=1024)
def t_quantile(probability: float, freedom: float) -> float:
    """The value that Student's t does not exceed with that probability (above 0.5), by bisection."""
    low, high = 0.0, 1.0
    while t_cdf(high, freedom) < probability:
        low, high = high, 2 * high
    for _ in range(100):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        low, high = (middle, high) if t_cdf(middle, freedom) < probability else (low, middle)
    return 0.5 * (low + high)


def _regularized_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (DLMF 8.17.22, Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _regularized_beta(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    fraction = d
    for step in range(1, 1000):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        before = fraction
        for term in (even, odd):
            d = 1 / (1 + term * d)
            c = 1 + term / c
            fraction *= c * d
        if abs(fraction - before) <= 1e-15 * abs(fraction):
            break
    return front * fraction / a
