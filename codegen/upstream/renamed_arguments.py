"""Arguments whose end upstream announces itself: ``@deprecate_kwarg("old", "1.2", new_name="new")``."""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Module, walk


class Announcement(NamedTuple):
    """What a decorator announces.

    Args:
        old: the argument's name.
        new: the name that takes its place; None if there is none.
        version: of the release that it ends with, as it is written.
    """

    old: str
    new: str | None
    version: str | None


def announcement(node: ast.expr) -> Announcement | None:
    """What a decorator announces by its arguments; None for one that does not name an argument."""
    if not isinstance(node, ast.Call):
        return None
    given = dict(zip(("old_name", "version", "new_name"), node.args, strict=False))
    given |= {each.arg: each.value for each in node.keywords if each.arg is not None}
    old, new, version = (_text(given.get(key)) for key in ("old_name", "new_name", "version"))
    return Announcement(old, new, version) if old is not None else None


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def deprecates(node: ast.expr) -> bool:
    """Whether a decorator takes an older name for an argument, by its own name."""
    return isinstance(node, ast.Call) and decorator(node).startswith("deprecate")


def renamed_arguments(modules: Iterable[Module]) -> list[tuple[str, str]]:
    """The old and the new name of each argument that some files declare to be renamed, in order."""
    return sorted({pair for module in modules for pair in _declared(module.tree)})


def _declared(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in walk(tree):
        for each in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            said = announcement(each) if deprecates(each) else None
            if said is not None and said.new is not None:
                yield said.old, said.new
