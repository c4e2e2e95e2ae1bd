"""What a name in a module of a package refers to: a definition there, or what it imports.

Imports are followed through the package's own modules, with what they re-export, wherever in a module they
are written. A name from any other package is *outside*. Called by :mod:`codegen.upstream.callgraph`.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from codegen.errors import MissingFileError
from codegen.model.origins import Symbol
from codegen.upstream.symbols import Definition, Library, Module, remembered


@dataclass(frozen=True, slots=True)
class ModuleName:
    """A module of the package.

    Args:
        path: of its file.
    """

    path: str


@dataclass(frozen=True, slots=True)
class Outside:
    """Something that is not of the package.

    Args:
        name: of the package that it is from, or of a builtin.
    """

    name: str


Named = Symbol | ModuleName | Outside
"""What a name refers to."""


@dataclass(frozen=True, slots=True)
class _Import:
    """A name that an import binds: a module, or what is called ``name`` in it."""

    module: str
    name: str | None = None


class Namespaces:
    """Looks names up in the modules of one release, and remembers what was found.

    Args:
        library: the files of the release.
        closed: folders and files that are not opened; what is in them counts as outside.
    """

    def __init__(self, library: Library, closed: tuple[str, ...] = ()) -> None:
        self.library = library
        self.package = library.tree.package
        self.closed = closed
        self.opened: set[str] = set()
        self._found: dict[tuple[str, str], Named | None] = {}
        self._paths: dict[str, str | None] = {}
        self._definitions: dict[Symbol, Definition | None] = {}

    def find(self, path: str, name: str) -> Named | None:
        """What a name at the top of a module refers to; None if it is neither defined nor imported there."""
        key = (path, name)
        if key not in self._found:
            self._found[key] = None  # while it is looked for: modules may import each other
            self._found[key] = self._look_up(path, name)
        return self._found[key]

    def member(self, module: ModuleName, name: str) -> Named | None:
        """What an attribute of a module refers to: a name in it, or a module below it."""
        return self.find(module.path, name) or self._below(module.path, name)

    def imported_in(self, path: str, nodes: Iterable[ast.AST]) -> dict[str, Named]:
        """What the imports among some nodes, such as those of a function, bind; by name."""
        bound = {name: self._resolved(each) for name, each in _imports_among(nodes, self._dotted(path))}
        return {name: found for name, found in bound.items() if found is not None}

    def definition(self, symbol: Symbol) -> Definition | None:
        """The definition that a symbol names."""
        if symbol not in self._definitions:
            self._definitions[symbol] = self.library.find(symbol)
        return self._definitions[symbol]

    def _look_up(self, path: str, name: str) -> Named | None:
        module = self.library.module(path)
        if module.find(name) is not None:
            return Symbol(path, name)
        imports, stars = _imports(module, self._dotted(path))
        if name in imports:
            return self._resolved(imports[name])
        for star in stars:
            source = self._path(star)
            if source is not None and (found := self.find(source, name)) is not None:
                return found
        return None

    def _resolved(self, imported: _Import) -> Named | None:
        top, _, _ = imported.module.partition(".")
        if top != self.package:
            return Outside(top)
        path = self._path(imported.module)
        if path is None:
            return Outside(imported.module) if self._is_closed(imported.module) else None
        if imported.name is None:
            return ModuleName(path)
        return self.member(ModuleName(path), imported.name)

    def _is_closed(self, dotted: str) -> bool:
        """Whether a module is among those that are not opened."""
        return any(path.startswith(self.closed) for path in self._files(dotted))

    def _files(self, dotted: str) -> tuple[str, str]:
        """The files that a module of the package may be."""
        parts = "/".join(dotted.split(".")[1:])
        return (f"{parts}.py", f"{parts}/__init__.py") if parts else ("__init__.py", "__init__.py")

    def _below(self, path: str, name: str) -> Named | None:
        if not path.endswith("__init__.py"):
            return None
        dotted = f"{self._dotted(path)[0]}.{name}"
        if self._is_closed(dotted):
            return Outside(dotted)
        found = self._path(dotted)
        return None if found is None else ModuleName(found)

    def _path(self, dotted: str) -> str | None:
        """The file of a module of the package; None if there is none, or it is not opened."""
        if dotted not in self._paths:
            is_closed = self._is_closed(dotted)
            self._paths[dotted] = (
                None if is_closed else next(filter(self._is_there, self._files(dotted)), None)
            )
        return self._paths[dotted]

    def _is_there(self, path: str) -> bool:
        try:
            self.library.module(path)
        except MissingFileError:
            return False
        self.opened.add(path)
        return True

    def _dotted(self, path: str) -> tuple[str, str]:
        """A module's name, and that of the package that its relative imports start from."""
        parts = [self.package, *path.removesuffix(".py").split("/")]
        is_package = parts[-1] == "__init__"
        parts = parts[:-1] if is_package else parts
        return ".".join(parts), ".".join(parts if is_package else parts[:-1])


@remembered
def _imports(module: Module, dotted: tuple[str, str]) -> tuple[dict[str, _Import], tuple[str, ...]]:
    """The names that the imports at the top of a module bind, and the modules it imports ``*`` from."""
    bound: dict[str, _Import] = {}
    stars: list[str] = []
    for name, imported in _imports_among(_top_level(module.tree.body), dotted):
        if name == "*":
            stars.append(imported.module)
        else:
            bound.setdefault(name, imported)
    return bound, tuple(stars)


def _top_level(body: list[ast.stmt]) -> Iterator[ast.AST]:
    """The statements of a module, those in its branches included."""
    for statement in body:
        yield statement
        match statement:
            case ast.If(body=inner, orelse=other) | ast.Try(body=inner, orelse=other):
                yield from _top_level([*inner, *other])
                for handler in getattr(statement, "handlers", ()):
                    yield from _top_level(handler.body)
            case ast.With(body=inner):
                yield from _top_level(inner)


def _imports_among(nodes: Iterable[ast.AST], dotted: tuple[str, str]) -> Iterator[tuple[str, _Import]]:
    for node in nodes:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    top = alias.name.partition(".")[0]
                    yield alias.asname or top, _Import(alias.name if alias.asname else top)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                parts = dotted[1].split(".") if level else []
                parts = parts[: len(parts) - level + 1] if level else []
                source = ".".join([*parts, *([module] if module else [])])
                for alias in aliases:
                    yield alias.asname or alias.name, _Import(source, alias.name)
