"""What callers see of functions: arguments, also in ``**kwargs``, fields of results, deprecated arguments."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from codegen.model.origins import Symbol
from codegen.upstream import signatures
from codegen.upstream.classes import Classes, Function
from codegen.upstream.renamed_arguments import deprecation
from codegen.upstream.symbols import walk

NO_DEFAULT = "no default"


@dataclass(frozen=True, slots=True)
class DeprecatedArgument:
    """An argument that a decorator deprecates.

    Args:
        function: whose argument it is.
        old: its name.
        new: the name that takes its place; None if there is none.
        version: the release that no longer takes it, as it is written; None if none is named.
    """

    function: Symbol
    old: str
    new: str | None
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What callers see.

    Args:
        arguments: of each function, the default of each argument as it is written; :data:`NO_DEFAULT` where
            there is none.
        keywords: of each function, the names that it takes out of ``**kwargs``.
        fields: of each class that the functions may return, the names of its fields.
        deprecated: the deprecated arguments of any function that is reached.
    """

    arguments: Mapping[Symbol, Mapping[str, str]]
    keywords: Mapping[Symbol, frozenset[str]]
    fields: Mapping[Symbol, tuple[str, ...]]
    deprecated: tuple[DeprecatedArgument, ...]


def read(
    classes: Classes, functions: tuple[Symbol, ...], reached: Iterable[Symbol], deprecating: frozenset[str]
) -> Interface:
    """The interface of some functions.

    Args:
        classes: of the package.
        functions: those that callers call.
        reached: those whose decorators may deprecate an argument.
        deprecating: the names of such decorators.
    """
    nodes = {symbol: node for symbol in functions if (node := classes.function(symbol)) is not None}
    returned = dict.fromkeys(
        cls for symbol, node in nodes.items() for cls in _returned(classes, symbol, node)
    )
    return Interface(
        arguments={symbol: arguments(node) for symbol, node in nodes.items()},
        keywords={symbol: keywords(node) for symbol, node in nodes.items()},
        fields={cls: found for cls in returned if (found := _fields(classes, cls))},
        deprecated=tuple(
            each
            for symbol in reached
            if (node := classes.function(symbol)) is not None
            for each in deprecated(symbol, node, deprecating)
        ),
    )


def arguments(function: Function) -> dict[str, str]:
    """The arguments of a function in order, with their defaults; without ``self`` and the starred ones."""
    defaults = {name: ast.unparse(value) for name, value in signatures.defaults(function.args).items()}
    names = (each.arg for each in signatures.unstarred(function.args))
    return {name: defaults.get(name, NO_DEFAULT) for name in names if name not in ("self", "cls")}


def keywords(function: Function) -> frozenset[str]:
    """The names that a function takes out of its ``**kwargs``, or looks for in them."""
    if function.args.kwarg is None:
        return frozenset()
    rest = function.args.kwarg.arg
    return frozenset(name for node in walk(function) if (name := _taken(node, rest)) is not None)


def _taken(node: ast.AST, rest: str) -> str | None:
    match node:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id=owner), attr="pop" | "get" | "setdefault"),
            args=[ast.Constant(value=str(name)), *_],
        ) if owner == rest:
            return name
        case ast.Subscript(value=ast.Name(id=owner), slice=ast.Constant(value=str(name))) if owner == rest:
            return name
        case ast.Compare(left=ast.Constant(value=str(name)), comparators=[ast.Name(id=owner)]) if (
            owner == rest
        ):
            return name
    return None


def deprecated(
    symbol: Symbol, function: Function, deprecating: frozenset[str]
) -> Iterator[DeprecatedArgument]:
    """The arguments that the decorators of a function deprecate."""
    for each in function.decorator_list:
        found = deprecation(each) if signatures.decorator(each) in deprecating else None
        if found is not None:
            yield DeprecatedArgument(symbol, found.old, found.new, found.version)


def _returned(classes: Classes, symbol: Symbol, function: Function) -> Iterator[Symbol]:
    """The classes that the annotation of a result names, through aliases."""
    pending = [] if function.returns is None else [(symbol.path, function.returns)]
    seen: set[Symbol] = set()
    for path, annotation in pending:  # it grows
        for node in walk(annotation):
            match node:
                case ast.Name(id=name) | ast.Constant(value=str(name)) if name.isidentifier():
                    found = classes.namespaces.find(path, name)
                case _:
                    continue
            if not isinstance(found, Symbol) or found in seen:
                continue
            seen.add(found)
            definition = classes.namespaces.definition(found)
            match definition:
                case ast.ClassDef():
                    yield found
                case ast.Assign(value=value):
                    pending.append((found.path, value))


def _fields(classes: Classes, cls: Symbol) -> tuple[str, ...]:
    """The annotated attributes in the body of a class and of its bases, those of the bases first."""
    found: dict[str, None] = {}
    for each in reversed(classes.lineage(cls).classes):
        node = classes.node(each)
        for statement in node.body if node is not None else ():
            match statement:
                case ast.AnnAssign(target=ast.Name(id=name)):
                    found[name] = None
    return tuple(found)
