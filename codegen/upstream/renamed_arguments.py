"""Arguments that upstream itself deprecates: ``@deprecate_kwarg("old", "1.2", new_name="new")``."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Module, walk


class Deprecation(NamedTuple):
    """What a decorator says about an argument.

    Args:
        old: the argument's name.
        new: the name that takes its place; None if there is none.
        version: the release that no longer takes it, as it is written; None if none is named.
    """

    old: str
    new: str | None
    version: str | None


def deprecation(node: ast.expr) -> Deprecation | None:
    """What a decorator deprecates; None for a decorator that does not name an argument."""
    if not isinstance(node, ast.Call):
        return None
    given = dict(zip(("old_name", "version", "new_name"), node.args, strict=False))
    given |= {each.arg: each.value for each in node.keywords if each.arg is not None}
    old, new, version = (_text(given.get(key)) for key in ("old_name", "new_name", "version"))
    return Deprecation(old, new, version) if old is not None else None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def deprecates(node: ast.expr) -> bool:
    """Whether a decorator, judged by its name, deprecates an argument or renames one."""
    return isinstance(node, ast.Call) and decorator(node).startswith("deprecate")


def renamed_arguments(modules: Iterable[Module]) -> list[tuple[str, str]]:
    """The old and the new name of each argument that decorators in some files rename, sorted."""
    return sorted({pair for module in modules for pair in _declared(module.tree)})


def _declared(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in walk(tree):
        for each in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            found = deprecation(each) if deprecates(each) else None
            if found is not None and found.new is not None:
                yield found.old, found.new
