"""A digest for each function of transformers, which shows whether a remembered call would do the same again.

The digest of a function covers its normal form (:mod:`codegen.upstream.normal`: no annotations, comments or
messages) and what it reads by name: constants of its module, also imported ones, and the attributes of its
class, of the bases and of the subclasses. It does not cover the functions that it calls: those that a call
enters are seen while it runs (:mod:`tests.fidelity.reached`).
"""

import ast
import builtins
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from codegen.upstream.normal import normal
from codegen.upstream.symbols import short_digest

GONE = "gone"
"""The digest of a function that this release does not have."""
MOST_HOPS = 5
"""The most imports that a name is followed through."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Fingerprints:
    """The functions of one release.

    Args:
        package: the folder of the package.
    """

    def __init__(self, package: Path) -> None:
        self._package = package
        self._files: dict[str, _File | None] = {}
        self._digests: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The digest of a function.

        Args:
            name: its file in the package and its qualified name, as ``cache_utils.py::Cache.update``.
        """
        if name not in self._digests:
            path, _, qualified = name.partition("::")
            file = self._file(path)
            self._digests[name] = GONE if file is None else self._digest(file, qualified)
        return self._digests[name]

    def _digest(self, file: "_File", qualified: str) -> str:
        found = file.functions.get(qualified)
        if found is None:  # a lambda, code that was made by other code, or the module itself
            return file.digest
        parts = [normal(node) for node in found]
        owner = qualified.rpartition(".")[0]
        parts += [f"{name} {text}" for name, text in sorted(self._around(file, owner).items())]
        named = {each.id for node in found for each in ast.walk(node) if isinstance(each, ast.Name)}
        parts += [f"{name} {self._read(file, name)}" for name in sorted(named - _BUILT_IN)]
        return short_digest("\n".join(parts))

    def _around(self, file: "_File", owner: str) -> dict[str, str]:
        """The attributes of a class, and of those in its file that it derives from or that derive from it."""
        return {name: file.shells[name] for name in file.family(owner)} if owner in file.shells else {}

    def _read(self, file: "_File", name: str, hops: int = MOST_HOPS) -> str:
        """What a name stands for, as far as it is data: what assigns it, or the class without its methods."""
        if name in file.constants:
            return file.constants[name]
        if name in file.shells:
            return file.shells[name]
        target = file.imports.get(name)
        if target is None or not hops:
            return ""
        for path in _paths(target[0]):
            other = self._file(path)
            if other is not None:
                return self._read(other, target[1], hops - 1)
        return ""

    def _file(self, path: str) -> "_File | None":
        if path not in self._files:
            try:
                self._files[path] = _File(path, (self._package / path).read_text(encoding="utf-8"))
            except (OSError, SyntaxError):
                self._files[path] = None
        return self._files[path]


_BUILT_IN = frozenset(vars(builtins)) | {"__version__"}
"""Names that no module defines; and the version number, which changes in each release without an effect."""


def _paths(module: str) -> tuple[str, str]:
    stem = module.replace(".", "/")
    return (f"{stem}.py", f"{stem}/__init__.py") if stem else ("__init__.py", "__init__.py")


class _File:
    """One file: its functions by qualified name, and what it holds as data.

    A class without its methods is a *shell*: its bases, its decorators and its attributes.
    """

    def __init__(self, path: str, text: str) -> None:
        self._tree = ast.parse(text)
        folder = path.removesuffix("__init__.py") if path.endswith("__init__.py") else path
        self._folder = [part for part in folder.split("/")[:-1] if part]
        self.functions: dict[str, list[_Function]] = {}
        self.shells: dict[str, str] = {}
        self.constants: dict[str, str] = {}
        self.imports: dict[str, tuple[str, str]] = {}
        self._bases: dict[str, set[str]] = {}
        self._read_block(self._tree.body, "")

    @cached_property
    def digest(self) -> str:
        """Of the file as a whole."""
        return short_digest(normal(self._tree.body))

    def family(self, name: str) -> set[str]:
        """A class with those of its file that it derives from, and those that derive from it."""
        return {*self._closure(name, up=True), *self._closure(name, up=False)}

    def _closure(self, name: str, *, up: bool) -> set[str]:
        found, todo = set(), [name]
        while todo:
            one = todo.pop()
            if one in found or one not in self.shells:
                continue
            found.add(one)
            if up:
                todo += self._bases[one]
            else:
                todo += [each for each, bases in self._bases.items() if one in bases]
        return found

    def _read_block(self, body: list[ast.stmt], prefix: str) -> None:
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.functions.setdefault(f"{prefix}{node.name}", []).append(node)
                case ast.ClassDef():
                    self._read_class(node, prefix)
                case ast.ImportFrom() if not prefix:
                    self._read_import(node)
                case _:
                    for inner in _blocks(node):
                        self._read_block(inner, prefix)
                    if not prefix:
                        self._read_assignment(node)

    def _read_class(self, node: ast.ClassDef, prefix: str) -> None:
        name = f"{prefix}{node.name}"
        rest = [each for each in node.body if not isinstance(each, _Function | ast.ClassDef)]
        shell = ast.ClassDef(
            name=node.name,
            bases=node.bases,
            keywords=node.keywords,
            body=rest or [ast.Pass()],
            decorator_list=node.decorator_list,
        )
        self.shells[name] = self.shells.get(name, "") + normal(shell)
        bases = self._bases.setdefault(name, set())
        bases |= {base.id for base in node.bases if isinstance(base, ast.Name)}
        self._read_block(node.body, f"{name}.")

    def _read_assignment(self, node: ast.stmt) -> None:
        for name in _assigned(node):
            self.constants[name] = self.constants.get(name, "") + normal(node)

    def _read_import(self, node: ast.ImportFrom) -> None:
        if not node.level:
            return
        base = self._folder[: len(self._folder) - node.level + 1]
        module = ".".join([*base, *([node.module] if node.module else [])])
        for alias in node.names:
            self.imports[alias.asname or alias.name] = (module, alias.name)


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of statements in a statement, such as the branches of an ``if``."""
    for field in ("body", "orelse", "finalbody"):
        yield getattr(node, field, [])
    for handler in getattr(node, "handlers", []):
        yield handler.body


def _assigned(node: ast.stmt) -> Iterator[str]:
    """The names that a statement assigns to."""
    match node:
        case ast.Assign(targets=targets):
            for target in targets:
                yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.AugAssign(target=ast.Name(id=name)):
            yield name
