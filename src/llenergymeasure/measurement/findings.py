"""What a reader of a record should know before believing its numbers: findings with stable ids, by rules that are data.

Those of the meter, which :mod:`llenergymeasure.energy.verdict` lists, told once with the windows they are of; and those of
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


RULES: tuple[Rule, ...] = (
    Rule(id="interrupted", spoils=True, look=circumstances.interrupted),
    Rule(id="failed", spoils=True, look=circumstances.failed),
    Rule(id="quick", spoils=False, look=circumstances.quick),
    Rule(id="transformers-version", spoils=False, look=circumstances.version),
    Rule(id="energy-elsewhere", spoils=False, look=circumstances.elsewhere),
    Rule(id="idle-gpu-counted", spoils=False, look=circumstances.idle_gpus),
    Rule(id="others-before", spoils=False, look=circumstances.others_before),
    Rule(id="windows-without-energy", spoils=True, look=circumstances.without_energy),
    Rule(id="no-output", spoils=False, look=circumstances.no_output),
    Rule(id="unequal-work", spoils=False, look=circumstances.unequal),
    Rule(id="warm-up-unsteady", spoils=False, look=circumstances.unsteady),
    Rule(id="drift", spoils=True, look=doubts.drift),
    Rule(id="time-drift", spoils=False, look=doubts.slower),
    Rule(id="outlier", spoils=False, look=doubts.outliers),
    Rule(id="imprecise", spoils=False, look=doubts.imprecise),
    Rule(id="sensor-coarse", spoils=False, look=doubts.coarse),
    Rule(id="few-windows", spoils=False, look=circumstances.few),
    Rule(id="short-windows", spoils=False, look=circumstances.short),
    Rule(id="still-warm", spoils=False, look=circumstances.still_warm),
    Rule(id="idle-moved", spoils=False, look=doubts.idle_moved),
    Rule(id="net-not-resolved", spoils=False, look=doubts.net_lost),
    Rule(id="decode-not-resolved", spoils=False, look=doubts.decode_lost),
)
