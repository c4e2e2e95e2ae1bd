"""The state of a walk over statements: the tests behind it, and what locals stand for; and how ways come together."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from codegen.upstream.expressions import Lazy, Locals, all_of, substituted, unknown


@dataclass(frozen=True, slots=True)
class Test:
    """A test on the way to a statement.

    Args:
        value: what is tested.
        holds: whether the way leads on where the test holds, or where it does not.
    """

    value: Lazy
    holds: bool

    @property
    def expression(self) -> ast.expr:
        """What is tested, in terms of the function's arguments."""
        return self.value.expression

    @property
    def stated(self) -> ast.expr:
        """An expression that is true where the way leads on."""
        return self.expression if self.holds else ast.UnaryOp(op=ast.Not(), operand=self.expression)


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """How a statement is reached.

    Args:
        function: the qualified name of the function that the statement stands in.
        tests: what is asked on the way, in order.
        locals: what locals stand for there.
        entered: how many of the tests lead into that function, where it was called.
        raised: whether an exception ends the way.
    """

    function: str
    tests: tuple[Test, ...] = ()
    locals: Locals = field(default_factory=dict)
    entered: int = 0
    raised: bool = False

    def resolve(self, node: ast.expr) -> ast.expr:
        """An expression that stands there, in terms of the function's arguments."""
        return substituted(node, self.locals)

    def later(self, node: ast.expr) -> Lazy:
        """Like :meth:`resolve`, but only when it is asked for; a name is looked up at once."""
        if isinstance(node, ast.Name | ast.Attribute | ast.Lambda | ast.Constant):
            return Lazy.of(self.resolve(node))
        return Lazy(lambda: self.resolve(node))

    def under(self, test: Lazy, *, holds: bool = True) -> "Path":
        """The way past one more test."""
        return replace(self, tests=(*self.tests, Test(test, holds)))

    def bound(self, values: Locals) -> "Path":
        """The way on with other values of some locals."""
        return replace(self, locals={**self.locals, **values}) if values else self

    def entering(self, function: str) -> "Path":
        """The way into a function that is called."""
        return replace(self, function=function, entered=len(self.tests))

    def forgetting(self, names: Iterable[str], *about: Lazy) -> "Path":
        """The way on where some locals may be anything that is made of what they were, and of other values."""
        known = self.locals
        before = {name: [known[name]] if name in known else [] for name in names}
        return self.bound({name: unknown_value([*values, *about]) for name, values in before.items()})


def unknown_value(about: Iterable[Lazy]) -> Lazy:
    """A value that cannot be followed, and may depend on others."""
    return Lazy(lambda: unknown(*(each.expression for each in about)))


def joined(*ways: Path | None) -> Path | None:
    """The way on from several that exclude each other; None stands for one that does not lead on.

    One that an exception ends counts as leading on, but for its locals: see :mod:`codegen.upstream.paths`.
    """
    *others, found = ways
    for way in reversed(others):
        found = _joined(way, found)
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
        on = other if one.raised else one
        return replace(on, tests=common) if _are_opposites(first, second) else on
    tests = common
    if first and second and not _are_opposites(first, second):
        decided = Lazy(lambda: ast.BoolOp(op=ast.Or(), values=[stated(first), stated(second)]))
        tests = (*common, Test(decided, holds=True))
    return replace(one, tests=tests, locals=_chosen(one, other, first, second))


def _are_opposites(first: tuple[Test, ...], second: tuple[Test, ...]) -> bool:
    match first, second:
        case (Test() as one,), (Test() as other,):
            return one.value is other.value and one.holds != other.holds
    return False


def stated(tests: Iterable[Test]) -> ast.expr:
    """All of the tests as one expression."""
    return all_of([test.stated for test in tests])


def _chosen(one: Path, other: Path, first: tuple[Test, ...], second: tuple[Test, ...]) -> Locals:
    """The locals after two ways: where they differ, a conditional expression."""
    if one.locals is other.locals:
        return one.locals
    found: dict[str, Lazy] = {}
    for name in dict.fromkeys([*one.locals, *other.locals]):
        a, b = (way.locals.get(name) or _itself(name) for way in (one, other))
        found[name] = a if a is b else _conditional(first, a, b) if first else _conditional(second, b, a)
    return found


def _conditional(tests: tuple[Test, ...], one: Lazy, other: Lazy) -> Lazy:
    """One value where the tests let the way lead on, or else another."""
    if not tests:
        return unknown_value([one, other])
    return Lazy(lambda: ast.IfExp(test=stated(tests), body=one.expression, orelse=other.expression))


def _itself(name: str) -> Lazy:
    """What a local stands for that was not assigned: an argument, or a name from outside."""
    root, _, attribute = name.partition(".")
    found = ast.Name(id=root, ctx=ast.Load())
    return Lazy.of(ast.Attribute(value=found, attr=attribute, ctx=ast.Load()) if attribute else found)
