"""Valid values of a type, made from its constraints.

Values at each boundary and away from it, each choice, and the default; lists as tuples, without repetition,
in a fixed order.
"""

import math
from collections.abc import Iterator, Mapping
from functools import singledispatch
from itertools import zip_longest

from codegen.model.schema import Field, NestedModel
from codegen.model.types import Bound, Choice, ListOf, MapOf, Nested, Scalar, TupleOf, Type, Union, admits
from codegen.model.values import PlainValue, is_among

_FAR = 8  # how far from a boundary a whole number is chosen
_NEAR = 0.01  # how near to a boundary a fraction is chosen


def make(
    field: Field, examples: tuple[PlainValue, ...], nested: tuple[NestedModel, ...]
) -> tuple[PlainValue, ...]:
    """The values to test an argument with: the default, the examples, then what its type gives.

    Args:
        field: the argument; its ``test_values`` are ignored.
        examples: hand-written ones, first after the default.
        nested: the classes that its type may name.
    """
    models = {model.name: model for model in nested}
    values: list[PlainValue] = [] if field.required else [field.default]
    values += [None] if field.takes_none else []
    values += [example for example in examples if admits(field.type, example)]
    if not examples or _is_closed(field.type):
        values += of_type(field.type, models)
    else:
        values += [value for value in of_type(field.type, models) if isinstance(value, bool | int | float)]
    return _distinct(values)


@singledispatch
def of_type(type_: Type, models: Mapping[str, NestedModel]) -> list[PlainValue]:  # noqa: ARG001 - of what cannot be written as data
    """Valid values of a type; ``models`` are the classes that it may name."""
    return []


@of_type.register
def _(type_: Scalar, models: Mapping[str, NestedModel]) -> list[PlainValue]:  # noqa: ARG001 - as in the others
    match type_.kind:
        case "bool":
            return [False, True]
        case "str":
            return ["a" * max([1, *(int(bound.limit) for bound in type_.bounds)])]
        case "int":
            return [value for value in _integers(type_) if admits(type_, value)]
    return [value for value in _fractions(type_) if admits(type_, value)]


@of_type.register
def _(type_: Choice, models: Mapping[str, NestedModel]) -> list[PlainValue]:  # noqa: ARG001 - as in the others
    return list(type_.values)


@of_type.register
def _(type_: ListOf, models: Mapping[str, NestedModel]) -> list[PlainValue]:
    inside, length = of_type(type_.item, models), max(1, type_.min_length)
    lists: list[PlainValue] = [(value,) * length for value in inside[:2]]
    return [*lists, tuple(inside[:2])] if len(inside) > 1 and length <= 2 else lists


@of_type.register
def _(type_: TupleOf, models: Mapping[str, NestedModel]) -> list[PlainValue]:
    columns = [of_type(item, models) for item in type_.items]
    rows = zip_longest(*columns)  # a shorter column is filled with its first value
    return [
        tuple(column[0] if cell is None else cell for cell, column in zip(row, columns, strict=True))
        for row in rows
    ]


@of_type.register
def _(type_: MapOf, models: Mapping[str, NestedModel]) -> list[PlainValue]:
    keys, values, length = of_type(type_.key, models), of_type(type_.value, models), max(1, type_.min_length)
    if isinstance(type_.key, Scalar) and type_.key.kind == "str":
        name = str(keys[0])
        return [{name * (1 + number): value for number in range(length)} for value in values[:1]]
    return [(pair,) * length for pair in zip(keys, values, strict=False)]


@of_type.register
def _(type_: Nested, models: Mapping[str, NestedModel]) -> list[PlainValue]:
    return list(_of_model(models[type_.name])) if type_.name in models else []


@of_type.register
def _(type_: Union, models: Mapping[str, NestedModel]) -> list[PlainValue]:
    return [value for member in type_.members for value in of_type(member, models)]


def _of_model(model: NestedModel) -> Iterator[PlainValue]:
    """The smallest valid mapping, then one for each other value of each field, under each of its contexts."""
    required = [field for field in model.fields if field.required]
    if not all(any(value is not None for value in field.test_values) for field in required):
        return  # a required field cannot be written as data, so no mapping is valid
    smallest: dict[str, PlainValue] = {field.name: _first(field) for field in required}
    yield smallest
    for field in model.fields:
        for value in field.test_values:
            if value != field.default and value is not None:
                for context in field.contexts or ({},):
                    yield smallest | dict(context) | {field.name: value}


def _first(field: Field) -> PlainValue:
    return next(value for value in field.test_values if value is not None)


def _integers(type_: Scalar) -> Iterator[int]:
    lows = [bound for bound in type_.bounds if bound.is_lower]
    highs = [bound for bound in type_.bounds if not bound.is_lower]
    low = _above(lows[0]) if lows else None
    high = -_above(Bound(">" if highs[0].op == "<" else ">=", -highs[0].limit)) if highs else None
    if low is not None:
        yield from (low, low + 1, low + _FAR)
    elif high is not None:
        yield from (high, high - 1, high - _FAR)
    else:
        yield from (1, 0, -1)
    if low is not None and high is not None:
        yield from (high - 1, high)


def _above(bound: Bound) -> int:
    """The smallest whole number that a lower bound allows."""
    return math.floor(bound.limit) + 1 if bound.op == ">" else math.ceil(bound.limit)


def _fractions(type_: Scalar) -> Iterator[float]:
    lows = [bound for bound in type_.bounds if bound.is_lower]
    highs = [bound for bound in type_.bounds if not bound.is_lower]
    if lows:
        low = float(lows[0].limit)
        yield from (low, low + _NEAR)
    if lows and highs:
        yield (lows[0].limit + highs[0].limit) / 2
    elif lows:
        yield from (low + 0.5, low + 1.5)
    elif highs:
        yield float(highs[0].limit) - 1.0
    else:
        yield from (0.5, 1.5, -0.5)
    if highs:
        high = float(highs[0].limit)
        yield from (high - _NEAR, high)


def _is_closed(type_: Type) -> bool:
    return isinstance(type_, Choice) or (isinstance(type_, Scalar) and type_.kind == "bool")


def _distinct(values: list[PlainValue]) -> tuple[PlainValue, ...]:
    distinct: list[PlainValue] = []
    for value in values:
        if not is_among(value, distinct):
            distinct.append(value)
    return tuple(distinct)
