"""What is to be said of a run by its numbers: whether they moved, how far they scatter, and what they cannot resolve.

Each function looks for one thing, and gives what it saw as a sentence or two, or None.
"""

from statistics import median

from llenergymeasure.energy.figures import Measured
from llenergymeasure.measurement.run_summary import Evidence
from llenergymeasure.results.schema import Energies
from llenergymeasure.results.statistics import Trend, windows_needed

DRIFT_P = 0.01
"""A trend with a smaller probability by chance is one."""
DRIFT_CHANGE = 0.01
"""A trend of less, from the first window to the last, does no harm."""
PRECISE = 0.01
"""A 95 % interval of no more than this to each side is good enough to compare configurations that differ by some percent."""
IDLE_MOVED = 0.1
"""Idle power that differs by more of itself, before and after, is told."""
TARGET_SLACK = 1.2
"""A window was planned from what is usual at its edges; so much over the target is chance."""
MOST_WINDOWS = 50
"""More windows than this are no advice."""


def drift(evidence: Evidence) -> str | None:
    """Whether energy rose or fell from window to window."""
    if not isinstance(evidence.energy, Energies):
        return None
    return _drifting(evidence.energy.trend, "energy per request")


def slower(evidence: Evidence) -> str | None:
    """Whether time did."""
    return None if evidence.speed is None else _drifting(evidence.speed.trend, "time per call")


def outliers(evidence: Evidence) -> str | None:
    """Whether a window is far from the others."""
    estimate = evidence.headline
    if estimate is None or not estimate.spread.outliers:
        return None
    numbers = ", ".join(str(index + 1) for index in estimate.spread.outliers)
    return (
        f"In {evidence.what}, window {numbers} is far from the others. It is part of every figure; see in its conditions "
        "and in the trace what happened then."
    )


def imprecise(evidence: Evidence) -> str | None:
    """Whether the interval is wide, and what would make it narrower."""
    estimate = evidence.headline
    if estimate is None or estimate.mean <= 0:
        return None
    half = estimate.spread.half_width
    if half is None:
        return "One window has no spread, so nothing is known about repeatability. Raise measurement.windows."
    share = half / estimate.mean
    if share <= PRECISE:
        return None
    needed = windows_needed(estimate.spread, PRECISE * estimate.mean)
    if needed is not None and needed <= MOST_WINDOWS:
        mend = f"About {needed} windows would bring that to {PRECISE:.0%} (measurement.windows); longer ones help too."
    else:
        mend = "More windows would hardly help: look what else the machine does, and make the windows longer."
    return f"The 95 % interval of {evidence.what} is ±{share:.1%}. {mend}"


def coarse(evidence: Evidence) -> str | None:
    """Whether the sensors leave more of a window uncertain than was wanted."""
    plan = evidence.seen.plan
    totals = [window.energy.total for window in evidence.work]
    known = [total for total in totals if isinstance(total, Measured) and total.energy_j > 0]
    if plan.quick or not known:
        return None
    share = median(total.relative_uncertainty for total in known)
    if share <= TARGET_SLACK * plan.target:
        return None
    if any("power-integrated" in total.flags for total in known):
        mend = "Longer windows hardly help, since power was integrated for want of a counter: raise measurement.target."
    else:
        mend = f"Windows of about {plan.window_s * share / plan.target:.2g} s would do (measurement.window_seconds)."
    return f"The sensors leave {share:.2g} of a window's energy uncertain, and {plan.target:g} was wanted. {mend}"


def idle_moved(evidence: Evidence) -> str | None:
    """Whether idle power was not the same after the windows as before them."""
    idle = evidence.energy.idle if isinstance(evidence.energy, Energies) else None
    if idle is None or idle.before_w is None or idle.after_w is None or not idle.power_w:
        return None
    apart_w = idle.after_w - idle.before_w
    if abs(apart_w) <= IDLE_MOVED * idle.power_w:
        return None
    return (
        f"Idle power was {idle.before_w:.4g} W before the windows and {idle.after_w:.4g} W after them. Net energy takes the mean; "
        "what they differ by is in its sensor uncertainty."
    )


def net_lost(evidence: Evidence) -> str | None:
    """Whether net energy could be nothing."""
    net = evidence.energy.net if isinstance(evidence.energy, Energies) else None
    if net is None:
        return None
    mean, low, sensor = net.per_request.mean, net.per_request.spread.low, net.per_request.sensor
    if mean > 2 * (sensor or 0.0) and (low is None or low > 0):
        return None
    return (
        "Net energy is not told apart from nothing: the work hardly draws more than idling. Use gross energy, or a bigger "
        "batch or model."
    )


def decode_lost(evidence: Evidence) -> str | None:
    """Whether decode energy could be."""
    if evidence.phases is None or evidence.phases.decode_per_request is not None:
        return None
    return "Decode energy is not given: what prefill leaves of the whole is not told apart from nothing. Generate more tokens."


def _drifting(trend: Trend | None, what: str) -> str | None:
    if trend is None or trend.p > DRIFT_P or abs(trend.change) < DRIFT_CHANGE:
        return None
    return (
        f"From the first window to the last, {what} went {'up' if trend.change > 0 else 'down'} by {abs(trend.change):.1%} "
        f"(Mann-Kendall, p = {trend.p:.2g}): the mean and its interval are of something that moved. Warm up for longer, fix the "
        "clocks, or cool better."
    )
