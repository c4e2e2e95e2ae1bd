"""Statistics of a handful of windows: pure functions of numbers, standard library only.

A mean with Student's interval; the Mann-Kendall trend test with the slope by Theil and Sen; outliers by the
median absolute deviation; Welch's test on logarithms for the ratio of two means. ``docs/measuring.md`` has
the references.

**Correlated windows.** A machine's state changes slowly, so windows next to each other may resemble each
other. With an autocorrelation ``r`` from each window to the next, ``n`` windows are worth ``n (1 - r) / (1 +
r)`` independent ones (AR(1); Zieba 2010). ``r`` is estimated from the windows with its bias of about ``-(1 +
3 r) / n`` removed (Marriott and Pope 1954; Kendall 1954). A handful of independent windows gives large
estimates by chance alone, so the number of windows is reduced only where ``r`` is over ``CORRELATED /
sqrt(n)``. That costs independent windows little, and it cannot find what few windows do not show.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, combinations, pairwise, repeat
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
CORRELATED = 1.28
"""An autocorrelation above this many of its standard errors (``1 / sqrt(n)``) is taken as real.

Of independent samples, 3 to 10 in 100 have one by chance, more among many values than among few.
"""
MIN_CORRELATED = 5
"""Fewer values do not show an autocorrelation."""
MOST_CORRELATED = 0.9
"""A larger autocorrelation is not told from this one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A sample: its size, mean and standard deviation, and the 95 % confidence interval of the mean.

    ``sd`` and the interval are None for a single value. ``outliers`` are the positions of values far from the
    rest; all numbers include them. ``correlation`` is the autocorrelation from each value to the next, where
    it is large enough to be real, else 0; the standard error and the interval take it into account.
    """

    count: int
    mean: float
    sd: float | None
    low: float | None
    high: float | None
    outliers: tuple[int, ...]
    correlation: float = 0.0

    @property
    def independent(self) -> float:
        """How many independent values the sample is worth."""
        return _independent(self.count, self.correlation)

    @property
    def standard_error(self) -> float | None:
        """The standard error of the mean; None for a single value."""
        return None if self.sd is None else _standard_error(self.sd, self.count, self.correlation)

    @property
    def freedom(self) -> float:
        """The degrees of freedom of the standard error."""
        return _freedom(self.count, self.correlation)

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
    """The summary of one or more values, in the order in which they were measured."""
    mean = fmean(values)
    if len(values) == 1:
        return Summary(count=1, mean=mean, sd=None, low=None, high=None, outliers=())
    count, sd, correlation = len(values), stdev(values), autocorrelation(values)
    half = _half_width(sd, count, correlation)
    return Summary(
        count=count,
        mean=mean,
        sd=sd,
        low=mean - half,
        high=mean + half,
        outliers=outliers(values),
        correlation=correlation,
    )


def autocorrelation(values: Sequence[float]) -> float:
    """The autocorrelation from each value to the next, where it is large enough to be real; else 0."""
    count = len(values)
    mean = fmean(values)
    deviations = [value - mean for value in values]
    scale = math.fsum(deviation * deviation for deviation in deviations)
    if count < MIN_CORRELATED or scale == 0:
        return 0.0
    raw = math.fsum(left * right for left, right in pairwise(deviations)) / scale
    if raw + 1 / count <= CORRELATED / math.sqrt(count):
        return 0.0
    return min(raw + (1 + 3 * raw) / count, MOST_CORRELATED)


def _independent(count: int, correlation: float) -> float:
    """How many independent values a sample is worth; at least two where it has as many."""
    return max(min(count, 2), count * (1 - correlation) / (1 + correlation))


def _standard_error(sd: float, count: int, correlation: float) -> float:
    """The standard error of a mean.

    The sample's own variance is too small by the variance of its mean: with ``m`` independent values in
    ``n``, its expectation is the true one times ``(n - n / m) / (n - 1)``.
    """
    independent = _independent(count, correlation)
    too_small = (count - count / independent) / (count - 1)
    return sd / math.sqrt(independent * too_small)


def _half_width(sd: float, count: int, correlation: float) -> float:
    """Half the width of the 95 % interval of a mean."""
    quantile = t_quantile(0.5 + CONFIDENCE / 2, _freedom(count, correlation))
    return quantile * _standard_error(sd, count, correlation)


def _freedom(count: int, correlation: float) -> float:
    """The degrees of freedom of a standard error; at least two where a correlation was estimated."""
    return max(_independent(count, correlation) - 1, 2) if correlation else count - 1


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
    sides = [summarise([math.log(value) for value in side]) for side in (over, under)]
    # The variance of each side's mean, with its degrees of freedom; shared uncertainties are taken as exact.
    terms = [((side.standard_error or 0.0) ** 2, side.freedom) for side in sides]
    variance = sum(term for term, _ in terms) + extra_over**2 + extra_under**2
    difference = sides[0].mean - sides[1].mean
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
    denominator = sum(term**2 / side.freedom for term, side in zip(terms, (over, under), strict=True))
    half = t_quantile(0.5 + CONFIDENCE / 2, variance**2 / denominator) * math.sqrt(variance)
    return over.mean - under.mean, half


def windows_needed(summary: Summary, half_width: float) -> int | None:
    """How many values with the same spread would make the interval that narrow; None without a spread."""
    if summary.sd is None or half_width <= 0:
        return None
    count, correlation = max(summary.count, 2), summary.correlation
    while _half_width(summary.sd, count, correlation) > half_width:
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
