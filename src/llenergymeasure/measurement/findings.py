"""What a reader of a record should know before believing its numbers: findings with stable ids, by rules that are data.

Those of the meter, which :mod:`llenergymeasure.energy.checks` lists, told once with the windows they are of; and those of
:data:`RULES`, which ``docs/measuring.md`` explains. Ids are never reused.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from llenergymeasure.measurement import circumstances, doubts
from llenergymeasure.measurement.run_summary import Evidence
from llenergymeasure.results.schema import Finding, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing to look for; ``look`` gives what was seen as a sentence or two, or None."""

    id: str
    invalidates: bool
    look: Callable[[Evidence], str | None]


def findings(evidence: Evidence) -> tuple[Finding, ...]:
    """Everything that is to be said about a run: how it ended, the rules, the windows, transformers' own words."""
    return (
        *(
            Finding(id=rule.id, text=text, invalidates=rule.invalidates)
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
            places.setdefault((found.id, device, found.invalidates), []).append((name, found.text))
    for (id_, _, invalidates), seen in places.items():
        names = ", ".join(name for name, _ in seen)
        yield Finding(id=id_, text=f"{seen[0][1]} (windows: {names})", invalidates=invalidates)


RULES: tuple[Rule, ...] = (
    Rule(id="interrupted", invalidates=True, look=circumstances.interrupted),
    Rule(id="failed", invalidates=True, look=circumstances.failed),
    Rule(id="quick", invalidates=False, look=circumstances.quick),
    Rule(id="transformers-version", invalidates=False, look=circumstances.version),
    Rule(id="energy-elsewhere", invalidates=False, look=circumstances.elsewhere),
    Rule(id="idle-gpu-counted", invalidates=False, look=circumstances.idle_gpus),
    Rule(id="others-before", invalidates=False, look=circumstances.others_before),
    Rule(id="windows-without-energy", invalidates=True, look=circumstances.without_energy),
    Rule(id="no-output", invalidates=False, look=circumstances.no_output),
    Rule(id="unequal-work", invalidates=False, look=circumstances.unequal),
    Rule(id="warm-up-unsteady", invalidates=False, look=circumstances.unsteady),
    Rule(id="drift", invalidates=True, look=doubts.drift),
    Rule(id="time-drift", invalidates=False, look=doubts.slower),
    Rule(id="outlier", invalidates=False, look=doubts.outliers),
    Rule(id="imprecise", invalidates=False, look=doubts.imprecise),
    Rule(id="sensor-coarse", invalidates=False, look=doubts.coarse),
    Rule(id="few-windows", invalidates=False, look=circumstances.few),
    Rule(id="short-windows", invalidates=False, look=circumstances.short),
    Rule(id="still-warm", invalidates=False, look=circumstances.still_warm),
    Rule(id="idle-moved", invalidates=False, look=doubts.idle_moved),
    Rule(id="net-not-resolved", invalidates=False, look=doubts.net_lost),
    Rule(id="decode-not-resolved", invalidates=False, look=doubts.decode_lost),
)
