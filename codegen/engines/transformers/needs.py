"""Separates the settings that a refusal is about from what these settings need of the call or the model.

``generate()`` refuses ``stop_strings`` without a tokenizer: the rule is about the setting, and needs the
tokenizer. :mod:`codegen.engines.transformers.terms` says which facts can be read.
"""

from codegen.engines.transformers.terms import FACTS
from codegen.model.conditions import (
    ALWAYS,
    Condition,
    IsTrue,
    Name,
    Not,
    Or,
    all_of,
    any_of,
    conjuncts,
    names,
    negated,
    partial_eval,
)
from codegen.model.values import PlainValue


def without_facts(when: Condition) -> tuple[Condition, Condition | None] | None:
    """The condition on the settings under which something is refused, and what they need.

    The need is None where no fact is asked for. The result is None where one part asks for a fact and a
    setting, so that the two cannot be separated.
    """
    parts = conjuncts(_assuming_facts(when))
    facts = [part for part in parts if not FACTS.isdisjoint(names(part))]
    if any(not FACTS.issuperset(names(part)) for part in facts):
        return None
    own = all_of(*(part for part in parts if part not in facts))
    return own, negated(all_of(*facts)) if facts else None


def _assuming_facts(when: Condition) -> Condition:
    """The same condition, with the facts that it requires left out of its other parts."""
    known: dict[str, PlainValue] = {}
    for part in conjuncts(when):
        match part:
            case IsTrue(of=Name(path=path)) | Not(of=IsTrue(of=Name(path=path))) if path in FACTS:
                known[path] = isinstance(part, IsTrue)
    held = [part for part in conjuncts(when) if known.keys() >= {*names(part)}]
    rest = [partial_eval(part, known) for part in conjuncts(when) if part not in held]
    return all_of(*held, *rest) if known else when


def without_repetition(when: Condition) -> Condition:
    """The same condition, without alternatives that its other parts decide (the tests of branches before)."""
    alone = {part for part in conjuncts(when) if not isinstance(part, Or)}
    opposites = {negated(part) for part in alone}

    def simplified(part: Condition) -> Condition:
        if not isinstance(part, Or):
            return part
        if any(alone.issuperset(conjuncts(each)) for each in part.of):
            return ALWAYS
        return any_of(*(each for each in part.of if opposites.isdisjoint(conjuncts(each))))

    return all_of(*map(simplified, conjuncts(when)))
