"""Each rule beside each other parameter: whether what a rule says still holds when one more thing is set.

A rule is right in most combinations and wrong beside one parameter that its condition forgot; drawn combinations seldom meet that.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from llenergymeasure.config.facts import Rule
from tests.fidelity import drawing, places
from tests.fidelity.combinations import around, of_all_and_some
from tests.fidelity.dormancy import without
from tests.fidelity.needs import missing
from tests.fidelity.reports import Report, judged
from tests.fidelity.rules import called_dormant, in_turns, put_to_removal, rejected_by, rule_of
from tests.fidelity.schema import Schema, load
from tests.fidelity.worlds import World

BASES = 2
"""Combinations, each in another world, that the other parameters are put beside."""
TRIES = 300
"""Combinations after which a rule, or a field of one, has the bases that it has."""
BATCHED = 10
"""Other parameters that are tried under continuous batching, a call of which waits most of a tenth of a second."""


def refusal_job(folder: str, rule_id: str) -> Report:
    """What a rule alone refuses, and with it each other parameter: it still fails, unless the rule is a declared tightening."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    if rule.tightening:
        return report
    for given, world in _refused(schema, rule):
        for beside in _beside(schema, given, f"{rule_id} {world.name}"):
            if missing(beside) is None and rejected_by(schema, beside, world) == [rule_id]:
                judged(schema, beside, world.name, report, "rules")
    return report


def dormancy_job(folder: str, rule_id: str, field: str) -> Report:
    """What a rule calls dormant, and with it each other parameter: where it is still called so, the work is the same without."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)
    for given, world in _dormant(schema, rule, field):
        for beside in _beside(schema, given, f"{rule_id} {field} {world.name}"):
            is_here = missing(beside) is None and missing(without(beside, field)) is None
            if is_here and field in called_dormant(schema, rule, beside, world):
                put_to_removal(schema, beside, field, world, report)
    return report


def _refused(schema: Schema, rule: Rule) -> Iterator[tuple[places.Given, World]]:
    """A few combinations that a rule alone refuses."""
    found = 0
    for number, given in enumerate(of_all_and_some(schema, rule)):
        for world in in_turns(rule, number):
            if missing(given) is None and rejected_by(schema, given, world) == [rule.id]:
                yield given, world
                found += 1
                break
        if found >= BASES or number >= TRIES:
            return


def _dormant(schema: Schema, rule: Rule, field: str) -> Iterator[tuple[places.Given, World]]:
    """A few combinations in which a rule calls a field dormant."""
    found = 0
    for number, given in enumerate(around(schema, rule)):
        for world in in_turns(rule, number) if field in given else ():
            if missing(given) is None and field in called_dormant(schema, rule, given, world):
                yield given, world
                found += 1
                break
        if found >= BASES or number >= TRIES:
            return


def _beside(schema: Schema, given: places.Given, seed: str) -> Iterator[places.Given]:
    """The combination with each parameter that it does not set, by a drawn value; with some of them under continuous batching."""
    random = Random(seed)
    names = [name for name in schema.params if name not in given]
    if given.get("cache_implementation") == "paged":
        names = random.sample(names, BATCHED)
    for name in names:
        yield places.with_value(given, name, drawing.value(random, schema, name))
