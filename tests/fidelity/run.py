"""A fidelity run: the jobs, on two processes, and the table and the record that come of them."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.fidelity import crossing, draws, jobs, outside, places, rules, tightenings, verdicts, witnesses
from tests.fidelity.problems import Problem
from tests.fidelity.reports import Report
from tests.fidelity.schema import ROOT, Schema, load
from tests.fidelity.tables import record, table

PROCESSES = 2
VALUES = 8
"""Test values that one job tries."""
LEAST_LIVE = 20
"""Drawn configurations in which each field has to be live that can be."""
MOST_DRAWS = 400
"""Jobs of draws after which the run gives up on what is still missing."""
EXECUTED = Path("codegen/engines/transformers/executed.json")
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
    known = set(total.causes)
    _missing(schema, total, configurations)
    _stale(schema, total)
    seconds = time.monotonic() - start
    name = f"fidelity-{schema.version}.md"
    (ROOT / RESULTS / name).write_text(
        table(schema, total, f"{seconds:.0f} s on {PROCESSES} processes"), encoding="utf-8"
    )
    if folder == ROOT:
        (ROOT / EXECUTED).write_text(record(schema, total, _recorded()), encoding="utf-8")
    for cause in total.causes.keys() - known:
        print(total.causes[cause])
    count = len(total.causes)
    told = f"{count} cause{'s' if count != 1 else ''} of problems"
    print(f"transformers {schema.version}: {told}, {seconds:.0f} s; {RESULTS / name} written.")
    return 1 if total.causes else 0


def write_record(folder: Path) -> int:
    """Run only the verdicts and the rules of the committed schema, and write the record of them.

    Returns:
        The exit code.
    """
    schema, total = load(folder), Report()
    with ProcessPoolExecutor(
        PROCESSES, get_context("spawn"), initializer=jobs.prepare, initargs=(str(folder),)
    ) as pool:
        try:
            _run(pool, [*_verdicts(schema, str(folder)), *_refusals(schema, str(folder))], total, "values")
        except BaseException:
            _kill(pool)
            raise
    _stale(schema, total)
    (ROOT / EXECUTED).write_text(record(schema, total, _recorded()), encoding="utf-8")
    print(f"transformers {schema.version}: {len(total.verdicts)} values executed; {EXECUTED} written.")
    return 1 if total.causes else 0


def _recorded() -> dict[str, dict[str, str]]:
    """What the committed record says about tightenings."""
    try:
        data = json.loads((ROOT / EXECUTED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(data.get("tightenings", {}))


def _stale(schema: Schema, total: Report) -> None:
    """Add the tightenings that upstream no longer needs to the problems."""
    seen = tightenings.behaviours(schema, total.beyond, total.refusals)
    for problem in tightenings.stale(seen, _recorded()):
        total.found(problem)


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


def _refusals(schema: Schema, folder: str) -> Iterator[Job]:
    """What the schema refuses, by rules and by single values."""
    for rule in schema.config.rules:
        if rule.effect == "reject":
            yield rules.rejection_job, (folder, rule.id)
        elif rule.effect == "require":
            yield rules.need_job, (folder, rule.id)
        if rule.effect != "dormant":
            yield rules.batching_job, (folder, rule.id)
    yield from ((jobs.outside_job, (folder, name)) for name in schema.params)


def _cells(schema: Schema, folder: str) -> Iterator[Job]:
    yield from _verdicts(schema, folder)
    yield from _refusals(schema, folder)
    for rule in schema.config.rules:
        if rule.effect == "dormant":
            yield rules.dormant_job, (folder, rule.id)
            yield from ((crossing.dormancy_job, (folder, rule.id, name)) for name in rule.fields)
        else:
            yield crossing.refusal_job, (folder, rule.id)
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
            before = set(total.causes)
            total.add(each.result())
            for cause in total.causes.keys() - before:
                _progress("")
                print(total.causes[cause], flush=True)
        _progress(f"{what}: {count - len(waiting)} of {count}; {len(total.causes)} causes of problems")
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
            (draws.draw_job, (folder, seed + each, wanting or list(schema.params))) for each in range(batch)
        ]
        _run(pool, todo, total, f"drawn: {len(total.canonical)} distinct, {len(wanting)} fields wanting")
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
        what = f"{len(total.canonical)} distinct canonical configurations, not {configurations}"
        total.found(Problem(kind="too few", what=what))
    for name in _wanting(schema, total):
        what = f"{name} was live {len(total.live.get(name, ()))} times"
        total.found(Problem(kind="too few", what=what))
    bounds = {
        f"{case.holder} {case.label}" for case in outside.cases(schema) if case.kind in ("bound", "length")
    }
    for label in sorted(bounds - total.labels - _not_here(schema)):
        total.found(Problem(kind="never executed", what=f"the outside of {label}"))
    judged = {verdict.name for verdict in total.verdicts}
    for name in schema.params:
        if name not in judged:
            total.found(Problem(kind="no verdict", what=name))
    for name in can_be_live(schema, total):
        if name not in total.witnessed:
            total.found(Problem(kind="no witness", what=name))


def _not_here(schema: Schema) -> set[str]:
    """The bounds for which values outside need what is not here."""
    found = set()
    for case in outside.cases(schema):
        if jobs.needs_more(schema, case):
            found.add(f"{case.holder} {case.label}")
    return found
