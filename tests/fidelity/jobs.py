"""The jobs of a fidelity run about single parameters and about pairs, and what makes a worker process ready.

A job takes plain values and gives a :class:`~tests.fidelity.reports.Report`, so that any process can do it.
Jobs about rules are in :mod:`tests.fidelity.rules`, :mod:`tests.fidelity.preconditions` and
:mod:`tests.fidelity.crossing`, those about drawn configurations in :mod:`tests.fidelity.draws`.
"""

import json
import os
import resource
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.fidelity import drawing, outside, places, verdicts, witnesses
from tests.fidelity.judging import sent
from tests.fidelity.memory import CURRENT, Memory, Plan
from tests.fidelity.needs import NEEDS, Need, missing
from tests.fidelity.oracle import Outcome, execute
from tests.fidelity.problems import Problem, normal
from tests.fidelity.reports import Kinds, Report, judged
from tests.fidelity.scenarios import SCENARIOS, settle
from tests.fidelity.schema import Schema, load
from tests.fidelity.tightenings import Behaviour, own_tightenings

MEMORY = 12 << 30
"""Bytes that a worker may allocate. A call that needs more fails, and the machine stays usable."""

ALIKE = 6
"""How many accepted values a refused one is compared with."""


def prepare(folder: str, plan: Plan, parent: int) -> None:
    """Make a worker process ready: its memory limit, the schema, the models, and what is known of calls."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that gives out the jobs
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    load(Path(folder))
    settle()
    CURRENT.set(Memory(plan))


def _end_with(parent: int) -> None:
    """End this process once the one that gives out the jobs is gone, even if that was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def verdict_job(folder: str, name: str, values: list[Any]) -> Report:
    """The verdicts of some values of a parameter in its own context."""
    schema, report = load(Path(folder)), Report(name)
    for value in values:
        try:
            found = verdicts.of_value(schema, name, value)
        except verdicts.UnexpectedRefusalError as error:
            report.found(Problem(kind="unexecuted", what=normal(str(error))))
            continue
        report.verdicts.append(found)
        if found.kind == "environment":
            report.environments[found.why] = report.environments.get(found.why, 0) + 1
    return report


def context_job(folder: str, name: str, label: str) -> Report:
    """Every value of a parameter under one of the usual settings, in its scenarios."""
    schema, report = load(Path(folder)), Report(name)
    settings, kinds = places.usual(schema)[label], Kinds()
    for value in drawing.values(schema, name):
        if isinstance(value, dict) and name == "continuous_batching_config":
            continue  # tried in its own context, as each call takes half a second
        for scenario in places.SCENARIOS_OF_SETTINGS.get(label, ("single",)):
            given = places.with_value(settings, name, value)
            if not kinds.stand_for(schema, given, SCENARIOS[scenario], report, repr(value)):
                judged(schema, given, scenario, report, name)
    return report


def outside_job(folder: str, name: str) -> Report:
    """Passes the refused values of a parameter to ``generate()`` without validation, in its own context."""
    schema, report = load(Path(folder)), Report(name)
    for case in outside.cases(schema):
        if case.name == name:
            _try_refused(schema, case, report)
    return report


def _try_refused(schema: Schema, case: outside.Case, report: Report) -> None:
    """Call ``generate()`` with one refused value, and write down the class of the result."""
    settings = places.context(schema, case.name)
    given = {**settings, **places.with_value(settings, case.name, case.value)}
    need = missing(given, NEEDS)
    if need is None and not places.scenarios_for(case.name):
        need = Need("model", lambda _: True, lambda: False, "this release cannot have one")
    if need is not None:
        report.count(case.name, "environment")
        why = f"{need.what}: {need.reason}"
        report.environments[why] = report.environments.get(why, 0) + 1
        return
    if case.kind in ("bound", "length"):
        report.labels.add(f"{case.holder} {case.label}")
    done = {scenario: _outcome(schema, given, scenario) for scenario in places.scenarios_for(case.name)}
    tightening = outside.declared(case, schema)
    if tightening is not None and tightening.name in own_tightenings(schema):
        behaviour = _behaviour(schema, case, settings, done)
        report.beyond.setdefault(tightening.name, []).append(behaviour)
    if not all(each.ran for each in done.values()):
        report.count(case.name, "agree-raise")
    elif tightening is not None:
        report.count(case.name, "tightening")
    else:
        report.count(case.name, "undeclared")
        what, example = f"{case.name}, outside of {case.label}", f"{case.name}={case.value!r}"
        report.found(Problem(kind="undeclared", what=what, example=example))


def _behaviour(
    schema: Schema, case: outside.Case, settings: places.Given, done: Mapping[str, Outcome]
) -> Behaviour:
    """Whether a refused value fails, does the same as an accepted value or none, or something of its own."""
    if not all(each.ran for each in done.values()):
        return "fails"
    inside = outside.inside(case, schema)[:ALIKE]
    others = [settings, *({**settings, **places.with_value(settings, case.name, each)} for each in inside)]
    alike = [given for given in others if missing(given, NEEDS) is None]
    for scenario, outcome in done.items():
        if all(_outcome(schema, given, scenario) != outcome for given in alike):
            return "effect"
    return "same"


def needs_more(schema: Schema, case: outside.Case) -> bool:
    """Whether a refused value can only be tried with a device, a package or a model that is not here."""
    settings = places.context(schema, case.name)
    given = {**settings, **places.with_value(settings, case.name, case.value)}
    return missing(given, NEEDS) is not None or not places.scenarios_for(case.name)


def witness_job(folder: str, name: str) -> Report:
    """Checks the witness of a parameter: it is not dormant there, and the work differs without it.

    The report is empty where this release does not have what the witness needs.
    """
    schema, report = load(Path(folder)), Report(name)
    given, place = witnesses.WITNESSES[name]
    if place not in SCENARIOS or missing(given, NEEDS) is not None or not places.known(schema, given):
        return report
    report.witnessed.add(name)
    for why in witnesses.dead(schema, name, SCENARIOS[place]):
        report.found(Problem(kind="dead witness", what=f"{name}: {normal(why)}", example=json.dumps(given)))
    return report


def pair_job(folder: str) -> Report:
    """Checks the pairs of configurations that must never count as equal."""
    schema, report = load(Path(folder)), Report()
    for one, other, place in witnesses.PAIRS:
        if places.known(schema, one) and places.known(schema, other) and place in SCENARIOS:
            for why in witnesses.same(schema, one, other, SCENARIOS[place]):
                what = f"{json.dumps(one)} and {json.dumps(other)} in {place}: {normal(why)}"
                report.found(Problem(kind="same", what=what))
    return report


def _outcome(schema: Schema, given: Mapping[str, Any], scenario: str) -> Outcome:
    """What a call without validation does; a value that cannot even be sent counts as raised."""
    try:
        kwargs = sent(schema, given)
    except Exception as error:  # noqa: BLE001 - whatever the real class raises: the value cannot be sent
        return Outcome((), f"{type(error).__name__}: {error}")
    return execute(kwargs, SCENARIOS[scenario], 10.0)
