"""A fidelity run: the jobs, on two processes, and the table and the record that come of them."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.fidelity import jobs, outside, places, rules, verdicts, witnesses
from tests.fidelity.jobs import Report
from tests.fidelity.judging import FORBIDDEN
from tests.fidelity.schema import ROOT, Schema, load

PROCESSES = 2
VALUES = 8
"""Test values that one job tries."""
LEAST_LIVE = 20
"""Drawn configurations in which each field has to be live that can be."""
MOST_DRAWS = 400
"""Jobs of draws after which the run gives up on what is still missing."""
EXECUTED = Path("codegen/executed.json")
RESULTS = Path("benchmarks/results")

Job = tuple[Callable[..., Report], tuple[Any, ...]]


def prove(folder: Path, configurations: int) -> int:
    """Run everything for the schema under a folder; write the table, and for the committed schema the record.

    Returns:
        The exit code.
    """
    schema, start = load(folder), time.monotonic()
    total = Report()
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=jobs.prepare, initargs=(str(folder),)
    ) as pool:
        try:
            _run(pool, list(_cells(schema, str(folder))), total, "cells")
            _draw(pool, schema, str(folder), configurations, total)
        except BaseException:
            _kill(pool)
            raise
    found = len(total.problems)
    _missing(schema, total, configurations)
    seconds = time.monotonic() - start
    name = f"fidelity-{schema.version}.md"
    (ROOT / RESULTS / name).write_text(table(schema, total, seconds), encoding="utf-8")
    if folder == ROOT:
        (ROOT / EXECUTED).write_text(record(schema, total), encoding="utf-8")
    for problem in total.problems[found:]:
        print(problem)
    print(
        f"transformers {schema.version}: {len(total.problems)} problems, {seconds:.0f} s; {RESULTS / name} written."
    )
    return 1 if total.problems else 0


def write_record(folder: Path) -> int:
    """Run only the verdicts of the committed schema, and write the record of them.

    Returns:
        The exit code.
    """
    schema, total = load(folder), Report()
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=jobs.prepare, initargs=(str(folder),)
    ) as pool:
        try:
            _run(pool, list(_verdicts(schema, str(folder))), total, "values")
        except BaseException:
            _kill(pool)
            raise
    (ROOT / EXECUTED).write_text(record(schema, total), encoding="utf-8")
    print(f"transformers {schema.version}: {len(total.verdicts)} values executed; {EXECUTED} written.")
    return 1 if total.problems else 0


def _kill(pool: ProcessPoolExecutor) -> None:
    """Do not wait for what still runs."""
    for process in list(getattr(pool, "_processes", {}).values()):
        process.terminate()
    pool.shutdown(wait=False, cancel_futures=True)


def _verdicts(schema: Schema, folder: str) -> Iterator[Job]:
    for name in schema.params:
        values = verdicts.values(schema, name)
        for first in range(0, len(values), VALUES):
            yield jobs.verdict_job, (folder, name, values[first : first + VALUES])


def _cells(schema: Schema, folder: str) -> Iterator[Job]:
    yield from _verdicts(schema, folder)
    for rule in schema.config.rules:
        if rule.effect == "reject":
            yield rules.rejection_job, (folder, rule.id)
        elif rule.effect == "require":
            yield rules.need_job, (folder, rule.id)
        if rule.effect == "dormant":
            yield rules.dormant_job, (folder, rule.id)
        else:
            yield rules.batching_job, (folder, rule.id)
    yield from ((jobs.outside_job, (folder, name)) for name in schema.params)
    yield from ((jobs.witness_job, (folder, name)) for name in schema.params if name in witnesses.WITNESSES)
    yield jobs.pair_job, (folder,)
    yield from (
        (jobs.context_job, (folder, name, label)) for name in schema.params for label in places.usual(schema)
    )


def _run(pool: ProcessPoolExecutor, todo: list[Job], total: Report, what: str) -> None:
    waiting: set[Future[Report]] = {pool.submit(job, *arguments) for job, arguments in todo}
    count = len(waiting)
    while waiting:
        done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
        for each in done:
            before = len(total.problems)
            total.add(each.result())
            for problem in total.problems[before:]:
                _progress("")
                print(problem, flush=True)
        _progress(f"{what}: {count - len(waiting)} of {count}; {len(total.problems)} problems")
    _progress("")


def _draw(pool: ProcessPoolExecutor, schema: Schema, folder: str, configurations: int, total: Report) -> None:
    """Draw until there are enough distinct ones, and enough for each field that can be live."""
    seed = 0
    while seed < MOST_DRAWS:
        wanting = _wanting(schema, total)
        if len(total.canonical) >= configurations and not wanting:
            break
        batch = 8
        todo = [
            (jobs.draw_job, (folder, seed + each, wanting or list(schema.params))) for each in range(batch)
        ]
        _run(pool, todo, total, f"drawn: {len(total.canonical)} distinct")
        seed += batch


def _wanting(schema: Schema, total: Report) -> list[str]:
    return [name for name in can_be_live(schema, total) if len(total.live.get(name, ())) < LEAST_LIVE]


def can_be_live(schema: Schema, total: Report) -> list[str]:
    """The parameters of which some value was seen to have an effect here."""
    shown = {verdict.name for verdict in total.verdicts if verdict.kind == "effect"}
    return [name for name in schema.params if name in shown]


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _missing(schema: Schema, total: Report, configurations: int) -> None:
    """Add what was not done to the problems."""
    if len(total.canonical) < configurations:
        total.problems.append(
            f"too few: {len(total.canonical)} distinct canonical configurations, not {configurations}"
        )
    total.problems += [
        f"too few: {name} was live {len(total.live.get(name, ()))} times" for name in _wanting(schema, total)
    ]
    bounds = {
        f"{case.holder} {case.label}" for case in outside.cases(schema) if case.kind in ("bound", "length")
    }
    tried = total.labels | _not_here(schema)
    total.problems += [f"never executed: the outside of {label}" for label in sorted(bounds - tried)]
    judged = {verdict.name for verdict in total.verdicts}
    total.problems += [f"no verdict: {name}" for name in schema.params if name not in judged]
    total.problems += [
        f"no witness: {name}" for name in can_be_live(schema, total) if name not in total.witnessed
    ]


def _not_here(schema: Schema) -> set[str]:
    """The bounds whose outside needs what is not here."""
    found = set()
    for case in outside.cases(schema):
        if jobs.needs_more(schema, case):
            found.add(f"{case.holder} {case.label}")
    return found


def record(schema: Schema, total: Report) -> str:
    """The record that ``codegen`` compares with the lock: what was executed, in which context, and what became of it."""
    parameters = {}
    for name, entry in schema.entries().items():
        became = {json.dumps(each.value): each.kind for each in total.verdicts if each.name == name}
        tried = [value for value in entry["test_values"] if json.dumps(value) in became]
        own = [each for each in total.verdicts if each.name == name]
        if own:
            parameters[name] = {
                "verdict": verdicts.of_parameter(own),
                "context": entry["context"],
                "values": [{"value": value, "verdict": became[json.dumps(value)]} for value in tried],
            }
    data = {"format": 1, "transformers_version": schema.version, "parameters": parameters}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


_COLUMNS = ("agree-run", "agree-raise", "tightening", "unsound", "undeclared", "environment")


def table(schema: Schema, total: Report, seconds: float) -> str:
    """The table of a run, in Markdown."""
    import torch

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
            f"What `PyTorchConfig` accepts, put to the real `generate()`: torch {torch.__version__}, Python "
            f"{sys.version.split()[0]}, CPU, {seconds:.0f} s on {PROCESSES} processes. "
            f"Made by `make fidelity VERSION={schema.version}`."
        ),
        "",
        f"- Forbidden cases (accepted but raises, or refused without a declared reason but runs): {forbidden}",
        f"- Distinct canonical configurations that ran: {len(total.canonical)}",
        f"- Drawn: {', '.join(f'{drawn.get(each, 0)} {each}' for each in _COLUMNS)}",
        f"- Parameters: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}",
        f"- Broken promises, dead witnesses and unexecuted cells: {len(total.problems)}",
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
    if total.problems:
        lines += ["", "## Problems", "", *(f"- {problem}" for problem in total.problems)]
    return "\n".join(lines) + "\n"
