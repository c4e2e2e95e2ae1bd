"""Each rule beside each other parameter: whether what a rule says still holds when one more thing is set.

A rule is right in most combinations and wrong beside one parameter that its condition forgot; drawn combinations seldom meet that.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
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

    def is_refused(given: places.Given, world: World) -> bool:
        return missing(given) is None and rejected_by(schema, given, world) == [rule_id]

    for given, world in _bases(rule, of_all_and_some(schema, rule), is_refused):
        for beside in _beside(schema, given, f"{rule_id} {world.name}"):
            if is_refused(beside, world):
                judged(schema, beside, world.name, report, "rules")
    return report


def dormancy_job(folder: str, rule_id: str, field: str) -> Report:
    """What a rule calls dormant, and with it each other parameter: where it is still called so, the work is the same without."""
    schema, report = load(Path(folder)), Report()
    rule = rule_of(schema, rule_id)

    def is_dormant(given: places.Given, world: World) -> bool:
        is_here = field in given and missing(given) is None and missing(without(given, field)) is None
        return is_here and field in called_dormant(schema, rule, given, world)

    for given, world in _bases(rule, around(schema, rule), is_dormant):
        for beside in _beside(schema, given, f"{rule_id} {field} {world.name}"):
            if is_dormant(beside, world):
                put_to_removal(schema, beside, field, world, report)
    return report


def _bases(
    rule: Rule, combinations: Iterable[places.Given], is_one: Callable[[places.Given, World], bool]
) -> Iterator[tuple[places.Given, World]]:
    """A few combinations of which a rule says what it says, each in one world."""
    tried = (
        next(((given, world) for world in in_turns(rule, number) if is_one(given, world)), None)
        for number, given in enumerate(islice(combinations, TRIES))
    )
    return islice(filter(None, tried), BASES)


def _beside(schema: Schema, given: places.Given, seed: str) -> Iterator[places.Given]:
    """The combination with each parameter that it does not set, by a drawn value; with some of them under continuous batching."""
    random = Random(seed)
    names = [name for name in schema.params if name not in given]
    if given.get("cache_implementation") == "paged":
        names = random.sample(names, BATCHED)
    for name in names:
        yield places.with_value(given, name, drawing.value(random, schema, name))
