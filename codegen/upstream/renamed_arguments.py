"""Arguments that have a new name, as upstream itself says: ``@deprecate_kwarg("old", new_name="new")``."""

import ast
from collections.abc import Iterable, Iterator

from codegen.upstream.symbols import Module, walk


def renamed_arguments(modules: Iterable[Module]) -> list[tuple[str, str]]:
    """The old and the new name of each argument that some files declare to be renamed, in order."""
    return sorted({pair for module in modules for pair in _declared(module.tree)})


def _declared(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield from (pair for each in node.decorator_list if (pair := _pair(each)) is not None)


def _pair(decorator: ast.expr) -> tuple[str, str] | None:
    match decorator:
        case ast.Call(
            func=ast.Name(id=name) | ast.Attribute(attr=name),
            args=[ast.Constant(value=str(old)), *_],
            keywords=keywords,
        ) if name.startswith("deprecate"):
            for keyword in keywords:
                match keyword:
                    case ast.keyword(arg="new_name", value=ast.Constant(value=str(new))):
                        return old, new
    return None
