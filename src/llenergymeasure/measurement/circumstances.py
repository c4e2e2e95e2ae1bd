"""What is to be said of a run by how it went: how it ended, where its joules came from, what else was there, how much was done.

Each function looks for one thing, and gives what it saw as a sentence or two, or None.
"""

from llenergymeasure.energy.figures import Scope, Unavailable
from llenergymeasure.measurement.protocol import COOLDOWN_S
from llenergymeasure.measurement.run_summary import Evidence

FEWEST_WINDOWS = 6
"""Fewer values have no order that is improbable enough for a trend to be told from chance."""
LONG_ENOUGH_S = 5.0
"""A card that was idle before reads low for about so long."""
GPU_SCOPES = frozenset({str(Scope.GPU), str(Scope.MODULE)})


def interrupted(evidence: Evidence) -> str | None:
    """Whether Ctrl-C ended the run."""
    if not evidence.interrupted:
        return None
    return f"The run was interrupted from the keyboard after {len(evidence.work)} of {evidence.seen.plan.windows} windows."


def failed(evidence: Evidence) -> str | None:
    """Whether a failure did."""
    return f"The run failed midway: {evidence.failure}" if evidence.failure else None


def quick(evidence: Evidence) -> str | None:
    """Whether it was one of few and short windows."""
    plan = evidence.seen.plan
    if not plan.quick:
        return None
    return f"A quick run, of {plan.windows} windows of {plan.window_s:g} s: to try a configuration out, not to be cited."


def version(evidence: Evidence) -> str | None:
    """Whether another transformers ran than the schema is of."""
    used = evidence.versions
    if used.transformers == used.schema_transformers:
        return None
    return (
        f"transformers {used.transformers} ran; the settings were checked against {used.schema_transformers}, "
        "from which PyTorchConfig was generated."
    )


def elsewhere(evidence: Evidence) -> str | None:
    """Whether the joules are of other devices than the model's."""
    totals = [window.energy for window in evidence.work]
    if not evidence.uncovered or not totals or isinstance(totals[0].total, Unavailable):
        return None
    measured = ", ".join(figure.device for figure in totals[0].devices)
    return (
        f"The model ran on {evidence.worked_on}; the joules in the windows are those of {measured}, and none of "
        f"{', '.join(evidence.uncovered)}. No energy per request or token is given."
    )


def idle_gpus(evidence: Evidence) -> str | None:
    """Whether GPUs that did nothing are in the joules."""
    counted = [
        device.device for device in evidence.devices if device.measurable and device.scope in GPU_SCOPES
    ]
    beside = [uuid for uuid in counted if uuid not in evidence.gpus]
    if evidence.uncovered or not evidence.gpus or not beside:
        return None
    return (
        f"The joules have those of {', '.join(beside)} in them, which {'hold' if len(beside) > 1 else 'holds'} no part of the "
        f"model. Name the GPUs that do in measurement.devices: {', '.join(evidence.gpus)}."
    )


def others_before(evidence: Evidence) -> str | None:
    """Whether somebody else was on the GPUs before the run."""
    busy = [device for device in evidence.devices if device.processes]
    if not busy:
        return None
    named = "; ".join(f"{device.device}: {', '.join(map(str, device.processes or ()))}" for device in busy)
    return f"Other processes were on the GPU before the run began ({named}). End them, and measure again."


def without_energy(evidence: Evidence) -> str | None:
    """Whether the joules of some windows are not known."""
    missing = [window for window in evidence.work if isinstance(window.energy.total, Unavailable)]
    if not missing or len(missing) == len(evidence.work):
        return None
    numbers = ", ".join(str(window.number) for window in missing)
    first = missing[0].energy.total
    reason = first.reason if isinstance(first, Unavailable) else ""
    return f"Of window {numbers} no energy is known ({reason}); the energy figures are over the others."


def no_output(evidence: Evidence) -> str | None:
    """Whether nothing was generated."""
    if not evidence.work or any(window.tokens and window.tokens.output for window in evidence.work):
        return None
    return "Not one token was generated; nothing can be said per output token."


def unequal(evidence: Evidence) -> str | None:
    """Whether windows differ in what was generated."""
    found = sorted(
        window.tokens.output / window.passes for window in evidence.work if window.tokens is not None
    )
    if not found or found[0] == found[-1]:
        return None
    return (
        f"The same seed did not give the same work: between {found[0]:.6g} and {found[-1]:.6g} output tokens a pass, window by "
        "window. Energy per request is spread by that too."
    )


def unsteady(evidence: Evidence) -> str | None:
    """Whether a warm-up ended before it was steady."""
    seen = evidence.seen
    unsteady = [
        f"{warmup.seconds:.0f} s{of}"
        for warmup, of in ((seen.warmup, ""), (seen.prefill_warmup, " for prefill"))
        if warmup is not None and not warmup.steady
    ]
    if not unsteady or seen.plan.quick:
        return None
    return (
        f"After {' and '.join(unsteady)} of warm-up, time, power or temperature still moved. Raise measurement.warmup_seconds; "
        "if that does not help, look what else the machine does."
    )


def few(evidence: Evidence) -> str | None:
    """Whether there were too few windows to see a trend."""
    plan = evidence.seen.plan
    if plan.quick or plan.windows >= FEWEST_WINDOWS:
        return None
    return f"{plan.windows} windows are too few to see a drift or an outlier. Use {FEWEST_WINDOWS} at least (measurement.windows)."


def short(evidence: Evidence) -> str | None:
    """Whether windows were too short for a card that was idle before."""
    plan = evidence.seen.plan
    wanted_s = min(plan.window_s, LONG_ENOUGH_S)
    short = [window for window in evidence.work if window.length_s < 0.95 * wanted_s]
    if plan.quick or (not short and plan.window_s >= LONG_ENOUGH_S):
        return None
    least_s = min((window.length_s for window in evidence.work), default=plan.window_s)
    return (
        f"Windows were as short as {least_s:.2g} s. A card that was idle before reads low for some five seconds: set "
        "measurement.window_seconds to 5 or more."
    )


def still_warm(evidence: Evidence) -> str | None:
    """Whether a GPU was hotter at the begin of a window than was asked for."""
    windows = evidence.seen.still_warm
    if not windows:
        return None
    return (
        f"Before the windows {', '.join(windows)} the GPU was not known to be at {evidence.seen.plan.cooldown_celsius:g} "
        f"degrees Celsius or less within {COOLDOWN_S:.0f} s. Raise measurement.cooldown_celsius, or see to the cooling."
    )
