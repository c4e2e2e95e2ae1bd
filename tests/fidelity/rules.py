"""The jobs that try a rule by itself, on combinations drawn from its own parameters; and what they share.

Preconditions are tried in :mod:`tests.fidelity.preconditions`, rules beside other parameters in
:mod:`tests.fidelity.crossing`.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random

from llenergymeasure.config.metadata import Rule
from tests.fidelity import dormancy, places
from tests.fidelity.combinations import around, of_all_and_some, of_some
from tests.fidelity.dormancy import without
from tests.fidelity.judging import rejections, sent
from tests.fidelity.needs import NEEDS, Need, missing
from tests.fidelity.oracle import Outcome, differences, execute
from tests.fidelity.problems import Problem, failure, model_of, shown
from tests.fidelity.reports import Report, judged
from tests.fidelity.scenarios import SCENARIOS, Scenario
from tests.fidelity.schema import Schema, load

ENOUGH_SCENARIOS = 4
"""In how many scenarios a rule has to reject under continuous batching before its job ends."""
ENOUGH_CALLS = 6
"""How many calls have to show a rule, a side of a precondition or a dormant field before its job ends."""
ENOUGH_OF_ONE = 2
"""How many of these calls may be of the same combination, in different scenarios."""
FEW_TRIES = 60
"""After this many combinations, fewer calls are enough."""
ENOUGH_TRIES = 400
"""After this many combinations, none is needed for what can only be shown with something absent."""
AT_ONCE: tuple[places.Given, ...] = ({"max_new_tokens": 1}, {"max_time": 0.0})
"""Settings that end a call after its first token: rejecting what would fail only later is a tightening."""


def rejection_job(folder: str, rule_id: str) -> Report:
    """Tries combinations that a rule rejects, mainly those that no other rule rejects: they have to fail."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    fired = {"alone": 0, "with others": 0}
    absent: dict[str, None] = {}
    for number, given in enumerate(of_all_and_some(schema, rule)):
        most = limits(fired)
        for scenario in in_turns(rule, number):
            found = rejected_by(schema, given, scenario)
            how = "alone" if found == [rule_id] else "with others"
            if rule_id not in found or fired[how] >= most[how]:
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


def batching_job(folder: str, rule_id: str) -> Report:
    """Tries what a rule rejects under continuous batching, which bypasses most of ``generate()``."""
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
    """All scenarios, in another order for each combination, since each is tried in the first few only."""
    return Random(f"{rule.id} {number}").sample(list(SCENARIOS.values()), len(SCENARIOS))


def limits(calls: Mapping[str, int]) -> dict[str, int]:
    """For each thing to show: how many calls may have shown it after one more combination."""
    return {what: min(ENOUGH_CALLS, count + ENOUGH_OF_ONE) for what, count in calls.items()}


def is_enough(number: int, calls: Mapping[str, int], absent: Mapping[str, Mapping[str, None]]) -> bool:
    """Whether a job may end after a combination.

    Args:
        number: the number of the combination.
        calls: for each thing to show, how many calls have shown it.
        absent: for each of them, what it needs and is not here.
    """
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
    """Tries combinations in which a rule calls a field dormant: without it, the work has to be the same."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    shown = {
        name: 0
        for name in rule.fields
        if any(each is not None for each in schema.params[name]["test_values"])
    }
    absent: dict[str, dict[str, None]] = {name: {} for name in shown}
    for number, given in enumerate(around(schema, rule)):
        most = limits(shown)
        for scenario in in_turns(rule, number):
            for name in called_dormant(schema, rule, given, scenario):
                if shown[name] >= most[name]:
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
    """Remove a field that is called dormant. It is a problem if the call fails, or if the work differs."""
    done = execute(sent(schema, given), scenario)
    if not done.ran:
        report.found(unsound(done, given, scenario))
    elif (less := execute(sent(schema, without(given, name)), scenario)) != done:
        example = f"{shown(given, scenario)}: {differences(done, less)[:300]}"
        report.found(Problem(kind="dormant", what=name, model=model_of(scenario), example=example))


def unsound(done: Outcome, given: places.Given, scenario: Scenario) -> Problem:
    """The problem that something is accepted, and raises."""
    what, model = failure(done), model_of(scenario)
    return Problem(kind="unsound", what=what, model=model, example=shown(given, scenario))


def not_shown(report: Report, absent: Iterable[str], problem: Problem) -> None:
    """Write down why something was not executed: what is not here; if nothing is missing, it is a problem."""
    for why in absent:
        report.environments[why] = report.environments.get(why, 0) + 1
    if not absent:
        report.found(problem)


def is_here(given: places.Given, absent: dict[str, None]) -> bool:
    """Whether what a combination needs is here; if not, that is added to what is absent."""
    need = missing(given, NEEDS)
    if need is not None:
        absent[need_text(need)] = None
    return need is None


def need_text(need: Need) -> str:
    """A need in words, as in the table of a run."""
    return f"{need.what}: {need.reason}"


def is_about_here(rule: Rule) -> bool:
    """Whether a rule asks for a device, a package or a kind of model, so that it fails where they are
    missing."""
    return bool(re.search(r"\b(device|packages)\.|\bmodel\.dflash", str(rule.need)))


def rule_of(schema: Schema, rule_id: str) -> Rule:
    """The rule with that id."""
    return next(each for each in schema.config.rules if each.id == rule_id)
