"""Two types of one parameter, compared: which values are accepted only now, and which no longer.

First the kinds of value (a list, a number, a class) are compared, then the bounds, lengths and choices at the
places that both types have.
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
    """One difference between two types.

    Args:
        id: the id of the kind of finding.
        old: the old type, bound or choice; None where there was none.
        new: the new one, None where there is none.
        place: the path into the type, empty for the type itself.
    """

    id: str
    old: PlainValue
    new: PlainValue
    place: str = ""


def changes(old: Type, new: Type) -> list[Change]:
    """Every difference in what the two types accept; empty for two ways to write the same type."""
    kinds = _kinds(old, new)
    if kinds is not None:
        kind_change = [Change(kinds, text(old), text(new))]
        return (
            kind_change if kinds == "type-opaque" else [*kind_change, *_choices(old, new), *_limits(old, new)]
        )
    return [*_choices(old, new), *_limits(old, new)]


def _kinds(old: Type, new: Type) -> str | None:
    """How the kinds of value changed, as the id of a kind of finding; None if they did not."""
    if _is_opaque(new) and not _is_opaque(old):
        return "type-opaque"
    match _has_only_kinds_of(old, new), _has_only_kinds_of(new, old):
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
    return all(any(_is_kind_of(member, other) for other in members_of(outer)) for member in members_of(inner))


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
            return all(_has_only_kinds_of(position, item) for position in items)
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
            continue  # values can be listed in one of the types only, which is a change of kinds
        for value in before[place]:
            if not is_among(value, after[place]):
                yield Change("choice-removed", value, None, place)
        for value in after[place]:
            if not is_among(value, before[place]):
                yield Change("choice-added", None, value, place)


def _listed(type_: Type) -> dict[str, tuple[str | int | bool, ...]]:
    """The values of the choices in a type, by their place."""
    values: dict[str, tuple[str | int | bool, ...]] = {}
    for place, leaf in leaves(type_):
        if isinstance(leaf, Choice):
            values[place] = values.get(place, ()) + leaf.values
    return values


def _limits(old: Type, new: Type) -> Iterator[Change]:
    """Bounds and lengths that differ at a place that both types have."""
    before, after = dict(_bounds(old)), dict(_bounds(new))
    for place, ends in before.items():
        if place not in after:
            continue
        for first, second in zip(ends, after[place], strict=True):
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


_Ends = tuple[Bound | None, Bound | None]
"""The lower and the upper bound at one place."""


def _bounds(type_: Type) -> Iterator[tuple[str, _Ends]]:
    """The lower and upper bound of every number, and of the length of every text, list and mapping.

    Where several members of a union have bounds at one place, the widest counts: a value has to fit only one.
    """
    by_place: dict[str, list[_Ends]] = {}
    for place, ends in _bounds_of_members(type_, ""):
        by_place.setdefault(place, []).append(ends)
    for place, several in by_place.items():
        yield place, (_widest([low for low, _ in several]), _widest([high for _, high in several]))


def _widest(bounds: list[Bound | None]) -> Bound | None:
    widest = bounds[0]
    for bound in bounds[1:]:
        if widest is None or bound is None:
            return None
        if widest.implies(bound):
            widest = bound
    return widest


def _bounds_of_members(type_: Type, place: str) -> Iterator[tuple[str, _Ends]]:
    match type_:
        case Union(members=members):
            for member in members:
                yield from _bounds_of_members(member, place)
        case Scalar(kind="int" | "float" as kind, bounds=bounds):
            yield place, _ends(bounds, is_integer=kind == "int")
        case Scalar(kind="str", bounds=bounds):
            yield f"{place} length".strip(), _ends(bounds, is_integer=True)
        case ListOf(item=item, min_length=min_length):
            yield f"{place} length".strip(), _length(min_length)
            yield from _bounds_of_members(item, f"{place}[]")
        case TupleOf(items=items):
            for index, item in enumerate(items):
                yield from _bounds_of_members(item, f"{place}[{index}]")
        case MapOf(key=key, value=value, min_length=min_length):
            yield f"{place} length".strip(), _length(min_length)
            yield from _bounds_of_members(key, f"{place} keys".strip())
            yield from _bounds_of_members(value, f"{place} values".strip())


def _length(min_length: int) -> _Ends:
    return (Bound(">=", min_length) if min_length else None), None


def _ends(bounds: tuple[Bound, ...], *, is_integer: bool) -> _Ends:
    """The lower and the upper bound; inclusive for integers, where ``> 0`` and ``>= 1`` are the same."""
    comparable = [_inclusive(bound) if is_integer else bound for bound in bounds]
    low = next((bound for bound in comparable if bound.is_lower), None)
    high = next((bound for bound in comparable if not bound.is_lower), None)
    return low, high


def _inclusive(bound: Bound) -> Bound:
    if len(bound.op) == 2 or bound.limit != int(bound.limit):
        return bound
    limit = int(bound.limit)
    return Bound(">=", limit + 1) if bound.is_lower else Bound("<=", limit - 1)
