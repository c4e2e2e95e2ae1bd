"""Renames locals, so that code does not depend on their names.

A function's parameters and locals, and those of comprehensions and lambdas in it, are numbered in the order
in which they appear. What other code can refer to keeps its name: globals, attributes, functions, classes,
what is imported, the names of arguments in calls.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from codegen.upstream import signatures
from codegen.upstream.symbols import children, walk

_BY_NAME = frozenset({"eval", "exec", "locals", "vars", "globals"})
"""Functions that look locals up by their names; code that calls one keeps all names."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(slots=True)
class _Scope:
    """The names of a function, comprehension or class, each with the name that it gets."""

    names: dict[str, str | None]
    is_class: bool = False


@dataclass(slots=True)
class Renamer:
    """Renames locals in place.

    Args:
        keep: names that stay as they are.
    """

    keep: Collection[str]
    _scopes: list[_Scope] = field(default_factory=list)
    _count: int = 0

    def rename(self, code: list[ast.AST], local: Collection[str]) -> None:
        """Rename in code; ``local`` has names that are local in it besides those that it binds itself."""
        self._inside(_Scope(dict.fromkeys(local)), code)

    def _inside(self, scope: _Scope, code: list[ast.AST]) -> None:
        scope.names.update({name: name for name in scope.names if name in self.keep})
        self._scopes.append(scope)
        for each in code:
            self._node(each)
        self._scopes.pop()

    def _node(self, node: ast.AST) -> None:
        match node:
            case ast.Name(id=name):
                node.id = self._new(name)
            case ast.arg(arg=name):
                node.arg = self._new(name)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                node.name = self._new(name)
            case ast.MatchMapping(rest=str(name)):
                node.rest = self._new(name)
            case ast.Nonlocal(names=names):
                node.names = [self._new(name) for name in names]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._function(node)
                return
            case ast.ClassDef():
                self._class(node)
                return
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                self._comprehension(node)
                return
        for each in children(node):
            self._node(each)

    def _new(self, name: str) -> str:
        """The new name of a local; any other name stays unchanged."""
        for scope in reversed(self._scopes):
            if (scope.is_class and scope is not self._scopes[-1]) or name not in scope.names:
                continue
            found = scope.names[name]
            if found is None:
                found = scope.names[name] = f"%{self._count}"  # cannot be a name in the source
                self._count += 1
            return found
        return name

    def _function(self, node: _Function) -> None:
        around = [*getattr(node, "decorator_list", ()), *node.args.defaults, *node.args.kw_defaults]
        for each in around:  # evaluated outside of the function
            if each is not None:
                self._node(each)
        arguments = signatures.unstarred(node.args)
        arguments += [each for each in (node.args.vararg, node.args.kwarg) if each is not None]
        body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else [*node.body]
        local = {each.arg for each in arguments} | bound_in(body)
        names = local if not _looks_names_up(body) else set[str]()
        self._inside(_Scope(dict.fromkeys(sorted(names))), [*arguments, *body])

    def _class(self, node: ast.ClassDef) -> None:
        for each in (*node.decorator_list, *node.bases, *node.keywords):
            self._node(each)
        self._inside(_Scope({name: name for name in bound_in(node.body)}, is_class=True), [*node.body])

    def _comprehension(self, node: _Comprehension) -> None:
        first, *rest = node.generators
        self._node(first.iter)  # evaluated outside of the comprehension
        targets = {
            name.id
            for generator in node.generators
            for name in walk(generator.target)
            if isinstance(name, ast.Name)
        }
        inner: list[ast.AST] = [first.target, *first.ifs, *rest]
        inner += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        self._inside(_Scope(dict.fromkeys(sorted(targets))), inner)


def bound_in(body: Collection[ast.AST]) -> set[str]:
    """The names that code binds as locals, without functions, classes and imports: those keep their names."""
    found: set[str] = set()
    unchanged: set[str] = set()
    for node in _own(body):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                unchanged.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                unchanged.update((each.asname or each.name).partition(".")[0] for each in aliases)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                unchanged.update(names)
    return found - unchanged


def _own(body: Collection[ast.AST]) -> Iterator[ast.AST]:
    """Every node that may bind names in the function itself; functions and comprehensions have their own."""
    pending = [*body]
    for node in pending:
        yield node
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pending += (each for each in walk(node) if isinstance(each, ast.NamedExpr))
                continue
        pending += children(node)


def _looks_names_up(body: Collection[ast.AST]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in _BY_NAME for node in body for each in walk(node))
