"""What a refusal needs of the call or the model, told apart from the settings that it is about.

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


def parted(when: Condition) -> tuple[Condition, Condition | None] | None:
    """The settings under which something is refused, and what is needed there.

    The second is None where no fact is asked. The whole is None where a fact is asked in one part with
    a setting, so that the two cannot be told apart.
    """
    parts = conjuncts(_assuming_facts(when))
    facts = [part for part in parts if not FACTS.isdisjoint(names(part))]
    if any(not FACTS.issuperset(names(part)) for part in facts):
        return None
    own = all_of(*(part for part in parts if part not in facts))
    return own, negated(all_of(*facts)) if facts else None


def _assuming_facts(when: Condition) -> Condition:
    """The same condition, where its other parts need not ask again for a fact that has to hold."""
    known: dict[str, PlainValue] = {}
    for part in conjuncts(when):
        match part:
            case IsTrue(of=Name(path=path)) | Not(of=IsTrue(of=Name(path=path))) if path in FACTS:
                known[path] = isinstance(part, IsTrue)
    held = [part for part in conjuncts(when) if known.keys() >= {*names(part)}]
    rest = [partial_eval(part, known) for part in conjuncts(when) if part not in held]
    return all_of(*held, *rest) if known else when


def without_repetition(when: Condition) -> Condition:
    """The same condition without alternatives that its other parts decide: those of the branches before."""
    alone = {part for part in conjuncts(when) if not isinstance(part, Or)}
    opposites = {negated(part) for part in alone}

    def left(part: Condition) -> Condition:
        if not isinstance(part, Or):
            return part
        if any(alone.issuperset(conjuncts(each)) for each in part.of):
            return ALWAYS
        return any_of(*(each for each in part.of if opposites.isdisjoint(conjuncts(each))))

    return all_of(*map(left, conjuncts(when)))
