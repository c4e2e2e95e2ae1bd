"""Two types of one parameter, compared: what the new one takes more or less than the old one.

First the kinds of value (a list, a number, a class), then, where both have the same, their bounds, lengths
and choices.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Union,
    members_of,
)
from codegen.model.values import PlainValue, is_among


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two types: the id of its kind, and the old and the new form.

    ``place`` is the path into the type, empty for the type itself.
    """

    id: str
    old: PlainValue
    new: PlainValue
    place: str = ""


def changes(old: Type, new: Type) -> list[Change]:
    """Every difference in what the two take; empty for two ways to write the same."""
    kinds = _kinds(old, new)
    if kinds is not None:
        kind_change = [Change(kinds, text(old), text(new))]
        return (
            kind_change if kinds == "type-opaque" else [*kind_change, *_choices(old, new), *_limits(old, new)]
        )
    return [*_choices(old, new), *_limits(old, new)]


def _kinds(old: Type, new: Type) -> str | None:
    if _is_opaque(new) and not _is_opaque(old):
        return "type-opaque"
    kept, fits = _has_only_kinds_of(old, new), _has_only_kinds_of(new, old)
    match kept, fits:
        case True, True:
            return None
        case True, False:
            return "type-widened"
        case False, True:
            return "type-narrowed"
    return "type-changed"


def _is_opaque(type_: Type) -> bool:
    return all(isinstance(leaf, NoData | Opaque) for _, leaf in leaves(type_))


def _has_only_kinds_of(inner: Type, outer: Type) -> bool:
    """Whether every kind of value of ``inner`` is one of ``outer``.

    Bounds, lengths and single choices are ignored.
    """
    return all(any(_is_kind_of(each, other) for other in members_of(outer)) for each in members_of(inner))


def _is_kind_of(inner: Type, outer: Type) -> bool:
    match inner, outer:
        case NoData(), _:
            return True
        case Scalar(kind=kind), Scalar(kind=other):
            return kind == other or (kind, other) == ("int", "float")
        case Choice(), Scalar(kind=kind):
            return all(_kind_of(value) == kind for value in inner.values)
        case Choice(), Choice():
            return {_kind_of(value) for value in inner.values} <= {_kind_of(value) for value in outer.values}
        case Scalar(kind="bool"), Choice(values=values):
            return {True, False} <= {value for value in values if isinstance(value, bool)}
        case ListOf(item=item), ListOf(item=other):
            return _has_only_kinds_of(item, other)
        case TupleOf(items=items), TupleOf(items=others):
            return len(items) == len(others) and all(map(_has_only_kinds_of, items, others))
        case TupleOf(items=items), ListOf(item=item):
            return all(_has_only_kinds_of(each, item) for each in items)
        case MapOf(key=key, value=value), MapOf(key=other_key, value=other_value):
            return _has_only_kinds_of(key, other_key) and _has_only_kinds_of(value, other_value)
        case (Nested(), Nested()) | (Opaque(), Opaque()):
            return inner == outer
    return False


def _kind_of(value: str | int | bool) -> str:
    return type(value).__name__


def _choices(old: Type, new: Type) -> Iterator[Change]:
    """Values of closed sets at the same place that only one of the two has."""
    before, after = _listed(old), _listed(new)
    for place in dict.fromkeys([*before, *after]):
        if place not in before or place not in after:
            continue  # a closed set that is open now, or the other way: the kinds say so
        for value in before[place]:
            if not is_among(value, after[place]):
                yield Change("choice-removed", value, None, place)
        for value in after[place]:
            if not is_among(value, before[place]):
                yield Change("choice-added", None, value, place)


def _listed(type_: Type) -> dict[str, tuple[str | int | bool, ...]]:
    found: dict[str, tuple[str | int | bool, ...]] = {}
    for place, leaf in leaves(type_):
        if isinstance(leaf, Choice):
            found[place] = found.get(place, ()) + leaf.values
    return found


def _limits(old: Type, new: Type) -> Iterator[Change]:
    """Bounds and lengths at the same place, side by side."""
    before, after = dict(_bounds(old)), dict(_bounds(new))
    for place, sides in before.items():
        if place not in after:
            continue
        for first, second in zip(sides, after[place], strict=True):
            change = _bound_change(first, second)
            if change is not None:
                yield Change(change, _bound_text(first), _bound_text(second), place)


def _bound_text(bound: Bound | None) -> str | None:
    return None if bound is None else str(bound)


def _bound_change(first: Bound | None, second: Bound | None) -> str | None:
    if first == second:
        return None
    if first is None:
        return "bound-added"
    if second is None:
        return "bound-removed"
    return "bound-tightened" if second.implies(first) else "bound-relaxed"


Sides = tuple[Bound | None, Bound | None]


def _bounds(type_: Type, place: str = "") -> Iterator[tuple[str, Sides]]:
    """The lower and upper bound of every number, and of the length of every text, list and mapping.

    Of several members of a union at one place the widest counts: a value has to pass only one of them.
    """
    found: dict[str, list[Sides]] = {}
    for where, sides in _each_bound(type_, place):
        found.setdefault(where, []).append(sides)
    for where, several in found.items():
        yield where, (_widest([low for low, _ in several]), _widest([high for _, high in several]))


def _widest(bounds: list[Bound | None]) -> Bound | None:
    widest = bounds[0]
    for bound in bounds[1:]:
        if widest is None or bound is None:
            return None
        if widest.implies(bound):
            widest = bound
    return widest


def _each_bound(type_: Type, place: str) -> Iterator[tuple[str, Sides]]:
    match type_:
        case Union(members=members):
            for member in members:
                yield from _each_bound(member, place)
        case Scalar(kind="int" | "float" as kind, bounds=bounds):
            yield place, _sides(bounds, is_integer=kind == "int")
        case Scalar(kind="str", bounds=bounds):
            yield f"{place} length".strip(), _sides(bounds, is_integer=True)
        case ListOf(item=item, min_length=min_length):
            yield f"{place} length".strip(), _length(min_length)
            yield from _each_bound(item, f"{place}[]")
        case TupleOf(items=items):
            for index, item in enumerate(items):
                yield from _each_bound(item, f"{place}[{index}]")
        case MapOf(key=key, value=value, min_length=min_length):
            yield f"{place} length".strip(), _length(min_length)
            yield from _each_bound(key, f"{place} keys".strip())
            yield from _each_bound(value, f"{place} values".strip())


def _length(min_length: int) -> Sides:
    return (Bound(">=", min_length) if min_length else None), None


def _sides(bounds: tuple[Bound, ...], *, is_integer: bool) -> Sides:
    """The lower and the upper bound; of whole numbers in one notation, since above 0 is from 1 on."""
    written = [_inclusive(bound) if is_integer else bound for bound in bounds]
    low = next((bound for bound in written if bound.is_lower), None)
    high = next((bound for bound in written if not bound.is_lower), None)
    return low, high


def _inclusive(bound: Bound) -> Bound:
    if len(bound.op) == 2 or bound.limit != int(bound.limit):
        return bound
    limit = int(bound.limit)
    return Bound(">=", limit + 1) if bound.is_lower else Bound("<=", limit - 1)
