"""Expressions at one point of a walk: what each stands for, with the locals put in.

Assignments inside of expressions, ``any`` and ``all`` over tables, and short circuits are worked out here. Which
calls are followed, and how, is said by :mod:`codegen.upstream.following`.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from codegen.upstream.expressions import (
    Lazy,
    Locals,
    all_of,
    dotted,
    effects_in,
    rebuilt,
    stored_in,
    unknown,
    with_fields,
)
from codegen.upstream.flow import Path, joined, unknown_value
from codegen.upstream.patterns import assigned, elements
from codegen.upstream.tables import folded, rows

_ALWAYS_FOLLOWED = frozenset({":=", "any", "all"})


class Evaluator(ABC):
    """Works out what expressions stand for.

    Args:
        fixed: locals that stand for themselves, whatever is assigned to them.
    """

    def __init__(self, fixed: frozenset[str]) -> None:
        self.fixed = fixed
        self.followable: set[str] = set()  # names of functions, and ``.name`` of methods

    @abstractmethod
    def call(self, node: ast.Call, path: Path) -> tuple[Lazy, Path] | None:
        """What a call gives, and the way on after it; None if the function is not followed."""

    @abstractmethod
    def is_property(self, name: str) -> bool:
        """Whether an attribute of ``self`` is a method that is called without parentheses."""

    def value(self, node: ast.expr, path: Path) -> tuple[Lazy, Path]:
        """What an expression stands for, and the way on after it."""
        effects = effects_in(node)
        if _ALWAYS_FOLLOWED.isdisjoint(effects) and self.followable.isdisjoint(effects):
            return path.later(node), path
        match node:
            case ast.NamedExpr(target=ast.Name(id=name) as target, value=inner):
                found, path = self.value(inner, path)
                given = Lazy.of(target) if name in self.fixed else found
                return given, self.stored(target, found, path)
            case ast.BoolOp(op=op, values=parts):
                return self._in_turn(op, parts, path)
            case ast.IfExp(test=test, body=one, orelse=other):
                asked, path = self.value(test, path)
                first, after = self.value(one, path.under(asked))
                second, otherwise = self.value(other, path.under(asked, holds=False))
                chosen = Lazy(lambda: ast.IfExp(asked.expression, first.expression, second.expression))
                return chosen, joined(after, otherwise) or path
            case ast.Call(func=ast.Name(id="any" | "all" as which), args=[inner], keywords=[]):
                parts_of_table = self._each(which, inner, path)
                return (parts_of_table, path) if parts_of_table is not None else self._inside(node, path)
            case ast.Call():
                return self.call(node, path) or self._inside(node, path)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if self.is_property(name):
                called = ast.Call(func=node, args=[], keywords=[])
                return self.call(called, path) or self._inside(node, path)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return path.later(node), path  # what is called in there is handed values of its own
        return self._inside(node, path)

    def stored(self, target: ast.expr, value: Lazy, path: Path) -> Path:
        """The way on after an assignment."""
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in path.locals:
                table = path.locals[name]
                changed = Lazy(lambda: _with_entry(table.expression, path.resolve(key), value.expression))
                return path.bound({name: changed})
        found = self.bindings(target, value)
        if found is None:
            found = dict.fromkeys(stored_in(target) - self.fixed, unknown_value([value]))
        return path.bound(found)

    def bindings(self, target: ast.expr, value: Lazy) -> Locals | None:
        """What an assignment gives each local; None if the value cannot be taken apart as the target is."""
        found = assigned(target, value)
        if found is None:
            return None
        self.followable.update(name for name, each in found.items() if self._is_function(each))
        return {name: each for name, each in found.items() if name not in self.fixed}

    def _is_function(self, value: Lazy) -> bool:
        """Whether something can be followed where it is called; only what is a name for it is looked at."""
        match value.known:
            case ast.Lambda():
                return True
            case ast.Name(id=name):
                return name in self.followable
            case ast.Attribute(attr=name):
                return f".{name}" in self.followable
        return False

    def unroll(self, target: ast.expr, over: Lazy) -> Sequence[Locals] | None:
        """What each turn of a loop gives its locals; None if it goes over no table that is written down."""
        table = rows(folded(over.expression))
        turns = [self.bindings(target, Lazy.of(row)) for row in table or ()]
        known = [turn for turn in turns if turn is not None]
        return None if table is None or len(known) < len(turns) else known

    def _inside(self, node: ast.expr, path: Path) -> tuple[Lazy, Path]:
        """An expression with everything directly inside of it worked out."""
        after = path

        def change(each: ast.AST) -> ast.AST:
            nonlocal after
            match each:
                case ast.expr():
                    found, after = self.value(each, after)
                    return found.expression
                case ast.keyword(value=value):
                    found, after = self.value(value, after)
                    return with_fields(each, value=found.expression)
            return each

        found = rebuilt(node, change)
        return after.locals.get(dotted(found) or "") or Lazy.of(found), after

    def _in_turn(self, op: ast.boolop, parts: list[ast.expr], path: Path) -> tuple[Lazy, Path]:
        """``and`` and ``or``: the next part is looked at only if those before leave it open."""
        found: list[Lazy] = []
        inside = path
        for each in parts:
            value, inside = self.value(each, inside)
            found.append(value)
            inside = inside.under(value, holds=isinstance(op, ast.And))
        again = [name for name, value in path.locals.items() if inside.locals[name] is not value]
        after = replace(path, locals=inside.locals).forgetting(again, *(path.locals[name] for name in again))
        return Lazy(lambda: ast.BoolOp(op, [each.expression for each in found])), after

    def _each(self, which: str, inner: ast.expr, path: Path) -> Lazy | None:
        """``any`` or ``all`` over a table that is written down, as ``or`` or ``and``."""
        match inner:
            case (
                ast.GeneratorExp(elt=element, generators=[ast.comprehension() as loop])
                | ast.ListComp(elt=element, generators=[ast.comprehension() as loop])
            ):
                turns = self.unroll(loop.target, self.value(loop.iter, path)[0])
                if loop.ifs:
                    element = ast.IfExp(all_of(loop.ifs), element, ast.Constant(value=which == "all"))
                parts = None if turns is None else [(element, path.bound(turn)) for turn in turns]
            case _:
                given = elements(inner)
                parts = None if given is None else [(each, path) for each in given]
        if parts is None:
            return None
        found = [self.value(each, inside)[0] for each, inside in parts]
        op: ast.boolop = ast.Or() if which == "any" else ast.And()
        neutral = ast.Constant(value=which == "all")
        return Lazy(lambda: ast.BoolOp(op, [*(each.expression for each in found), neutral]))


def _with_entry(table: ast.expr, key: ast.expr, value: ast.expr) -> ast.expr:
    """A dictionary after an entry was put into it."""
    match table, key:
        case ast.Name(), _:
            return table  # an object from outside; what is in it is not followed
        case ast.Dict(keys=keys, values=values), ast.Constant():
            return ast.Dict(keys=[*keys, key], values=[*values, value])
    return unknown(table, value)


def after_call(call: ast.expr, path: Path) -> Path:
    """The way on after a statement that is nothing but a call: a method may change the local that it is of."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=given) if (
            name in path.locals
        ):
            before = path.locals[name]
            after = Lazy(lambda: _changed(before.expression, method, list(map(path.resolve, given))))
            return path.bound({name: after})
    return path


def _changed(value: ast.expr, method: str, given: list[ast.expr]) -> ast.expr:
    """A value after one of its methods was called."""
    match value, method, given:
        case ast.Name(), _, _:
            return value  # an object from outside
        case ast.List(elts=known), "append", [entry]:
            return ast.List(elts=[*known, entry], ctx=ast.Load())
    return unknown(value, *given)
