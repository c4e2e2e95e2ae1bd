"""Arguments that have a new name, as upstream itself says: ``@deprecate_kwarg("old", new_name="new")``."""

import ast
from collections.abc import Iterable, Iterator

from codegen.upstream.symbols import Library, walk


class RenamedArguments:
    """Those that some files of a release declare, which are read when it is first asked."""

    def __init__(self, library: Library, paths: Iterable[str]) -> None:
        self._library = library
        self._paths = frozenset(paths)
        self._pairs: list[tuple[str, str]] | None = None

    def pairs(self) -> list[tuple[str, str]]:
        """The old and the new name of each, in the order of the names."""
        if self._pairs is None:
            trees = [module.tree for path in self._paths if (module := self._library.module_at(path))]
            self._pairs = sorted({pair for tree in trees for pair in _declared(tree)})
        return self._pairs


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
