"""The types a parameter can have: a small closed algebra with bounds inside.

Their notation is in :mod:`codegen.model.type_text`, paths into them are in :mod:`codegen.model.type_paths`.
"""

import math
from dataclasses import dataclass
from functools import singledispatch
from typing import Literal

from codegen.model.values import PlainValue, is_among

ScalarKind = Literal["bool", "int", "float", "str"]
Op = Literal[">", ">=", "<", "<="]


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a range: ``value op limit``, so ``Bound(">", 0)`` means greater than 0."""

    op: Op
    limit: int | float

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies on the allowed side."""
        match self.op:
            case ">":
                return value > self.limit
            case ">=":
                return value >= self.limit
            case "<":
                return value < self.limit
            case "<=":
                return value <= self.limit

    @property
    def is_lower(self) -> bool:
        """Whether this bounds from below."""
        return self.op in (">", ">=")

    def implies(self, other: "Bound") -> bool:
        """Whether every value that this allows is allowed by ``other``; False for opposite directions."""
        if self.is_lower != other.is_lower:
            return False
        if self.limit == other.limit:
            return len(self.op) == 1 or len(other.op) == 2  # the strict one implies the other
        return (self.limit > other.limit) == self.is_lower

    def __str__(self) -> str:
        return f"{self.op} {self.limit}"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A bool, int, float or text.

    Numbers may have bounds, a text a minimum length (a bound on its length).
    """

    kind: ScalarKind
    bounds: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few literal values."""

    values: tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of any length, or of at least ``min_length`` items."""

    item: "Type"
    min_length: int = 0


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple of fixed length."""

    items: tuple["Type", ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping. One with text keys is a mapping in YAML too, any other becomes a list of pairs."""

    key: "Type"
    value: "Type"
    min_length: int = 0


@dataclass(frozen=True, slots=True)
class Nested:
    """A configuration class of its own, by its name upstream."""

    name: str


@dataclass(frozen=True, slots=True)
class NoData:
    """Something that cannot be written as data: only None can be set."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A type that cannot be written as data; an override must say what replaces it."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types."""

    members: tuple["Type", ...]


Type = Scalar | Choice | ListOf | TupleOf | MapOf | Nested | NoData | Opaque | Union


def union(*members: Type) -> Type:
    """The union of the types, flat, without repetition, choices joined."""
    flat: list[Type] = []
    for member in members:
        for part in members_of(member):
            if isinstance(part, Choice) or part not in flat:
                flat.append(part)
    choices = [part for part in flat if isinstance(part, Choice)]
    if len(choices) > 1:
        # The type is part of the key because 1 and True are different choices.
        values = {(type(value), value): value for choice in choices for value in choice.values}
        flat = [part for part in flat if not isinstance(part, Choice)] + [Choice(tuple(values.values()))]
    return flat[0] if len(flat) == 1 else Union(tuple(flat))


def members_of(type_: Type) -> tuple[Type, ...]:
    """The alternatives that a type consists of: those of a union, else itself."""
    return type_.members if isinstance(type_, Union) else (type_,)


def with_bound(type_: Type, bound: Bound) -> Type | None:
    """The type with one more bound, the tighter one kept for each side; None if it is not a number."""
    match type_:
        case Scalar(kind="int" | "float" as kind, bounds=bounds):
            if kind == "int":
                bound = _integer_bound(bound)
            others = [old for old in bounds if not bound.implies(old)]
            if any(old.implies(bound) for old in others):
                return type_
            ordered = sorted((*others, bound), key=lambda each: not each.is_lower)
            return Scalar(kind, tuple(ordered))
    return None


def _integer_bound(bound: Bound) -> Bound:
    """The same bound for whole numbers, with a whole limit: ``> 0.5`` is ``>= 1``."""
    limit = math.ceil(bound.limit) if bound.is_lower else math.floor(bound.limit)
    if limit == bound.limit:
        return Bound(bound.op, limit)
    return Bound(">=" if bound.is_lower else "<=", limit)


@singledispatch
def admits(type_: Type, value: PlainValue) -> bool:  # noqa: ARG001 - of what cannot be written as data
    """Whether a value in its plain form (lists as tuples) is of the type, bounds and lengths included.

    For a :class:`Nested` type, only whether it is a mapping is checked.
    """
    return False


@admits.register
def _(type_: Scalar, value: PlainValue) -> bool:
    kinds = (int, float) if type_.kind == "float" else {"bool": bool, "int": int, "str": str}[type_.kind]
    if not isinstance(value, kinds) or (isinstance(value, bool) and type_.kind != "bool"):
        return False
    measured = len(value) if isinstance(value, str) else value
    return all(bound.holds(measured) for bound in type_.bounds)  # type: ignore[arg-type]  # a number by now


@admits.register
def _(type_: Choice, value: PlainValue) -> bool:
    return is_among(value, type_.values)


@admits.register
def _(type_: ListOf, value: PlainValue) -> bool:
    return (
        isinstance(value, tuple)
        and len(value) >= type_.min_length
        and all(admits(type_.item, item) for item in value)
    )


@admits.register
def _(type_: TupleOf, value: PlainValue) -> bool:
    return (
        isinstance(value, tuple) and len(value) == len(type_.items) and all(map(admits, type_.items, value))
    )


@admits.register
def _(type_: MapOf, value: PlainValue) -> bool:
    by_name = isinstance(type_.key, Scalar) and type_.key.kind == "str"
    if not isinstance(value, dict if by_name else tuple) or len(value) < type_.min_length:
        return False
    pairs = tuple(value.items()) if isinstance(value, dict) else value
    return all(admits(TupleOf((type_.key, type_.value)), pair) for pair in pairs)


@admits.register
def _(type_: Nested, value: PlainValue) -> bool:  # noqa: ARG001 - only the form counts
    return isinstance(value, dict)


@admits.register
def _(type_: Union, value: PlainValue) -> bool:
    return any(admits(member, value) for member in type_.members)
