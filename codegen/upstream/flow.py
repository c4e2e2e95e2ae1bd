"""The state of a symbolic execution: the tests on the path, what locals stand for, and how paths join."""

import ast
from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

from codegen.upstream.expressions import Lazy, Locals, all_of, substituted, unknown


class Test(NamedTuple):
    """A test on a path.

    Args:
        value: what is tested.
        holds: whether the path continues where the test holds, or where it does not.
    """

    value: Lazy
    holds: bool

    @property
    def expression(self) -> ast.expr:
        """What is tested, in terms of the function's arguments."""
        return self.value.expression


class Path(NamedTuple):
    """How a statement is reached.

    Args:
        function: the qualified name of the function that the statement is in.
        tests: what is tested on the path, in order.
        locals: what locals stand for there.
        entered: how many of the tests come before the call of that function.
        raised: whether the path ends with an exception.
    """

    function: str
    tests: tuple[Test, ...] = ()
    locals: Locals = MappingProxyType({})
    entered: int = 0
    raised: bool = False

    def resolve(self, node: ast.expr) -> ast.expr:
        """An expression at this point, in terms of the function's arguments."""
        return substituted(node, self.locals)

    def lazily(self, node: ast.expr) -> Lazy:
        """Like :meth:`resolve`, but only when the value is used; a name is looked up at once."""
        if isinstance(node, ast.Name | ast.Attribute | ast.Lambda | ast.Constant):
            return Lazy.of(self.resolve(node))
        return Lazy(lambda: self.resolve(node))

    def assuming(self, test: Lazy, *, holds: bool = True) -> "Path":
        """The path with one more test."""
        return self._replace(tests=(*self.tests, Test(test, holds)))

    def with_locals(self, values: Locals) -> "Path":
        """The path with other values of some locals."""
        return self._replace(locals={**self.locals, **values}) if values else self

    def with_unknown(self, names: Iterable[str], *about: Lazy) -> "Path":
        """The path where some locals are unknown: made of what they were, or of other values."""
        known = self.locals
        before = {name: [known[name]] if name in known else [] for name in names}
        return self.with_locals({name: unknown_value([*values, *about]) for name, values in before.items()})

    def entering(self, function: str) -> "Path":
        """The path at the start of a function that is called."""
        return self._replace(function=function, entered=len(self.tests))


def unknown_value(about: Iterable[Lazy]) -> Lazy:
    """A value that cannot be followed and may depend on others."""
    return Lazy(lambda: unknown(*(each.expression for each in about)))


def joined(*paths: Path | None) -> Path | None:
    """The path after several that exclude each other; None stands for a path that does not continue.

    A path that ends with an exception counts as continuing, apart from its locals:
    :mod:`codegen.upstream.paths` says why.
    """
    *others, found = paths
    for path in reversed(others):
        found = _joined(path, found)
    return found


def _joined(one: Path | None, other: Path | None) -> Path | None:
    if one is None or other is None:
        return one or other
    length = next(
        (at for at, pair in enumerate(zip(one.tests, other.tests, strict=False)) if pair[0] != pair[1]),
        min(len(one.tests), len(other.tests)),
    )
    common, first, second = one.tests[:length], one.tests[length:], other.tests[length:]
    if one.raised != other.raised:
        continuing = other if one.raised else one
        return continuing._replace(tests=common) if _are_opposites(first, second) else continuing
    tests = common
    if first and second and not _are_opposites(first, second):
        either = Lazy(lambda: ast.BoolOp(ast.Or(), [conjunction(first), conjunction(second)]))
        tests = (*common, Test(either, holds=True))
    return one._replace(tests=tests, locals=_joined_locals(one, other, first, second))


def _are_opposites(first: tuple[Test, ...], second: tuple[Test, ...]) -> bool:
    match first, second:
        case (Test() as one,), (Test() as other,):
            return one.value is other.value and one.holds != other.holds
    return False


def conjunction(tests: Iterable[Test]) -> ast.expr:
    """An expression that is true where a path with these tests continues."""
    return all_of([each.expression if each.holds else _negation(each.expression) for each in tests])


def _negation(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=node)


def _joined_locals(one: Path, other: Path, first: tuple[Test, ...], second: tuple[Test, ...]) -> Locals:
    """The locals after two paths: a conditional expression where they differ."""
    if one.locals is other.locals:
        return one.locals
    found: dict[str, Lazy] = {}
    for name in dict.fromkeys([*one.locals, *other.locals]):
        a, b = (path.locals.get(name) or _itself(name) for path in (one, other))
        found[name] = a if a is b else _conditional(first, a, b) if first else _conditional(second, b, a)
    return found


def _conditional(tests: tuple[Test, ...], one: Lazy, other: Lazy) -> Lazy:
    """One value where the tests let a path continue, or else another."""
    if not tests:
        return unknown_value([one, other])
    return Lazy(lambda: ast.IfExp(conjunction(tests), one.expression, other.expression))


def _itself(name: str) -> Lazy:
    """The value of a name that was not assigned: an argument, or something from outside."""
    root, _, attribute = name.partition(".")
    found = ast.Name(id=root, ctx=ast.Load())
    return Lazy.of(ast.Attribute(value=found, attr=attribute, ctx=ast.Load()) if attribute else found)
