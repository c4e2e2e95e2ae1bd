"""The jobs that add each other parameter to what a rule is about: what the rule says still has to hold.

They find rules that are right in most combinations, and wrong with one parameter that their condition
forgets. Drawn combinations rarely meet that one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from random import Random

from llenergymeasure.config.metadata import Rule
from tests.fidelity import drawing, places
from tests.fidelity.combinations import around, of_all_and_some
from tests.fidelity.dormancy import without
from tests.fidelity.problems import Problem
from tests.fidelity.reports import Kinds, Report, judged
from tests.fidelity.rules import (
    called_dormant,
    check_removal,
    in_turns,
    is_about_here,
    is_enough,
    is_here,
    not_shown,
    rejected_by,
    rule_of,
)
from tests.fidelity.scenarios import Scenario
from tests.fidelity.schema import Schema, load

BASES = 2
"""Combinations of a rule to which the other parameters are added, in different scenarios if possible."""
BATCHED = 10
"""How many other parameters are added under continuous batching, where each call waits for nearly a tenth of
a second."""


def refusal_job(folder: str, rule_id: str) -> Report:
    """Adds each other parameter to combinations that a rule alone refuses: they still have to fail.

    Declared tightenings are left out, since what they refuse may run.
    """
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    if rule.tightening:
        return report
    absent = {str(rule.need): None} if is_about_here(rule) else {}

    def is_refused(given: places.Given, scenario: Scenario) -> bool:
        found = rejected_by(schema, given, scenario)
        others = [rule_of(schema, each) for each in found if each != rule_id]
        if rule_id not in found or not all(map(is_about_here, others)):
            return False
        absent.update(dict.fromkeys(str(each.need) for each in others))
        return is_here(given, absent) and not others

    bases, kinds = _bases(rule, of_all_and_some(schema, rule), is_refused, absent), Kinds()
    for given, scenario in bases:
        for combined in _with_one_more(schema, given, f"{rule_id} {scenario.name}"):
            if is_refused(combined, scenario) and not kinds.stand_for(schema, combined, scenario, report):
                judged(schema, combined, scenario.name, report, "rules")
    if not bases:
        what = f"no drawn combination breaks the rule {rule_id} and no other"
        not_shown(report, absent, Problem(kind="never crossed", what=what))
    return report


def dormancy_job(folder: str, rule_id: str, field: str) -> Report:
    """Adds each other parameter to combinations in which a rule calls a field dormant.

    Where the field is still called dormant, the work has to be the same without it.
    """
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    if all(each is None for each in schema.params[field]["test_values"]):
        return report
    absent: dict[str, None] = {}

    def is_dormant(given: places.Given, scenario: Scenario) -> bool:
        is_called_so = field in given and field in called_dormant(schema, rule, given, scenario)
        return is_called_so and is_here(given, absent) and is_here(without(given, field), absent)

    bases, kinds = _bases(rule, around(schema, rule), is_dormant, absent), Kinds()
    for given, scenario in bases:
        for combined in _with_one_more(schema, given, f"{rule_id} {field} {scenario.name}"):
            if is_dormant(combined, scenario) and not kinds.stand_for(schema, combined, scenario, report):
                report.dormant[rule_id] = report.dormant.get(rule_id, 0) + 1
                check_removal(schema, combined, field, scenario, report)
    if not bases:
        what = f"no drawn combination makes {field} dormant by the rule {rule_id}"
        not_shown(report, absent, Problem(kind="never crossed", what=what))
    return report


def _bases(
    rule: Rule,
    combinations: Iterable[places.Given],
    is_one: Callable[[places.Given, Scenario], bool],
    absent: Mapping[str, None],
) -> list[tuple[places.Given, Scenario]]:
    """A few combinations that a rule is about, each with a scenario: if possible one that was not used yet.

    After some tries one combination is enough. So is none, if the tried ones need something that is not here.

    Args:
        rule: the rule.
        combinations: those to try.
        is_one: whether a combination in a scenario is one that the rule is about.
        absent: filled by ``is_one`` with what is needed and not here.
    """
    found: list[tuple[places.Given, Scenario]] = []
    for number, given in enumerate(combinations):
        used = {scenario.name for _, scenario in found}
        scenarios = sorted(in_turns(rule, number), key=lambda scenario: scenario.name in used)
        scenario = next((each for each in scenarios if is_one(given, each)), None)
        if scenario is not None:
            found.append((given, scenario))
        if len(found) >= BASES or is_enough(number, {"found": len(found)}, {"found": absent}):
            break
    return found


def _with_one_more(schema: Schema, given: places.Given, seed: str) -> Iterator[places.Given]:
    """The combination with one more setting, of a drawn value: each parameter that it does not set or, under
    continuous batching, some of them."""
    random = Random(seed)
    names = [name for name in schema.params if name not in given]
    if given.get("cache_implementation") == "paged":
        names = random.sample(names, BATCHED)
    for name in names:
        yield places.with_value(given, name, drawing.value(random, schema, name))
