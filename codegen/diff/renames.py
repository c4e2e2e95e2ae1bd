"""Names that were replaced consistently between two forms of some code: parameters, attributes, functions.

Code that only uses new names does the same, so :mod:`codegen.diff.reached_code` compares it under these.
"""

import ast
import keyword
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.diff.edits import EditKind, edits
from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Definition, walk

_MAX_REMAINING = 0.25
"""The share of its uses that a renamed name may still have; it may be kept as a deprecated argument."""
_MIN_PLACES = 2
"""In how many places a name has to replace another one before that counts as a renaming."""
_GAIN = (0.5, 2.0)
"""How many uses the new name may gain for each use that the old one loses: at least, at most."""


@dataclass(frozen=True, slots=True)
class Rename:
    """One name for another.

    Args:
        old: the name before.
        new: the name since.
        definitions: how many of the compared definitions used the old name.
    """

    old: str
    new: str
    definitions: int


def find(pairs: Iterable[tuple[Definition, Definition]]) -> tuple[Rename, ...]:
    """The renamings that run through some definitions, most frequent first.

    Args:
        pairs: each definition before and after.
    """
    candidates: Counter[tuple[str, str]] = Counter()
    before, after = Counter[str](), Counter[str]()
    definitions_using: defaultdict[str, int] = defaultdict(int)
    for old, new in pairs:
        old_names = names_in(old)
        before += old_names
        after += names_in(new)
        for name in old_names:
            definitions_using[name] += 1
        for edit in edits(old, new):
            if edit.kind is EditKind.BECAME and (names := _as_names(edit.old, edit.new)) is not None:
                candidates[names] += 1
    renames: dict[str, Rename] = {}
    for (name, other), count in candidates.most_common():
        lost, gained = before[name] - after[name], after[other] - before[other]
        is_consistent = count >= _MIN_PLACES and after[name] <= _MAX_REMAINING * before[name]
        is_balanced = _GAIN[0] * lost <= gained <= _GAIN[1] * lost
        if is_consistent and is_balanced and name not in renames and other not in renames:
            renames[name] = Rename(name, other, definitions_using[name])
    return tuple(renames.values())


def _as_names(old: str, new: str) -> tuple[str, str] | None:
    """Two pieces of code as two different names; None if they are something else."""
    names = old.strip(".'\""), new.strip(".'\"")
    return names if names[0] != names[1] and all(map(_is_name, names)) else None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text) and text not in ("self", "cls")


def names_in(node: ast.AST) -> Counter[str]:
    """How often each name occurs in some code, as a variable, attribute, argument, text or definition."""
    return Counter(name for inner in walk(node) if (name := _name(inner)) is not None)


def _name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.Constant(value=str(name)):
            return name
        case ast.keyword(arg=str(name)) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
    return None


def applied(
    node: Definition, names: Mapping[str, str], *, without: frozenset[str] = frozenset()
) -> Definition:
    """A copy of a definition with names replaced, and without annotations and some decorators.

    Args:
        node: the definition.
        names: the new names, by the old ones.
        without: the names of decorators that are left out.
    """
    copy = _copied(node, names, without)
    assert isinstance(copy, type(node))
    return copy


def _copied(node: ast.AST, names: Mapping[str, str], without: frozenset[str]) -> ast.AST:
    """A copy with the line numbers of the original, and without attributes that were cached on it."""
    copy = ast.copy_location(type(node)(), node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            copies = [_copied(item, names, without) if isinstance(item, ast.AST) else item for item in value]
            setattr(copy, field, copies)
        elif isinstance(value, ast.AST):
            setattr(copy, field, _copied(value, names, without))
        else:
            setattr(copy, field, names.get(value, value) if isinstance(value, str) else value)
    match copy:
        case ast.arg():
            copy.annotation = None
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            copy.returns = None
            copy.decorator_list = [item for item in copy.decorator_list if decorator(item) not in without]
    return copy
