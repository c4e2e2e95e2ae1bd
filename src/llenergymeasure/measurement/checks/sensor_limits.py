"""What the sensors leave open: windows without energy, coarse readings, and an idle power that changed."""

from statistics import median

from llenergymeasure.energy.figures import Measured, Unavailable
from llenergymeasure.energy.uncertainty import UNCERTAINTY_IS_BOUND
from llenergymeasure.measurement.checks.check import Remark, Remarks
from llenergymeasure.measurement.run_summary import RunSummary
from llenergymeasure.results.schema import Energies

IDLE_MOVED = 0.1
"""A difference of the idle powers before and after the windows is reported above this fraction of them."""
TARGET_SLACK = 1.2
"""A window was planned from what is usual at its boundaries; this much over the target is chance."""


def without_energy(summary: RunSummary) -> Remarks:
    """The joules of some windows are not known."""
    missing = [window for window in summary.work if isinstance(window.energy.total, Unavailable)]
    if not missing or len(missing) == len(summary.work):
        return
    numbers = ", ".join(str(window.number) for window in missing)
    first = missing[0].energy.total
    reason = first.reason if isinstance(first, Unavailable) else ""
    yield Remark(
        f"The energy of window {numbers} is not known ({reason}); the energy figures are over the others."
    )


def coarse(summary: RunSummary) -> Remarks:
    """The sensors leave more of a window uncertain than the target."""
    plan = summary.observations.plan
    totals = [window.energy.total for window in summary.work]
    known = [total for total in totals if isinstance(total, Measured) and total.energy_j > 0]
    if plan.quick or not known:
        return
    uncertain = median(total.relative_uncertainty for total in known)
    if uncertain <= TARGET_SLACK * plan.target:
        return
    if any("power-integrated" in total.flags for total in known):
        hint = (
            "Longer windows hardly help, because there is no counter and power was integrated: raise "
            "measurement.target."
        )
    else:
        longer_s = plan.window_s * uncertain / plan.target
        hint = f"Windows of about {longer_s:.2g} s would be enough (measurement.window_seconds)."
    yield Remark(
        f"The sensors leave a fraction of {uncertain:.2g} of a window's energy uncertain; the target is "
        f"{plan.target:g}. {hint}"
    )


def bounded(summary: RunSummary) -> Remarks:
    """The uncertainty of the sensors is a bound, because power pulses, or may do so unseen."""
    totals = [window.energy.total for window in summary.work]
    flagged = [
        total for total in totals if isinstance(total, Measured) and UNCERTAINTY_IS_BOUND in total.flags
    ]
    if flagged:
        yield Remark(
            f"In {len(flagged)} of {len(totals)} windows the uncertainty of the sensors is a bound: power pulses, "
            "or may do so unseen. The errors may be far smaller."
        )


def idle_moved(summary: RunSummary) -> Remarks:
    """Idle power was not the same after the windows as before them."""
    idle = summary.energy.idle if isinstance(summary.energy, Energies) else None
    if idle is None or idle.before_w is None or idle.after_w is None or not idle.power_w:
        return
    if abs(idle.after_w - idle.before_w) <= IDLE_MOVED * idle.power_w:
        return
    yield Remark(
        f"Idle power was {idle.before_w:.4g} W before the windows and {idle.after_w:.4g} W after them. Net "
        "energy uses the mean; the difference is in its sensor uncertainty."
    )
