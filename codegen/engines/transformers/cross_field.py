"""Combinations: what ``generate()`` refuses only together, and what ``validate`` calls ignored.

Read are ``GenerationConfig.validate`` (its raises, and its "minor issues"), ``GenerationConfig.get_generation_mode`` with the table
of modes in ``generation/utils.py``, and the raises of ``GenerationMixin``. A raise that depends on a parameter and cannot be read
has to be restated by a hand-written rule; :mod:`codegen.review.merge` sees to that.
"""

import ast
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache

from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.errors import UnknownShapeError
from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Constant,
    IsTrue,
    Name,
    ReadCondition,
    Subset,
    Term,
    UnreadableConditionError,
    all_of,
    any_of,
    conjuncts,
    names,
    negated,
    read,
)
from codegen.model.facts import FoundRule, FoundRules, UnreadRaise
from codegen.model.schema import Effect
from codegen.upstream.symbols import Library, Module, walk
from codegen.upstream.tables import resolver

VALIDATE = "GenerationConfig.validate"
MODE = "GenerationConfig.get_generation_mode"
MIXIN = "GenerationMixin"
TABLE = "GENERATION_MODES_MAPPING"

_EVERY_MODE = ("_validate_generation_mode",)
_CALLED_BY = {"_get_candidate_generator": "_assisted_decoding"}
"""Helpers whose raises are read as those of the one decoding method that calls them."""
_KNOWN_LOCALS = ("generation_config", "generation_mode", "assistant_model", "custom_generate")
"""Locals that are read as what they are, wherever they come from."""
_PROVENANCE = "_should_warn"
"""Decides whether an issue is logged, by who set the value; it says nothing about the values."""


def read_rules(library: Library, parameters: list[str]) -> FoundRules:
    """The combinations that the source states.

    Raises:
        UnknownShapeError: a mode in the table, or a mode that is chosen, is not known to the other.
    """
    reader = _Reader(library, frozenset(parameters))
    reader.validate()
    modes = reader.modes()
    reader.hub_modes(modes)
    reader.raises(modes)
    return FoundRules(_joined(reader.rules), tuple(dict.fromkeys(reader.unread)))


def _joined(rules: list[FoundRule]) -> tuple[FoundRule, ...]:
    """One rule per key: two raises about the same parameters are one rule that either fires, two issues one with both fields."""
    joined: dict[tuple[Effect, str], FoundRule] = {}
    for rule in rules:
        slot = (rule.effect, rule.key)
        if (before := joined.get(slot)) is None:
            joined[slot] = rule
        elif rule.effect == "dormant":
            joined[slot] = replace(before, fields=tuple(dict.fromkeys((*before.fields, *rule.fields))))
        else:
            joined[slot] = replace(before, when=any_of(before.when, rule.when))
    return tuple(joined.values())


@dataclass(slots=True)
class _Scope:
    """What a statement is reached with: the conditions on its way, and the locals that stand for something.

    Args:
        path: tests, each with the locals that held where it stands; negated where the way leads past it.
        locals: expressions by the names of the locals that they are assigned to.
    """

    path: tuple[tuple[ast.expr, bool, dict[str, ast.expr]], ...] = ()
    locals: dict[str, ast.expr] = field(default_factory=dict)

    def under(self, test: ast.expr, *, holds: bool) -> "_Scope":
        return _Scope((*self.path, (test, holds, dict(self.locals))), dict(self.locals))


Modes = dict[str, Condition]
"""Under which condition each mode is chosen, by the name of its member in the enumeration."""


class _Reader:
    def __init__(self, library: Library, parameters: frozenset[str]) -> None:
        self.configuration = library.module(CONFIGURATION)
        self.generate = library.module(GENERATE)
        self.parameters = parameters
        self.rules: list[FoundRule] = []
        self.unread: list[UnreadRaise] = []
        self.not_rerouted = self._read_not_rerouted()

    # --- GenerationConfig.validate

    def validate(self) -> None:
        function = self.configuration.function(VALIDATE)
        for statement, scope in self._walk(function.body, _Scope(), self.configuration):
            if isinstance(statement, ast.Raise):
                self._raise(VALIDATE, self.configuration, scope, {}, single=False)
            elif (ignored := self._issue(statement, scope)) in self.parameters:
                self._ignored(str(ignored), scope)

    def _issue(self, statement: ast.stmt, scope: _Scope) -> str | None:
        """The parameter that ``minor_issues[...] = ...`` is about."""
        match statement:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="minor_issues"), slice=key)]):
                match _local(key, scope.locals):
                    case ast.Constant(value=str(name)):
                        return name
        return None

    def _ignored(self, ignored: str, scope: _Scope) -> None:
        """What remains of an issue's condition without the ignored parameter's own value: when it is said to be ignored."""
        parts = []
        for test, holds, local in scope.path:
            part = self._condition(test, holds=holds, local=local, modes={})
            if part is None and set(self._mentioned(test, local)) == {ignored}:
                continue  # of its own value, such as its class
            if part is None:
                self.unread.append(UnreadRaise(self.configuration.symbol(VALIDATE), (ignored,)))
                return
            parts.append(part)
        others = [part for part in conjuncts(all_of(*parts)) if ignored not in names(part)]
        when = all_of(*others)
        if when != ALWAYS:
            self._add(VALIDATE, "dormant", when, self.configuration, about=names(when), fields=(ignored,))

    # --- GenerationConfig.get_generation_mode, and the table of modes

    def modes(self) -> Modes:
        function = self.configuration.function(MODE)
        branches = self._execute(function.body, [("", ALWAYS)], {})
        chosen: Modes = {}
        for mode, condition in branches:
            chosen[mode] = any_of(chosen.get(mode, NEVER), condition)
        return chosen

    def _execute(
        self, body: list[ast.stmt], branches: list[tuple[str, Condition]], local: dict[str, ast.expr]
    ) -> list[tuple[str, Condition]]:
        """The modes after some statements, each with its condition, from those before them."""
        for statement in body:
            match statement:
                case ast.Assign(
                    targets=[ast.Name(id="generation_mode")],
                    value=ast.Attribute(value=ast.Name(id="GenerationMode"), attr=mode),
                ):
                    branches = [(mode, condition) for _, condition in branches]
                case ast.If(test=test, body=inner, orelse=other):
                    branches = [
                        after
                        for branch in branches
                        for after in self._split(test, inner, other, branch, local)
                    ]
                case ast.Expr() | ast.Return():
                    pass
                case _:
                    where = f"transformers/{CONFIGURATION}, {MODE}"
                    raise UnknownShapeError(where, f"{ast.unparse(statement)[:80]!r} is not known there")
        return branches

    def _split(
        self,
        test: ast.expr,
        inner: list[ast.stmt],
        other: list[ast.stmt],
        branch: tuple[str, Condition],
        local: dict[str, ast.expr],
    ) -> list[tuple[str, Condition]]:
        mode, condition = branch
        decision = self._condition(test, holds=True, local=local, modes={mode: ALWAYS})
        if decision is None:
            where = f"transformers/{CONFIGURATION}, {MODE}"
            raise UnknownShapeError(where, f"the mode depends on {ast.unparse(test)[:80]!r}")
        yes = self._execute(inner, [(mode, all_of(condition, decision))], local)
        no = self._execute(other, [(mode, all_of(condition, negated(decision)))], local)
        if {after for after, _ in (*yes, *no)} == {mode}:
            return [branch]  # whichever way, the mode stays
        return [(after, each) for after, each in (*yes, *no) if each != NEVER]

    def hub_modes(self, modes: Modes) -> None:
        """The modes that live on the Hub now: refused, unless remote code is named that serves them."""
        for mode, where in self._table().items():
            if "/" not in where:
                continue
            if mode not in modes:
                raise UnknownShapeError(
                    f"transformers/{GENERATE}, {TABLE}", f"nothing chooses its mode {mode}"
                )
            served = Compare(Name("extra.custom_generate"), "is", Constant(None))
            when = all_of(modes[mode], served, *self.not_rerouted)
            self._add(MODE, "reject", when, self.configuration, about=(mode,))

    def _table(self) -> dict[str, str]:
        """What serves each mode: the name of a decoding method, or a repository of the Hub."""
        found = self.generate.find(TABLE)
        if found is None:  # before 4.56 generate() has one branch for each mode, and every mode in core
            if self.generate.find(f"{MIXIN}._group_beam_search") is None:
                raise UnknownShapeError(f"transformers/{GENERATE}", f"there is no {TABLE}")
            return {}
        match found:
            case ast.Assign(value=ast.Dict(keys=keys, values=values)):
                pairs = {}
                for key, value in zip(keys, values, strict=True):
                    match key, value:
                        case ast.Attribute(attr=mode), ast.Constant(value=str(where)):
                            pairs[mode] = where
                            continue
                    break
                else:
                    return pairs
        raise UnknownShapeError(f"transformers/{GENERATE}, {TABLE}", "it is not a table of modes and names")

    # --- GenerationMixin

    def raises(self, modes: Modes) -> None:
        table = self._table()
        mixin = self.generate.class_(MIXIN)
        for function in mixin.body:
            if not isinstance(function, ast.FunctionDef):
                continue
            method = _CALLED_BY.get(function.name, function.name)
            reached = any_of(*(modes.get(mode, NEVER) for mode, where in table.items() if where == method))
            if function.name in _EVERY_MODE or (function.name == "generate" and not table):
                reached = ALWAYS
            for statement, scope in self._walk(function.body, _Scope(), self.generate):
                if isinstance(statement, ast.Raise):
                    qualified = f"{MIXIN}.{function.name}"
                    self._raise(qualified, self.generate, scope, modes, reached=reached)

    def _read_not_rerouted(self) -> list[Condition]:
        """What has to hold for ``generate()`` to go its usual way: a few values of parameters hand the call on at once."""
        conditions: list[Condition] = []
        for statement in self.generate.function(f"{MIXIN}.generate").body:
            match statement:
                case ast.If(
                    test=ast.Compare(
                        left=ast.Call(
                            func=ast.Attribute(value=ast.Name(id="kwargs"), attr="get"),
                            args=[ast.Constant(value=str(name)), *_],
                        ),
                        ops=[ast.Eq()],
                        comparators=[ast.Constant(value=str(value))],
                    ),
                    body=[*_, ast.Return()],
                ) if name in self.parameters:
                    conditions.append(Compare(Name(name), "!=", Constant(value)))
        return conditions

    # --- shared

    def _raise(
        self,
        qualified: str,
        module: Module,
        scope: _Scope,
        modes: Modes,
        *,
        reached: Condition = ALWAYS,
        single: bool = True,
    ) -> None:
        """One raise; with ``single`` also where it depends on one parameter alone."""
        about = tuple(
            dict.fromkeys(name for test, _, local in scope.path for name in self._mentioned(test, local))
        )
        if not about or (len(about) < 2 and not single):
            return
        parts = [
            self._condition(test, holds=holds, local=local, modes=modes) for test, holds, local in scope.path
        ]
        read_parts = [part for part in parts if part is not None]
        if len(read_parts) < len(parts) or reached == NEVER:
            self.unread.append(UnreadRaise(module.symbol(qualified), about))
            return
        if single:  # in the mixin, which some calls never get into
            read_parts += self.not_rerouted
        self._add(qualified, "reject", all_of(reached, *read_parts), module, about=about)

    def _add(
        self,
        qualified: str,
        effect: Effect,
        when: Condition,
        module: Module,
        *,
        about: tuple[str, ...],
        fields: tuple[str, ...] = (),
    ) -> None:
        key = f"{qualified.rpartition('.')[2]}: {', '.join(sorted(about))}"
        asked = tuple(name for name in names(when) if name in self.parameters)
        self.rules.append(FoundRule(key, effect, fields or asked, when, module.symbol(qualified)))

    def _mentioned(self, test: ast.expr, local: dict[str, ast.expr]) -> Iterator[str]:
        for node in walk(_substituted(test, local)):
            if isinstance(node, ast.expr) and isinstance(found := self._read_term(node), Name):
                yield found.path

    def _condition(
        self, test: ast.expr, *, holds: bool, local: dict[str, ast.expr], modes: Modes
    ) -> Condition | None:
        """The condition of a test, or of its opposite; None if it cannot be read."""
        read_condition, resolved = self._read_condition(modes), _substituted(test, local)
        try:
            if not holds:
                return negated(read(resolved, self._read_term, read_condition))
            return any_of(*self._alternatives(resolved, read_condition))
        except UnreadableConditionError:
            return None

    def _alternatives(self, test: ast.expr, read_condition: ReadCondition) -> Iterator[Condition]:
        """The alternatives of a test. One that cannot be read, and asks no parameter, is left out: the others still lead there."""
        alternatives = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]
        for each in alternatives:
            if len(alternatives) == 1 or any(True for _ in self._mentioned(each, {})):
                yield read(each, self._read_term, read_condition)
            else:
                with suppress(UnreadableConditionError):
                    yield read(each, self._read_term, read_condition)

    def _read_condition(self, modes: Modes) -> ReadCondition:
        """Reads, beside what is about no value, whether a set that was made of a parameter has tokens: that of a single 0 has."""
        about_no_value = _read_no_value(modes)

        def read_condition(node: ast.expr) -> Condition | None:
            of = self._read_term(node) if _is_set(node) else None
            return Subset(of, of) if isinstance(of, Name) else about_no_value(node)

        return read_condition

    def _read_term(self, node: ast.expr) -> Term | None:
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "generation_config"), attr=name):
                return Name(name) if name in self.parameters else None
            case ast.Call(
                func=ast.Name(id="getattr"),
                args=[ast.Name(id="self" | "generation_config"), ast.Constant(value=str(name)), *_],
            ):
                return Name(name) if name in self.parameters else None
            case ast.Subscript(value=ast.Name(id="model_kwargs"), slice=ast.Constant(value="use_cache")):
                return Name("use_cache")  # generate() puts the parameter there
            case ast.Call(func=ast.Name(id="set"), args=[inner]) | ast.Set(elts=[inner]):
                return self._read_term(inner)
            case ast.IfExp(body=one, orelse=other) if (found := self._read_term(one)) is not None:
                return found if self._read_term(other) == found else None
        return None

    def _walk(self, body: list[ast.stmt], scope: _Scope, module: Module) -> Iterator[tuple[ast.stmt, _Scope]]:
        """Every statement with what it is reached with; loops over constants are unrolled.

        Where something deeper may have left before, or only an exception or a pattern leads there, that cannot be read.
        """
        for statement in body:
            yield statement, scope
            for block, start in self._blocks(statement, scope, module):
                yield from self._walk(block, start, module)
            scope = self._after(statement, scope)

    def _blocks(
        self, statement: ast.stmt, scope: _Scope, module: Module
    ) -> Iterator[tuple[list[ast.stmt], _Scope]]:
        """The blocks inside of a statement, each with what it is reached with."""
        unread = scope.under(_unreadable(), holds=True)
        match statement:
            case ast.If(test=test, body=inner, orelse=other):
                yield inner, scope.under(test, holds=True)
                yield other, scope.under(test, holds=False)
            case ast.For(target=target, iter=over, body=inner, orelse=other):
                turns = self._unroll(target, over, scope, module)
                if turns is None:
                    again = _Scope(scope.path, _kept(scope.locals, statement))
                    yield inner, again.under(over, holds=True)
                for turn in turns or ():
                    start = unread if _breaks(inner) else scope
                    yield inner, _Scope(start.path, start.locals | turn)
                yield other, scope.under(_unreadable(over), holds=True)
            case ast.While(test=test, body=inner, orelse=other):
                yield inner, _Scope(scope.path, _kept(scope.locals, statement)).under(test, holds=True)
                yield other, scope.under(_unreadable(test), holds=True)
            case ast.With(body=inner):
                yield inner, scope
            case ast.Try(body=inner, handlers=handlers, orelse=other, finalbody=last):
                yield inner, scope
                for block in (*(handler.body for handler in handlers), other, last):
                    yield block, unread
            case ast.Match(subject=subject, cases=cases):
                for case in cases:
                    yield case.body, scope.under(_unreadable(subject), holds=True)

    def _after(self, statement: ast.stmt, scope: _Scope) -> _Scope:
        """What the statement after one is reached with."""
        kept = _Scope(scope.path, _kept(scope.locals, statement))
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return _Scope(scope.path, self._bound(name, value, scope.locals))
            case ast.If(test=test, body=inner, orelse=other):
                past = [*([] if _leaves(inner) else inner), *([] if _leaves(other) else other)]
                if _leaves(inner) or _leaves(other):
                    kept = replace(scope.under(test, holds=_leaves(other)), locals=kept.locals)
                return kept.under(_unreadable(), holds=True) if any(map(_may_leave, past)) else kept
            case ast.For() | ast.While() | ast.With() | ast.Try() | ast.Match():
                return kept.under(_unreadable(), holds=True) if _may_leave(statement) else kept
        return scope

    def _bound(self, name: str, value: ast.expr, local: dict[str, ast.expr]) -> dict[str, ast.expr]:
        """The locals after an assignment; only what stands for a table or for a parameter is kept."""
        if name in _KNOWN_LOCALS:
            return local
        resolved = _substituted(value, local)
        others = {other: each for other, each in local.items() if other != name}
        is_table = isinstance(resolved, ast.Tuple | ast.List)
        return others | {name: resolved} if is_table or any(self._mentioned(resolved, {})) else others

    def _unroll(
        self, target: ast.expr, over: ast.expr, scope: _Scope, module: Module
    ) -> list[dict[str, ast.expr]] | None:
        """What a loop over a table of texts binds at each turn; None if it is no such loop."""
        if not isinstance(target, ast.Name):
            return None
        values: object = None
        match _local(over, scope.locals):
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                values = [element.value for element in elements if isinstance(element, ast.Constant)]
            case ast.Name(id=name):
                values = resolver(module)(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                match module.find(f"{VALIDATE.partition('.')[0]}.{name}"):
                    case ast.Assign(value=ast.Tuple(elts=elements)):
                        values = [element.value for element in elements if isinstance(element, ast.Constant)]
        if not isinstance(values, list | tuple) or not values:
            return None
        return [{target.id: ast.Constant(value=value)} for value in values]


def _leaves(body: list[ast.stmt]) -> bool:
    """Whether what comes after a block is not reached from it. A raise is none: after it, another one changes nothing."""
    return bool(body) and isinstance(body[-1], ast.Return | ast.Continue | ast.Break)


@cache
def _may_leave(node: ast.AST, *, in_loop: bool = False) -> bool:
    """Whether a statement may lead past those that come after it."""
    match node:
        case ast.Return():
            return True
        case ast.Continue() | ast.Break():
            return not in_loop
        case ast.FunctionDef() | ast.Lambda() | ast.ClassDef():
            return False
    in_loop = in_loop or isinstance(node, ast.For | ast.While)
    return any(_may_leave(child, in_loop=in_loop) for child in ast.iter_child_nodes(node))


def _breaks(body: list[ast.stmt]) -> bool:
    """Whether a turn of a loop may be its last."""
    return any(isinstance(node, ast.Break) for statement in body for node in walk(statement))


def _unreadable(*about: ast.expr) -> ast.expr:
    """A test that stands for what cannot be read, about some values."""
    return ast.Call(func=ast.Name(id="unreadable", ctx=ast.Load()), args=list(about), keywords=[])


def _local(node: ast.expr, local: dict[str, ast.expr]) -> ast.expr:
    return local.get(node.id, node) if isinstance(node, ast.Name) else node


class _Substitute(ast.NodeTransformer):
    def __init__(self, local: dict[str, ast.expr]) -> None:
        self.local = local

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.local.get(node.id, node)


def _substituted(value: ast.expr, local: dict[str, ast.expr]) -> ast.expr:
    if not local or local.keys().isdisjoint(_named(value)):
        return value  # copying is what takes long
    swapped = _Substitute(local).visit(deepcopy(value))
    assert isinstance(swapped, ast.expr)
    return swapped


def _kept(local: dict[str, ast.expr], statement: ast.stmt) -> dict[str, ast.expr]:
    """The locals that a compound statement does not assign: after it they still stand for what they did."""
    assigned = _stored(statement) if local else frozenset()
    return {name: value for name, value in local.items() if name not in assigned}


@cache
def _named(node: ast.AST) -> frozenset[str]:
    """Every name in it."""
    return frozenset(each.id for each in walk(node) if isinstance(each, ast.Name))


@cache
def _stored(node: ast.AST) -> frozenset[str]:
    """Every name that it assigns."""
    return frozenset(
        each.id for each in walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )


def _read_no_value(modes: Modes) -> ReadCondition:
    """Reads the tests that are about no value of a parameter: the mode, the assistant, who set a value."""

    def read_condition(node: ast.expr) -> Condition | None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == _PROVENANCE:
                return ALWAYS
            case ast.Compare(
                left=ast.Name(id="generation_mode"),
                ops=[ast.Eq()],
                comparators=[ast.Attribute(value=ast.Name(id="GenerationMode"), attr=mode)],
            ):
                return modes.get(mode, NEVER)
            case ast.Compare(
                left=ast.Name(id="generation_mode"), ops=[ast.In()], comparators=[ast.Tuple(elts=wanted)]
            ):
                return any_of(*(modes.get(_mode(each), NEVER) for each in wanted))
            case ast.Compare(
                left=ast.Name(id="custom_generate"),
                ops=[ast.Is() | ast.IsNot() as op],
                comparators=[ast.Constant(value=None)],
            ):
                return Compare(
                    Name("extra.custom_generate"),
                    "is" if isinstance(op, ast.Is) else "is not",
                    Constant(None),
                )
            case ast.Compare(
                left=ast.Name(id="assistant_model"), ops=[op], comparators=[ast.Constant(value=None)]
            ):
                given = IsTrue(Name("call.assistant_model"))
                return given if isinstance(op, ast.IsNot) else negated(given)
        return None

    return read_condition


def _is_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.Call(func=ast.Name(id="set")):
            return True
        case ast.IfExp(body=one, orelse=other):
            return _is_set(one) and _is_set(other)
    return False


def _mode(node: ast.expr) -> str:
    """The name of a mode that a test lists, as a member of the enumeration or by its value."""
    match node:
        case ast.Attribute(attr=name):
            return name
        case ast.Constant(value=str(value)):
            return value.upper()
    return ""
