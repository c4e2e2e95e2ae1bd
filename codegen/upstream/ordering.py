"""Puts neighbouring assignments that do not depend on each other in a fixed order.

Exchanging two of them changes nothing: each assigns a plain local from what no other one assigns, and calls
nothing. They are sorted by their values, names left out, so that the order does not depend on names either.
"""

import ast
import re
from collections.abc import Iterator, Sequence

from codegen.upstream.symbols import serialised, walk

_NAME = re.compile(r"\(Name id=str:'[^']*'\)")
_BLOCKS = ("body", "orelse", "finalbody")


def order(node: ast.AST) -> None:
    """Order such assignments in every block of a definition, in place."""
    for each in walk(node):
        for name in _BLOCKS:
            block = getattr(each, name, None)
            if isinstance(block, list) and len(block) > 1:
                setattr(each, name, [*_ordered(block)])


def _ordered(block: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    run: list[ast.stmt] = []
    for each in block:
        if not _can_be_exchanged(each):
            yield from _sorted(run)
            yield each
            run = []
        elif all(_are_independent(each, other) for other in run):
            run.append(each)
        else:
            yield from _sorted(run)
            run = [each]
    yield from _sorted(run)


def _sorted(run: list[ast.stmt]) -> list[ast.stmt]:
    return sorted(run, key=lambda each: _NAME.sub("(Name)", serialised(each)))


def _can_be_exchanged(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()], value=value):
            does = ast.Call | ast.NamedExpr | ast.Await | ast.Yield | ast.YieldFrom
            return not any(isinstance(each, does) for each in walk(value))
    return False


def _are_independent(one: ast.stmt, other: ast.stmt) -> bool:
    return _stored(one).isdisjoint(_names(other)) and _stored(other).isdisjoint(_names(one))


def _names(statement: ast.stmt) -> set[str]:
    return {each.id for each in walk(statement) if isinstance(each, ast.Name)}


def _stored(statement: ast.stmt) -> set[str]:
    return {
        each.id for each in walk(statement) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    }
