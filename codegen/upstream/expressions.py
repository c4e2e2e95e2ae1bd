"""Expressions of the source, with names replaced by what they stand for. Nothing is ever executed.

This is the form in which :mod:`codegen.upstream.paths` keeps the values of locals, and from which
:mod:`codegen.upstream.reader` reads conditions. What cannot be followed is :func:`unknown`: an expression
that still contains everything that its value may depend on.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from codegen.upstream import signatures
from codegen.upstream.symbols import children, remembered, walk

MOST_NODES = 400
"""The most syntax nodes of one expression; a larger one, built in too many steps, is unknown."""

_UNKNOWN = "?"

Node = TypeVar("Node", bound=ast.AST)


class Lazy:
    """The value of a local: an expression that is built when it is first used.

    Most values are never used, and building expressions is what takes the time.
    """

    __slots__ = ("_expression", "_make")

    def __init__(self, make: Callable[[], ast.expr]) -> None:
        self._make: Callable[[], ast.expr] | None = make
        self._expression: ast.expr

    @classmethod
    def of(cls, expression: ast.expr) -> "Lazy":
        """A value that is known already."""
        found = cls(lambda: expression)
        found._expression, found._make = expression, None
        return found

    @property
    def known(self) -> ast.expr | None:
        """The expression, if it was built already."""
        return self._expression if self._make is None else None

    @property
    def expression(self) -> ast.expr:
        """The expression, in terms of the function's arguments; unknown if it is too long."""
        if self._make is not None:
            made = self._make()
            self._expression = made if _size(made) <= MOST_NODES else unknown(made)
            self._make = None
        return self._expression


Locals = Mapping[str, Lazy]
"""What locals stand for, by name. An attribute that was assigned is a local too: ``self.x``."""


def unknown(*about: ast.expr) -> ast.expr:
    """An expression for a value that cannot be followed and may depend on other values."""
    found = {key: leaf for each in about for key, leaf in _leaves(each).items()}
    return ast.Call(func=ast.Name(id=_UNKNOWN, ctx=ast.Load()), args=list(found.values()), keywords=[])


def is_unknown(node: ast.Call) -> bool:
    """Whether an expression is one of :func:`unknown`."""
    return isinstance(node.func, ast.Name) and node.func.id == _UNKNOWN


def all_of(parts: Sequence[ast.expr]) -> ast.expr:
    """``and`` between expressions, of which there is at least one."""
    return parts[0] if len(parts) == 1 else ast.BoolOp(op=ast.And(), values=list(parts))


def dotted(node: ast.AST) -> str | None:
    """``root.name`` of an attribute of a name, which is treated like a local once it is assigned."""
    match node:
        case ast.Attribute(value=ast.Name(id=root), attr=name):
            return f"{root}.{name}"
    return None


def names_in(node: ast.AST) -> frozenset[str]:
    """Every name in a node, ``self.x`` as well as ``self``."""
    return _names_and_effects(node)[0]


def effects_in(node: ast.AST) -> frozenset[str]:
    """What in a node needs more than substitution.

    That is: the names of called functions, ``.x`` for attributes, ``:=`` for an assignment, ``if`` for a
    choice between values, and ``[]`` for a table or a calculation.
    """
    return _names_and_effects(node)[1]


@remembered
def _names_and_effects(node: ast.AST) -> tuple[frozenset[str], frozenset[str]]:
    """Both :func:`names_in` and :func:`effects_in`, in one pass over the nodes."""
    names: set[str] = set()
    effects: set[str] = set()
    for each in walk(node):
        if (effect := _EFFECTS.get(type(each))) is not None:
            effects.add(effect)
        elif isinstance(each, ast.Name):
            names.add(each.id)
        elif isinstance(each, ast.Attribute):
            effects.add(f".{each.attr}")
            if isinstance(each.value, ast.Name):
                names.add(f"{each.value.id}.{each.attr}")
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
            effects.add(each.func.id)
    return frozenset(names), frozenset(effects)


_EFFECTS: dict[type[ast.AST], str] = {
    ast.NamedExpr: ":=",
    **dict.fromkeys((ast.IfExp, ast.BoolOp), "if"),
    **dict.fromkeys((ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp), "[]"),
}


@remembered
def stored_in(node: ast.AST) -> frozenset[str]:
    """Every local, or attribute of a local, that a statement may assign, nested functions left out."""
    found: set[str] = set()
    pending = [node]
    for each in pending:
        match each:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id=root), attr=name, ctx=ast.Store() | ast.Del()):
                found.add(f"{root}.{name}")
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                found.add(name)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                found.add(name)
        pending += children(each)
    return frozenset(found)


@remembered
def called_on(node: ast.AST) -> frozenset[str]:
    """Every local whose method is called for its effect in a statement, which may change it."""
    found: set[str] = set()
    for each in walk(node):
        match each:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
                found.add(name)
    return frozenset(found)


@remembered
def own_names(function: ast.FunctionDef | ast.Lambda) -> frozenset[str]:
    """The locals of a function, its arguments among them."""
    body = [] if isinstance(function, ast.Lambda) else function.body
    return signatures.names(function.args).union(*map(stored_in, body))


def substituted(node: ast.expr, values: Locals) -> ast.expr:
    """The expression with names replaced; parts that do not change are shared."""
    if values.keys().isdisjoint(names_in(node)):
        return node
    changed = _rebuilt(node, values)
    assert isinstance(changed, ast.expr)
    return changed


def _rebuilt(node: ast.AST, values: Locals) -> ast.AST:
    match node:
        case ast.Name(id=name):
            return values[name].expression if name in values else node
        case ast.Lambda():
            free = {name: value for name, value in values.items() if name not in own_names(node)}
            return rebuilt(node, lambda each: _rebuilt(each, free))
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            own = {name for generator in node.generators for name in names_in(generator.target)}
            first, *others = node.generators
            over = with_fields(first, iter=_rebuilt(first.iter, values))  # the only part outside of its scope
            inner = {name: value for name, value in values.items() if name not in own}
            inside = rebuilt(with_fields(node, generators=others), lambda each: _rebuilt(each, inner))
            return with_fields(inside, generators=[over, *inside.generators])
    changed = rebuilt(node, lambda each: _rebuilt(each, values))
    path = dotted(changed)
    return values[path].expression if path is not None and path in values else changed


def rebuilt(node: Node, change: Callable[[ast.AST], ast.AST]) -> Node:
    """A node with its children changed; the node itself if none of them changes."""
    fields: dict[str, object] = {}
    for name in node._fields:
        before = getattr(node, name, None)
        after: object = before
        if isinstance(before, list):
            after = [change(each) if isinstance(each, ast.AST) else each for each in before]
            if all(one is other for one, other in zip(before, after, strict=True)):
                after = before
        elif isinstance(before, ast.AST) and name != "ctx":
            after = change(before)
        if after is not before:
            fields[name] = after
    return with_fields(node, **fields) if fields else node


def with_fields(node: Node, **fields: object) -> Node:
    """A copy of a node with other fields, and without its place in the source."""
    return type(node)(**{name: getattr(node, name, None) for name in node._fields} | fields)


@remembered
def _size(node: ast.AST) -> int:
    return 1 + sum(map(_size, children(node)))


def _leaves(node: ast.AST) -> Mapping[str, ast.expr]:
    """What a value may depend on: names, attributes, and look-ups by a constant; each once, by its text."""
    match node:
        case ast.Name(id=name):
            return {name: node} if name != _UNKNOWN else {}
        case (
            ast.Attribute(value=ast.Name())
            | ast.Subscript(value=ast.Name(), slice=ast.Constant())
            | ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(), ast.Constant(), *_])
        ):
            return {ast.unparse(node): node}
    return _leaves_inside(node)


@remembered
def _leaves_inside(node: ast.AST) -> Mapping[str, ast.expr]:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name() as owner), args=given, keywords=named):
            parts: list[ast.AST] = [owner, *given, *named]  # a method may use anything in its object
        case _:
            parts = children(node)
    return {key: leaf for part in parts for key, leaf in _leaves(part).items()}
