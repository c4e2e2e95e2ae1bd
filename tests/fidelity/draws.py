"""The job that compares drawn configurations with ``generate()``: acceptance, dormancy, canonical forms, and
the conversion to transformers' own object."""

import json
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.fidelity import dormancy, drawing, places
from tests.fidelity.judging import rejections, sent
from tests.fidelity.oracle import Outcome, execute
from tests.fidelity.problems import Problem, model_of, shown
from tests.fidelity.reports import Kinds, Report, judged, rejected, shrunk
from tests.fidelity.scenarios import SCENARIOS, Scenario, release
from tests.fidelity.schema import Schema, load, plain

DRAWS = 50
"""Configurations that one job draws."""
OF_NONE = 30
"""Jobs of the first round whose configurations are drawn for no parameter in particular."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn configuration.

    Args:
        given: what is set, in YAML form.
        scenario: where it is tried.
        about: the parameter that it was drawn for; None if for none in particular.
    """

    given: places.Given
    scenario: Scenario
    about: str | None


def draw_job(folder: str, about: str | None, seed: str) -> Report:
    """Draws configurations and judges them, and checks the other promises on those that run."""
    schema, report, kinds = load(Path(folder)), Report(), Kinds()
    for number in range(DRAWS):
        given, place = drawing.configuration(f"{about} {seed} {number}", schema, about)
        scenario = SCENARIOS[place]
        if kinds.stand_for(schema, given, scenario, report):
            report.alike[about or ""] = report.alike.get(about or "", 0) + 1
            _count_canonical(schema, given, scenario, report)
        else:
            _check_trace(schema, Drawn(given, scenario, about), report, Random(f"{about} {seed} {number}"))
    return report


def _count_canonical(schema: Schema, given: places.Given, scenario: Scenario, report: Report) -> None:
    """Count the canonical form of a configuration that is not run, since others stand for it."""
    if not rejections(schema, given, scenario):
        form = dormancy.canonical(schema, given, scenario)
        report.canonical.add(json.dumps(form, sort_keys=True, default=repr))


def _check_trace(schema: Schema, drawn: Drawn, report: Report, random: Random) -> None:
    """Judge a configuration and, if it runs, compare its work with what the schema says of it."""
    given, scenario = drawn.given, drawn.scenario
    found = judged(schema, given, scenario.name, report, "drawn")
    if found is None:
        return
    _check_conversion(schema, drawn, report)
    form = json.dumps(dormancy.canonical(schema, given, scenario), sort_keys=True, default=repr)
    report.canonical.add(form)
    dead = dormancy.dormant(schema, given, scenario)
    live = sorted(given.keys() - dead.keys() - {"extra"})
    if live:
        name = drawn.about if drawn.about in live else random.choice(live)
        if _makes_a_difference(schema, drawn, name, found, report):
            report.live.setdefault(name, set()).add(form)
    one = [random.choice(sorted(dead))] if dead else []
    for mismatch in dormancy.broken_promises(schema, given, scenario, found, one):

        def still(rest: places.Given, promise: str = mismatch.promise) -> bool:
            return _still(schema, rest, scenario.name, promise)

        kinds = ", ".join(mismatch.kinds)
        what = f"{mismatch.about}: {kinds}" if mismatch.promise == "dormant" else f"another {kinds}"
        problem = Problem(kind=mismatch.promise, what=what, model=model_of(scenario))
        least = given if problem.cause in report.causes else shrunk(given, still)
        example = f"{shown(least, scenario)}: {mismatch.about}: {mismatch.difference[:300]}"
        report.found(replace(problem, example=example))


def _makes_a_difference(schema: Schema, drawn: Drawn, name: str, done: Outcome, report: Report) -> bool:
    """Whether the work differs without a field that is not called dormant; if not, that is a problem."""

    def is_idle(rest: places.Given) -> bool:
        if name not in rest or rejected(schema, rest, drawn.scenario.name):
            return False
        if name in dormancy.dormant(schema, rest, drawn.scenario):
            return False
        ran = execute(sent(schema, rest), drawn.scenario)
        return ran.ran and dormancy.makes_no_difference(schema, rest, drawn.scenario, ran, name) is True

    idle = dormancy.makes_no_difference(schema, drawn.given, drawn.scenario, done, name)
    if idle and name not in dormancy.DEPENDS_ON_OUTPUT:
        what = f"without {name} the work is the same"
        problem = Problem(kind="different", what=what, model=model_of(drawn.scenario))
        least = drawn.given if problem.cause in report.causes else shrunk(drawn.given, is_idle)
        report.found(replace(problem, example=shown(least, drawn.scenario)))
    return idle is False


def _check_conversion(schema: Schema, drawn: Drawn, report: Report) -> None:
    """Convert to transformers' own object and back: the result has to be equal.

    In early releases, whose object does not store what was set, the canonical forms have to be equal.
    """
    config = schema.config.model_validate(drawn.given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a None that only our own attribute stores, and of deprecations
        back = schema.config.from_generation_config(config.to_generation_config())
    if release(schema.version) < (5,):
        defaults, facts = drawn.scenario.model_defaults, drawn.scenario.facts
        config, back = config.canonical(defaults, facts=facts), back.canonical(defaults, facts=facts)
    if back != config:
        other = ", ".join(sorted(set(config.to_data()) ^ set(back.to_data()))) or "another value"
        example = f"{json.dumps(plain(drawn.given), default=repr)}: {back!r} comes back"
        report.found(Problem(kind="conversion", what=other, example=example))


def _still(schema: Schema, given: places.Given, scenario: str, promise: str) -> bool:
    """Whether a configuration runs, and breaks a promise."""
    if rejected(schema, given, scenario):
        return False
    done = execute(sent(schema, given), SCENARIOS[scenario])
    return done.ran and any(
        each.promise == promise for each in dormancy.broken_promises(schema, given, SCENARIOS[scenario], done)
    )
