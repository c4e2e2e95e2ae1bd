"""Finding definitions in upstream's files, and taking digests of them.

A :class:`~codegen.model.origins.Symbol` names a class, a function, a method or a module-level assignment.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from typing import Concatenate, ParamSpec, TypeVar

from codegen.errors import MissingFileError, UnknownShapeError
from codegen.model.origins import Symbol
from codegen.upstream.source import SourceTree

_Documented = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Definition = _Documented | ast.Assign | ast.AnnAssign

Holder = TypeVar("Holder")
Rest = ParamSpec("Rest")
Found = TypeVar("Found")

IGNORED_FIELDS = frozenset({"ctx", "kind", "type_comment"})
"""Fields of a syntax node that do not affect what it does."""

_WITHOUT_NODES = frozenset({"arg", "attr", "ctx", "id", "kind", "type_comment"})
"""Fields that hold no other node, or only one that :func:`children` leaves out."""


class Module:
    """One parsed file of a package.

    Raises:
        UnknownShapeError: the text is not Python, or is nested too deeply.
    """

    def __init__(self, path: str, text: str, package: str = "") -> None:
        self.path = path
        self.text = text
        self.place = f"{package}/{path}" if package else path
        self._texts: dict[ast.AST, str] = {}
        try:
            self.tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # the last two: nesting
            line = getattr(error, "lineno", None)
            where = f"{self.place}, line {line}" if line else self.place
            raise UnknownShapeError(
                where, f"this is not Python that can be parsed ({str(error) or type(error).__name__})"
            ) from error

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file, as the syntax tree counts them."""
        return self.text.split("\n")

    def find(self, qualified: str) -> Definition | None:
        """The definition of that qualified name, or None; one in a branch at the top is found, too."""
        found: Definition | None = None
        scope: ast.AST = self.tree
        for name in qualified.split("."):
            found = _definitions(scope).get(name)
            if found is None:
                return None
            scope = found
        return found

    def need(self, qualified: str) -> Definition:
        """The definition of that qualified name.

        Raises:
            UnknownShapeError: it is not there.
        """
        found = self.find(qualified)
        if found is None:
            raise UnknownShapeError(self.place, f"there is no {qualified}")
        return found

    def function(self, qualified: str) -> ast.FunctionDef:
        """The function or method of that name.

        Raises:
            UnknownShapeError: it is not there, or is something else.
        """
        found = self.need(qualified)
        if not isinstance(found, ast.FunctionDef):
            raise UnknownShapeError(self.place, f"{qualified} is not a function")
        return found

    def class_(self, qualified: str) -> ast.ClassDef:
        """The class of that name.

        Raises:
            UnknownShapeError: it is not there, or is something else.
        """
        found = self.need(qualified)
        if not isinstance(found, ast.ClassDef):
            raise UnknownShapeError(self.place, f"{qualified} is not a class")
        return found

    def mentions(self, node: ast.stmt | ast.expr, *words: str) -> bool:
        """Whether one of some words is anywhere in the lines of a node; a quick test before others."""
        return any(map(self._text(node).__contains__, words))

    def mentioned(self, node: ast.stmt | ast.expr, words: Iterable[str]) -> list[str]:
        """Those of some words that are anywhere in the lines of a node."""
        return list(filter(self._text(node).__contains__, words))

    def _text(self, node: ast.stmt | ast.expr) -> str:
        text = self._texts.get(node)
        if text is None:
            text = self._texts[node] = "\n".join(self.lines[node.lineno - 1 : node.end_lineno])
        return text

    def text_of(self, node: Definition) -> list[str]:
        """The lines of a definition as they are in the file, including decorators and comments."""
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        return self.lines[first - 1 : node.end_lineno]

    def symbol(self, qualified: str) -> Symbol:
        """The full name of a definition in this file."""
        return Symbol(self.path, qualified)


class Library:
    """The files of one release, each parsed once, when it is first asked for.

    Args:
        tree: where they are.
        like: another release; a file that is the same there is not parsed again.
    """

    def __init__(self, tree: SourceTree, like: "Library | None" = None) -> None:
        self.tree = tree
        self.like = like
        self._texts: dict[str, str | None] = {}
        self._modules: dict[str, Module] = {}

    def text(self, path: str) -> str | None:
        """The text of a file, by its path in the package; None where there is none."""
        if path not in self._texts:
            try:
                self._texts[path] = self.tree.read(path)
            except MissingFileError:
                self._texts[path] = None
        return self._texts[path]

    def module(self, path: str) -> Module:
        """The parsed file at a path in the package.

        Raises:
            MissingFileError: it is not there.
            UnknownShapeError: it cannot be parsed.
        """
        if path not in self._modules:
            text = self.text(path)
            if text is None:
                text = self.tree.read(path)  # it says what is missing
            known = self.like._modules.get(path) if self.like is not None else None
            if known is None or known.text != text:
                known = Module(path, text, self.tree.package)
            self._modules[path] = known
        return self._modules[path]

    def read_so_far(self) -> dict[str, str | None]:
        """The text of each file that was asked for, by its path in the package; None where there is none."""
        return dict(sorted(self._texts.items()))

    def module_at(self, path: str) -> Module | None:
        """The parsed file at a path in the package, None where there is none."""
        try:
            return self.module(path)
        except MissingFileError:
            return None

    def find(self, symbol: Symbol) -> Definition | None:
        """The definition, or None where it is not there."""
        module = self.module_at(symbol.path)
        return module.find(symbol.qualname) if module is not None else None

    def place(self, symbol: Symbol) -> str:
        """How messages name a definition: ``package/path, qualified name``."""
        return f"{self.tree.package}/{symbol.path}, {symbol.qualname}"

    def where(self, symbol: Symbol, name: str) -> str:
        """``path:line`` for display, see :meth:`line`."""
        shown, line = f"{self.tree.root}/{symbol.path}", self.line(symbol, name)
        return shown if line is None else f"{shown}:{line}"

    def line(self, symbol: Symbol, name: str) -> int | None:
        """The line of a definition that mentions ``name``, or else its first; None if there is none.

        Raises:
            MissingFileError: there is not even a file of that path.
        """
        found = self.module(symbol.path).find(symbol.qualname)
        if found is None:
            return None
        lines = self.module(symbol.path).lines[found.lineno - 1 : found.end_lineno]
        word = re.escape(name)
        # As an attribute, a key, or the head of a documented argument, before a mention in passing.
        for pattern in (rf"\.{word}\b|[\"']{word}[\"']|^\s*{word}\s*:?\s*\(", rf"\b{word}\b"):
            for offset, line in enumerate(lines):
                if name in line and re.search(pattern, line):
                    return found.lineno + offset
        return found.lineno


def remembered(
    function: Callable[Concatenate[Holder, Rest], Found],
) -> Callable[Concatenate[Holder, Rest], Found]:
    """Cache what a function returns in its first argument, a node or a module, for as long as that lives."""

    def look(holder: Holder, /, *rest: Rest.args, **_: Rest.kwargs) -> Found:
        known: dict[object, Found] = vars(holder)  # type: ignore[assignment]  # keys that are not names are not attributes
        key = (function, *rest) if rest else function
        try:
            return known[key]
        except KeyError:
            return known.setdefault(key, function(holder, *rest, **_))

    return look


@remembered
def _definitions(scope: ast.AST) -> dict[str, Definition]:
    """What a module or a class defines, by name."""
    return _named(scope.body) if isinstance(scope, ast.Module | ast.ClassDef) else {}


def _named(body: list[ast.stmt]) -> dict[str, Definition]:
    named: dict[str, Definition] = {}
    for statement in body:
        match statement:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                named[statement.name] = statement
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                named[name] = statement
            case ast.If(body=inner, orelse=other):
                named |= _named([*inner, *other])
    return named


@cache
def _with_nodes(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Those fields of a node that may hold other nodes."""
    return tuple(name for name in fields if name not in _WITHOUT_NODES)


def children(node: ast.AST) -> list[ast.AST]:
    """What is directly inside of a node, without ``ctx``."""
    found: list[ast.AST] = []
    for name in _with_nodes(node._fields):
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value and isinstance(value, list):
            found += [each for each in value if isinstance(each, ast.AST)]
    return found


def walk(root: ast.AST) -> list[ast.AST]:
    """A node and everything in it, in the order of :func:`ast.walk`, without ``ctx``; this is faster."""
    found = [root]
    for node in found:  # it grows
        for name in _with_nodes(node._fields):
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif value and isinstance(value, list):
                found += [each for each in value if isinstance(each, ast.AST)]
    return found


@remembered
def digest(node: ast.AST) -> str:
    """A digest of what a definition does: docstrings, comments, formatting and line numbers do not count.

    It is the same under every Python that can parse the source. (``ast.dump`` is not: newer ones leave out
    empty fields.)
    """
    return short_digest(serialised(node))


def serialised(node: ast.AST) -> str:
    """A definition as a text to compare; :func:`digest` is a digest of it."""
    words: list[str] = []
    _serialise(node, words.append)
    return "".join(words)


def short_digest(text: str) -> str:
    """A digest as files keep it: long enough that no two forms of a definition share one by chance."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def text_digest(text: str) -> str:
    """A digest of a text, runs of white space counted as one blank."""
    return short_digest(" ".join(text.split()))


def _serialise(node: ast.AST, say: Callable[[str], None]) -> None:
    head, fields = _headings(type(node).__name__, node._fields)
    say(head)
    for name, heading in fields:
        value = getattr(node, name, None)
        if value is None or value == []:
            continue
        say(heading)
        inside = without_docstring(node, value) if name == "body" else value
        for each in inside if isinstance(inside, list) else [inside]:
            if isinstance(each, ast.AST):
                _serialise(each, say)
            else:
                say(f"{type(each).__name__}:{each!r}")
    say(")")


@cache
def _headings(kind: str, fields: tuple[str, ...]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What is written before a node of some kind, and before each of its fields."""
    return f"({kind}", tuple((name, f" {name}=") for name in fields if name not in IGNORED_FIELDS)


def without_docstring(owner: ast.AST, body: object) -> object:
    """The body of a definition without its docstring; of anything else as it is."""
    if not isinstance(owner, _Documented) or not isinstance(body, list) or not body:
        return body
    first = body[0]
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return body[1:] if is_docstring else body
