"""The pieces of a fidelity run that a worker process does, each a plain value in and a plain value out."""

import json
import resource
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.fidelity import dormancy, drawing, outside, places, verdicts, witnesses
from tests.fidelity.judging import FORBIDDEN, NEEDS, Need, judge, missing, sent
from tests.fidelity.oracle import Outcome, execute
from tests.fidelity.schema import Schema, load, plain
from tests.fidelity.verdicts import Verdict
from tests.fidelity.worlds import WORLDS, World, release, settle

MEMORY = 12 << 30
"""Bytes that a worker may take: more is a failure of the call, not of the machine."""
DRAWS = 50
"""Configurations that one job draws."""
OF_ONE = 0.8
"""The share of them that is drawn for one parameter."""


@dataclass(slots=True)
class Report:
    """What came of one job.

    Args:
        about: the parameter that it is about; empty for drawn configurations.
        classes: how often each class was found, by parameter.
        verdicts: of values.
        problems: what is forbidden, a line each.
        rules: how often each rule rejected a call that raises.
        tightened: how often each rule rejected, as declared, a call that runs.
        dormant: how often each rule's word that a field is dormant was tried.
        live: the canonical configurations in which taking a field away changed the work, by field.
        canonical: the distinct canonical configurations that ran.
        environments: what could not be tried, with why.
        labels: bounds whose outside was executed.
        witnessed: the parameters whose witness was tried.
    """

    about: str = ""
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    rules: dict[str, int] = field(default_factory=dict)
    tightened: dict[str, int] = field(default_factory=dict)
    dormant: dict[str, int] = field(default_factory=dict)
    live: dict[str, set[str]] = field(default_factory=dict)
    canonical: set[str] = field(default_factory=set)
    environments: dict[str, int] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    witnessed: set[str] = field(default_factory=set)

    def count(self, name: str, judged: str) -> None:
        """One more case of a class."""
        own = self.classes.setdefault(name, {})
        own[judged] = own.get(judged, 0) + 1

    def add(self, other: "Report") -> None:
        """Take over what another report found."""
        for name, own in other.classes.items():
            for judged, count in own.items():
                mine = self.classes.setdefault(name, {})
                mine[judged] = mine.get(judged, 0) + count
        self.verdicts += other.verdicts
        self.problems += [line for line in other.problems if line not in self.problems]
        for mine, theirs in (
            (self.rules, other.rules),
            (self.tightened, other.tightened),
            (self.dormant, other.dormant),
            (self.environments, other.environments),
        ):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        for name, forms in other.live.items():
            self.live.setdefault(name, set()).update(forms)
        self.canonical |= other.canonical
        self.labels |= other.labels
        self.witnessed |= other.witnessed


def prepare(folder: str) -> None:
    """Make a worker process ready: the schema and the models, and no more memory than it may take."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    load(Path(folder))
    settle()


def verdict_job(folder: str, name: str, values: list[Any]) -> Report:
    """The verdicts of some values of a parameter in its own context."""
    schema, report = load(Path(folder)), Report(name)
    for value in values:
        try:
            found = verdicts.of_value(schema, name, value)
        except verdicts.UnexpectedRefusalError as error:
            report.problems.append(f"unexecuted: {error}")
            continue
        report.verdicts.append(found)
        if found.kind == "environment":
            report.environments[found.why] = report.environments.get(found.why, 0) + 1
    return report


def context_job(folder: str, name: str, label: str) -> Report:
    """Every value of a parameter under one of the usual settings, in its worlds."""
    schema, report = load(Path(folder)), Report(name)
    settings = places.usual(schema)[label]
    for value in drawing.values(schema, name):
        if isinstance(value, dict) and name == "continuous_batching_config":
            continue  # tried in its own context, as each call takes half a second
        for world in places.WHERE.get(label, ("single",)):
            given = places.with_value(settings, name, value)
            judged(schema, given, world, report, name)
    return report


def outside_job(folder: str, name: str) -> Report:
    """The refused values of a parameter, through a bare ``generate()``, where the parameter takes effect."""
    schema, report = load(Path(folder)), Report(name)
    for case in outside.cases(schema):
        if case.name == name:
            _put_outside(schema, case, report)
    return report


def _put_outside(schema: Schema, case: outside.Case, report: Report) -> None:
    settings = places.context(schema, case.name)
    given = {**settings, **places.with_value(settings, case.name, case.value)}
    need = missing(given, NEEDS)
    if need is None and not places.places(case.name):
        need = Need("model", lambda _: True, lambda: False, "this release cannot have one")
    if need is not None:
        report.count(case.name, "environment")
        why = f"{need.what}: {need.reason}"
        report.environments[why] = report.environments.get(why, 0) + 1
        return
    if case.kind in ("bound", "length"):
        report.labels.add(f"{case.holder} {case.label}")
    if not all(_runs(schema, given, world) for world in places.places(case.name)):
        report.count(case.name, "agree-raise")
    elif outside.declared(case, schema):
        report.count(case.name, "tightening")
    else:
        report.count(case.name, "undeclared")
        report.problems.append(f"undeclared: {case.name}={case.value!r} is refused ({case.label}), but runs")


def needs_more(schema: Schema, case: outside.Case) -> bool:
    """Whether a refused value can only be tried in an environment that is not here."""
    settings = places.context(schema, case.name)
    given = {**settings, **places.with_value(settings, case.name, case.value)}
    return missing(given, NEEDS) is not None or not places.places(case.name)


def witness_job(folder: str, name: str) -> Report:
    """The witness of a parameter: not dormant there, and the work is another without it. No report where this release has none."""
    schema, report = load(Path(folder)), Report(name)
    given, place = witnesses.WITNESSES[name]
    if place not in WORLDS or missing(given, NEEDS) is not None or not places.known(schema, given):
        return report
    report.witnessed.add(name)
    report.problems += [f"dead witness: {name}: {why}" for why in witnesses.dead(schema, name, WORLDS[place])]
    return report


def pair_job(folder: str) -> Report:
    """The pairs that must never be the same."""
    schema, report = load(Path(folder)), Report()
    for one, other, place in witnesses.PAIRS:
        if places.known(schema, one) and places.known(schema, other) and place in WORLDS:
            report.problems += [
                f"same: {json.dumps(one)} and {json.dumps(other)} in {place}: {why}"
                for why in witnesses.same(schema, one, other, WORLDS[place])
            ]
    return report


def _runs(schema: Schema, given: Mapping[str, Any], world: str) -> bool:
    try:
        kwargs = sent(schema, given)
    except Exception:  # noqa: BLE001 - whatever the real class raises: the value cannot be sent
        return False
    return execute(kwargs, WORLDS[world], 10.0).ran


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn configuration.

    Args:
        given: what is set, in YAML form.
        world: where it is tried.
        about: the parameter that it was drawn for; None if for none.
    """

    given: places.Given
    world: World
    about: str | None


def draw_job(folder: str, seed: int, about: list[str]) -> Report:
    """Drawn configurations: judged; and those that run, put to dormancy and canonical()."""
    schema, report, random = load(Path(folder)), Report(), Random(seed)
    for _ in range(DRAWS):
        chosen = random.choice(about) if about and random.random() < OF_ONE else None
        given, world = drawing.configuration(random, schema, chosen)
        _put_to_trace(schema, Drawn(given, WORLDS[world], chosen), report, random)
    return report


def _put_to_trace(schema: Schema, drawn: Drawn, report: Report, random: Random) -> None:
    given, world = drawn.given, drawn.world
    found = judged(schema, given, world.name, report, "drawn")
    if found is None:
        return
    _put_to_conversion(schema, drawn, report)
    form = json.dumps(dormancy.canonical(schema, given, world), sort_keys=True, default=repr)
    report.canonical.add(form)
    dead = dormancy.dormant(schema, given, world)
    live = sorted(given.keys() - dead.keys() - {"extra"})
    if live:
        name = drawn.about if drawn.about in live else random.choice(live)
        if _makes_a_difference(schema, drawn, name, found, report):
            report.live.setdefault(name, set()).add(form)
    one = [random.choice(sorted(dead))] if dead else []
    for mismatch in dormancy.unkept(schema, given, world, found, one):

        def still(rest: places.Given, promise: str = mismatch.promise) -> bool:
            return _still(schema, rest, world.name, promise)

        report.problems.append(
            f"{mismatch.promise}: {json.dumps(shrunk(given, still))} in {world.name}: {mismatch.about}: "
            f"{mismatch.difference[:300]}"
        )


def _makes_a_difference(schema: Schema, drawn: Drawn, name: str, done: Outcome, report: Report) -> bool:
    """Whether the work is another without a field that is not called dormant; that it is the same is written down as a problem."""

    def is_idle(rest: places.Given) -> bool:
        if name not in rest or rejected(schema, rest, drawn.world.name):
            return False
        if name in dormancy.dormant(schema, rest, drawn.world):
            return False
        ran = execute(sent(schema, rest), drawn.world)
        return ran.ran and dormancy.idle(schema, rest, drawn.world, ran, name) is True

    idle = dormancy.idle(schema, drawn.given, drawn.world, done, name)
    if idle and name not in dormancy.DEPENDING:
        least = json.dumps(plain(shrunk(drawn.given, is_idle)), default=repr)
        report.problems.append(
            f"different: {least} in {drawn.world.name}: without {name} the work is the same"
        )
    return idle is False


def _put_to_conversion(schema: Schema, drawn: Drawn, report: Report) -> None:
    """Through transformers' own object and back: the same, or, where a release's object cannot hold it, the same canonically."""
    config = schema.config.model_validate(drawn.given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a None that only the attribute of ours remembers, and deprecations
        back = schema.config.from_generation_config(config.to_generation_config())
    if release(schema.version) < (5,):
        defaults, facts = drawn.world.model_defaults, drawn.world.facts
        config, back = config.canonical(defaults, facts=facts), back.canonical(defaults, facts=facts)
    if back != config:
        report.problems.append(
            f"conversion: {json.dumps(plain(drawn.given), default=repr)}: {back!r} comes back"
        )


def _still(schema: Schema, given: places.Given, world: str, promise: str) -> bool:
    if rejected(schema, given, world):
        return False
    done = execute(sent(schema, given), WORLDS[world])
    return done.ran and any(
        each.promise == promise for each in dormancy.unkept(schema, given, WORLDS[world], done)
    )


def rejected(schema: Schema, given: places.Given, world: str) -> bool:
    """Whether a configuration, each value of it valid, is not to be tried: the schema rejects it, or it needs what is not here."""
    return missing(given) is not None or judge(schema, given, WORLDS[world]).judged != "agree-run"


def judged(schema: Schema, given: places.Given, world: str, report: Report, counted: str) -> Any:
    """Judge a configuration and write down what came of it; its outcome where it was accepted and ran."""
    found = judge(schema, given, WORLDS[world])
    report.count(counted, found.judged)
    if found.judged == "environment":
        report.environments[found.why] = report.environments.get(found.why, 0) + 1
    if found.judged in ("agree-raise", "tightening"):
        counts = report.rules if found.judged == "agree-raise" else report.tightened
        for rule in found.rules:
            counts[rule] = counts.get(rule, 0) + 1
    if found.judged in FORBIDDEN:
        kind = (found.judged, found.rules, found.outcome.place if found.outcome else "")

        def same(rest: places.Given) -> bool:
            again = judge(schema, rest, WORLDS[world])
            return (again.judged, again.rules, again.outcome.place if again.outcome else "") == kind

        report.problems.append(
            f"{found.judged}: {json.dumps(plain(shrunk(given, same)), default=repr)} in {world}: {found.why[:200]}"
        )
    return found.outcome if found.judged == "agree-run" else None


def shrunk(given: Mapping[str, Any], still: Callable[[places.Given], bool]) -> places.Given:
    """The configuration without the fields that do not matter for what is wrong with it."""
    least = dict(given)
    for name in given:
        rest = dormancy.without(least, name)
        if still(rest):
            least = rest
    return least
