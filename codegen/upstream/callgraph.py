"""Which definitions of a package run when some of its functions are called: a static call graph.

A function that is mentioned counts as called, so that one that is passed as a value, or kept in a table, is
reached, too. A method of an object whose class is not known is looked for in all classes that are reached.
That finds too much rather than too little; a call for which nothing is found is counted, by the name that is
called.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codegen.model.origins import Symbol
from codegen.upstream.classes import Classes, Function
from codegen.upstream.namespaces import Namespaces, Outside
from codegen.upstream.points_to import (
    Instance,
    PointsTo,
    Reference,
    Scope,
    Super,
    UnknownValue,
    Value,
    Values,
)
from codegen.upstream.symbols import Library, children, remembered, walk, without_docstring

_TESTED = ("isinstance", "issubclass", "hasattr")
_UNCALLED = frozenset({"__repr__", "__str__", "__init_subclass__", "__class_getitem__"})
"""Special methods that no statement of interest calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a call graph starts and ends.

    Args:
        roots: the functions that are called; a method may be that of a base.
        hosts: for a mixin, the class whose instances its methods run on.
        outside: folders and files that calls are not followed into.
        implicit: methods that are called by calling an instance.
        leaving: names of attributes and locals that stand for what the graph does not follow: calling one
            leaves it.
        deprecating: the names of decorators that deprecate an argument.
    """

    roots: tuple[Symbol, ...]
    hosts: Mapping[Symbol, Symbol] = field(default_factory=dict)
    outside: tuple[str, ...] = ()
    implicit: tuple[str, ...] = ("__call__",)
    leaving: frozenset[str] = frozenset()
    deprecating: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallGraph:
    """What is reached.

    Args:
        edges: every definition that is reached, with those that it calls or mentions. A class stands for
            what is executed when it is made.
        leaving: calls that leave the graph, by the definition that they are in.
        calls: how many calls there are of each kind: ``exact`` (resolved), ``by name`` (of an object of an
            unknown class), ``of a value`` (of an unknown local; what it holds was reached where it was
            mentioned), ``outside`` (of other packages) and ``unresolved``.
        unresolved: how many calls of each name could not be resolved.
        files: every file that was opened for it.
    """

    edges: Mapping[Symbol, frozenset[Symbol]]
    leaving: Mapping[Symbol, tuple[str, ...]]
    calls: Mapping[str, int]
    unresolved: Mapping[str, int]
    files: tuple[str, ...]

    def reached_from(self, roots: Iterable[Symbol], *, without: Collection[Symbol] = ()) -> frozenset[Symbol]:
        """The definitions that are reached from some others.

        Args:
            roots: where to start; one that is not in the graph is ignored.
            without: definitions that are not entered, unless they are roots.
        """
        pending = [each for each in roots if each in self.edges]
        found = {*pending}
        excluded = {*without} - found
        for symbol in pending:  # it grows
            new = self.edges[symbol] - found - excluded
            found |= new
            pending += new
        return frozenset(found)


def build(classes: Classes, start: Start) -> CallGraph:
    """The call graph of a release; a root that is not there is left out."""
    return _Builder(classes, start).run()


def classes(library: Library, start: Start) -> Classes:
    """The classes of a release, as :func:`build` needs them."""
    return Classes(Namespaces(library, start.outside), start.hosts)


class _Builder:
    """Follows definitions until nothing new is reached."""

    def __init__(self, classes: Classes, start: Start) -> None:
        self.library = classes.namespaces.library
        self.start = start
        self.classes = classes
        self.points_to = PointsTo(self.classes)
        self.edges: dict[Symbol, set[Symbol]] = {}
        self.pending: list[Symbol] = []
        self.leaving: dict[Symbol, list[str]] = defaultdict(list)
        self.instantiated: set[Symbol] = set()  # classes of which there are objects, so far
        self.methods: dict[str, set[Symbol]] = defaultdict(set)  # of instantiated classes, by name
        self.derived: dict[Symbol, set[Symbol]] = defaultdict(set)  # instantiated classes, by each base
        # Who calls a method of a class, or of something unknown; a class that is noted later may add to them.
        self.callers: dict[tuple[Symbol, str], set[Symbol]] = defaultdict(set)
        self.callers_of_unknown: dict[str, set[Symbol]] = defaultdict(set)
        self.sites: list[tuple[str, str]] = []  # of each call, the kind of its resolution, and its name

    def run(self) -> CallGraph:
        for root in self.start.roots:
            if (found := self.classes.inherited_function(root)) is not None:
                self._reach(found)
        while self.pending:
            self._follow(self.pending.pop())
        unresolved = Counter(
            name for kind, name in self.sites if kind == "name" and not self.methods.get(name)
        )
        kinds = Counter(kind for kind, _ in self.sites)
        kinds["name"] -= unresolved.total()
        calls = {
            "exact": kinds["exact"],
            "by name": kinds["name"],
            "of a value": kinds["value"],
            "outside": kinds["outside"],
            "unresolved": unresolved.total(),
        }
        return CallGraph(
            edges={symbol: frozenset(self.edges[symbol]) for symbol in sorted(self.edges)},
            leaving={symbol: tuple(dict.fromkeys(texts)) for symbol, texts in sorted(self.leaving.items())},
            calls=calls,
            unresolved=dict(unresolved.most_common()),
            files=tuple(sorted(self.classes.namespaces.opened | {symbol.path for symbol in self.edges})),
        )

    def _reach(self, symbol: Symbol, by: Symbol | None = None) -> None:
        if str(symbol).startswith(self.start.outside):
            if by is not None:
                self.leaving[by].append(str(symbol))
            return
        if by is not None and by != symbol:
            self.edges[by].add(symbol)
        if symbol not in self.edges:
            self.edges[symbol] = set()
            self.pending.append(symbol)

    def _follow(self, symbol: Symbol) -> None:
        node = self.library.find(symbol)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._scan(symbol, node, self.points_to.scope(symbol.path, self.classes.owner(symbol), node))
            case ast.ClassDef():
                self._note_instance(symbol)
                scope = Scope(symbol.path, symbol)
                for statement in without_methods(node):
                    self._scan(symbol, statement, scope)
                for name, method in self.classes.members(symbol).items():
                    is_special = name.startswith("__") and name.endswith("__") and name not in _UNCALLED
                    if is_special or name in self.start.implicit:
                        self._reach(method, symbol)
            case ast.Assign() | ast.AnnAssign():
                self._scan(symbol, node, Scope(symbol.path, None))

    def _note_instance(self, cls: Symbol) -> None:
        """Note that there are objects of a class: calls by name may be of its methods."""
        if cls in self.instantiated or str(cls).startswith(self.start.outside):
            return
        self.instantiated.add(cls)
        for base in self.classes.lineage(cls).classes:
            self.derived[base].add(cls)
        for name, method in self.classes.members(cls).items():
            self.methods[name].add(method)
            callers = set(self.callers_of_unknown.get(name, ()))
            for base in self.classes.lineage(cls).classes:
                callers |= self.callers.get((base, name), set())
            for caller in callers:
                self._reach(method, caller)

    # --- one definition

    def _scan(self, symbol: Symbol, root: ast.AST, scope: Scope) -> None:
        for node, use in _used(root):
            match node:
                case ast.Call():
                    self._call(symbol, node, scope)
                case ast.Name() | ast.Attribute():
                    for value in self.points_to.of(node, scope):
                        self._mention(symbol, value, use)
                    if isinstance(node, ast.Attribute):
                        self._attribute(symbol, node, scope)

    def _attribute(self, symbol: Symbol, node: ast.Attribute, scope: Scope) -> None:
        """Reach what an attribute may be: a method or a property is reached by being mentioned."""
        found = self.points_to.of(node.value, scope)
        held = (self.points_to.content(each.symbol) for each in found if isinstance(each, Reference))
        for owner in found.union(*held):
            match owner:
                case Instance(cls=cls):
                    self._note_instance(cls)
                    self._member(symbol, cls, node.attr)
                case Reference(symbol=cls) if self.classes.node(cls) is not None:
                    self._member(symbol, cls, node.attr)
                case Super(cls=cls) if (above := self.classes.inherited(cls, node.attr)) is not None:
                    self._reach(above, symbol)
                case UnknownValue():
                    self._by_name(symbol, node.attr)

    def _member(self, symbol: Symbol, cls: Symbol, name: str) -> None:
        """Reach a method of a class, and those of the classes that derive from it."""
        if (found := self.classes.member(cls, name)) is not None:
            self._reach(found, symbol)
        self.callers[cls, name].add(symbol)
        for derived in self.derived.get(cls, ()):
            if (found := self.classes.member(derived, name)) is not None:
                self._reach(found, symbol)

    def _by_name(self, symbol: Symbol, name: str) -> None:
        """Reach the methods of a name in all instantiated classes."""
        self.callers_of_unknown[name].add(symbol)
        for method in self.methods.get(name, ()):
            self._reach(method, symbol)

    def _mention(self, symbol: Symbol, value: Value, use: str) -> None:
        match value:
            case Reference(symbol=found):
                is_class = self.classes.node(found) is not None
                if not (is_class and use != "value"):
                    self._reach(found, symbol)
            case Instance(cls=cls):
                self._note_instance(cls)

    def _call(self, symbol: Symbol, node: ast.Call, scope: Scope) -> None:
        name = _name_of(node.func)
        found = self.points_to.of(node.func, scope)
        for cls in _classes(found):
            for method in self.start.implicit:
                self._member(symbol, cls, method)
        if self._leaves(node.func, found):
            self.leaving[symbol].append(ast.unparse(node.func))
            self.sites.append(("outside", name))
        elif any(isinstance(each, UnknownValue) for each in found):
            self.sites.append(("name" if isinstance(node.func, ast.Attribute) else "value", name))
        else:
            is_outside = all(isinstance(each, Outside) for each in found)
            self.sites.append(("outside" if is_outside else "exact", name))
        match node:
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, ast.Constant(value=str(attr)), *_]):
                self._attribute(symbol, ast.Attribute(value=owner, attr=attr), scope)
            case ast.Call(func=ast.Name(id="getattr"), args=[owner, key, *_]):
                self._from_table(symbol, owner, key, scope)

    def _leaves(self, function: ast.expr, found: Values) -> bool:
        """Whether the graph does not follow a call: because of its name, or because it calls a host."""
        if _name_of(function) in self.start.leaving:
            return True
        hosted = {*self.start.hosts, *self.start.hosts.values()}
        return any(isinstance(each, Instance) and each.cls in hosted for each in found)

    def _from_table(self, symbol: Symbol, owner: ast.expr, key: ast.expr, scope: Scope) -> None:
        """Reach the methods that a table names, for ``getattr(self, TABLE[x])``."""
        names = [
            each.value
            for part in walk(key)
            if isinstance(part, ast.Name)
            for value in self.points_to.of(part, scope)
            if isinstance(value, Reference) and (table := self.library.find(value.symbol)) is not None
            for each in walk(table)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        ]
        for value in self.points_to.of(owner, scope):
            cls = value.cls if isinstance(value, Instance) else getattr(value, "symbol", None)
            if cls is not None:
                for name in names:
                    self._member(symbol, cls, name)


def _classes(values: Values) -> Iterator[Symbol]:
    return (each.cls for each in values if isinstance(each, Instance))


def _name_of(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return type(function).__name__


def without_methods(node: ast.ClassDef) -> list[ast.AST]:
    """What is executed when a class is defined: its body without methods, nested classes and docstring."""
    body = without_docstring(node, node.body)
    assert isinstance(body, list)
    return [each for each in body if not isinstance(each, Function | ast.ClassDef)]


@remembered
def _used(root: ast.AST) -> tuple[tuple[ast.AST, str], ...]:
    """The calls, names and attributes that a definition executes, annotations left out; each with its use.

    The use is ``tested`` for a class that ``isinstance`` or an ``except`` asks for, ``owner`` for an object
    whose attribute is taken, and ``value`` for anything else.
    """
    pending: list[tuple[ast.AST, str]] = [(root, "value")]
    for node, use in pending:  # it grows
        for child in children(node):
            if not _is_annotation(node, child):
                pending.append((child, _use(node, child, use)))  # noqa: PERF401 - it is read while it grows
    return tuple(each for each in pending if isinstance(each[0], ast.Call | ast.Name | ast.Attribute))


def _is_annotation(node: ast.AST, child: ast.AST) -> bool:
    match node:
        case ast.arg():
            return True
        case ast.AnnAssign(annotation=annotation):
            return child is annotation
        case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
            return child is returns
    return False


def _use(node: ast.AST, child: ast.AST, use: str) -> str:
    match node:
        case ast.Attribute():
            return "owner"
        case ast.Call(func=ast.Name(id=name), args=[_, *tested]) if name in _TESTED and child in tested:
            return "tested"
        case ast.ExceptHandler(type=type_) if child is type_:
            return "tested"
        case ast.Tuple() | ast.BinOp() if use == "tested":
            return "tested"
    return "value"
