"""What a reader of a record should know before believing its numbers: findings with stable ids, by rules that are data.

Those of the meter, which :mod:`llenergymeasure.energy.verdict` lists, told once with the windows they are of; and those of
:data:`RULES`, which ``docs/measuring.md`` explains. Ids are never reused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from llenergymeasure.energy.figures import Unavailable
from llenergymeasure.measure.protocol import COOLDOWN_S, Observations
from llenergymeasure.results.observed import (
    Device,
    Energies,
    Estimate,
    Finding,
    NoEnergy,
    Phases,
    Speed,
    Tokens,
    Window,
)
from llenergymeasure.results.record import Versions
from llenergymeasure.results.statistics import Trend, windows_needed

DRIFT_P = 0.01
"""A trend with a smaller probability by chance is one."""
DRIFT_CHANGE = 0.01
"""A trend of less, from the first window to the last, does no harm."""
PRECISE = 0.01
"""A 95 % interval of no more than this to each side is good enough to compare configurations that differ by some percent."""
IDLE_MOVED = 0.1
FEWEST_WINDOWS = 6
"""Fewer values have no order that is improbable enough for :data:`DRIFT_P`."""
MOST_WINDOWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rules look at.

    ``covered`` are the devices that did the work and whose joules are known; ``uncovered`` those whose are not;
    ``failure`` is why the run ended early, if it did.
    """

    seen: Observations
    devices: Sequence[Device]
    energy: Energies | NoEnergy
    speed: Speed | None
    phases: Phases | None
    versions: Versions
    messages: Sequence[str]
    worked_on: str
    uncovered: Sequence[str]
    dormant: Mapping[str, str]
    interrupted: bool = False
    failure: str = ""

    @property
    def work(self) -> list[Window]:
        """The workload's windows that came to their end."""
        return [window for window in self.seen.windows if window.kind == "work" and not window.interrupted]

    @property
    def headline(self) -> Estimate | None:
        """The quantity whose precision counts: energy per request or, without energy, time per call."""
        if isinstance(self.energy, Energies):
            return self.energy.gross.per_request
        return self.speed.seconds_per_call if self.speed else None

    @property
    def what(self) -> str:
        """That quantity's name."""
        return "energy per request" if isinstance(self.energy, Energies) else "time per call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing to look for; ``look`` gives what was seen as a sentence or two, or None."""

    id: str
    spoils: bool
    look: Callable[[Evidence], str | None]


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Everything that is to be said about a run: how it ended, the rules, the windows, transformers' own words."""
    return (
        *(
            Finding(id=rule.id, text=text, spoils=rule.spoils)
            for rule in RULES
            if (text := rule.look(evidence)) is not None
        ),
        *(
            Finding(id="dormant-setting", text=f"pytorch.{name} has no effect here: {why}")
            for name, why in evidence.dormant.items()
        ),
        *_of_windows(evidence.seen.windows),
        *(Finding(id="transformers-message", text=message) for message in evidence.messages),
    )


def _of_windows(windows: Sequence[Window]) -> Iterator[Finding]:
    """What the meter has against single windows, each kind and device once, with the windows in which it was seen."""
    places: dict[tuple[str, str, bool], list[tuple[str, str]]] = {}
    for window in windows:
        for found in window.findings:
            device = found.text.split(":", 1)[0]
            name = window.kind if window.kind.startswith("idle") else f"{window.kind} {window.number}"
            places.setdefault((found.id, device, found.spoils), []).append((name, found.text))
    for (id_, _, spoils), seen in places.items():
        names = ", ".join(name for name, _ in seen)
        yield Finding(id=id_, text=f"{seen[0][1]} (windows: {names})", spoils=spoils)


def _interrupted(evidence: Evidence) -> str | None:
    if not evidence.interrupted:
        return None
    return f"The run was interrupted from the keyboard after {len(evidence.work)} of {evidence.seen.plan.windows} windows."


def _failed(evidence: Evidence) -> str | None:
    return f"The run failed midway: {evidence.failure}" if evidence.failure else None


def _quick(evidence: Evidence) -> str | None:
    plan = evidence.seen.plan
    if not plan.quick:
        return None
    return f"A quick run, of {plan.windows} windows of {plan.window_s:g} s: to try a configuration out, not to be cited."


def _version(evidence: Evidence) -> str | None:
    used = evidence.versions
    if used.transformers == used.schema_transformers:
        return None
    return (
        f"transformers {used.transformers} ran; the settings were checked against {used.schema_transformers}, "
        "from which PyTorchConfig was generated."
    )


def _elsewhere(evidence: Evidence) -> str | None:
    totals = [window.energy for window in evidence.work]
    if not evidence.uncovered or not totals or isinstance(totals[0].total, Unavailable):
        return None
    measured = ", ".join(figure.device for figure in totals[0].devices)
    return (
        f"The model ran on {evidence.worked_on}; the joules in the windows are those of {measured}, and none of "
        f"{', '.join(evidence.uncovered)}. No energy per request or token is given."
    )


def _others_before(evidence: Evidence) -> str | None:
    busy = [device for device in evidence.devices if device.processes]
    if not busy:
        return None
    named = "; ".join(f"{device.device}: {', '.join(map(str, device.processes or ()))}" for device in busy)
    return f"Other processes were on the GPU before the run began ({named}). End them, and measure again."


def _no_output(evidence: Evidence) -> str | None:
    if not evidence.work or any(window.tokens and window.tokens.output for window in evidence.work):
        return None
    return "Not one token was generated; nothing can be said per output token."


def _unequal(evidence: Evidence) -> str | None:
    per_pass = {_a_pass(window) for window in evidence.work if window.tokens is not None}
    if len(per_pass) < 2:
        return None
    outputs = sorted(tokens.output for tokens in per_pass)
    return (
        f"The same seed did not give the same work: between {outputs[0]} and {outputs[-1]} output tokens a pass. Energy per "
        "request is spread by that too."
    )


def _a_pass(window: Window) -> Tokens:
    tokens = window.tokens
    assert tokens is not None
    return Tokens(
        requests=tokens.requests // window.passes,
        sequences=tokens.sequences // window.passes,
        prompt=tokens.prompt // window.passes,
        output=tokens.output // window.passes,
    )


def _unsteady(evidence: Evidence) -> str | None:
    warmup = evidence.seen.warmup
    if warmup is None or warmup.steady or evidence.seen.plan.quick:
        return None
    return (
        f"After {warmup.seconds:.0f} s of warm-up, time, power or temperature still moved. Raise measurement.warmup_seconds; if "
        "that does not help, look what else the machine does."
    )


def _drift(evidence: Evidence) -> str | None:
    if not isinstance(evidence.energy, Energies):
        return None
    return _drifting(evidence.energy.trend, "energy per request")


def _slower(evidence: Evidence) -> str | None:
    return None if evidence.speed is None else _drifting(evidence.speed.trend, "time per call")


def _drifting(trend: Trend | None, what: str) -> str | None:
    if trend is None or trend.p > DRIFT_P or abs(trend.change) < DRIFT_CHANGE:
        return None
    return (
        f"From the first window to the last, {what} went {'up' if trend.change > 0 else 'down'} by {abs(trend.change):.1%} "
        f"(Mann-Kendall, p = {trend.p:.2g}): the mean and its interval are of something that moved. Warm up for longer, fix the "
        "clocks, or cool better."
    )


def _outliers(evidence: Evidence) -> str | None:
    estimate = evidence.headline
    if estimate is None or not estimate.spread.outliers:
        return None
    numbers = ", ".join(str(index + 1) for index in estimate.spread.outliers)
    return (
        f"In {evidence.what}, window {numbers} is far from the others. It is part of every figure; see in its conditions "
        "and in the trace what happened then."
    )


def _imprecise(evidence: Evidence) -> str | None:
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


def _few(evidence: Evidence) -> str | None:
    plan = evidence.seen.plan
    if plan.quick or plan.windows >= FEWEST_WINDOWS:
        return None
    return f"{plan.windows} windows are too few to see a drift or an outlier. Use {FEWEST_WINDOWS} at least (measurement.windows)."


def _short(evidence: Evidence) -> str | None:
    plan = evidence.seen.plan
    wanted_s = min(plan.window_s, 5.0)
    short = [window for window in evidence.work if window.length_s < 0.95 * wanted_s]
    if plan.quick or (not short and plan.window_s >= 5.0):
        return None
    least_s = min((window.length_s for window in evidence.work), default=plan.window_s)
    return (
        f"Windows were as short as {least_s:.2g} s. A card that was idle before reads low for some five seconds: set "
        "measurement.window_seconds to 5 or more."
    )


def _idle_moved(evidence: Evidence) -> str | None:
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


def _net_lost(evidence: Evidence) -> str | None:
    net = evidence.energy.net if isinstance(evidence.energy, Energies) else None
    if net is None or net.per_request.mean > 2 * (net.per_request.sensor or 0.0):
        return None
    return (
        "Net energy is not told apart from nothing: the work hardly draws more than idling. Use gross energy, or a bigger "
        "batch or model."
    )


def _decode_lost(evidence: Evidence) -> str | None:
    if evidence.phases is None or evidence.phases.decode_per_request is not None:
        return None
    return "Decode energy is not given: what prefill leaves of the whole is not told apart from nothing. Generate more tokens."


def _without_energy(evidence: Evidence) -> str | None:
    missing = [window for window in evidence.work if isinstance(window.energy.total, Unavailable)]
    if not missing or len(missing) == len(evidence.work):
        return None
    numbers = ", ".join(str(window.number) for window in missing)
    first = missing[0].energy.total
    reason = first.reason if isinstance(first, Unavailable) else ""
    return f"Of window {numbers} no energy is known ({reason}); the energy figures are over the others."


def _still_warm(evidence: Evidence) -> str | None:
    numbers = evidence.seen.still_warm
    if not numbers:
        return None
    return (
        f"Before window {', '.join(map(str, numbers))} the GPU was not known to be at {evidence.seen.plan.cooldown_celsius:g} "
        f"degrees Celsius or less within {COOLDOWN_S:.0f} s. Raise measurement.cooldown_celsius, or see to the cooling."
    )


RULES: tuple[Rule, ...] = (
    Rule(id="interrupted", spoils=True, look=_interrupted),
    Rule(id="failed", spoils=True, look=_failed),
    Rule(id="quick", spoils=False, look=_quick),
    Rule(id="transformers-version", spoils=False, look=_version),
    Rule(id="energy-elsewhere", spoils=False, look=_elsewhere),
    Rule(id="others-before", spoils=False, look=_others_before),
    Rule(id="windows-without-energy", spoils=True, look=_without_energy),
    Rule(id="no-output", spoils=False, look=_no_output),
    Rule(id="unequal-work", spoils=False, look=_unequal),
    Rule(id="warm-up-unsteady", spoils=False, look=_unsteady),
    Rule(id="drift", spoils=True, look=_drift),
    Rule(id="time-drift", spoils=False, look=_slower),
    Rule(id="outlier", spoils=False, look=_outliers),
    Rule(id="imprecise", spoils=False, look=_imprecise),
    Rule(id="few-windows", spoils=False, look=_few),
    Rule(id="short-windows", spoils=False, look=_short),
    Rule(id="still-warm", spoils=False, look=_still_warm),
    Rule(id="idle-moved", spoils=False, look=_idle_moved),
    Rule(id="net-not-resolved", spoils=False, look=_net_lost),
    Rule(id="decode-not-resolved", spoils=False, look=_decode_lost),
)
