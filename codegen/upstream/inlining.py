"""Inlining: a call of a function of the same module is executed in place, with its arguments substituted."""

import ast
from abc import abstractmethod
from dataclasses import dataclass, field

from codegen.upstream import calls
from codegen.upstream.calls import Callee
from codegen.upstream.evaluator import Evaluator
from codegen.upstream.exceptions import raising
from codegen.upstream.expressions import Lazy, Locals, own_names, with_fields
from codegen.upstream.flow import Path, Test, conjunction, joined, unknown_value
from codegen.upstream.signatures import is_decorated, passed_values
from codegen.upstream.symbols import Module
from codegen.upstream.tables import class_constants, constants

MOST_NESTED_CALLS = 6
"""The most calls inside of each other that are inlined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What is known of the source beforehand.

    Args:
        fixed: locals that stand for themselves, whatever is assigned to them.
        opaque: functions that are not inlined, by their qualified names.
        follows_calls: whether other functions are inlined; nested ones always are.
    """

    fixed: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()
    follows_calls: bool = True


@dataclass(slots=True)
class Loop:
    """A loop that is being executed, with the paths that leave an iteration early."""

    breaks: list[Path] = field(default_factory=list)
    continues: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """A function that is being executed, with the paths that return from it."""

    node: ast.FunctionDef | ast.Lambda
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    returns: list[tuple[Path, Lazy]] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


class Inliner(Evaluator):
    """Evaluates expressions, and inlines the calls in them.

    Args:
        module: of the function that is executed.
        owner: its class; empty for a function at the top.
        options: what is known beforehand.
    """

    def __init__(self, module: Module, owner: str, options: Options) -> None:
        super().__init__(options.fixed)
        self.module = module
        self.owner = owner
        self.options = options
        self.frames: list[Frame] = []
        self.reached: list[tuple[ast.stmt, Path]] = []  # statements, those of inlined functions too
        self.inlined: set[ast.expr] = set()  # calls
        # Every statement that is looked for contains one of these; empty if no such words are known.
        self.words: frozenset[str] = frozenset()
        self.methods = calls.methods(module, owner) if owner else frozenset[str]()
        self.inlinable = {*calls.functions(module), *(f".{name}" for name in self.methods)}

    @abstractmethod
    def block(self, body: list[ast.stmt], path: Path | None) -> Path | None:
        """Execute statements in order; the path after them, None if none continues."""

    def is_property(self, name: str) -> bool:
        """Whether an attribute of ``self`` is a property of its class."""
        found = calls.method(self.module, self.owner, name) if name in self.methods else None
        return found is not None and is_decorated(found[1], "property")

    def call(self, node: ast.Call, path: Path) -> tuple[Lazy, Path] | None:
        """The value of a call, and the path after it; None if the call is not inlined."""
        match node.func:
            case ast.Attribute(value=inner, attr=name) as attribute if f".{name}" in self.inlinable:
                owner, path = self.value(inner, path)
                function: ast.expr = with_fields(attribute, value=owner.expression)
            case ast.Name(id=name) if name in self.inlinable:
                function = path.resolve(node.func)
            case _:
                return None
        callee = self._callee(function, path)
        if callee is None or not self._is_inlined(callee):
            return None
        given: list[Lazy] = []
        for each in passed_values(node):
            value, path = self.value(each, path)
            given.append(value)
        arguments = None if self._is_too_deep(callee) else calls.passed(callee, node, given)
        if arguments is None:  # not followed: whether it raises may depend on everything it is given
            reached = path.entering(callee.name).assuming(unknown_value(given))
            self.reached += [(each, reached) for each in raising(callee.node)[:1]]
            return unknown_value([Lazy.of(function), *given]), path
        self.inlined.add(node)
        if self._cannot_lead_there(callee):
            return self._inline_lazily(callee, arguments, path), path
        return self._inline(callee, arguments, path)

    def _callee(self, function: ast.expr, path: Path) -> Callee | None:
        """The function that is called, if it is in the same module."""
        name = function.id if isinstance(function, ast.Name) else ""
        for frame in reversed(self.frames):
            if name in frame.functions:
                return Callee(path.function, frame.functions[name], sees_locals=True)
        return calls.find(function, self.module, self.owner, path.function)

    def _is_inlined(self, callee: Callee) -> bool:
        is_followed = self.options.follows_calls and callee.name not in self.options.opaque
        return (is_followed or not callee.is_separate) and calls.is_worth_inlining(self.module, callee.node)

    def _is_too_deep(self, callee: Callee) -> bool:
        return len(self.frames) > MOST_NESTED_CALLS or any(frame.node is callee.node for frame in self.frames)

    def _cannot_lead_there(self, callee: Callee) -> bool:
        """Whether none of the statements that are looked for can be reached through a function."""
        is_known = callee.is_separate and bool(self.words)
        return is_known and not self.module.mentions(callee.node, *self.words)

    def _inline(self, callee: Callee, arguments: Locals, path: Path) -> tuple[Lazy, Path]:
        """The value of a call, and the path after it."""
        frame = Frame(callee.node)
        self.frames.append(frame)
        start = path.entering(callee.name)
        ended = self.block(callee.body, start._replace(locals={**self._outside(callee, path), **arguments}))
        self.frames.pop()
        if ended is not None and not ended.raised:
            frame.returns.append((ended, Lazy.of(ast.Constant(value=None))))
        if not frame.returns:
            return unknown_value([]), path._replace(raised=True)
        raised = ended if ended is not None and ended.raised else None
        after = joined(*(each for each, _ in frame.returns), raised)
        assert after is not None
        returned = [(each.tests[len(path.tests) :], value) for each, value in frame.returns]
        path = path._replace(tests=after.tests).with_locals(_attributes(after.locals))
        return Lazy(lambda: _returned(returned)), path

    def _inline_lazily(self, callee: Callee, arguments: Locals, path: Path) -> Lazy:
        """The value of a call without other effects; the function is executed only when the value is used."""
        frames = [*self.frames]

        def make() -> ast.expr:
            before, self.frames = self.frames, frames
            value, _ = self._inline(callee, arguments, path)
            self.frames = before
            return value.expression

        return Lazy(make)

    def _outside(self, callee: Callee, path: Path) -> Locals:
        """The names that a function can use besides its arguments."""
        if isinstance(callee.node, ast.Lambda):
            return {}  # they were substituted where it is defined
        if callee.sees_locals:
            return path.locals
        return {**self.constants(callee.node), **_attributes(path.locals)}

    def constants(self, function: ast.FunctionDef) -> Locals:
        """The constants that a function may use, of its module and of its class."""
        known = {**constants(self.module), **(class_constants(self.module, self.owner) if self.owner else {})}
        used = self.module.mentioned(function, known)
        return {name: known[name] for name in used if name not in own_names(function)}


def _returned(returned: list[tuple[tuple[Test, ...], Lazy]]) -> ast.expr:
    """The value of a function that returns in several places, each behind some tests."""
    *others, (_, value) = returned
    found = value.expression
    for tests, given in reversed(others):
        found = ast.IfExp(conjunction(tests), given.expression, found) if tests else given.expression
    return found


def _attributes(known: Locals) -> Locals:
    """The attributes of ``self`` that were assigned, which every method sees."""
    return {name: value for name, value in known.items() if name.startswith("self.")}
