"""The job that tries a precondition: calls run where it is met, and raise where it alone is not met."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from llenergymeasure.config.metadata import Rule
from llenergymeasure.config.resolution import layers_of
from llenergymeasure.config.rules import holds
from tests.fidelity import places
from tests.fidelity.combinations import of_some
from tests.fidelity.judging import facts_of, rejections, sent
from tests.fidelity.needs import NEEDS, missing
from tests.fidelity.oracle import execute
from tests.fidelity.problems import Problem, model_of, shown
from tests.fidelity.reports import Report
from tests.fidelity.rules import (
    in_turns,
    is_about_here,
    is_enough,
    limits,
    need_text,
    not_shown,
    rule_of,
    unsound,
)
from tests.fidelity.scenarios import Scenario
from tests.fidelity.schema import Schema, load

Side = Literal["met", "unmet"]


@dataclass(frozen=True, slots=True)
class Found:
    """A combination to which a precondition applies.

    Args:
        side: whether the precondition is met.
        needs: what the combination needs and is not here.
        is_only_need: whether only the precondition itself needs it.
    """

    side: Side
    needs: tuple[str, ...]
    is_only_need: bool


def need_job(folder: str, rule_id: str) -> Report:
    """Tries a precondition where it is met, and where it is the only one that is not."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    shown = {"met": 0, "unmet": 0}
    absent: dict[str, dict[str, None]] = {"met": {}, "unmet": {}}
    if is_about_here(rule):
        absent["met"][str(rule.need)] = None
    for number, given in enumerate(of_some(schema, rule)):
        most = limits(shown)
        for scenario in in_turns(rule, number):
            found = _side(schema, rule, given, scenario)
            if found is None or shown[found.side] >= most[found.side]:
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


def _side(schema: Schema, rule: Rule, given: places.Given, scenario: Scenario) -> Found | None:
    """Whether a precondition is met in a call; None if it does not apply, or another rule is in the way."""
    try:
        broken = set(rejections(schema, given, scenario))
    except ValueError:
        return None
    others = [rule_of(schema, each) for each in broken - {rule.id}]
    if not all(map(is_about_here, others)):
        return None
    absent = missing(given, NEEDS)
    needs = (*(str(each.need) for each in others), *([] if absent is None else [need_text(absent)]))
    if rule.id in broken:
        return Found("unmet", needs, is_only_need=not others and is_about_here(rule))
    layers = layers_of(schema.config.model_validate(given), scenario.model_defaults)
    values = layers.in_effect(schema.config, facts_of(given, scenario))
    is_met = holds(rule.when, values) and rule.need is not None and holds(rule.need, values)
    return Found("met", needs, is_only_need=False) if is_met else None


def _as_said(schema: Schema, rule: Rule, given: places.Given, scenario: Scenario, report: Report) -> bool:
    """Whether a call shows what its precondition says: it runs where that is met, and raises where it is not.

    A call that is accepted and raises is a problem, and so is one that is refused and runs, unless the rule
    is a declared tightening.
    """
    broken = rejections(schema, given, scenario)
    done = execute(sent(schema, given), scenario)
    if rule.id not in broken:
        if not done.ran:
            report.found(unsound(done, given, scenario))
        return True
    if broken == [rule.id]:
        report.refused(rule.id, failed=not done.ran)
    if not done.ran:
        report.rules[rule.id] = report.rules.get(rule.id, 0) + 1
    elif not rule.tightening:
        model, example = model_of(scenario), shown(given, scenario)
        report.found(Problem(kind="undeclared", what=rule.id, model=model, example=example))
    return not done.ran
