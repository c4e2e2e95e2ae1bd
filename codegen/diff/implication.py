"""Whether one condition follows from another: enough logic to see that other rules already imply a rule.

"Yes" is never wrong. "No" may also mean that this could not be decided, as when a condition has too many
alternatives.
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

_MAX_ALTERNATIVES = 512  # of one condition

Assumptions = frozenset[Condition]
"""Conditions that hold together."""


def alternatives(condition: Condition) -> tuple[Assumptions, ...] | None:
    """The alternatives of which at least one holds where the condition does; None if there are too many."""
    found = _alternatives(condition)
    if found is None:
        return None
    distinct = dict.fromkeys(frozenset(conjuncts(one)) for one in found if one != NEVER)
    return tuple(assumed for assumed in distinct if _is_possible(assumed))


def _is_possible(assumed: Assumptions) -> bool:
    return all(partial_eval(assumption, _known(assumed, assumption)) != NEVER for assumption in assumed)


def _alternatives(condition: Condition) -> list[Condition] | None:
    match condition:
        case Or(of=parts):
            merged: list[Condition] = []
            for part in parts:
                of_part = _alternatives(part)
                if of_part is None or len(merged) + len(of_part) > _MAX_ALTERNATIVES:
                    return None
                merged += of_part
            return merged
        case And(of=parts):
            combined: list[Condition] = [ALWAYS]
            for part in parts:
                of_part = _alternatives(part)
                if of_part is None or len(combined) * len(of_part) > _MAX_ALTERNATIVES:
                    return None
                both = (all_of(one, other) for one, other in product(combined, of_part))
                combined = [condition for condition in both if condition != NEVER]
            return combined
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
    """The values that the assumptions determine, as far as the condition may use them.

    A value that equals 1 may be True. So where the condition asks whether a value *is* True or False, knowing
    what it equals does not help.
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
    """The condition, simplified where parameters cannot have certain values.

    Args:
        condition: the condition.
        refused: whether the parameter of that name cannot have that value.
    """
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
            possible = tuple(value for value in values if not refused(path, value))
            if len(possible) < len(values):
                return Compare(name, op, Constant(possible)) if possible else NEVER if op == "in" else ALWAYS
    return atom
