"""Calls in the course of a walk: the functions of the same module are gone through with the arguments put in."""

import ast
from abc import abstractmethod
from dataclasses import dataclass, field, replace

from codegen.upstream import calls
from codegen.upstream.calls import Callee
from codegen.upstream.evaluator import Evaluator
from codegen.upstream.exceptions import raising
from codegen.upstream.expressions import Lazy, Locals, own_names, with_fields
from codegen.upstream.flow import Path, Test, joined, stated, unknown_value
from codegen.upstream.symbols import Module
from codegen.upstream.tables import class_constants, constants

DEEPEST = 6
"""Calls inside of calls that are followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a walk is told of the source.

    Args:
        fixed: locals that stand for themselves, whatever is assigned to them.
        opaque: functions, by their qualified names, that are not followed where they are called.
    """

    fixed: frozenset[str] = frozenset()
    opaque: frozenset[str] = frozenset()


@dataclass(slots=True)
class Loop:
    """One loop that is being followed, with the ways that leave a turn of it early."""

    breaks: list[Path] = field(default_factory=list)
    continues: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class Frame:
    """One function that is being followed: the ways out of it, and the functions and loops in it."""

    node: ast.FunctionDef | ast.Lambda
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    returns: list[tuple[Path, Lazy]] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


class Follower(Evaluator):
    """Follows calls. ``reached`` has the statements that were come to, ``followed`` the calls."""

    def __init__(self, module: Module, owner: str, options: Options) -> None:
        super().__init__(options.fixed)
        self.module = module
        self.owner = owner
        self.options = options
        self.frames: list[Frame] = []
        self.reached: list[tuple[ast.stmt, Path]] = []
        self.followed: set[ast.expr] = set()
        self.words: frozenset[str] = (
            frozenset()
        )  # of which all that leads to what is looked for has one, if any are known
        self.methods = calls.methods(module, owner) if owner else frozenset[str]()
        self.followable = {*calls.functions(module), *(f".{name}" for name in self.methods)}

    @abstractmethod
    def block(self, body: list[ast.stmt], path: Path | None) -> Path | None:
        """Go through statements one after the other; gives the way on, None if there is none."""

    def is_property(self, name: str) -> bool:
        """Whether an attribute of ``self`` is a method that is called without parentheses."""
        found = calls.method(self.module, self.owner, name) if name in self.methods else None
        return found is not None and calls.is_decorated(found[1], "property")

    def call(self, node: ast.Call, path: Path) -> tuple[Lazy, Path] | None:
        """What a call gives, and the way on after it; None if the function is not followed."""
        match node.func:
            case ast.Attribute(value=inner, attr=name) as attribute if f".{name}" in self.followable:
                owner, path = self.value(inner, path)
                function: ast.expr = with_fields(attribute, value=owner.expression)
            case ast.Name(id=name) if name in self.followable:
                function = path.resolve(node.func)
            case _:
                return None
        callee = self._callee(function, path)
        if callee is None or not self._is_followed(callee):
            return None
        given: list[Lazy] = []
        for each in (*node.args, *(word.value for word in node.keywords)):
            value, path = self.value(each, path)
            given.append(value)
        arguments = None if self._is_too_deep(callee) else calls.passed(callee, node, given)
        if arguments is None:
            reached = path.entering(callee.name).under(unknown_value(given))
            self.reached += [(each, reached) for each in raising(callee.node)[:1]]
            return unknown_value([Lazy.of(function), *given]), path
        self.followed.add(node)
        is_elsewhere = isinstance(callee.node, ast.FunctionDef) and not callee.sees_locals
        if is_elsewhere and self.words and not self.module.mentions(callee.node, *self.words):
            return self._for_its_value(callee, arguments, path), path
        return self._follow(callee, arguments, path)

    def _callee(self, function: ast.expr, path: Path) -> Callee | None:
        """The function that is called, if it stands in the same module."""
        name = function.id if isinstance(function, ast.Name) else ""
        for frame in reversed(self.frames):
            if name in frame.functions:
                return Callee(path.function, frame.functions[name], sees_locals=True)
        return calls.find(function, self.module, self.owner, path.function)

    def _is_followed(self, callee: Callee) -> bool:
        is_elsewhere = isinstance(callee.node, ast.FunctionDef) and not callee.sees_locals
        is_opaque = is_elsewhere and callee.name in self.options.opaque
        return not is_opaque and calls.is_worth_following(self.module, callee.node)

    def _is_too_deep(self, callee: Callee) -> bool:
        return len(self.frames) > DEEPEST or any(frame.node is callee.node for frame in self.frames)

    def _follow(self, callee: Callee, arguments: Locals, path: Path) -> tuple[Lazy, Path]:
        """What a function gives, and the way on after it."""
        frame = Frame(callee.node)
        self.frames.append(frame)
        start = path.entering(callee.name)
        ended = self.block(callee.body, replace(start, locals={**self._outside(callee, path), **arguments}))
        self.frames.pop()
        if ended is not None and not ended.raised:
            frame.returns.append((ended, Lazy.of(ast.Constant(value=None))))
        if not frame.returns:
            return unknown_value([]), replace(path, raised=True)
        raised = ended if ended is not None and ended.raised else None
        after = joined(*(way for way, _ in frame.returns), raised)
        assert after is not None
        returned = [(way.tests[len(path.tests) :], value) for way, value in frame.returns]
        path = replace(path, tests=after.tests).bound(_attributes(after.locals))
        return Lazy(lambda: _chosen(returned)), path

    def _for_its_value(self, callee: Callee, arguments: Locals, path: Path) -> Lazy:
        """What a function gives that leads to nothing else; most of these values are never asked for."""
        frames = [*self.frames]

        def make() -> ast.expr:
            before, self.frames = self.frames, frames
            value, _ = self._follow(callee, arguments, path)
            self.frames = before
            return value.expression

        return Lazy(make)

    def _outside(self, callee: Callee, path: Path) -> Locals:
        """The locals that a function sees of where it is called."""
        if isinstance(callee.node, ast.Lambda):
            return {}  # they were put in where it was written
        if callee.sees_locals:
            return path.locals
        return {**self.constants(callee.node), **_attributes(path.locals)}

    def constants(self, function: ast.FunctionDef) -> Locals:
        """The constants that a function may use, of its module and of its class."""
        known = {**constants(self.module), **(class_constants(self.module, self.owner) if self.owner else {})}
        used = {name: value for name, value in known.items() if self.module.mentions(function, name)}
        return {name: value for name, value in used.items() if name not in own_names(function)}


def _chosen(returned: list[tuple[tuple[Test, ...], Lazy]]) -> ast.expr:
    """What a function gives that returns in several places, each behind some tests."""
    *others, (_, value) = returned
    found = value.expression
    for tests, given in reversed(others):
        found = ast.IfExp(stated(tests), given.expression, found) if tests else given.expression
    return found


def _attributes(known: Locals) -> Locals:
    """The attributes of ``self`` that were assigned, which every method sees."""
    return {name: value for name, value in known.items() if name.startswith("self.")}
