"""The results of the jobs of a fidelity run, and judging a configuration with its result added to them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.fidelity import dormancy, judging, places
from tests.fidelity.judging import FORBIDDEN, judge
from tests.fidelity.memory import CURRENT, key_of
from tests.fidelity.needs import missing
from tests.fidelity.problems import Problem, failure, merged, model_of, shown
from tests.fidelity.scenarios import SCENARIOS, Scenario
from tests.fidelity.schema import Schema
from tests.fidelity.tightenings import Behaviour
from tests.fidelity.verdicts import Verdict


@dataclass(slots=True)
class Refusals:
    """How many combinations that a rule alone refuses were tried with ``generate()``, and how many failed."""

    tried: int = 0
    failed: int = 0


@dataclass(slots=True)
class Report:
    """The result of one job.

    Args:
        about: the parameter that the job is about; empty if it is about none.
        classes: how often each class was found, by parameter.
        verdicts: of test values.
        causes: the problems, by their cause.
        refusals: how many combinations that a rule alone refuses were tried and failed, by rule.
        beyond: what each value beyond a declared tightening does, by the tightening.
        rules: how often each rule rejected a call that raises.
        tightened: how often each rule rejected, as declared, a call that runs.
        dormant: how often each rule's statement that a field is dormant was tested.
        live: the canonical configurations in which removing a field changed the work, by field.
        canonical: the distinct canonical configurations that ran.
        environments: how many cases could not be tried, by the reason.
        labels: the bounds beyond which a value was executed.
        witnessed: the parameters whose witness was tried.
        alike: drawn configurations that others of their kind stand for, by the parameter that they are about.
        represented: how many questions were not tried, since others of their kind stand for them.
        made: how many calls were made.
        recalled: how many calls were remembered.
    """

    about: str = ""
    classes: dict[str, dict[str, int]] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    causes: dict[str, Problem] = field(default_factory=dict)
    refusals: dict[str, Refusals] = field(default_factory=dict)
    beyond: dict[str, list[Behaviour]] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    tightened: dict[str, int] = field(default_factory=dict)
    dormant: dict[str, int] = field(default_factory=dict)
    live: dict[str, set[str]] = field(default_factory=dict)
    canonical: set[str] = field(default_factory=set)
    environments: dict[str, int] = field(default_factory=dict)
    labels: set[str] = field(default_factory=set)
    witnessed: set[str] = field(default_factory=set)
    alike: dict[str, int] = field(default_factory=dict)
    represented: int = 0
    made: int = 0
    recalled: int = 0

    @property
    def problems(self) -> list[Problem]:
        """One for each cause, in the order in which they were found."""
        return list(self.causes.values())

    def found(self, problem: Problem) -> None:
        """Add a problem to those of its cause."""
        known = self.causes.get(problem.cause)
        self.causes[problem.cause] = problem if known is None else merged(known, problem)

    def refused(self, rule: str, *, failed: bool) -> None:
        """One more call with a combination that a rule alone refuses."""
        own = self.refusals.setdefault(rule, Refusals())
        own.tried += 1
        own.failed += failed

    def count(self, name: str, judged: str) -> None:
        """One more case of a class."""
        own = self.classes.setdefault(name, {})
        own[judged] = own.get(judged, 0) + 1

    def add(self, other: "Report") -> None:
        """Add the contents of another report."""
        for name, own in other.classes.items():
            for judged, count in own.items():
                mine = self.classes.setdefault(name, {})
                mine[judged] = mine.get(judged, 0) + count
        self.verdicts += other.verdicts
        for problem in other.problems:
            self.found(problem)
        for rule, theirs_of in other.refusals.items():
            own_of = self.refusals.setdefault(rule, Refusals())
            own_of.tried += theirs_of.tried
            own_of.failed += theirs_of.failed
        for name, done in other.beyond.items():
            self.beyond.setdefault(name, []).extend(done)
        for mine, theirs in (
            (self.rules, other.rules),
            (self.tightened, other.tightened),
            (self.dormant, other.dormant),
            (self.environments, other.environments),
            (self.alike, other.alike),
        ):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        for name, forms in other.live.items():
            self.live.setdefault(name, set()).update(forms)
        self.canonical |= other.canonical
        self.labels |= other.labels
        self.witnessed |= other.witnessed
        self.represented += other.represented
        self.made += other.made
        self.recalled += other.recalled

    def count_live(self, name: str) -> int:
        """In how many drawn configurations a parameter was live, those that others stand for included."""
        return len(self.live.get(name, ())) + self.alike.get(name, 0)


@dataclass(slots=True)
class Kinds:
    """How many questions of each kind a job had, see :meth:`~tests.fidelity.memory.Memory.is_represented`."""

    seen: dict[object, int] = field(default_factory=dict)

    def stand_for(
        self, schema: Schema, given: places.Given, scenario: Scenario, report: Report, about: str = ""
    ) -> bool:
        """Whether enough questions of the same kind were tried, so that they stand for this one."""
        memory = CURRENT.get()
        if memory is None or missing(given) is not None:
            return False
        key = key_of(scenario.name, judging.sent(schema, given))
        found = key is not None and memory.is_represented(
            key, about, self.seen, frozenset(places.values_set(given))
        )
        report.represented += found
        return found


def rejected(schema: Schema, given: places.Given, scenario: str) -> bool:
    """Whether a configuration is not accepted, does not run, or needs what is not here."""
    return missing(given) is not None or judge(schema, given, SCENARIOS[scenario]).judged != "agree-run"


def judged(schema: Schema, given: places.Given, scenario: str, report: Report, counted: str) -> Any:
    """Judge a configuration and add the result to a report.

    Returns:
        The outcome of the call, if the configuration was accepted and ran; otherwise None.
    """
    found = judge(schema, given, SCENARIOS[scenario])
    report.count(counted, found.judged)
    if found.judged == "environment":
        report.environments[found.why] = report.environments.get(found.why, 0) + 1
    if found.judged in ("agree-raise", "tightening", "undeclared") and len(found.rules) == 1:
        report.refused(found.rules[0], failed=found.judged == "agree-raise")
    if found.judged in ("agree-raise", "tightening"):
        counts = report.rules if found.judged == "agree-raise" else report.tightened
        for rule in found.rules:
            counts[rule] = counts.get(rule, 0) + 1
    if found.judged in FORBIDDEN:
        report.found(_forbidden(schema, given, SCENARIOS[scenario], found, report))
    return found.outcome if found.judged == "agree-run" else None


def _forbidden(
    schema: Schema, given: places.Given, scenario: Scenario, found: judging.Verdict, report: Report
) -> Problem:
    """The problem that a configuration shows; its example is made small if the cause is new."""
    problem = _problem(found, scenario)

    def same(rest: places.Given) -> bool:
        return _problem(judge(schema, rest, scenario), scenario).cause == problem.cause

    least = given if problem.cause in report.causes else shrunk(given, same)
    return replace(problem, example=shown(least, scenario))


def _problem(found: judging.Verdict, scenario: Scenario) -> Problem:
    what = failure(found.outcome) if found.judged == "unsound" and found.outcome else found.why
    return Problem(kind=found.judged, what=what, model=model_of(scenario))


def shrunk(given: Mapping[str, Any], still: Callable[[places.Given], bool]) -> places.Given:
    """The configuration without the fields that do not matter.

    Args:
        given: the configuration.
        still: whether a smaller configuration shows the same.
    """
    least = dict(given)
    for name in given:
        rest = dormancy.without(least, name)
        if still(rest):
            least = rest
    return least
