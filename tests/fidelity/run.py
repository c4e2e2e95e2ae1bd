"""A whole fidelity run: opens the memory of earlier runs, runs the jobs, writes the table and the record."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import transformers

from tests.fidelity import archive, draws, jobs, outside, places, tightenings, work
from tests.fidelity.fingerprints import Fingerprints
from tests.fidelity.memory import Plan
from tests.fidelity.problems import Problem
from tests.fidelity.reached import PACKAGE
from tests.fidelity.reports import Report
from tests.fidelity.schema import ROOT, Schema, load
from tests.fidelity.tables import Effort, record, table
from tests.fidelity.work import Part, Workers

LEAST_LIVE = 20
"""In how many drawn configurations each parameter that can have an effect here has to be live."""
MOST_ROUNDS = 12
"""The most rounds of draws; what is still missing after them is a problem."""
EXECUTED = Path("codegen/engines/transformers/executed.json")
RESULTS = Path("benchmarks/results")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run is asked for.

    Args:
        configurations: how many distinct canonical configurations have to run.
        calls: the folder of remembered calls.
        full: make every call again, whatever is known; an interrupted full run continues.
        part: of the jobs. Nothing is written unless it is all of them.
        causes: a file for the causes of problems and the number of calls, as JSON; None for none.
    """

    configurations: int
    calls: Path
    full: bool = False
    part: Part = Part()  # noqa: RUF009 - frozen
    causes: Path | None = None


def prove(folder: Path, options: Options) -> int:
    """Run all jobs for the schema under a folder; write the table and, for the committed schema, the record.

    Args:
        folder: with the generated files. If they are of another release than the installed one, nothing is
            written.
        options: what is asked for.

    Returns:
        The exit code.
    """
    schema, start, part = load(folder), time.monotonic(), options.part
    with (
        _remembering(options.calls, full=options.full) as plan,
        work.workers(str(folder), replace(plan, values=_put_by_themselves(schema, part))) as pool,
    ):
        for todo, what in (
            (work.of_values(schema, str(folder)), "values"),
            (work.of_refusals(schema, str(folder)), "refusals"),
            (work.of_the_rest(schema, str(folder)), "rules and settings"),
        ):
            pool.run(part.jobs(todo), what)
        _draw(pool, schema, str(folder), options.configurations, part)
    total, effort = pool.total, Effort(time.monotonic() - start, work.PROCESSES, _how(plan))
    if part.of == 1:
        known = set(total.causes)
        _missing(schema, total, options.configurations)
        _stale(schema, total)
        for cause in total.causes.keys() - known:
            print(total.causes[cause])
    if part.of == 1 and schema.version == transformers.__version__:
        (ROOT / RESULTS / f"fidelity-{schema.version}.md").write_text(
            table(schema, total, effort), encoding="utf-8"
        )
        if folder == ROOT:
            (ROOT / EXECUTED).write_text(record(schema, total, _recorded()), encoding="utf-8")
    if options.causes:
        found = {"causes": {each.cause: each.count for each in total.problems}, "changed": len(plan.changed)}
        counts = {"made": total.made, "recalled": total.recalled, "represented": total.represented}
        options.causes.write_text(json.dumps(found | counts, indent=1), encoding="utf-8")
    print(f"transformers {transformers.__version__}: {_causes(total)}; {effort}; {_calls(total)}.")
    return 1 if total.causes else 0


def write_record(folder: Path, calls: Path) -> int:
    """Run only the test values and the refusals of the committed schema, and write the record about them.

    Returns:
        The exit code.
    """
    schema = load(folder)
    with _remembering(calls, full=False) as plan, work.workers(str(folder), plan) as pool:
        pool.run([*work.of_values(schema, str(folder)), *work.of_refusals(schema, str(folder))], "values")
    total = pool.total
    _stale(schema, total)
    (ROOT / EXECUTED).write_text(record(schema, total, _recorded()), encoding="utf-8")
    print(f"transformers {schema.version}: {len(total.verdicts)} values executed; {EXECUTED} written.")
    return 1 if total.causes else 0


def _put_by_themselves(schema: Schema, part: Part) -> frozenset[str]:
    """The test values that are always tried, each by itself."""
    todo = part.jobs(work.of_values(schema, ""))
    return frozenset(
        text for _, (_, name, values) in todo for value in values for text in places.values_set({name: value})
    )


@contextmanager
def _remembering(calls: Path, *, full: bool) -> Iterator[Plan]:
    """Open the memory of a run: what it may recall.

    However the run ends, the digests of the functions that it entered are written for the next one.
    """
    fingerprints = Fingerprints(PACKAGE)
    release = transformers.__version__
    plan = Plan(archive.path_of(calls, release))
    with archive.opened(plan.own) as own:
        own.forget(own.changed(fingerprints, signed=True))
        if full:
            plan = replace(plan, run=own.full_run())
        else:
            former = archive.nearest(calls, release)
            if former is not None:
                with archive.opened(former) as file:
                    plan = replace(plan, former=former, changed=file.changed(fingerprints))
    try:
        yield plan
        if plan.run is not None:
            with archive.opened(plan.own) as own:
                own.finished(plan.run)
    finally:
        with archive.opened(plan.own) as own:
            own.sign(fingerprints)


def _how(plan: Plan) -> str:
    if plan.run is not None:
        return "each call made anew"
    if plan.former is None:
        return "no other release known"
    return f"{len(plan.changed)} functions changed since {plan.former.name.partition('-')[0]}"


def _causes(total: Report) -> str:
    count = len(total.causes)
    return "no problems" if not count else f"{count} cause{'s' if count > 1 else ''} of problems"


def _calls(total: Report) -> str:
    return f"{total.made} calls made, {total.recalled} known, {total.represented} questions represented by others"


def _recorded() -> dict[str, dict[str, str]]:
    """What the committed record says about tightenings; nothing if there is no record."""
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


def _draw(pool: Workers, schema: Schema, folder: str, configurations: int, part: Part) -> None:
    """Draw configurations for each parameter, then more for those that were not live often enough."""
    about: list[str | None] = [*schema.params, *[None] * draws.OF_NONE]
    for number in range(MOST_ROUNDS):
        todo = [
            (draws.draw_job, (folder, name, f"{number} {index if name is None else ''}"))
            for index, name in enumerate(about)
        ]
        missing = f"{len(pool.total.canonical)} distinct"
        pool.run(part.jobs(iter(todo)), f"drawn configurations, {missing}")
        wanting = _wanting(schema, pool.total)
        if part.of > 1 or (len(pool.total.canonical) >= configurations and not wanting):
            return
        about = [*(wanting or schema.params)]


def _wanting(schema: Schema, total: Report) -> list[str]:
    """The parameters that were not live often enough."""
    return [name for name in can_be_live(schema, total) if total.count_live(name) < LEAST_LIVE]


def can_be_live(schema: Schema, total: Report) -> list[str]:
    """The parameters of which some value was seen to have an effect here."""
    shown = {verdict.name for verdict in total.verdicts if verdict.kind == "effect"}
    return [name for name in schema.params if name in shown]


def _missing(schema: Schema, total: Report, configurations: int) -> None:
    """Add what was not done to the problems."""
    if len(total.canonical) < configurations:
        what = f"{len(total.canonical)} distinct canonical configurations, not {configurations}"
        total.found(Problem(kind="too few", what=what))
    for name in _wanting(schema, total):
        total.found(Problem(kind="too few", what=f"{name} was live {total.count_live(name)} times"))
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
    """The bounds beyond which a value cannot be tried here."""
    found = set()
    for case in outside.cases(schema):
        if jobs.needs_more(schema, case):
            found.add(f"{case.holder} {case.label}")
    return found
