"""Evaluates conditions by the meaning that :mod:`codegen.model.conditions` states.

The library has an evaluation of its own; the proof compares the two.
"""

import operator
from collections.abc import Callable, Iterator, Mapping

from codegen.model.conditions import (
    And,
    Compare,
    Condition,
    Constant,
    HasType,
    IsTrue,
    Name,
    Not,
    Op,
    Or,
    Remainder,
    Subset,
    Summary,
    Term,
    Unknown,
)
from codegen.model.values import PlainValue

_OPERATORS: dict[Op, Callable[[PlainValue, PlainValue], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "is": operator.is_,
    "is not": operator.is_not,
    "in": lambda value, table: isinstance(table, tuple) and value in table,
    "not in": lambda value, table: isinstance(table, tuple) and value not in table,
}
_ORDERS: dict[Op, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class _UnknownError(Exception):
    """A value that is needed is missing, or cannot be used in a calculation."""


def decide(condition: Condition, values: Mapping[str, PlainValue]) -> bool | None:
    """Whether it holds; None where the values do not decide it."""
    match condition:
        case Not(of=inner):
            decided = decide(inner, values)
            return None if decided is None else not decided
        case And(of=parts):
            return _joined([decide(part, values) for part in parts], deciding=False)
        case Or(of=parts):
            return _joined([decide(part, values) for part in parts], deciding=True)
        case HasType() | Unknown():
            return None
    try:
        return _atom(condition, values)
    except (_UnknownError, TypeError):  # TypeError: a text and a number have no order
        return None


def is_settled(condition: Condition, values: Mapping[str, PlainValue]) -> bool:
    """Whether the values decide every comparison in it, and every other part by itself."""
    match condition:
        case Not(of=inner):
            return is_settled(inner, values)
        case And(of=parts) | Or(of=parts):
            return all(is_settled(part, values) for part in parts)
    return decide(condition, values) is not None


def _joined(decided: list[bool | None], *, deciding: bool) -> bool | None:
    if deciding in decided:
        return deciding
    return None if None in decided else not deciding


def _atom(condition: IsTrue | Subset | Compare, values: Mapping[str, PlainValue]) -> bool:
    match condition:
        case IsTrue(of=name):
            return bool(_value(name, values))
        case Subset(of=of, among=among):
            tokens, others = _tokens(_value(of, values)), _tokens(_value(among, values))
            return len(tokens) > 0 and all(token in others for token in tokens)
        case Compare(left=left, op=op, right=right) if op in _OPERATORS:
            return _OPERATORS[op](_value(left, values), _value(right, values))
        case Compare(left=left, op=op, right=right):
            return _ordered(left, op, right, values)


def _ordered(left: Term, op: Op, right: Term, values: Mapping[str, PlainValue]) -> bool:
    """An ordering is false where one side is None, whatever the other one is."""
    if any(values.get(term.path, 0) is None for term in (left, right) if isinstance(term, Name)):
        return False
    one, other = _value(left, values), _value(right, values)
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        raise _UnknownError
    return _ORDERS[op](one, other)


def _value(term: Term, values: Mapping[str, PlainValue]) -> PlainValue:
    match term:
        case Constant(value=value):
            return value
        case Name(path=path):
            if path not in values:
                raise _UnknownError
            return values[path]
        case Remainder(of=of, by=by):
            number, divisor = _value(of, values), _value(by, values)
            if not isinstance(number, int | float) or not isinstance(divisor, int | float) or not divisor:
                raise _UnknownError
            return number % divisor
        case Summary(function=function, of=of):
            return _SUMMARIES[function](_value(of, values))


def _tokens(value: PlainValue) -> tuple[PlainValue, ...]:
    return () if value is None else value if isinstance(value, tuple) else (value,)


def _whole_numbers(value: PlainValue) -> Iterator[int]:
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    for part in (
        value if isinstance(value, tuple) else (*value, *value.values()) if isinstance(value, dict) else ()
    ):
        yield from _whole_numbers(part)


_SUMMARIES: dict[str, Callable[[PlainValue], int]] = {
    "highest": lambda value: max(_whole_numbers(value), default=-1),
    "lowest": lambda value: min(_whole_numbers(value), default=0),
    "length": lambda value: len(value) if isinstance(value, tuple) else 0,
}
