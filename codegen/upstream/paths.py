"""The one walk over a function's statements: what is reached, behind which tests, and what locals stand for there.

:mod:`codegen.upstream.checks` and the readers of an engine ask :func:`paths_to` for the statements that they know
something about. Followed are branches, loops over tables that are written down, early exits, exceptions,
assignments, and calls of functions of the same class or module. What cannot be followed is a test, or a value, that
is unknown and still holds what it may depend on (:func:`codegen.upstream.expressions.unknown`).

A statement behind one that raises is reached only where nothing was raised. That is no test of its own: what was
refused before need not be said again.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from codegen.errors import UnknownShapeError
from codegen.upstream import calls
from codegen.upstream.evaluator import after_call
from codegen.upstream.exceptions import as_try, catches, may_fail, raised_by
from codegen.upstream.expressions import Lazy, called_on, stored_in, unknown, with_fields
from codegen.upstream.flow import Path, Test, joined, stated, unknown_value
from codegen.upstream.following import Follower, Frame, Loop, Options
from codegen.upstream.patterns import as_if, as_ifs
from codegen.upstream.symbols import Module, children

MOST_STATEMENTS = 20_000
"""That one walk may go through, each turn of a loop and each call counted; more are not understood."""

Reached = tuple[ast.stmt, Path]
"""A statement, and how it is reached."""


def paths_to(
    kinds: tuple[type[ast.stmt], ...], module: Module, function: str, options: Options | None = None
) -> Iterator[Reached]:
    """Every statement of some kinds that a function leads to, with how it is reached.

    Given are statements that have no others inside of them. An ``assert`` is reached where it fails. A statement
    that is nothing but a call is given only where the call is not followed.

    Args:
        kinds: classes of syntax nodes.
        module: that the function is in.
        function: its qualified name.
        options: what else is known of the source.

    Raises:
        UnknownShapeError: the function is not there, or too large to be followed.
    """
    return _Walker(module, function, options or Options()).run(module.function(function), kinds)


@dataclass(slots=True)
class _Catching:
    """One ``try`` whose body is being followed, with the ways that lead into its handlers."""

    handlers: list[ast.ExceptHandler]
    caught: list[tuple[ast.ExceptHandler, Path]] = field(default_factory=list)


class _Walker(Follower):
    """Goes through the statements of a function in order."""

    def __init__(self, module: Module, function: str, options: Options) -> None:
        super().__init__(module, function.rpartition(".")[0], options)
        self.name = function
        self.catching: list[_Catching] = []
        self.count = 0

    def run(self, function: ast.FunctionDef, kinds: tuple[type[ast.stmt], ...]) -> Iterator[Reached]:
        """Go through the function that was asked for."""
        body = function.body
        if {*kinds} <= {
            ast.Raise,
            ast.Assert,
        }:  # what comes after the last that may raise need not be followed
            self.words = calls.words_of_raising(self.module, self.owner, self.options.opaque)
            leading = [at for at, each in enumerate(body, 1) if self.module.mentions(each, *self.words)]
            body = body[: max(leading, default=0)]
        if body:
            self.frames.append(Frame(function))
            self.block(body, Path(function=self.name, locals=self.constants(function)))
            self.frames.pop().returns.clear()
        reached, self.reached = (
            self.reached,
            [],
        )  # which may ask this walker for more, so it keeps nothing of them
        return ((statement, path) for statement, path in reached if isinstance(statement, kinds))

    def block(self, body: list[ast.stmt], path: Path | None) -> Path | None:
        """Go through statements one after the other; gives the way on, None if there is none."""
        for statement in body:
            if path is None or path.raised:
                break
            self.count += 1
            if self.count > MOST_STATEMENTS:
                where = f"{self.module.place}, {self.name}"
                raise UnknownShapeError(where, "there are too many ways through it to follow them all")
            path = self._statement(statement, path)
        return path

    def _statement(self, statement: ast.stmt, path: Path) -> Path | None:
        match statement:
            case ast.If():
                return self._if(statement, path)
            case ast.For():
                return self._for(statement, path)
            case ast.While():
                return self._loop(statement, path)
            case ast.With():
                return self._with(statement, path)
            case ast.Try() | ast.TryStar():
                return self._try(statement, path)
            case ast.Match(subject=subject):
                value, path = self.value(subject, path)
                name = ast.Name(id=f"match on line {statement.lineno}", ctx=ast.Load())
                return self.block(as_ifs(statement, name), path.bound({name.id: value}))
            case ast.Raise():
                return self._raise(statement, path, raised_by(statement))
            case ast.Return() | ast.Break() | ast.Continue():
                self._leave(statement, path)
                return None
            case ast.Assert(test=test):
                found, path = self.value(test, path)
                failed = self._raise(statement, path.under(found, holds=False), "AssertionError")
                return path if failed is not None else path.under(found)
            case ast.FunctionDef(name=name):
                self.frames[-1].functions[name] = statement
                self.followable.add(name)
                return path
        if (choice := as_if(statement)) is not None:
            return self._if(choice, path)
        return self._simple(statement, path)

    def _if(self, statement: ast.If, path: Path) -> Path | None:
        test, path = self.value(statement.test, path)
        one = self.block(statement.body, path.under(test))
        return joined(one, self.block(statement.orelse, path.under(test, holds=False)))

    def _simple(self, statement: ast.stmt, path: Path) -> Path:
        """A statement without others inside of it; it may give locals other values."""
        at, before = len(self.reached), path
        match statement:
            case ast.Assign(targets=targets, value=value):
                found, path = self.value(value, path)
                for target in targets:
                    path = self.stored(target, found, path)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                found, path = self.value(value, path)
                path = self.stored(target, found, path)
            case ast.AugAssign(target=target, op=op, value=value):
                changed = ast.BinOp(left=with_fields(target, ctx=ast.Load()), op=op, right=value)
                found, path = self.value(changed, path)
                path = self.stored(target, found, path)
            case ast.Expr(value=value):
                _, path = self.value(value, path)
                if value in self.followed:
                    return path
                path = after_call(value, path)
            case _:
                path = path.forgetting(stored_in(statement))
        self.reached.insert(at, (statement, before))
        return path

    def _leave(self, statement: ast.stmt, path: Path) -> None:
        frame = self.frames[-1]
        match statement:
            case ast.Return(value=value):
                self.reached.append((statement, path))
                found, path = self.value(value or ast.Constant(value=None), path)
                frame.returns.append((path, found))
            case ast.Break():
                frame.loops[-1].breaks.append(path)
            case ast.Continue():
                frame.loops[-1].continues.append(path)

    # --- loops

    def _for(self, statement: ast.For, path: Path) -> Path | None:
        """A loop over a table that is written down is followed turn by turn."""
        over, path = self.value(statement.iter, path)
        turns = self.unroll(statement.target, over)
        if turns is None:
            return self._loop(statement, path, over)
        after: Path | None = path
        breaks: list[Path] = []
        for turn in turns:
            if after is None or after.raised:
                break
            loop, through = self._turn(statement.body, after.bound(turn))
            after = joined(*loop.continues, through)
            breaks += loop.breaks
        return joined(*breaks, self.block(statement.orelse, after))

    def _loop(self, statement: ast.For | ast.While, path: Path, over: Lazy | None = None) -> Path | None:
        """A loop that may have any number of turns: what it assigns is not known in it, nor after it."""
        path = self._forgetting(path, statement)
        test, inside = self.value(statement.test, path) if isinstance(statement, ast.While) else (over, path)
        assert test is not None
        before = self._exits()
        self._turn(statement.body, inside.under(test))
        ended = self.block(statement.orelse, path.under(unknown_value([test])))
        left = [way for one, other in zip(before, self._exits(), strict=True) for way in other[len(one) :]]
        if left or ended is None:
            return path.under(
                unknown_value([each.value for way in left for each in way.tests[len(path.tests) :]])
            )
        return path

    def _turn(self, body: list[ast.stmt], path: Path) -> tuple[Loop, Path | None]:
        loops = self.frames[-1].loops
        loops.append(Loop())
        through = self.block(body, path)
        return loops.pop(), through

    def _exits(self) -> list[list[Path]]:
        """The ways that left what is being followed so far: by a return, and into each of the handlers around."""
        caught = [[way for _, way in catching.caught] for catching in self.catching]
        return [[way for way, _ in self.frames[-1].returns], *caught]

    def _forgetting(self, path: Path, *statements: ast.stmt) -> Path:
        """The way on where statements were gone through in part, or often: what they change is not known."""
        stored = frozenset[str]().union(*map(stored_in, statements)) - self.fixed
        called = frozenset[str]().union(*map(called_on, statements)) & path.locals.keys()
        own = {name for name in called if not isinstance(path.locals[name].expression, ast.Name)}
        within = (each for statement in statements for each in _expressions_in(statement))
        return path.forgetting(stored | own, Lazy(lambda: unknown(*map(path.resolve, within))))

    # --- exceptions

    def _with(self, statement: ast.With, path: Path) -> Path | None:
        if (suppressing := as_try(statement)) is not None:
            return self._try(suppressing, path)
        for item in statement.items:
            context, path = self.value(item.context_expr, path)
            if item.optional_vars is not None:
                path = self.stored(item.optional_vars, unknown_value([context]), path)
        return self.block(statement.body, path)

    def _raise(self, statement: ast.stmt, path: Path, exception: str | None) -> Path | None:
        """The end of the way at a statement that raises; None where a handler surely catches that."""
        for catching in reversed(self.catching):
            for handler in catching.handlers:
                is_caught = catches(handler, exception)
                if is_caught is not False:
                    catching.caught.append((handler, path))
                if is_caught is True:
                    return None
                if is_caught is None:
                    path = path.under(unknown_value([]))
        self.reached.append((statement, path))
        return replace(path, raised=True)

    def _try(self, statement: ast.Try | ast.TryStar, path: Path) -> Path | None:
        """The body, and what its exceptions lead to: those that it raises, and those of the calls in it."""
        may_raise = [path.later(each) for part in statement.body for each in may_fail(part)]
        failed = unknown_value(may_raise) if may_raise and statement.handlers else None
        self.catching.append(_Catching(statement.handlers))
        after = self.block(statement.body, path)
        caught = self.catching.pop().caught
        if after is not None and failed is not None:
            after = after.under(failed, holds=False)
        ways = [self.block(statement.orelse, after)]
        start = self._forgetting(path, *statement.body)
        for handler in statement.handlers:
            found = [way.tests[len(path.tests) :] for each, way in caught if each is handler]
            entry = _entry(start, found, failed)
            if entry is not None and handler.name is not None:
                entry = entry.bound({handler.name: unknown_value(may_raise)})
            ways.append(self.block(handler.body, entry))
        return self._finally(statement, path, joined(*ways))

    def _finally(self, statement: ast.Try | ast.TryStar, path: Path, after: Path | None) -> Path | None:
        """What is done however the rest of a ``try`` ended."""
        if not statement.finalbody:
            return after
        known = after or self._forgetting(path, statement)
        ended = self.block(statement.finalbody, replace(path, locals=known.locals))
        if ended is None or ended.raised:
            return ended
        if after is None or after.raised:
            return after
        return replace(ended, tests=(*after.tests, *ended.tests[len(path.tests) :]))


def _entry(start: Path, found: list[tuple[Test, ...]], failed: Lazy | None) -> Path | None:
    """The way into a handler: past the tests of what it catches, or past what may have failed; None for no way."""
    if () in found:
        return start
    match found, failed:
        case [], None:
            return None
        case [], Lazy():
            return start.under(failed)
        case [tests], None:
            return replace(start, tests=(*start.tests, *tests))
    others = [failed] if failed is not None else []
    return start.under(
        Lazy(lambda: ast.BoolOp(ast.Or(), [*map(stated, found), *(each.expression for each in others)]))
    )


def _expressions_in(node: ast.AST) -> Iterator[ast.expr]:
    """Every expression that a statement, or one inside of it, consists of."""
    for each in children(node):
        if isinstance(each, ast.expr):
            yield each
        elif not isinstance(each, ast.FunctionDef | ast.ClassDef):
            yield from _expressions_in(each)
