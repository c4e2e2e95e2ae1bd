"""Classes of a package, across its modules: their bases, members, and the attributes of their instances.

Called by :mod:`codegen.upstream.points_to` and :mod:`codegen.upstream.callgraph`.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from codegen.model.origins import Symbol
from codegen.upstream.namespaces import Namespaces, Outside
from codegen.upstream.reader import attribute
from codegen.upstream.symbols import remembered, walk

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and its bases, nearest first.

    Args:
        classes: those of the package.
        is_closed: whether there are no others; what a class of another package defines is not known.
    """

    classes: tuple[Symbol, ...]
    is_closed: bool


class Classes:
    """Looks classes up, and remembers what was found.

    Args:
        namespaces: of the release.
        hosts: for a mixin, the class whose instances its methods run on.
    """

    def __init__(self, namespaces: Namespaces, hosts: Mapping[Symbol, Symbol]) -> None:
        self.namespaces = namespaces
        self.hosts = hosts
        self._lineages: dict[Symbol, Lineage] = {}
        self._members: dict[Symbol, Mapping[str, Symbol]] = {}

    def node(self, symbol: Symbol) -> ast.ClassDef | None:
        """The class that a symbol names; None if it names something else."""
        found = self.namespaces.definition(symbol)
        return found if isinstance(found, ast.ClassDef) else None

    def lineage(self, symbol: Symbol) -> Lineage:
        """A class and its bases; the host of a mixin counts as a base."""
        if symbol not in self._lineages:
            # For classes that are bases of each other.
            self._lineages[symbol] = Lineage((symbol,), is_closed=False)
            self._lineages[symbol] = self._linearised(symbol)
        return self._lineages[symbol]

    def member(self, cls: Symbol, name: str) -> Symbol | None:
        """The method or nested class of that name, of a class or of the nearest base that has it."""
        return self.members(cls).get(name)

    def inherited(self, cls: Symbol, name: str) -> Symbol | None:
        """What ``super()`` finds in a method of a class."""
        above = (self.own(base).get(name) for base in self.lineage(cls).classes[1:])
        return next(filter(None, above), None)

    def members(self, cls: Symbol) -> Mapping[str, Symbol]:
        """Every method and nested class of a class, those of its bases included, by name."""
        if cls not in self._members:
            found: dict[str, Symbol] = {}
            for each in reversed(self.lineage(cls).classes):
                found.update(self.own(each))
            self._members[cls] = found
        return self._members[cls]

    def own(self, cls: Symbol) -> Mapping[str, Symbol]:
        """The methods and nested classes that a class itself defines, by name."""
        node = self.node(cls)
        return {} if node is None else {name: _inside(cls, name) for name in _defined_in(node)}

    def function(self, symbol: Symbol) -> Function | None:
        """The function or method that a symbol names; None if it names something else."""
        found = self.namespaces.definition(symbol)
        return found if isinstance(found, Function) else None

    def inherited_function(self, symbol: Symbol) -> Symbol | None:
        """The function of that name, or the method that its class inherits; None if there is none."""
        owner = self.owner(symbol)
        if owner is None or self.function(symbol) is not None:
            return symbol if self.function(symbol) is not None else None
        return self.member(owner, symbol.name)

    def owner(self, symbol: Symbol) -> Symbol | None:
        """The class that a method is of; None for a function."""
        outer = symbol.qualname.rpartition(".")[0]
        return Symbol(symbol.path, outer) if outer else None

    def _linearised(self, symbol: Symbol) -> Lineage:
        """The lineage, depth first: near enough to Python's order for look-ups by name."""
        node = self.node(symbol)
        if node is None:
            return Lineage((symbol,), is_closed=False)
        found, is_closed = {symbol: None}, True
        bases = [self._base(symbol, each) for each in node.bases]
        for base in [*bases, *([self.hosts[symbol]] if symbol in self.hosts else [])]:
            match base:
                case Symbol():
                    above = self.lineage(base)
                    found |= dict.fromkeys(above.classes)
                    is_closed = is_closed and above.is_closed
                case Outside(name="abc" | "typing" | "enum" | "object"):
                    pass
                case _:
                    is_closed = False
        return Lineage(tuple(found), is_closed)

    def _base(self, cls: Symbol, node: ast.expr) -> object:
        match node:
            case ast.Name(id="object"):
                return Outside("object")
            case ast.Name(id=name):
                return self.namespaces.find(cls.path, name)
            case ast.Subscript(value=inner):
                return self._base(cls, inner)
            case ast.Attribute(value=ast.Name(id=name)):
                return self.namespaces.find(cls.path, name)
        return None


def _inside(cls: Symbol, name: str) -> Symbol:
    return Symbol(cls.path, f"{cls.qualname}.{name}")


@remembered
def _defined_in(node: ast.ClassDef) -> tuple[str, ...]:
    """The names of the methods and nested classes in the body of a class."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    inner = [each for part in node.body if isinstance(part, ast.If) for each in part.body + part.orelse]
    return tuple(each.name for each in (*node.body, *inner) if isinstance(each, kinds))


@dataclass(frozen=True, slots=True)
class Assigned:
    """What a method assigns to an attribute of ``self``.

    Args:
        method: in which it is assigned; None for an annotation in the body of the class.
        value: what is assigned.
        annotation: its type, where that is stated.
    """

    method: Function | None
    value: ast.expr | None
    annotation: ast.expr | None = None


@remembered
def attributes(node: ast.ClassDef) -> Mapping[str, tuple[Assigned, ...]]:
    """The attributes of a class's instances, by name."""
    found: dict[str, list[Assigned]] = {}
    for part in node.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                found.setdefault(name, []).append(Assigned(None, value, annotation))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                for name, assigned in _assigned_in(part):
                    found.setdefault(name, []).append(assigned)
    return {name: tuple(values) for name, values in found.items()}


def _assigned_in(method: Function) -> Iterator[tuple[str, Assigned]]:
    for statement in walk(method):
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if (name := attribute(target, ("self",))) is not None:
                        yield name, Assigned(method, value)
            case ast.AnnAssign(target=target, annotation=annotation, value=value):
                if (name := attribute(target, ("self",))) is not None:
                    yield name, Assigned(method, value, annotation)
