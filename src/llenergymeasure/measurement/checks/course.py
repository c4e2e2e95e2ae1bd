"""How the run went: its end, its plan, its warm-up, and the temperature between windows."""

from llenergymeasure.measurement.checks.check import Remark, Remarks
from llenergymeasure.measurement.phases import COOLDOWN_S
from llenergymeasure.measurement.plan import SHORTFALL, longest_settling_s
from llenergymeasure.measurement.run_summary import RunSummary

MIN_WINDOWS = 6
"""With fewer values no order is improbable enough to tell a trend from chance."""
RAMP_UP_S = 5.0
"""A GPU that was idle draws less than later, for about this many seconds."""


def interrupted(summary: RunSummary) -> Remarks:
    """Ctrl-C, SIGTERM or SIGHUP ended the run."""
    if summary.interrupted:
        done, planned = len(summary.work), summary.observations.plan.windows
        yield Remark(f"The run was interrupted after {done} of {planned} windows.")


def failed(summary: RunSummary) -> Remarks:
    """A failure ended the run."""
    if summary.failure:
        yield Remark(f"The run failed midway: {summary.failure}")


def quick(summary: RunSummary) -> Remarks:
    """The run was one of few and short windows."""
    plan = summary.observations.plan
    if plan.quick:
        yield Remark(
            f"A quick run of {plan.windows} windows of {plan.window_s:g} s: for trying a configuration out, "
            "not for publication."
        )


def unsteady(summary: RunSummary) -> Remarks:
    """A warm-up ended before time, power and temperature were steady."""
    observations = summary.observations
    unsteady = [
        f"{warmup.seconds:.0f} s{of}"
        for warmup, of in ((observations.warmup, ""), (observations.prefill_warmup, " for prefill"))
        if warmup is not None and not warmup.steady
    ]
    if unsteady and not observations.plan.quick:
        yield Remark(
            f"After {' and '.join(unsteady)} of warm-up, time, power or temperature still changed. Raise "
            "measurement.warmup_seconds; if that does not help, check what else runs on the machine."
        )


def few_windows(summary: RunSummary) -> Remarks:
    """There were too few windows to find a trend."""
    plan = summary.observations.plan
    if not plan.quick and plan.windows < MIN_WINDOWS:
        yield Remark(
            f"{plan.windows} windows are too few to find a drift or an outlier. Use at least {MIN_WINDOWS} "
            "(measurement.windows)."
        )


def short_windows(summary: RunSummary) -> Remarks:
    """Windows were too short for a GPU that was idle before."""
    plan = summary.observations.plan
    expected_s = min(plan.window_s, RAMP_UP_S)
    is_short = any(window.length_s < SHORTFALL * expected_s for window in summary.work)
    if plan.quick or (not is_short and plan.window_s >= RAMP_UP_S):
        return
    shortest_s = min((window.length_s for window in summary.work), default=plan.window_s)
    yield Remark(
        f"The shortest window was {shortest_s:.2g} s. For about five seconds after it was idle, a GPU draws "
        "less than it will later: set measurement.window_seconds to 5 or more."
    )


def still_warm(summary: RunSummary) -> Remarks:
    """A GPU was hotter at the beginning of a window than asked for."""
    observations = summary.observations
    if observations.still_warm:
        yield Remark(
            f"Before the windows {', '.join(observations.still_warm)} the GPU was not known to have cooled "
            f"to {observations.plan.cooldown_celsius:g} degrees Celsius within {COOLDOWN_S:.0f} s. Raise "
            "measurement.cooldown_celsius, or improve the cooling."
        )


def untimed(summary: RunSummary) -> Remarks:
    """A call of the timing pass failed."""
    observations = summary.observations
    for what, reason in (("calls", observations.no_call_times), ("tokens", observations.tokens_failed)):
        if reason:
            yield Remark(
                f"Single {what} could not be timed: {reason} The windows were complete by then, and their times "
                "and joules hold."
            )


def unsettled(summary: RunSummary) -> Remarks:
    """Idle power still changed when it was measured."""
    observations = summary.observations
    if observations.unsettled:
        yield Remark(
            f"Power had not settled for {' and '.join(observations.unsettled)} after "
            f"{longest_settling_s(observations.plan):.0f} s, and net energy rests on it. Check what else runs on "
            "the machine, or use gross energy."
        )


def idle_after_missing(summary: RunSummary) -> Remarks:
    """Idle power could not be measured after the windows."""
    reason = summary.observations.no_idle_after
    if reason:
        yield Remark(
            f"Idle power after the windows is not known: {reason} Net energy rests on that before them alone."
        )
