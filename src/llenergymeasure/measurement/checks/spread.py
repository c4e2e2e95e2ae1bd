"""The spread over the windows: whether figures changed, how precise they are, what they cannot resolve."""

from llenergymeasure.measurement.checks.check import Remark, Remarks
from llenergymeasure.measurement.run_summary import RunSummary
from llenergymeasure.results.schema import Energies
from llenergymeasure.results.statistics import Trend, windows_needed

DRIFT_P = 0.01
"""An order of windows that is this improbable by chance is a trend."""
DRIFT_CHANGE = 0.01
"""A trend that adds up to less, from the first window to the last, does no harm."""
PRECISE = 0.01
"""A 95 % interval of at most this to each side suffices for configurations that differ by some percent."""
NEGLIGIBLE = 0.001
"""In an interval of at most this to each side, relative to the mean, a correlation does no harm."""
MAX_ADVICE = 50
"""More windows than this are not advised."""


def drift(summary: RunSummary) -> Remarks:
    """Energy rose or fell from window to window."""
    if isinstance(summary.energy, Energies):
        yield from _drift(summary.energy.trend, "energy per request")


def time_drift(summary: RunSummary) -> Remarks:
    """Time rose or fell from window to window."""
    if summary.speed is not None:
        yield from _drift(summary.speed.trend, "time per call")


def _drift(trend: Trend | None, quantity: str) -> Remarks:
    if trend is None or trend.p > DRIFT_P or abs(trend.change) < DRIFT_CHANGE:
        return
    yield Remark(
        f"From the first window to the last, {quantity} went {'up' if trend.change > 0 else 'down'} by "
        f"{abs(trend.change):.1%} (Mann-Kendall, p = {trend.p:.2g}): the mean and its interval are of "
        "something that changed. Warm up for longer, fix the clocks, or cool better."
    )


def outliers(summary: RunSummary) -> Remarks:
    """A window is far from the others."""
    estimate = summary.headline
    if estimate is None or not estimate.spread.outliers:
        return
    windows = summary.headline_windows
    numbers = ", ".join(str(windows[index].number) for index in estimate.spread.outliers)
    yield Remark(
        f"In {summary.headline_name}, window {numbers} is far from the others. It is part of every figure; "
        "its conditions and the trace show what happened then."
    )


def correlated(summary: RunSummary) -> Remarks:
    """Windows resemble the ones before them."""
    estimate = summary.headline
    if estimate is None or not estimate.spread.correlation or estimate.mean <= 0:
        return
    spread = estimate.spread
    if spread.half_width is None or spread.half_width <= NEGLIGIBLE * estimate.mean:
        return
    yield Remark(
        f"In {summary.headline_name}, each window resembles the one before it (autocorrelation "
        f"{spread.correlation:.2f}), so that the {spread.count} windows are worth {spread.independent:.2g} "
        "independent ones; the intervals are as wide as that. Check what else runs on the machine, warm up "
        "for longer, or measure more windows."
    )


def imprecise(summary: RunSummary) -> Remarks:
    """The interval is wide."""
    estimate = summary.headline
    if estimate is None or estimate.mean <= 0:
        return
    half = estimate.spread.half_width
    if half is None:
        yield Remark(
            "A single window has no spread, so nothing is known about repeatability. Raise "
            "measurement.windows."
        )
        return
    relative = half / estimate.mean
    if relative <= PRECISE:
        return
    needed = windows_needed(estimate.spread, PRECISE * estimate.mean)
    if needed is not None and needed <= MAX_ADVICE:
        hint = (
            f"About {needed} windows would bring that to {PRECISE:.0%} (measurement.windows); longer "
            "ones help too."
        )
    else:
        hint = "More windows would hardly help: check what else runs on the machine, and use longer windows."
    yield Remark(f"The 95 % interval of {summary.headline_name} is ±{relative:.1%}. {hint}")


def net_not_resolved(summary: RunSummary) -> Remarks:
    """Net energy could be zero."""
    net = summary.energy.net if isinstance(summary.energy, Energies) else None
    if net is None:
        return
    mean, low, sensor = net.per_request.mean, net.per_request.spread.low, net.per_request.sensor
    if mean > 2 * (sensor or 0.0) and (low is None or low > 0):
        return
    yield Remark(
        "Net energy cannot be distinguished from zero: the work draws hardly more than idling. Use gross energy, or a "
        "larger batch or model."
    )


def decode_not_resolved(summary: RunSummary) -> Remarks:
    """Decode energy could be zero."""
    if summary.phases is not None and summary.phases.decode_per_request is None:
        yield Remark(
            "Decode energy is not given: the difference between whole requests and prefill cannot be distinguished from "
            "zero. Generate more tokens."
        )
