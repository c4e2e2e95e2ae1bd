"""Each rule by itself: combinations drawn from its own parameters, on both sides of it, put to
``generate()``."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from llenergymeasure.config.metadata import Rule
from llenergymeasure.config.resolution import layers_of
from llenergymeasure.config.rules import holds
from tests.fidelity import dormancy, places
from tests.fidelity.combinations import around, of_all_and_some, of_some
from tests.fidelity.dormancy import without
from tests.fidelity.judging import facts_of, rejections, sent
from tests.fidelity.needs import NEEDS, Need, missing
from tests.fidelity.oracle import Outcome, differences, execute
from tests.fidelity.problems import Problem, failure, model_of, shown
from tests.fidelity.reports import Report, judged
from tests.fidelity.scenarios import SCENARIOS, Scenario
from tests.fidelity.schema import Schema, load

ENOUGH_SCENARIOS = 4
"""In which a rule has rejected under continuous batching before it is left."""
ENOUGH_CALLS = 6
"""That have shown a rule, a side of a precondition or a dormant field before it is left."""
ENOUGH_OF_ONE = 2
"""Of them that are of the same combination, in different scenarios."""
FEW_TRIES = 60
"""After which is left what was shown less often than that."""
ENOUGH_TRIES = 400
"""After which what only needs an environment is left."""
AT_ONCE: tuple[places.Given, ...] = ({"max_new_tokens": 1}, {"max_time": 0.0})
"""What ends a call after its first token: a rule that rejects what would fail only later is a tightening."""


def rejection_job(folder: str, rule_id: str) -> Report:
    """Combinations that a rule rejects, and what upstream does with them: those that no other rule rejects
    count most."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    fired = {"alone": 0, "with others": 0}
    absent: dict[str, None] = {}
    for number, given in enumerate(of_all_and_some(schema, rule)):
        limits = _limits(fired)
        for scenario in in_turns(rule, number):
            found = rejected_by(schema, given, scenario)
            how = "alone" if found == [rule_id] else "with others"
            if rule_id not in found or fired[how] >= limits[how]:
                continue
            if not is_here(given, absent):
                continue
            fired[how] += 1
            judged(schema, given, scenario.name, report, "rules")
            for ended in ({**given, **ending} for ending in AT_ONCE if how == "alone"):
                if rejected_by(schema, ended, scenario) == [rule_id]:
                    judged(schema, ended, scenario.name, report, "rules")
        if is_enough(number, {"alone": fired["alone"]}, {"alone": absent}):
            break
    if not fired["alone"]:
        report.rules.setdefault(rule_id, 0)
        what = f"no drawn combination breaks the rule {rule_id} and no other"
        not_shown(report, absent, Problem(kind="never fired", what=what))
    return report


def need_job(folder: str, rule_id: str) -> Report:
    """A precondition where it is met, and the call runs; and where it is the only one that is not, and the
    call raises."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    shown = {"met": 0, "unmet": 0}
    absent: dict[str, dict[str, None]] = {"met": {}, "unmet": {}}
    if is_about_here(rule):
        absent["met"][str(rule.need)] = None
    for number, given in enumerate(of_some(schema, rule)):
        limits = _limits(shown)
        for scenario in in_turns(rule, number):
            found = _side(schema, rule, given, scenario)
            if found is None or shown[found.side] >= limits[found.side]:
                continue
            if found.needs and not (found.side == "unmet" and found.is_only_need):
                absent[found.side] |= dict.fromkeys(found.needs)
            elif _as_said(schema, rule, given, scenario, report):
                shown[found.side] += 1
        if is_enough(number, shown, absent):
            break
    for side, why in absent.items():
        if not shown[side]:
            what = f"no drawn combination shows the precondition {rule_id} so"
            not_shown(report, why, Problem(kind=f"never {side}", what=what))
    return report


def batching_job(folder: str, rule_id: str) -> Report:
    """What a rule rejects under continuous batching, which passes by most of what ``generate()`` else
    does."""
    schema, report = load(Path(folder)), Report()
    batch = places.usual(schema).get("continuous batching")
    if batch is None:
        return report
    rule = rule_of(schema, rule_id)
    tried: set[str] = set()
    for number, given in enumerate(of_some(schema, rule)):
        batched = {**given, **batch, "max_new_tokens": given.get("max_new_tokens") or places.SHORT}
        for name, scenario in SCENARIOS.items():
            if (
                name not in tried
                and missing(batched, NEEDS) is None
                and rejected_by(schema, batched, scenario) == [rule_id]
            ):
                tried.add(name)
                judged(schema, batched, name, report, "rules")
        if len(tried) >= ENOUGH_SCENARIOS or number >= ENOUGH_TRIES:
            break
    return report


def in_turns(rule: Rule, number: int) -> list[Scenario]:
    """The scenarios in another order for each combination, so that the few that each is tried in are not
    always the same."""
    return Random(f"{rule.id} {number}").sample(list(SCENARIOS.values()), len(SCENARIOS))


def _limits(calls: Mapping[str, int]) -> dict[str, int]:
    """How many calls may have shown each thing by the end of one more combination."""
    return {what: min(ENOUGH_CALLS, count + ENOUGH_OF_ONE) for what, count in calls.items()}


def is_enough(number: int, calls: Mapping[str, int], absent: Mapping[str, Mapping[str, None]]) -> bool:
    """Whether a job may stop after a combination: each thing was shown often, or a few tries were made, or
    it is not here."""
    if all(count >= ENOUGH_CALLS for count in calls.values()):
        return True
    if number >= FEW_TRIES and all(calls.values()):
        return True
    return number >= ENOUGH_TRIES and all(count or absent[what] for what, count in calls.items())


def rejected_by(schema: Schema, given: places.Given, scenario: Scenario) -> list[str]:
    """The rules that reject a call; none where a value is wrong by itself."""
    try:
        return rejections(schema, given, scenario)
    except ValueError:
        return []


def dormant_job(folder: str, rule_id: str) -> Report:
    """Combinations in which a rule calls a field dormant: without the field, the work is the same."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    shown = {
        name: 0
        for name in rule.fields
        if any(each is not None for each in schema.params[name]["test_values"])
    }
    absent: dict[str, dict[str, None]] = {name: {} for name in shown}
    for number, given in enumerate(around(schema, rule)):
        limits = _limits(shown)
        for scenario in in_turns(rule, number):
            for name in called_dormant(schema, rule, given, scenario):
                if shown[name] >= limits[name]:
                    continue
                if not (is_here(given, absent[name]) and is_here(without(given, name), absent[name])):
                    continue
                shown[name] += 1
                check_removal(schema, given, name, scenario, report)
        if is_enough(number, shown, absent):
            break
    report.dormant[rule_id] = sum(shown.values())
    for name, calls in shown.items():
        if not calls:
            what = f"no drawn combination makes {name} so by the rule {rule_id}"
            not_shown(report, absent[name], Problem(kind="never dormant", what=what))
    return report


def called_dormant(schema: Schema, rule: Rule, given: places.Given, scenario: Scenario) -> list[str]:
    """The set fields that a rule calls dormant in a call that is accepted."""
    if not set(given) & set(rule.fields):
        return []
    try:
        reasons = dormancy.dormant(schema, given, scenario)
    except ValueError:
        return []
    named = [
        name for name in rule.fields if given.get(name) is not None and reasons.get(name) == rule.message
    ]
    return named if named and not rejections(schema, given, scenario) else []


def check_removal(schema: Schema, given: places.Given, name: str, scenario: Scenario, report: Report) -> None:
    """Take a field away that is called dormant, and write down where the call does not run, or the work is
    another without it."""
    done = execute(sent(schema, given), scenario)
    if not done.ran:
        report.found(_unsound(done, given, scenario))
    elif (less := execute(sent(schema, without(given, name)), scenario)) != done:
        example = f"{shown(given, scenario)}: {differences(done, less)[:300]}"
        report.found(Problem(kind="dormant", what=name, model=model_of(scenario), example=example))


def _unsound(done: Outcome, given: places.Given, scenario: Scenario) -> Problem:
    """What is accepted, and raises."""
    what, model = failure(done), model_of(scenario)
    return Problem(kind="unsound", what=what, model=model, example=shown(given, scenario))


def not_shown(report: Report, absent: Iterable[str], problem: Problem) -> None:
    """Write down why something was not executed: no environment for it, or, which is a problem, no
    reason."""
    for why in absent:
        report.environments[why] = report.environments.get(why, 0) + 1
    if not absent:
        report.found(problem)


def is_here(given: places.Given, absent: dict[str, None]) -> bool:
    """Whether what a combination needs is here; if not, that is added to what is absent."""
    need = missing(given, NEEDS)
    if need is not None:
        absent[_words(need)] = None
    return need is None


def _words(need: Need) -> str:
    """A need in words, as the table has it."""
    return f"{need.what}: {need.reason}"


Side = Literal["met", "unmet"]


@dataclass(frozen=True, slots=True)
class Found:
    """A combination that asks a precondition.

    Args:
        side: whether it is met.
        needs: what the combination needs besides, and is not here.
        is_only_need: whether the precondition itself is all that asks for it.
    """

    side: Side
    needs: tuple[str, ...]
    is_only_need: bool


def _side(schema: Schema, rule: Rule, given: places.Given, scenario: Scenario) -> Found | None:
    """On which side of a precondition a call is; None where nobody asks it, or something is in the way that
    could be here."""
    try:
        broken = set(rejections(schema, given, scenario))
    except ValueError:
        return None
    others = [rule_of(schema, each) for each in broken - {rule.id}]
    if not all(map(is_about_here, others)):
        return None
    absent = missing(given, NEEDS)
    needs = (*(str(each.need) for each in others), *([] if absent is None else [_words(absent)]))
    if rule.id in broken:
        return Found("unmet", needs, is_only_need=not others and is_about_here(rule))
    layers = layers_of(schema.config.model_validate(given), scenario.model_defaults)
    values = layers.in_effect(schema.config, facts_of(given, scenario))
    is_met = holds(rule.when, values) and rule.need is not None and holds(rule.need, values)
    return Found("met", needs, is_only_need=False) if is_met else None


def is_about_here(rule: Rule) -> bool:
    """Whether a rule asks for a device, a package or a kind of model, so that it fails where they are
    missing."""
    return bool(re.search(r"\b(device|packages)\.|\bmodel\.dflash", str(rule.need)))


def _as_said(schema: Schema, rule: Rule, given: places.Given, scenario: Scenario, report: Report) -> bool:
    """Whether a call ends as its precondition says. What is refused and runs may be a declared tightening;
    nothing else is fine."""
    broken = rejections(schema, given, scenario)
    done = execute(sent(schema, given), scenario)
    if rule.id not in broken:
        if not done.ran:
            report.found(_unsound(done, given, scenario))
        return True
    if broken == [rule.id]:
        report.refused(rule.id, failed=not done.ran)
    if not done.ran:
        report.rules[rule.id] = report.rules.get(rule.id, 0) + 1
    elif not rule.tightening:
        model, example = model_of(scenario), shown(given, scenario)
        report.found(Problem(kind="undeclared", what=rule.id, model=model, example=example))
    return not done.ran


def rule_of(schema: Schema, rule_id: str) -> Rule:
    """The rule with that id."""
    return next(each for each in schema.config.rules if each.id == rule_id)
