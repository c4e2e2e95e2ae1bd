"""Sets of numbers as unions of intervals, and the numbers for which a condition holds.

``raise`` behind ``if not isinstance(x, float) or not (x > 0):`` refuses every number that is not above 0; a
gate ``0.0 < x < 1.0`` lets some values past that check. This module turns such conditions into sets, so that
the two can be combined: *accepted = not reached by the gate, or passing the check*.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from codegen.model.conditions import And, Compare, Condition, Constant, HasType, IsTrue, Name, Not, Or
from codegen.model.types import Bound
from codegen.model.values import PlainValue

Edge = tuple[float, int]
"""A place between numbers: ``(x, -1)`` just below x, ``(x, 1)`` just above x."""

_LOW: Edge = (-math.inf, -1)
_HIGH: Edge = (math.inf, 1)


@dataclass(frozen=True, slots=True)
class Region:
    """A set of numbers: disjoint intervals in order, each from one edge to another."""

    spans: tuple[tuple[Edge, Edge], ...]

    def __or__(self, other: "Region") -> "Region":
        merged: list[tuple[Edge, Edge]] = []
        for low, high in sorted(self.spans + other.spans):
            if merged and low <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        return Region(tuple(merged))

    def __invert__(self) -> "Region":
        edges = [_LOW, *(edge for span in self.spans for edge in span), _HIGH]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return Region(tuple((low, high) for low, high in pairs if low < high))

    def __and__(self, other: "Region") -> "Region":
        return ~(~self | ~other)

    def __contains__(self, value: float) -> bool:
        return any(low < (value, 0) < high for low, high in self.spans)

    def __le__(self, other: "Region") -> bool:
        """Whether every number in this region is in the other."""
        return not (self & ~other).spans

    def bounds(self) -> tuple[Bound, ...] | None:
        """The one range that this region is, as bounds; None if it is empty or has a gap."""
        if len(self.spans) != 1:
            return None
        (low, below), (high, above) = self.spans[0]
        found = []
        if low != -math.inf:
            found.append(Bound(">=" if below < 0 else ">", _number(low)))
        if high != math.inf:
            found.append(Bound("<=" if above > 0 else "<", _number(high)))
        return tuple(found)


NOTHING = Region(())
EVERYTHING = Region(((_LOW, _HIGH),))


def of_bounds(bounds: Iterable[Bound]) -> Region:
    """The numbers that all the bounds allow."""
    region = EVERYTHING
    for bound in bounds:
        region &= _numbers(bound.op, bound.limit)
    return region


def _number(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _numbers(op: str, limit: float) -> Region:
    """The numbers for which a comparison with a limit holds."""
    below, above = (limit, -1), (limit, 1)
    match op:
        case "<":
            spans = ((_LOW, below),)
        case "<=":
            spans = ((_LOW, above),)
        case ">":
            spans = ((above, _HIGH),)
        case ">=":
            spans = ((below, _HIGH),)
        case "==":
            spans = ((below, above),)
        case _:
            return ~_numbers("==", limit)
    return Region(spans)


@dataclass(frozen=True, slots=True)
class Extent:
    """For which numbers a condition holds.

    Args:
        surely: those for which it holds whatever else is given.
        possibly: those for which it may hold; the same ones if nothing else decides.
    """

    surely: Region
    possibly: Region

    def __and__(self, other: "Extent") -> "Extent":
        return Extent(self.surely & other.surely, self.possibly & other.possibly)

    def __or__(self, other: "Extent") -> "Extent":
        return Extent(self.surely | other.surely, self.possibly | other.possibly)

    def __invert__(self) -> "Extent":
        return Extent(~self.possibly, ~self.surely)

    @property
    def is_exact(self) -> bool:
        """Whether the number alone decides."""
        return self.surely == self.possibly


TRUE = Extent(EVERYTHING, EVERYTHING)
FALSE = Extent(NOTHING, NOTHING)
UNKNOWN = Extent(NOTHING, EVERYTHING)

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NUMBERS = frozenset({"int", "float"})
_OTHER_TYPES = frozenset({"bool", "str", "integer", "Tensor", "list", "dict", "tuple"})


def extent(condition: Condition, path: str) -> Extent:
    """For which numbers a condition holds, as the value of one name; everything else in it may hold or not.

    The value is taken to be a number of the right type, and not None.
    """
    match condition:
        case And(of=parts):
            return reduce(Extent.__and__, (extent(part, path) for part in parts), TRUE)
        case Or(of=parts):
            return reduce(Extent.__or__, (extent(part, path) for part in parts), FALSE)
        case Not(of=inner):
            return ~extent(inner, path)
        case Compare(left=Name(path=name), op=op, right=Constant(value=value)) if name == path:
            return _comparison(op, value)
        case Compare(left=Constant(value=value), op=op, right=Name(path=name)) if (
            name == path and op in _MIRRORED
        ):
            return _comparison(_MIRRORED[op], value)
        case IsTrue(of=Name(path=name)) if name == path:
            return _comparison("!=", 0)
        case HasType(of=Name(path=name), types=types) if name == path and {*types} <= _NUMBERS | _OTHER_TYPES:
            return TRUE if _NUMBERS & {*types} else FALSE
    return UNKNOWN


def _comparison(op: str, value: PlainValue) -> Extent:
    """For which numbers a comparison with a constant holds."""
    match op, value:
        case "is" | "==", None:
            return FALSE
        case "is not" | "!=", None:
            return TRUE
        case _, int() | float() if op in _MIRRORED and not isinstance(value, bool):
            region = _numbers(op, value)
            return Extent(region, region)
    return UNKNOWN
