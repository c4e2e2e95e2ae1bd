"""The types a parameter can have: a small closed algebra with bounds inside, and its two notations.

``parse`` reads Python annotation syntax and the looser one of upstream's docstrings (``tuple(int, float)``,
``str or list[str]``, unbalanced backticks); ``text`` writes Python annotation syntax back, for people.
Rendering into the generated module is the business of :mod:`codegen.render.annotations`.
"""

import ast
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import singledispatch
from typing import Literal

from codegen.model.values import PlainValue

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
    def lower(self) -> bool:
        """Whether this bounds from below."""
        return self.op in (">", ">=")

    def implies(self, other: "Bound") -> bool:
        """Whether every value that this allows is allowed by ``other``; False if they face opposite ways."""
        if self.lower != other.lower:
            return False
        if self.limit == other.limit:
            return len(self.op) == 1 or len(other.op) == 2  # the strict one implies the other
        return (self.limit > other.limit) == self.lower

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
    """Something that has no form as data: only None can be set."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """A type upstream names that has no data form by itself; an override must say what stands for it."""

    name: str


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types."""

    members: tuple["Type", ...]


Type = Scalar | Choice | ListOf | TupleOf | MapOf | Nested | NoData | Opaque | Union


class UnreadableTypeError(ValueError):
    """The text names no type that is known."""


_NONE_NAMES = ("None", "NoneType")
_LISTS = ("list", "List", "Sequence", "Iterable")


def parse(text: str) -> tuple[Type | None, bool]:
    """Read a type: the type without None, and whether None is among its alternatives.

    Returns ``(None, True)`` for a plain ``None``.

    Raises:
        UnreadableTypeError: the text is no type expression that is known.
    """
    plain = text.strip().rstrip(":").strip()
    node = _expression(plain) or _expression(plain.strip("`")) or _expression(plain.replace("`", ""))
    if node is None:
        raise UnreadableTypeError(f"cannot read {text!r:.200} as a type")
    try:
        return from_annotation(node)
    except RecursionError as error:
        raise UnreadableTypeError(f"cannot read {text!r:.200} as a type: it is nested too deeply") from error


def _expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last three: NULs, and nesting
        return None


def from_annotation(node: ast.expr) -> tuple[Type | None, bool]:
    """:func:`parse` on a syntax tree."""
    members: list[Type] = []
    takes_none = False
    for alternative in _alternatives(node):
        if (isinstance(alternative, ast.Constant) and alternative.value is None) or (
            isinstance(alternative, ast.Name) and alternative.id in _NONE_NAMES
        ):
            takes_none = True
        else:
            members.append(_single(alternative))
    return (union(*members) if members else None), takes_none


def union(*members: Type) -> Type:
    """The union of the types, flat, without repetition, choices joined."""
    flat: list[Type] = []
    for member in members:
        for part in members_of(member):
            if isinstance(part, Choice) or part not in flat:
                flat.append(part)
    choices = [part for part in flat if isinstance(part, Choice)]
    if len(choices) > 1:
        values = {
            (type(value), value): value for choice in choices for value in choice.values
        }  # 1 is not True
        flat = [part for part in flat if not isinstance(part, Choice)] + [Choice(tuple(values.values()))]
    return flat[0] if len(flat) == 1 else Union(tuple(flat))


def members_of(type_: Type) -> tuple[Type, ...]:
    """The alternatives that a type consists of: those of a union, else itself."""
    return type_.members if isinstance(type_, Union) else (type_,)


def _alternatives(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=members)):
            for member in members:
                yield from _alternatives(member)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=member):
            yield from _alternatives(member)
            yield ast.Constant(value=None)
        case ast.BoolOp(op=ast.Or(), values=members):
            for member in members:
                yield from _alternatives(member)
        case ast.Constant(value=str(quoted)) if (inner := _expression(quoted)) is not None:
            yield from _alternatives(inner)
        case _:
            yield node


def _single(node: ast.expr) -> Type:
    match node:
        case ast.Name(id="bool" | "int" | "float" | "str" as kind):
            return Scalar(kind)
        case ast.Name(id="dict" | "Dict"):
            return Opaque("dict")
        case ast.Name(id="list" | "List"):
            return Opaque("list")
        case ast.Name(id=name):
            return Nested(name) if name.endswith("Config") else Opaque(name)
        case ast.Attribute():
            return Opaque(ast.unparse(node))
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inner):
            return Choice(tuple(map(_choice, inner.elts if isinstance(inner, ast.Tuple) else [inner])))
        case ast.Subscript(value=ast.Name(id=name), slice=inner) if name in _LISTS:
            return ListOf(_whole(inner))
        case ast.Subscript(
            value=ast.Name(id="tuple" | "Tuple"), slice=ast.Tuple(elts=[item, ast.Constant(value=rest)])
        ) if rest is ...:
            return ListOf(_whole(item))
        case ast.Subscript(value=ast.Name(id="tuple" | "Tuple"), slice=inner):
            elements = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            # A tuple of one type, as in `dict[tuple[int], float]`, is how upstream writes one of any length.
            return (
                ListOf(_whole(elements[0])) if len(elements) == 1 else TupleOf(tuple(map(_whole, elements)))
            )
        case ast.Subscript(
            value=ast.Name(id="dict" | "Dict" | "Mapping"), slice=ast.Tuple(elts=[key, value])
        ):
            return MapOf(_whole(key), _whole(value))
        case ast.Subscript(value=value):
            return Opaque(ast.unparse(value))
        case ast.Call(func=ast.Name(id="tuple" | "list" | "dict") as container, args=[_, *_] as items):
            return _single(ast.Subscript(value=container, slice=ast.Tuple(items) if items[1:] else items[0]))
    raise UnreadableTypeError(f"cannot read {ast.unparse(node)!r} as a type")


def _choice(node: ast.expr) -> str | int | bool:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if not isinstance(value, str | int):
        raise UnreadableTypeError(f"cannot read {ast.unparse(node)!r} as a choice")
    return value


def _whole(node: ast.expr) -> Type:
    inner, takes_none = from_annotation(node)
    if inner is None or takes_none:
        raise UnreadableTypeError(f"None inside of a container is not known: {ast.unparse(node)!r}")
    return inner


def text(type_: Type, *, takes_none: bool = False) -> str:
    """The type in Python annotation syntax, bounds left out: ``int | list[int] | None``."""
    match type_:
        case Scalar(kind=kind):
            plain: str = kind
        case Choice(values=values):
            plain = f"Literal[{', '.join(map(repr, values))}]"
        case ListOf(item=item):
            plain = f"list[{text(item)}]"
        case TupleOf(items=items):
            plain = f"tuple[{', '.join(map(text, items))}]"
        case MapOf(key=key, value=value):
            plain = f"dict[{text(key)}, {text(value)}]"
        case Nested(name=name) | Opaque(name=name):
            plain = name
        case NoData():
            return "None"
        case Union(members=members):
            plain = " | ".join(map(text, members))
    return f"{plain} | None" if takes_none else plain


# A path into a type: "[0]" an item of a fixed tuple, "[]" the items of a list, "keys" and "values" of a
# mapping. An empty path means the type itself, through a union to whichever members have numbers.
_STEP = re.compile(r"\[(\d*)\]|\.?(keys|values)")


def steps(path: str) -> tuple[str, ...]:
    """The steps of a path: ``"[][0]"`` is ``("[]", "[0]")``.

    Raises:
        ValueError: the text is not a path.
    """
    found, end = [], 0
    for match in _STEP.finditer(path):
        if match.start() != end:
            break
        found.append(match.group(2) or f"[{match.group(1)}]")
        end = match.end()
    if end != len(path):
        raise ValueError(
            f"{path!r} is not a path into a type; write for example [0], [], [][], keys or values"
        )
    return tuple(found)


def at(type_: Type, path: tuple[str, ...], change: Callable[[Type], Type | None]) -> Type | None:
    """The type with ``change`` applied to what lies at ``path``; None if nothing there could be changed.

    ``change`` returns None for a type that it does not apply to. Through a union all members are tried.
    """
    if isinstance(type_, Union):
        changed = [at(member, path, change) for member in type_.members]
        if not any(changed):
            return None
        return union(*(new or old for new, old in zip(changed, type_.members, strict=True)))
    if not path:
        return change(type_)
    step, rest = path[0], path[1:]
    match type_, step:
        case ListOf(item=item), "[]":
            new = at(item, rest, change)
            return new and replace(type_, item=new)
        case MapOf(key=key), "keys":
            new = at(key, rest, change)
            return new and replace(type_, key=new)
        case MapOf(value=value), "values":
            new = at(value, rest, change)
            return new and replace(type_, value=new)
        case TupleOf(items=items), _ if step != "[]" and step.startswith("["):
            index = int(step[1:-1])
            if index >= len(items) or (new := at(items[index], rest, change)) is None:
                return None
            return TupleOf((*items[:index], new, *items[index + 1 :]))
    return None


def leaves(type_: Type, path: str = "") -> Iterator[tuple[str, Type]]:
    """Every scalar, choice and nested type inside, with its path."""
    match type_:
        case ListOf(item=item):
            yield from leaves(item, path + "[]")
        case TupleOf(items=items):
            for index, item in enumerate(items):
                yield from leaves(item, f"{path}[{index}]")
        case MapOf(key=key, value=value):
            yield from leaves(key, path + "keys")
            yield from leaves(value, path + "values")
        case Union(members=members):
            for member in members:
                yield from leaves(member, path)
        case _:
            yield path, type_


def with_bound(type_: Type, bound: Bound) -> Type | None:
    """The type with one more bound, the tighter one kept for each side; None if it has no number to bound.

    On a list, a mapping or a text the bound is on its length; only a lower one is known there.
    """
    match type_:
        case Scalar(kind="int" | "float" as kind, bounds=bounds):
            if kind == "int":
                bound = _whole_bound(bound)
            kept = [old for old in bounds if not bound.implies(old)]
            if any(old.implies(bound) for old in kept):
                return type_
            ordered = sorted((*kept, bound), key=lambda each: not each.lower)
            return Scalar(kind, tuple(ordered))
    return None


def _whole_bound(bound: Bound) -> Bound:
    """The same bound for whole numbers, with a whole limit: above 0.5 is from 1 on."""
    limit = math.ceil(bound.limit) if bound.lower else math.floor(bound.limit)
    if limit == bound.limit:
        return Bound(bound.op, limit)
    return Bound(">=" if bound.lower else "<=", limit)


@singledispatch
def admits(type_: Type, value: PlainValue) -> bool:  # noqa: ARG001 - of what has no form as data
    """Whether a value in its plain form (lists as tuples) is of the type, bounds and lengths included.

    For a :class:`Nested` type only the form, a mapping, is looked at.
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
    return any(value == choice and type(value) is type(choice) for choice in type_.values)


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
