"""The types that the child found on fields, read back as types of the Schema."""

import ast
from collections.abc import Callable
from typing import Any

from codegen.model.types import Bound, Choice, ListOf, MapOf, Nested, NoData, Op, Scalar, TupleOf, Type, Union

Shape = list[Any]
"""As :func:`codegen.proof.child.shape` makes it: a kind, its parts, and the markers on it."""

_OPS: dict[str, Op] = {"Gt": ">", "Ge": ">=", "Lt": "<", "Le": "<="}


class UnmeantTypeError(ValueError):
    """An annotation, or the markers on it, do not correspond to any Type of the Schema."""


def read(shape: Shape) -> tuple[Type, bool]:
    """The type without None, and whether None is taken.

    Raises:
        UnmeantTypeError: the Schema has no such type.
    """
    kind, parts, markers = shape
    if kind in ("NoneType", "None"):
        return NoData(), True
    if kind != "union":
        return _read(shape), False
    others = [part for part in parts if part[0] != "NoneType"]
    takes_none = len(others) < len(parts)
    if not markers and takes_none and len(others) == 1:
        return _read(others[0]), True
    return _union(others, markers), takes_none


def _read(shape: Shape) -> Type:
    kind, parts, markers = shape
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(parts, markers)
    if markers or parts:
        raise UnmeantTypeError(f"{kind} with {markers}")
    return Nested(kind)


def _number(kind: str) -> Callable[[Any, Any], Type]:
    def reader(_: Any, markers: list[list[str]]) -> Type:
        bounds = tuple(Bound(_OPS[name], ast.literal_eval(limit)) for name, limit in map(_pair, markers))
        return Scalar(kind, bounds)  # type: ignore[arg-type]  # one of two

    return reader


def _pair(marker: list[str]) -> list[str]:
    if len(marker) != 2 or marker[0] not in _OPS:
        raise UnmeantTypeError(f"a number with {marker}")
    return marker


def _text(_: Any, markers: list[list[str]]) -> Type:
    rest, length = _length(markers)
    _none_left("str", rest)
    return Scalar("str", (Bound(">=", length),) if length else ())


def _flag(_: Any, markers: list[list[str]]) -> Type:
    _none_left("bool", markers)
    return Scalar("bool")


def _literal(values: str, markers: list[list[str]]) -> Type:
    found = ast.literal_eval(values)
    exact = not all(isinstance(value, str) for value in found)
    _none_left("Literal", markers, *([["_Exact"]] if exact else []))
    return Choice(found)


def _sequence(parts: list[Shape], markers: list[list[str]]) -> Type:
    rest, length = _length(markers)
    if rest == [["BeforeValidator", "_as_pairs"]] and parts[0][0] == "tuple":
        key, value = parts[0][1]
        return MapOf(_read(key), _read(value), length)
    _none_left("a sequence", rest, ["BeforeValidator", "_as_tuple"])
    return ListOf(_read(parts[0]), length)


def _tuple(parts: list[Shape], markers: list[list[str]]) -> Type:
    _none_left("a tuple", markers, ["_Fixed"])
    return TupleOf(tuple(map(_read, parts)))


def _dict(parts: list[Shape], markers: list[list[str]]) -> Type:
    rest, length = _length(markers)
    _none_left("a dict", rest, ["AfterValidator", "FrozenDict"])
    return MapOf(_read(parts[0]), _read(parts[1]), length)


def _union(parts: list[Shape], markers: list[list[str]]) -> Type:
    members = tuple(map(_read, parts))
    models = all(isinstance(member, Nested) for member in members)
    _none_left("a union", markers, *([["OneOf"]] if models else []))
    return Union(members)


def _length(markers: list[list[str]]) -> tuple[list[list[str]], int]:
    """The markers except those of a minimum length, and that length."""
    rest = [marker for marker in markers if marker[0] != "MinLen"]
    lengths = [int(marker[1]) for marker in markers if marker[0] == "MinLen"]
    if len(lengths) > 1:
        raise UnmeantTypeError(f"several lengths: {markers}")
    return rest, sum(lengths)


def _none_left(kind: str, markers: list[list[str]], *meant: list[str]) -> None:
    if markers != list(meant):
        raise UnmeantTypeError(f"{kind} with {markers}")


_READERS: dict[str, Callable[[Any, Any], Type]] = {
    "bool": _flag,
    "int": _number("int"),
    "float": _number("float"),
    "str": _text,
    "literal": _literal,
    "sequence": _sequence,
    "tuple": _tuple,
    "dict": _dict,
    "union": _union,
}
