"""``raise`` statements and the conditions in front of them.

Serves the constructors of logits processors, ``GenerationConfig.validate`` and the ``validate`` of nested classes alike: each
asks which values of one argument are surely refused.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from codegen.model.regions import NOTHING, TRUE, Extent, Region, truth
from codegen.model.types import Choice
from codegen.upstream.symbols import walk

IsValue = Callable[[ast.expr], bool]
Resolve = Callable[[str], tuple[str | int | bool | None, ...] | None]
"""Gives the values of a constant table by its name, None if it is not a table of literals."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a function refuses of one argument.

    Args:
        numbers: those that surely end in a raise.
        choices: the only values that get through, None if it is no membership test.
        takes_none: False if None surely ends in a raise.
        unread: whether there is a raise that depends on the argument in a way that is not understood.
    """

    numbers: Region = NOTHING
    choices: Choice | None = None
    takes_none: bool = True
    unread: bool = False


def paths_to(
    body: list[ast.stmt], wanted: type[ast.stmt], path: tuple[ast.expr, ...] = ()
) -> Iterator[tuple[ast.stmt, tuple[ast.expr, ...]]]:
    """Every statement of a kind, with the conditions that have to hold for it to be reached."""
    for statement in body:
        if isinstance(statement, wanted):
            yield statement, path
        match statement:
            case ast.If(test=test, body=inner, orelse=other):
                yield from paths_to(inner, wanted, (*path, test))
                yield from paths_to(other, wanted, (*path, ast.UnaryOp(op=ast.Not(), operand=test)))
                if isinstance(inner[-1], ast.Return) and not other:  # what follows is reached only otherwise
                    path = (*path, ast.UnaryOp(op=ast.Not(), operand=test))
            case ast.For(iter=over, body=inner):
                unrolled = _unrolled(statement)
                for each in unrolled:
                    yield from paths_to(each, wanted, path)
                if not unrolled:
                    yield from paths_to(inner, wanted, (*path, over))
            case ast.While(test=test, body=inner):
                yield from paths_to(inner, wanted, (*path, test))
            case ast.Match(subject=subject, cases=cases):
                for case in cases:
                    yield from paths_to(case.body, wanted, (*path, subject))
            case ast.With(body=inner) | ast.Try(body=inner):
                yield from paths_to(inner, wanted, path)


def _unrolled(loop: ast.For) -> list[list[ast.stmt]]:
    """The bodies of a loop over a literal list of tuples, names replaced; none for any other loop."""
    match loop:
        case ast.For(target=ast.Tuple(elts=targets), iter=ast.List(elts=rows)) if all(
            isinstance(r, ast.Tuple) for r in rows
        ):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            bodies = []
            for row in rows:
                assert isinstance(row, ast.Tuple)
                swap = _Swap(dict(zip(names, row.elts, strict=False)))
                bodies.append([_copied(swap, statement) for statement in loop.body])
            return bodies
    return []


class _Swap(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.values.get(node.id, node)


def _copied(swap: _Swap, statement: ast.stmt) -> ast.stmt:
    visited = swap.visit(ast.parse(ast.unparse(statement)).body[0])
    assert isinstance(visited, ast.stmt)
    return visited


def mentions(node: ast.expr, is_value: IsValue) -> bool:
    """Whether the expression looks at the value anywhere."""
    return any(map(is_value, _expressions(node)))


@cache
def _expressions(node: ast.expr) -> tuple[ast.expr, ...]:
    """Everything in an expression that is one; each parameter in turn looks for itself there."""
    return tuple(each for each in walk(node) if isinstance(each, ast.expr))


@cache
def _raises(function: ast.FunctionDef) -> tuple[tuple[ast.expr, ...], ...]:
    """The conditions in front of every raise."""
    return tuple(path for _, path in paths_to(function.body, ast.Raise))


def refusal(
    function: ast.FunctionDef, is_value: IsValue, resolve: Resolve, *, is_other: IsValue = lambda _: False
) -> Refusal:
    """What the function surely refuses of the value, whatever else it is given.

    Args:
        function: whose raises are looked at.
        is_value: tells which expressions stand for the value.
        resolve: gives constant tables.
        is_other: tells which expressions stand for other parameters. A raise behind a condition on one of those is a
            combination, which is not the business of this module.
    """
    numbers, unread, takes_none = NOTHING, False, True
    choices: Choice | None = None
    for path in _raises(function):
        about = [test for test in path if mentions(test, is_value)]
        if not about or any(mentions(test, is_other) for test in path):
            continue
        allowed = next(
            (each for test in about if (each := _membership(test, is_value, resolve)) is not None), None
        )
        parts = [part for test in path for part in _conjuncts(test)]
        if allowed is not None and all(_is_closed_check(part, is_value) for part in parts):
            choices = Choice(tuple(value for value in allowed if value is not None))
            guards_none = any(_is_not_none(part, is_value) for part in parts)
            takes_none = takes_none and (None in allowed or guards_none)
            continue
        joined = conjunction(path, is_value)
        numbers |= joined.surely
        unread = unread or joined.unread
    return Refusal(numbers, choices, takes_none, unread)


def conjunction(path: tuple[ast.expr, ...], is_value: IsValue) -> Extent:
    """For which numbers all the conditions hold; one that is about something else holds possibly."""
    joined = TRUE
    for test in path:
        each = truth(test, is_value)
        joined = Extent(
            joined.surely & each.surely, joined.possibly & each.possibly, joined.unread or each.unread
        )
    return joined


def _conjuncts(test: ast.expr) -> list[ast.expr]:
    match test:
        case ast.BoolOp(op=ast.And(), values=parts):
            return [each for part in parts for each in _conjuncts(part)]
    return [test]


def _is_closed_check(test: ast.expr, is_value: IsValue) -> bool:
    """Whether the condition is ``not in``, or ``is not None``, of the value: with others, a raise says less."""
    match test:
        case ast.Compare(left=left, ops=[ast.NotIn()]):
            return is_value(left)
    return _is_not_none(test, is_value)


def _is_not_none(test: ast.expr, is_value: IsValue) -> bool:
    match test:
        case ast.Compare(left=left, ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]):
            return is_value(left)
    return False


def _membership(
    test: ast.expr, is_value: IsValue, resolve: Resolve
) -> tuple[str | int | bool | None, ...] | None:
    """The table of ``value not in table`` among the conjuncts of a condition."""
    for part in _conjuncts(test):
        match part:
            case ast.Compare(left=left, ops=[ast.NotIn()], comparators=[table]) if is_value(left):
                if isinstance(table, ast.Name):
                    return resolve(table.id)
                return literals(table, resolve)
    return None


def literals(node: ast.expr, resolve: Resolve) -> tuple[str | int | bool | None, ...] | None:
    """The values of a literal tuple, list or set, or of several added up; None if they are not all literals."""
    match node:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            values = []
            for element in elements:
                try:
                    value = ast.literal_eval(element)
                except ValueError:
                    return None
                if not isinstance(value, str | int | None):
                    return None
                values.append(value)
            return tuple(values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = literals(left, resolve), literals(right, resolve)
            return None if first is None or second is None else first + second
        case ast.Name(id=name):
            return resolve(name)
    return None
