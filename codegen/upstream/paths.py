"""Symbolic execution of a function: which statements are reached, under which tests and with which locals.

:mod:`codegen.upstream.checks` and the readers of an engine ask :func:`paths_to` for the statements that they
understand. It follows branches, loops over literal tables, early exits, exceptions, assignments, and calls
of functions of the same class or module. What cannot be followed becomes a test, or a value, that is unknown
and still contains what it may depend on (:func:`codegen.upstream.expressions.unknown`).

A statement after a ``raise`` is reached only where nothing was raised. That adds no test to its path, so
that its condition does not repeat what is refused before.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from codegen.errors import UnknownShapeError
from codegen.upstream import calls
from codegen.upstream.evaluator import after_method_call
from codegen.upstream.exceptions import as_try, catches, may_fail, raised_by
from codegen.upstream.expressions import Lazy, called_on, stored_in, unknown, with_fields
from codegen.upstream.flow import Path, Test, conjunction, joined, unknown_value
from codegen.upstream.inlining import Frame, Inliner, Loop, Options
from codegen.upstream.patterns import as_if, as_ifs
from codegen.upstream.symbols import Module, children

MOST_STATEMENTS = 20_000
"""The most statements that one execution may reach, counting each iteration and each inlined call."""

_NOTHING_KNOWN = Options()

Reached = tuple[ast.stmt, Path]
"""A statement, and how it is reached."""


def paths_to(
    kinds: tuple[type[ast.stmt], ...], module: Module, function: str, options: Options = _NOTHING_KNOWN
) -> Iterator[Reached]:
    """Every statement of some kinds that is reached from the start of a function, with its path.

    These are statements that contain no others. An ``assert`` is reached where it fails. A statement that is
    nothing but a call is given only if the call is not inlined.

    Args:
        kinds: classes of statements.
        module: of the function.
        function: its qualified name.
        options: what is known of the source beforehand.

    Raises:
        UnknownShapeError: the function is not there, or has too many paths.
    """
    return _Execution(module, function, options).run(module.function(function), kinds)


@dataclass(slots=True)
class _Catching:
    """A ``try`` whose body is being executed, and the paths that lead into its handlers so far."""

    handlers: list[ast.ExceptHandler]
    caught: list[tuple[ast.ExceptHandler, Path]] = field(default_factory=list)


class _Execution(Inliner):
    """Executes the statements of a function."""

    def __init__(self, module: Module, function: str, options: Options) -> None:
        super().__init__(module, function.rpartition(".")[0], options)
        self.name = function
        self.catching: list[_Catching] = []
        self.count = 0

    def run(self, function: ast.FunctionDef, kinds: tuple[type[ast.stmt], ...]) -> Iterator[Reached]:
        """Execute the function that was asked for."""
        body = function.body
        if {*kinds} <= {ast.Raise, ast.Assert}:  # what follows the last statement that may raise is left out
            self.words = self._raising_words()
            last = [at for at, each in enumerate(body, 1) if self.module.mentions(each, *self.words)]
            body = body[: max(last, default=0)]
        if body:
            self.frames.append(Frame(function))
            self.block(body, Path(function=self.name, locals=self.constants(function)))
            self.frames.pop().returns.clear()
        # Values refer to this object. If it referred to them, too, the cycle would keep all in memory.
        reached, self.reached = self.reached, []
        return ((statement, path) for statement, path in reached if isinstance(statement, kinds))

    def _raising_words(self) -> frozenset[str]:
        if not self.options.follows_calls:
            return calls.RAISING
        return calls.raising_words(self.module, self.owner, self.options.opaque)

    def block(self, body: list[ast.stmt], path: Path | None) -> Path | None:
        """Execute statements in order; the path after them, None if none continues."""
        for statement in body:
            if path is None or path.raised:
                break
            self.count += 1
            if self.count > MOST_STATEMENTS:
                raise UnknownShapeError(f"{self.module.place}, {self.name}", "it has too many paths")
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
                return self.block(as_ifs(statement, name), path.with_locals({name.id: value}))
            case ast.Raise():
                return self._raise(statement, path, raised_by(statement))
            case ast.Return() | ast.Break() | ast.Continue():
                self._leave(statement, path)
                return None
            case ast.Assert(test=test):
                found, path = self.value(test, path)
                failed = self._raise(statement, path.assuming(found, holds=False), "AssertionError")
                return path if failed is not None else path.assuming(found)
            case ast.FunctionDef(name=name):
                self.frames[-1].functions[name] = statement
                self.inlinable.add(name)
                return path
        if (choice := as_if(statement)) is not None:
            return self._if(choice, path)
        return self._simple(statement, path)

    def _if(self, statement: ast.If, path: Path) -> Path | None:
        test, path = self.value(statement.test, path)
        one = self.block(statement.body, path.assuming(test))
        return joined(one, self.block(statement.orelse, path.assuming(test, holds=False)))

    def _simple(self, statement: ast.stmt, path: Path) -> Path:
        """A statement that contains no others; it may assign locals."""
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
                if value in self.inlined:
                    return path
                path = after_method_call(value, path)
            case _:
                path = path.with_unknown(stored_in(statement))
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
        """A loop over a literal table is unrolled."""
        over, path = self.value(statement.iter, path)
        iterations = self.unroll(statement.target, over)
        if iterations is None:
            return self._loop(statement, path, over)
        after: Path | None = path
        breaks: list[Path] = []
        for each in iterations:
            if after is None or after.raised:
                break
            loop, ended = self._iteration(statement.body, after.with_locals(each))
            after = joined(*loop.continues, ended)
            breaks += loop.breaks
        return joined(*breaks, self.block(statement.orelse, after))

    def _loop(self, statement: ast.For | ast.While, path: Path, over: Lazy | None = None) -> Path | None:
        """A loop with any number of iterations: what it assigns is unknown, inside of it and after it."""
        path = self._with_changes_unknown(path, statement)
        test, inside = self.value(statement.test, path) if isinstance(statement, ast.While) else (over, path)
        assert test is not None
        before = self._exits()
        self._iteration(statement.body, inside.assuming(test))
        ended = self.block(statement.orelse, path.assuming(unknown_value([test])))
        left = [each for one, other in zip(before, self._exits(), strict=True) for each in other[len(one) :]]
        if left or ended is None:
            asked = [test.value for each in left for test in each.tests[len(path.tests) :]]
            return path.assuming(unknown_value(asked))
        return path

    def _iteration(self, body: list[ast.stmt], path: Path) -> tuple[Loop, Path | None]:
        loops = self.frames[-1].loops
        loops.append(Loop())
        ended = self.block(body, path)
        return loops.pop(), ended

    def _exits(self) -> list[list[Path]]:
        """The paths that returned so far, and those that led into each enclosing handler."""
        caught = [[path for _, path in catching.caught] for catching in self.catching]
        return [[path for path, _ in self.frames[-1].returns], *caught]

    def _with_changes_unknown(self, path: Path, *statements: ast.stmt) -> Path:
        """The path after statements that were executed in part or repeatedly: what they change is unknown."""
        stored = frozenset[str]().union(*map(stored_in, statements)) - self.fixed
        called = frozenset[str]().union(*map(called_on, statements)) & path.locals.keys()
        changed = {name for name in called if not isinstance(path.locals[name].expression, ast.Name)}
        within = (each for statement in statements for each in _expressions_in(statement))
        return path.with_unknown(stored | changed, Lazy(lambda: unknown(*map(path.resolve, within))))

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
        """The path that ends with an exception; None if a handler surely catches it."""
        for catching in reversed(self.catching):
            for handler in catching.handlers:
                is_caught = catches(handler, exception)
                if is_caught is not False:
                    catching.caught.append((handler, path))
                if is_caught is True:
                    return None
                if is_caught is None:
                    path = path.assuming(unknown_value([]))
        self.reached.append((statement, path))
        return path._replace(raised=True)

    def _try(self, statement: ast.Try | ast.TryStar, path: Path) -> Path | None:
        """The body, and the handlers of what it raises and of what may be raised by the calls in it."""
        may_raise = [path.lazily(each) for part in statement.body for each in may_fail(part)]
        failed = unknown_value(may_raise) if may_raise and statement.handlers else None
        self.catching.append(_Catching(statement.handlers))
        after = self.block(statement.body, path)
        caught = self.catching.pop().caught
        if after is not None and failed is not None:
            after = after.assuming(failed, holds=False)
        ended = [self.block(statement.orelse, after)]
        start = self._with_changes_unknown(path, *statement.body)
        for handler in statement.handlers:
            found = [each.tests[len(path.tests) :] for by, each in caught if by is handler]
            entry = _entry(start, found, failed)
            if entry is not None and handler.name is not None:
                entry = entry.with_locals({handler.name: unknown_value(may_raise)})
            ended.append(self.block(handler.body, entry))
        return self._finally(statement, path, joined(*ended))

    def _finally(self, statement: ast.Try | ast.TryStar, path: Path, after: Path | None) -> Path | None:
        """The path after ``finally``, which is executed however the rest ended."""
        if not statement.finalbody:
            return after
        known = after or self._with_changes_unknown(path, statement)
        ended = self.block(statement.finalbody, path._replace(locals=known.locals))
        if ended is None or ended.raised:
            return ended
        if after is None or after.raised:
            return after
        return ended._replace(tests=(*after.tests, *ended.tests[len(path.tests) :]))


def _entry(start: Path, found: list[tuple[Test, ...]], failed: Lazy | None) -> Path | None:
    """The path at the start of a handler, None if nothing leads there.

    Args:
        start: the path without the tests that lead there.
        found: those of each exception that it catches.
        failed: whether a call raised, if there is one that may.
    """
    if () in found:
        return start
    match found, failed:
        case [], None:
            return None
        case [], Lazy():
            return start.assuming(failed)
        case [tests], None:
            return start._replace(tests=(*start.tests, *tests))
    others = [failed] if failed is not None else []
    return start.assuming(
        Lazy(lambda: ast.BoolOp(ast.Or(), [*map(conjunction, found), *(each.expression for each in others)]))
    )


def _expressions_in(node: ast.AST) -> Iterator[ast.expr]:
    """Every expression of a statement, and of those that it contains."""
    for each in children(node):
        if isinstance(each, ast.expr):
            yield each
        elif not isinstance(each, ast.FunctionDef | ast.ClassDef):
            yield from _expressions_in(each)
