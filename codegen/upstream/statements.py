"""The statements of a definition as a tree, each with what it mentions, reads and assigns.

:mod:`codegen.upstream.slices` chooses among them. A statement that contains others, such as an ``if``, stands
for its head alone: its test, what a loop goes over, what a handler catches.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from codegen.upstream.symbols import walk

_BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")

_TRANSPARENT = frozenset(
    {
        *("abs", "all", "any", "bool", "dict", "enumerate", "float", "getattr", "hasattr", "int"),
        *("isinstance", "iter", "len", "list", "max", "min", "next", "range", "round", "set", "sorted"),
        *("str", "sum", "tuple", "type", "zip", "get", "items", "keys", "pop", "values"),
    }
)
"""Functions and methods of Python whose result consists of what they are given."""


@dataclass(slots=True, eq=False)
class Statement:
    """One statement.

    Args:
        node: in the syntax tree.
        at: its place in the order of the source.
        parent: what it stands in; None for the definition itself.
        block: which block of the parent it is in; each handler and each case is a block of its own.
        inside: the statements in it.
        words: every name, attribute, argument's name and text in it.
        reads: the locals that it reads; ``root.name`` for an attribute, or a key, of a local.
        value_words: the words and reads that the value of an assignment consists of; what is only passed to a
            call is not among them.
        stores: the locals that it assigns, in the same form.
        mutates: the locals that it may change in place, by assigning an entry or calling a method.
    """

    node: ast.AST
    at: int
    parent: "Statement | None"
    block: tuple[str, int] = ("", 0)
    inside: list["Statement"] = field(default_factory=list)
    words: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    value_words: frozenset[str] = frozenset()
    stores: frozenset[str] = frozenset()
    mutates: frozenset[str] = frozenset()

    @property
    def around(self) -> Iterator["Statement"]:
        """What it stands in, the innermost first."""
        found = self.parent
        while found is not None:
            yield found
            found = found.parent

    @property
    def below(self) -> Iterator["Statement"]:
        """Everything in it, in the order of the source, without what nested functions and classes do."""
        for each in self.inside:
            if not each.is_definition:
                yield each
                yield from each.below

    def branch_of(self, other: "Statement") -> tuple[str, int] | None:
        """Which of its blocks another statement is in; None if it is outside."""
        inner = other
        for each in other.around:
            if each is self:
                return inner.block
            inner = each
        return None

    @property
    def is_definition(self) -> bool:
        """Whether it defines a function or a class."""
        return isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def statements(definition: ast.AST) -> list[Statement]:
    """The definition, and all statements in it, in the order of the source."""
    found: list[Statement] = []
    _add(definition, None, found)
    return found


def words_in(node: ast.AST) -> frozenset[str]:
    """What an expression mentions, and the locals that it reads; in the forms of :class:`Statement`."""
    return frozenset(word for each in walk(node) for word in (*_words(each), *_reads(each)))


def _add(
    node: ast.AST, parent: Statement | None, found: list[Statement], block: tuple[str, int] = ("", 0)
) -> None:
    made = Statement(node, len(found), parent, block)
    found.append(made)
    if parent is not None:
        parent.inside.append(made)
    head: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list) and name in _BLOCKS:
            for number, each in enumerate(value):
                _add(each, made, found, (name, number if name in ("handlers", "cases") else 0))
        elif isinstance(value, list):
            head += [each for each in value if isinstance(each, ast.AST)]
        elif isinstance(value, ast.AST):
            head.append(value)
    _describe(made, head)


def _describe(made: Statement, head: list[ast.AST]) -> None:
    words: set[str] = set()
    reads: set[str] = set()
    stores: set[str] = set()
    for node in (each for part in head for each in walk(part)):
        words |= _words(node)
        reads |= _reads(node)
        if not made.is_definition:
            stores |= _stores(node)
    match made.node:
        case ast.ExceptHandler(name=str(name)):
            stores.add(name)
        case (
            ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name))))
            | ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name))])
            | ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name)))
        ):
            made.mutates = frozenset({name})
    match made.node:
        case ast.Assign(targets=targets):
            reads -= {name for target in targets for name in _owners(target)}
    made.words, made.reads, made.stores = frozenset(words), frozenset(reads), frozenset(stores)
    values = [each for each in head if not isinstance(getattr(each, "ctx", None), ast.Store)]
    made.value_words = frozenset(word for value in values for word in _value_words(value))


def _words(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word) | ast.keyword(arg=str(word)) | ast.arg(arg=word):
            return {word}
        case ast.Constant(value=str(word)):
            return {word}
    return set()


def _reads(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            return {name}
        case ast.Attribute(value=ast.Name(id=root), attr=name, ctx=ast.Load()):
            return {f"{root}.{name}"}
        case ast.Subscript(value=ast.Name(id=root), slice=ast.Constant(value=str(name)), ctx=ast.Load()):
            return {f"{root}.{name}"}
    return set()


def _stores(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.Attribute(value=ast.Name(id=root), attr=name, ctx=ast.Store() | ast.Del()):
            return {f"{root}.{name}"}
        case ast.Subscript(
            value=ast.Name(id=root), slice=ast.Constant(value=str(name)), ctx=ast.Store() | ast.Del()
        ):
            return {f"{root}.{name}"}
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
    return set()


def _owners(target: ast.expr) -> set[str]:
    """The local of which an assignment sets an attribute or an entry, which does not read the local."""
    match target:
        case (
            ast.Attribute(value=ast.Name(id=name))
            | ast.Subscript(value=ast.Name(id=name), slice=ast.Constant())
        ):
            return {name}
    return set()


def _value_words(node: ast.AST) -> Iterator[str]:
    """The words and reads that a value consists of, without those that are only passed to a call."""
    match node:
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name not in _TRANSPARENT:
            return
    yield from _words(node)
    yield from _reads(node)
    for each in ast.iter_child_nodes(node):
        yield from _value_words(each)
