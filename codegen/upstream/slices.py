"""The statements of a definition that concern some names: what a claim about these names rests on.

Those are, in the normal form of the definition (:mod:`codegen.upstream.normal`,
:mod:`codegen.upstream.ordering`),

- the statements that mention a name, as a local, an attribute, an argument or a key;
- those that use a local derived from it: computed from it, or assigned under a test that asks for it;
- what stands directly under a test that asks for it, and every exit further inside;
- the tests around all these, the handlers of a ``try`` around them, the returns, breaks and continues that
  come before them, and the definitions of the locals that the tests use.

An exception that is raised before is left out: what is refused there is a rule of its own. What a call makes
of a value is not followed: a claim that rests on it names the called definition, too. Of an object that is
built, only the arguments that concern the names count. Where a definition mentions none of the names, all of
it counts.

:mod:`codegen.upstream.paths` follows values through a function instead, to read conditions. It forgets what
it cannot follow; here, what is not understood has to stay.
"""

import ast
from collections.abc import Collection, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeVar

from codegen.upstream import signatures
from codegen.upstream.normal import cleaned, form
from codegen.upstream.ordering import order
from codegen.upstream.renamed_arguments import deprecates
from codegen.upstream.renaming import bound_in
from codegen.upstream.selection import Selection
from codegen.upstream.statements import Statement, statements, words_in
from codegen.upstream.symbols import Definition, short_digest, walk

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Slice:
    """The part of a definition that concerns some names.

    Args:
        node: the definition with only these statements; locals have their own names.
        is_whole: whether all of it counts, because it mentions none of the names.
        fingerprint: a digest of its normal form, equal for slices that do the same.
    """

    node: Definition
    is_whole: bool
    fingerprint: str

    @property
    def text(self) -> str:
        """The code, for people."""
        return ast.unparse(self.node)


class Slicer:
    """Makes slices of one definition."""

    def __init__(self, definition: Definition) -> None:
        [node] = cleaned(definition)
        assert isinstance(node, Definition)
        order(node)
        self._node = node
        self._statements = statements(self._node)
        self._locals = bound_in(node.body) if isinstance(node, _Function) else set()
        self._arguments = {each.arg for each in walk(self._node) if isinstance(each, ast.arg)}

    def renamed(self, old: str, new: str) -> "Slicer | None":
        """The definition with a name replaced; None if it lacks the old name, or has the new one already."""
        node = deepcopy(self._node)
        if isinstance(node, _Function):
            node.decorator_list = [each for each in node.decorator_list if not deprecates(each)]
        words = words_in(node)
        if old not in words or new in words:
            return None
        for each in walk(node):
            for name in ("id", "attr", "arg", "value"):
                if getattr(each, name, None) == old:
                    setattr(each, name, new)
        return Slicer(node)

    @property
    def words(self) -> frozenset[str]:
        """Everything that the definition mentions."""
        return frozenset(self._arguments).union(*(each.words for each in self._statements))

    def about(self, parameters: Collection[str], facts: Collection[str] = ()) -> Slice:
        """The statements about some names.

        Args:
            parameters: names of values. The statements that use what is derived from them count, too.
            facts: names of what is asked of the surroundings, such as an attribute of the model. They count
                where the definition mentions no parameter.
        """
        named = frozenset([*parameters, *facts])
        for names, follows in self._choices(frozenset(parameters), frozenset(facts)):
            selection = Selection(self._statements, names, follows=follows)
            if selection.chosen:
                return self._slice(_Pruning(selection).of(self._statements[0]), named, is_whole=False)
        whole = deepcopy(self._node)
        if isinstance(whole, _Function):
            whole.decorator_list = [
                each for each in whole.decorator_list if not deprecates(each) or words_in(each) & named
            ]
        return self._slice(whole, named, is_whole=True)

    def _slice(self, node: Definition, names: frozenset[str], *, is_whole: bool) -> Slice:
        # Locals are renamed even where the statement that binds them is left out. An argument that is asked
        # for keeps its name: callers may pass it by name.
        made = form([deepcopy(node)], local=self._locals, keep=names & self._arguments)
        ast.fix_missing_locations(node)
        return Slice(node, is_whole, short_digest(made))

    def _choices(
        self, parameters: frozenset[str], facts: frozenset[str]
    ) -> Iterator[tuple[frozenset[str], bool]]:
        """Sets of names, each with whether values are followed; the first that is mentioned counts."""
        yield parameters, True
        yield parameters | facts, False
        named = [*map(_parts, sorted(parameters | facts))]
        short = [*map(_parts, sorted(facts))]
        longer = {
            word
            for word in self.words
            if any(_contains(_parts(word), each) for each in named if len(each) > 1 or each in short)
        }
        yield frozenset(longer), True
        shorter = {
            word
            for word in self.words
            if len(_parts(word)) > 1 and any(_contains(each, _parts(word)) for each in named)
        }
        yield frozenset(shorter), True


def _parts(word: str) -> list[str]:
    return [part for part in word.lower().split("_") if part]


def _contains(longer: list[str], shorter: list[str]) -> bool:
    """``cpu_offload_space_gib`` contains ``cpu_offload_space``."""
    starts = range(len(longer) - len(shorter) + 1)
    return bool(shorter) and any(longer[at : at + len(shorter)] == shorter for at in starts)


class _Pruning:
    """Builds the definition anew with the chosen statements."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection

    def of(self, definition: Statement) -> Definition:
        """The definition, with only the chosen statements in it."""
        [made] = self._made(definition)
        assert isinstance(made, Definition)
        return made

    def _made(self, statement: Statement) -> list[ast.AST]:
        inside = {id(each.node): each for each in statement.inside}
        node = statement.node
        made = type(node)(**{name: self._field(getattr(node, name, None), inside) for name in node._fields})
        if isinstance(made, ast.With | ast.AsyncWith) and not self._counts(statement):
            return [*made.body]
        if isinstance(made, _Function):
            self._shorten(made)
        return [made]

    def _field(self, value: object, inside: dict[int, Statement]) -> object:
        match value:
            case [first, *_] if id(first) in inside:
                chosen = [inside[id(each)] for each in value if inside[id(each)].at in self.selection.chosen]
                return [made for each in chosen for made in self._made(each)]
            case list():
                return [self._expression(each) if isinstance(each, ast.AST) else each for each in value]
            case ast.AST():
                return self._expression(value)
        return value

    def _counts(self, statement: Statement) -> bool:
        """Whether a ``with`` has to stay around its statements: it is relevant, or suppresses exceptions."""
        return statement.at in self.selection.relevant or any("suppress" in word for word in statement.words)

    def _expression(self, node: Node) -> Node:
        """A copy, without the named arguments of objects that are built from other things."""
        made = deepcopy(node)
        for call in walk(made):
            match call:
                case ast.Call(func=ast.Name(id=name), keywords=keywords) if name[:1].isupper():
                    concerned = [
                        each for each in keywords if each.arg is None or self.selection.concerns(each)
                    ]
                    call.keywords = concerned if concerned or call.args else keywords
        return made

    def _shorten(self, function: _Function) -> None:
        """Leave out the arguments that are not used, and decorators that are about something else."""
        used = {
            each.id for statement in function.body for each in walk(statement) if isinstance(each, ast.Name)
        }
        used |= self.selection.names
        function.args = _arguments(function.args, used)
        function.decorator_list = [each for each in function.decorator_list if self.selection.concerns(each)]


def _arguments(given: ast.arguments, used: Collection[str]) -> ast.arguments:
    """Those that are used, with their defaults."""
    defaults = signatures.defaults(given)
    chosen = [each for each in (*given.posonlyargs, *given.args) if each.arg in used]
    named = [each for each in given.kwonlyargs if each.arg in used]
    return ast.arguments(
        posonlyargs=[],
        args=chosen,
        vararg=_if_used(given.vararg, used),
        kwonlyargs=named,
        kw_defaults=[defaults.get(each.arg) for each in named],
        kwarg=_if_used(given.kwarg, used),
        defaults=[defaults[each.arg] for each in chosen if each.arg in defaults],
    )


def _if_used(argument: ast.arg | None, used: Collection[str]) -> ast.arg | None:
    return argument if argument is not None and argument.arg in used else None
