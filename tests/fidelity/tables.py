"""What a fidelity run writes: the record that ``codegen`` compares with the lock, and the table for
people."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import torch

from tests.fidelity import places, tightenings, verdicts, witnesses
from tests.fidelity.judging import FORBIDDEN
from tests.fidelity.reports import Refusals, Report
from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import Schema


def record(schema: Schema, total: Report, before: Mapping[str, Mapping[str, str]]) -> str:
    """The text of ``executed.json``: what was executed, in which context, and with which result.

    Args:
        schema: the committed one.
        total: the report of the whole run.
        before: what the last record says about tightenings.
    """
    from codegen.review import executed  # only where the record is written: other releases run without it

    parameters = {}
    for name, entry in schema.entries().items():
        became = {json.dumps(each.value): each.kind for each in total.verdicts if each.name == name}
        tried = [value for value in entry.get("test_values", []) if json.dumps(value) in became]
        own = [each for each in total.verdicts if each.name == name]
        if own:
            parameters[name] = {
                "verdict": verdicts.of_parameter(own),
                "context": entry.get("context", {}),
                "values": [{"value": value, "verdict": became[json.dumps(value)]} for value in tried],
            }
    seen = tightenings.behaviours(schema, total.beyond, total.refusals)
    data = {
        "format": executed.FORMAT,
        "engine": "transformers",
        "version": schema.version,
        "lock": executed.parts(schema.lock),
        "problems": [
            {"cause": each.cause, "count": each.count, "example": each.example} for each in total.problems
        ],
        "rules": {
            rule.id: asdict(total.refusals.get(rule.id, Refusals()))
            for rule in schema.config.rules
            if rule.effect != "dormant"
        },
        "tightenings": tightenings.kept(seen, before),
        "parameters": parameters,
    }
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _not_known(schema: Schema) -> Iterator[str]:
    """The settings, witnesses and pairs with a parameter or a value that this release does not have."""
    for label, given in places.SETTINGS.items():
        if not places.known(schema, given):
            yield f"settings: {label}"
    for name, (given, scenario) in witnesses.WITNESSES.items():
        if scenario not in SCENARIOS or not places.known(schema, given):
            yield f"witness: {name}"
    for one, other, scenario in witnesses.PAIRS:
        if scenario not in SCENARIOS or not (places.known(schema, one) and places.known(schema, other)):
            yield f"pair: `{json.dumps(one)}` and `{json.dumps(other)}`"


_COLUMNS = ("agree-run", "agree-raise", "tightening", "unsound", "undeclared", "environment")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a run took, and what it could take from memory."""

    seconds: float
    processes: int
    how: str

    def __str__(self) -> str:
        return f"{self.seconds:.0f} s on {self.processes} processes, {self.how}"


def table(schema: Schema, total: Report, effort: Effort) -> str:
    """The table of a run, in Markdown; with the time that it took."""
    kinds: dict[str, int] = {}
    by_name = {
        name: verdicts.of_parameter(own)
        for name in schema.params
        if (own := [verdict for verdict in total.verdicts if verdict.name == name])
    }
    for kind in by_name.values():
        kinds[kind] = kinds.get(kind, 0) + 1
    forbidden = sum(own.get(judged, 0) for own in total.classes.values() for judged in FORBIDDEN)
    drawn = total.classes.get("drawn", {})
    lines = [
        f"# Fidelity to transformers {schema.version}",
        "",
        (
            f"What `PyTorchConfig` accepts, compared with the real `generate()`: torch {torch.__version__}, Python "
            f"{sys.version.split()[0]}, CPU, {effort}. "
            f"Made by `make fidelity VERSION={schema.version}`."
        ),
        "",
        f"- Forbidden cases (accepted but raises, or refused without a declared reason but runs): {forbidden}",
        f"- Distinct canonical configurations that ran: {len(total.canonical)}",
        f"- Drawn: {', '.join(f'{drawn.get(each, 0)} {each}' for each in _COLUMNS)}",
        f"- Parameters: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}",
        f"- Broken promises, dead witnesses and unexecuted cells, by cause: {len(total.problems)}",
        f"- Calls made: {total.made}; known from before: {total.recalled}",
        f"- Questions that others of their kind stand for: {total.represented}",
        "",
        "| parameter | verdict | values | live | " + " | ".join(_COLUMNS) + " |",
        "| --- | --- | ---: | ---: |" + " ---: |" * len(_COLUMNS),
    ]
    for name in schema.params:
        counts = total.classes.get(name, {})
        tried = sum(verdict.name == name for verdict in total.verdicts)
        cells = [str(counts.get(each, 0)) for each in _COLUMNS]
        row = [name, by_name.get(name, "none"), str(tried), str(len(total.live.get(name, ()))), *cells]
        lines.append(f"| {' | '.join(row)} |")
    lines += ["", "## Rules that rejected", ""]
    lines += ["| rule | and the call raises | and the call runs, as declared |", "| --- | ---: | ---: |"]
    lines += [
        f"| {rule.id} | {total.rules.get(rule.id, 0)} | {total.tightened.get(rule.id, 0)} |"
        for rule in schema.config.rules
        if rule.effect != "dormant"
    ]
    lines += ["", "## Rules that called a parameter dormant", "", "| rule | and the work is the same |"]
    lines += ["| --- | ---: |"]
    lines += [f"| {rule} | {count} |" for rule, count in sorted(total.dormant.items())]
    lines += ["", "## What could not be tried here", "", "| needs | cases |", "| --- | ---: |"]
    lines += [f"| {why} | {count} |" for why, count in sorted(total.environments.items())]
    if absent := list(_not_known(schema)):
        lines += [
            "",
            "## What this release does not have, and so is left out",
            "",
            *(f"- {each}" for each in absent),
        ]
    if total.problems:
        lines += ["", "## Problems", "", *(f"- {problem}" for problem in total.problems)]
    return "\n".join(lines) + "\n"
