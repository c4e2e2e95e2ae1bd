"""Sets of numbers as unions of intervals, and what a condition in the source says about one value.

``raise`` behind ``if not isinstance(x, float) or not (x > 0):`` refuses every number that is not above 0; a gate
``0.0 < x < 1.0`` lets some values past that check. This module turns such conditions into sets, so that the two can be put
together: *accepted = not reached by the gate, or passing the check*.
"""

import ast
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from codegen.model.types import Bound
from codegen.upstream.symbols import walk

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
            found.append(Bound(">=" if below < 0 else ">", _plain(low)))
        if high != math.inf:
            found.append(Bound("<=" if above > 0 else "<", _plain(high)))
        return tuple(found)


NOTHING = Region(())
EVERYTHING = Region(((_LOW, _HIGH),))


def of_bounds(bounds: Iterable[Bound]) -> Region:
    """The numbers that all the bounds allow."""
    region = EVERYTHING
    for bound in bounds:
        region &= _compared(bound.op, bound.limit)
    return region


def _plain(number: float) -> int | float:
    return int(number) if number == int(number) else number


def _compared(op: str, limit: float) -> Region:
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
            return ~_compared("==", limit)
    return Region(spans)


@dataclass(frozen=True, slots=True)
class Extent:
    """For which numbers a condition holds: surely in ``surely``, possibly in ``possibly``.

    ``unread`` is True if the condition looks at the value in a way that is not understood.
    """

    surely: Region
    possibly: Region
    unread: bool = False

    def __invert__(self) -> "Extent":
        return Extent(~self.possibly, ~self.surely, self.unread)


TRUE = Extent(EVERYTHING, EVERYTHING)
FALSE = Extent(NOTHING, NOTHING)
UNKNOWN = Extent(NOTHING, EVERYTHING)
UNREAD = Extent(NOTHING, EVERYTHING, unread=True)

_OPS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_TYPE_NAMES = {"int", "float", "bool", "str", "integer", "Tensor"}


def truth(condition: ast.expr, is_value: Callable[[ast.expr], bool]) -> Extent:
    """What a condition says of a number.

    Args:
        condition: the test of an ``if``.
        is_value: tells which expressions stand for the value. The value is taken to be a number of the right type, not
            None, so ``isinstance`` and ``is None`` are decided.
    """
    match condition:
        case ast.BoolOp(op=operator, values=parts):
            truths = [truth(part, is_value) for part in parts]
            joined = truths[0]
            for each in truths[1:]:
                unread = joined.unread or each.unread
                if isinstance(operator, ast.And):
                    joined = Extent(joined.surely & each.surely, joined.possibly & each.possibly, unread)
                else:
                    joined = Extent(joined.surely | each.surely, joined.possibly | each.possibly, unread)
            return joined
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return ~truth(inner, is_value)
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ) if is_value(left):
            return TRUE if isinstance(op, ast.IsNot) else FALSE
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return _chain([left, *rights], ops, is_value)
        case ast.Call(func=ast.Name(id="isinstance"), args=[value, kinds]) if is_value(value):
            names = {
                node.id if isinstance(node, ast.Name) else node.attr
                for node in walk(kinds)
                if isinstance(node, ast.Name | ast.Attribute)
            }
            if not names <= _TYPE_NAMES | {"np", "torch", "list", "dict", "tuple"}:
                return UNREAD
            return TRUE if names & {"int", "float"} else FALSE
        case ast.Constant(value=bool(known)):
            return TRUE if known else FALSE
    return (
        UNREAD if any(is_value(node) for node in walk(condition) if isinstance(node, ast.expr)) else UNKNOWN
    )


def _chain(terms: list[ast.expr], ops: list[ast.cmpop], is_value: Callable[[ast.expr], bool]) -> Extent:
    """``0.0 < x < 1.0`` is ``0.0 < x and x < 1.0``."""
    joined = TRUE
    for left, op, right in zip(terms, ops, terms[1:], strict=False):
        if is_value(left) and (limit := number(right)) is not None and type(op) in _OPS:
            each = _exactly(_compared(_OPS[type(op)], limit))
        elif is_value(right) and (limit := number(left)) is not None and type(op) in _OPS:
            each = _exactly(_compared(_MIRRORED[_OPS[type(op)]], limit))
        elif any(
            is_value(node) for term in (left, right) for node in walk(term) if isinstance(node, ast.expr)
        ):
            each = UNREAD
        else:
            each = UNKNOWN
        joined = Extent(
            joined.surely & each.surely, joined.possibly & each.possibly, joined.unread or each.unread
        )
    return joined


def _exactly(region: Region) -> Extent:
    return Extent(region, region)


def number(node: ast.expr) -> int | float | None:
    """The number that a constant expression is (``-1``, ``2**24``), or None."""
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            negated = number(inner)
            return None if negated is None else -negated
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = number(left), number(right)
            if (
                isinstance(base, int)
                and isinstance(exponent, int)
                and 0 <= exponent <= 64
                and abs(base) <= 2**16
            ):
                return int(base**exponent)
    return None
