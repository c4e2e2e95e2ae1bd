"""Whether one condition follows from another.

It has enough logic to see that another rule already refused a combination.

A positive answer is never wrong. The answer is also negative if a condition has too many alternatives.
"""

from collections.abc import Callable
from itertools import product

from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    And,
    Atom,
    Compare,
    Condition,
    Constant,
    Name,
    Or,
    all_of,
    atoms,
    conjuncts,
    never_none,
    partial_eval,
    with_atoms,
)
from codegen.model.values import PlainValue

_MOST = 512  # alternatives of one condition

Assumptions = frozenset[Condition]
"""Conditions that all hold."""


def alternatives(condition: Condition) -> tuple[Assumptions, ...] | None:
    """The ways in which a condition can hold; None if there are too many."""
    found = _alternatives(condition)
    if found is None:
        return None
    ways = dict.fromkeys(frozenset(conjuncts(each)) for each in found if each != NEVER)
    return tuple(assumed for assumed in ways if _is_possible(assumed))


def _is_possible(assumed: Assumptions) -> bool:
    return all(partial_eval(assumption, _known(assumed, assumption)) != NEVER for assumption in assumed)


def _alternatives(condition: Condition) -> list[Condition] | None:
    match condition:
        case Or(of=parts):
            several = [_alternatives(part) for part in parts]
            known = [each for each in several if each is not None]
            merged = [one for each in known for one in each]
            return merged if len(known) == len(several) and len(merged) <= _MOST else None
        case And(of=parts):
            found: list[Condition] = [ALWAYS]
            for part in parts:
                ways = _alternatives(part)
                if ways is None or len(found) * len(ways) > _MOST:
                    return None
                both = (all_of(one, other) for one, other in product(found, ways))
                found = [each for each in both if each != NEVER]
            return found
        case Compare(left=Name() as name, op="in", right=Constant(value=tuple(values))):
            return [Compare(name, "==", Constant(value)) for value in values]
    return [condition]


def follows(condition: Condition, assumed: Assumptions) -> bool:
    """Whether a condition surely holds where the assumptions do."""
    match condition:
        case And(of=parts):
            return all(follows(part, assumed) for part in parts)
        case Or(of=parts) if any(follows(part, assumed) for part in parts):
            return True
        case Compare(left=Name(path=path), op="is not", right=Constant(value=None)):
            if any(path in never_none(assumption) for assumption in assumed):
                return True
    return condition in assumed or partial_eval(condition, _known(assumed, condition)) == ALWAYS


def _known(assumed: Assumptions, asked: Condition) -> dict[str, PlainValue]:
    """The values that the assumptions determine, as far as a condition may use them.

    What equals 1 may be True: where the condition asks whether it *is* something, equality says nothing.
    """
    by_identity = _asked_by_identity(asked)
    known: dict[str, PlainValue] = {}
    for assumption in assumed:
        match assumption:
            case Compare(left=Name(path=path), op="==" | "is" as op, right=Constant(value=value)):
                if op == "is" or path not in by_identity:
                    known[path] = value
    return known


def _asked_by_identity(condition: Condition) -> set[str]:
    """The names that are compared with True or False."""
    names: set[str] = set()
    for atom in atoms(condition):
        match atom:
            case Compare(left=Name(path=path), op="is" | "is not", right=Constant(value=bool())):
                names.add(path)
    return names


def without(condition: Condition, refused: Callable[[str, PlainValue], bool]) -> Condition:
    """The condition where parameters do not have the values that are refused, each given with its name."""
    return with_atoms(condition, lambda atom: _without(atom, refused))


def _without(atom: Atom, refused: Callable[[str, PlainValue], bool]) -> Condition:
    match atom:
        case Compare(
            left=Name(path=path), op="==" | "!=" | "is" | "is not" as op, right=Constant(value=value)
        ):
            if refused(path, value):
                return NEVER if op in ("==", "is") else ALWAYS
        case Compare(
            left=Name(path=path) as name, op="in" | "not in" as op, right=Constant(value=tuple(values))
        ):
            taken = tuple(value for value in values if not refused(path, value))
            if len(taken) < len(values):
                return Compare(name, op, Constant(taken)) if taken else NEVER if op == "in" else ALWAYS
    return atom
