"""Symbolic evaluation of expressions: their values at a point of a path, in terms of the arguments.

Assignments inside expressions, short circuits, and ``any`` and ``all`` over literal tables are evaluated
here. Which calls are inlined, and how, is up to :mod:`codegen.upstream.inlining`.
"""

import ast
from abc import ABC, abstractmethod
from collections.abc import Sequence

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

_ALWAYS_EVALUATED = frozenset({":=", "any", "all"})


class Evaluator(ABC):
    """Evaluates expressions.

    Args:
        fixed: locals that stand for themselves, whatever is assigned to them.
    """

    def __init__(self, fixed: frozenset[str]) -> None:
        self.fixed = fixed
        self.inlinable: set[str] = set()  # names of functions, and ``.name`` of methods

    @abstractmethod
    def call(self, node: ast.Call, path: Path) -> tuple[Lazy, Path] | None:
        """The value of a call, and the path after it; None if the call is not inlined."""

    @abstractmethod
    def is_property(self, name: str) -> bool:
        """Whether an attribute of ``self`` is a property of its class."""

    def value(self, node: ast.expr, path: Path) -> tuple[Lazy, Path]:
        """The value of an expression, and the path after it."""
        effects = effects_in(node)
        if _ALWAYS_EVALUATED.isdisjoint(effects) and self.inlinable.isdisjoint(effects):
            return path.lazily(node), path
        match node:
            case ast.NamedExpr(target=ast.Name(id=name) as target, value=inner):
                found, path = self.value(inner, path)
                given = Lazy.of(target) if name in self.fixed else found
                return given, self.stored(target, found, path)
            case ast.BoolOp(op=op, values=parts):
                return self._short_circuit(op, parts, path)
            case ast.IfExp(test=test, body=one, orelse=other):
                asked, path = self.value(test, path)
                first, after = self.value(one, path.assuming(asked))
                second, otherwise = self.value(other, path.assuming(asked, holds=False))
                chosen = Lazy(lambda: ast.IfExp(asked.expression, first.expression, second.expression))
                return chosen, joined(after, otherwise) or path
            case ast.Call(func=ast.Name(id="any" | "all" as which), args=[inner], keywords=[]):
                unrolled = self._any_or_all(which, inner, path)
                return (unrolled, path) if unrolled is not None else self._inside(node, path)
            case ast.Call():
                return self.call(node, path) or self._inside(node, path)
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if self.is_property(name):
                called = ast.Call(func=node, args=[], keywords=[])
                return self.call(called, path) or self._inside(node, path)
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return path.lazily(node), path  # what is called in there gets its own values
        return self._inside(node, path)

    def stored(self, target: ast.expr, value: Lazy, path: Path) -> Path:
        """The path after an assignment."""
        match target:
            case ast.Subscript(value=ast.Name(id=name), slice=key) if name in path.locals:
                table = path.locals[name]
                changed = Lazy(lambda: _with_entry(table.expression, path.resolve(key), value.expression))
                return path.with_locals({name: changed})
        found = self.bindings(target, value)
        if found is None:
            found = dict.fromkeys(stored_in(target) - self.fixed, unknown_value([value]))
        return path.with_locals(found)

    def bindings(self, target: ast.expr, value: Lazy) -> Locals | None:
        """The value that an assignment gives each local; None if it cannot be unpacked."""
        found = assigned(target, value)
        if found is None:
            return None
        self.inlinable.update(name for name, each in found.items() if self._is_function(each))
        return {name: each for name, each in found.items() if name not in self.fixed}

    def _is_function(self, value: Lazy) -> bool:
        """Whether a value is a function that can be inlined; only names and lambdas are."""
        match value.known:
            case ast.Lambda():
                return True
            case ast.Name(id=name):
                return name in self.inlinable
            case ast.Attribute(attr=name):
                return f".{name}" in self.inlinable
        return False

    def unroll(self, target: ast.expr, over: Lazy) -> Sequence[Locals] | None:
        """The locals of each iteration of a loop; None if it is not over a literal table."""
        table = rows(folded(over.expression))
        iterations = [self.bindings(target, Lazy.of(row)) for row in table or ()]
        known = [each for each in iterations if each is not None]
        return None if table is None or len(known) < len(iterations) else known

    def _inside(self, node: ast.expr, path: Path) -> tuple[Lazy, Path]:
        """The value of an expression whose parts are evaluated in order."""
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

    def _short_circuit(self, op: ast.boolop, parts: list[ast.expr], path: Path) -> tuple[Lazy, Path]:
        """The value of ``and`` or ``or``: a part is evaluated only if those before leave the result open."""
        found: list[Lazy] = []
        inside = path
        for each in parts:
            value, inside = self.value(each, inside)
            found.append(value)
            inside = inside.assuming(value, holds=isinstance(op, ast.And))
        assigned = [name for name, value in path.locals.items() if inside.locals[name] is not value]
        after = path._replace(locals=inside.locals).with_unknown(
            assigned, *(path.locals[name] for name in assigned)
        )
        return Lazy(lambda: ast.BoolOp(op, [each.expression for each in found])), after

    def _any_or_all(self, which: str, inner: ast.expr, path: Path) -> Lazy | None:
        """``any`` or ``all`` over a literal table, as ``or`` or ``and``."""
        match inner:
            case (
                ast.GeneratorExp(elt=element, generators=[ast.comprehension() as loop])
                | ast.ListComp(elt=element, generators=[ast.comprehension() as loop])
            ):
                iterations = self.unroll(loop.target, self.value(loop.iter, path)[0])
                if iterations is None:
                    return None
                if loop.ifs:
                    element = ast.IfExp(all_of(loop.ifs), element, ast.Constant(value=which == "all"))
                parts = [(element, path.with_locals(each)) for each in iterations]
            case _:
                given = elements(inner)
                if given is None:
                    return None
                parts = [(each, path) for each in given]
        found = [self.value(each, inside)[0] for each, inside in parts]
        op: ast.boolop = ast.Or() if which == "any" else ast.And()
        neutral = ast.Constant(value=which == "all")
        return Lazy(lambda: ast.BoolOp(op, [*(each.expression for each in found), neutral]))


def _with_entry(table: ast.expr, key: ast.expr, value: ast.expr) -> ast.expr:
    """A dictionary after an item was set."""
    match table, key:
        case ast.Name(), _:
            return table  # an object from outside: its contents are not followed
        case ast.Dict(keys=keys, values=values), ast.Constant():
            return ast.Dict(keys=[*keys, key], values=[*values, value])
    return unknown(table, value)


def after_method_call(call: ast.expr, path: Path) -> Path:
    """The path after a statement that is nothing but a call: a method may change the object it belongs to."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method), args=given) if (
            name in path.locals
        ):
            before = path.locals[name]
            after = Lazy(lambda: _changed(before.expression, method, list(map(path.resolve, given))))
            return path.with_locals({name: after})
    return path


def _changed(value: ast.expr, method: str, given: list[ast.expr]) -> ast.expr:
    """A value after one of its methods was called."""
    match value, method, given:
        case ast.Name(), _, _:
            return value  # an object from outside
        case ast.List(elts=known), "append", [entry]:
            return ast.List(elts=[*known, entry], ctx=ast.Load())
    return unknown(value, *given)
