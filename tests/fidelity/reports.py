"""What comes of the jobs of a fidelity run, and how a judged configuration is written down."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fidelity import dormancy, places
from tests.fidelity.judging import FORBIDDEN, judge
from tests.fidelity.needs import missing
from tests.fidelity.scenarios import SCENARIOS
from tests.fidelity.schema import Schema, plain
from tests.fidelity.verdicts import Verdict


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


def rejected(schema: Schema, given: places.Given, scenario: str) -> bool:
    """Whether a configuration, each value of it valid, is not to be tried: the schema rejects it, or it needs
    what is not here."""
    return missing(given) is not None or judge(schema, given, SCENARIOS[scenario]).judged != "agree-run"


def judged(schema: Schema, given: places.Given, scenario: str, report: Report, counted: str) -> Any:
    """Judge a configuration and write down what came of it; its outcome where it was accepted and ran."""
    found = judge(schema, given, SCENARIOS[scenario])
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
            again = judge(schema, rest, SCENARIOS[scenario])
            return (again.judged, again.rules, again.outcome.place if again.outcome else "") == kind

        report.problems.append(
            f"{found.judged}: {json.dumps(plain(shrunk(given, same)), default=repr)} in {scenario}: {found.why[:200]}"
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
