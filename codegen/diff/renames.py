"""Names that are consistently others in two forms of some code: parameters, attributes, keys, functions.

What is only renamed does the same. :mod:`codegen.diff.reached_code` compares with the names of the new form.
"""

import ast
import keyword
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from codegen.diff.edits import EditKind, edits
from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Definition, walk

_LEFT = 0.25
"""Of its uses, the share that a name that was renamed may still have: where it is deprecated, say."""
_OFTEN = 2
"""Places in which one name has to stand for another before that is taken for a renaming."""
_GAIN = (0.5, 2.0)
"""Uses that the new name gains, for each that the old one loses."""


@dataclass(frozen=True, slots=True)
class Rename:
    """One name for another.

    Args:
        old: the name before.
        new: the name since.
        definitions: how many definitions have it.
    """

    old: str
    new: str
    definitions: int


def found(pairs: Iterable[tuple[Definition, Definition]]) -> tuple[Rename, ...]:
    """The renamings that run through some definitions, each given before and after; most frequent first."""
    listed = list(pairs)
    candidates: Counter[tuple[str, str]] = Counter()
    before, after = Counter[str](), Counter[str]()
    having: defaultdict[str, int] = defaultdict(int)
    for old, new in listed:
        names, others = names_in(old), names_in(new)
        before += names
        after += others
        for name in names:
            having[name] += 1
        for edit in edits(old, new):
            if edit.kind is EditKind.BECAME and (pair := _as_names(edit.old, edit.new)) is not None:
                candidates[pair] += 1
    renames: dict[str, Rename] = {}
    for (name, other), count in candidates.most_common():
        lost, gained = before[name] - after[name], after[other] - before[other]
        is_through = count >= _OFTEN and after[name] <= _LEFT * before[name]
        is_even = _GAIN[0] * lost <= gained <= _GAIN[1] * lost
        if is_through and is_even and name not in renames and other not in renames:
            renames[name] = Rename(name, other, having[name])
    return tuple(renames.values())


def _as_names(old: str, new: str) -> tuple[str, str] | None:
    """Two pieces of code as the names that they are; None if they are something else."""
    one, other = old.strip(".'\""), new.strip(".'\"")
    return (one, other) if one != other and all(map(_is_name, (one, other))) else None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text) and text not in ("self", "cls")


def names_in(node: ast.AST) -> Counter[str]:
    """How often each name is used, as whatever it is."""
    return Counter(name for each in walk(node) if (name := _name(each)) is not None)


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
    made = _copied(node, names, without)
    assert isinstance(made, type(node))
    return made


def _copied(node: ast.AST, names: Mapping[str, str], without: frozenset[str]) -> ast.AST:
    """A copy that has the place of the original, and nothing of what was remembered of it."""
    made = ast.copy_location(type(node)(), node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            copied = [_copied(each, names, without) if isinstance(each, ast.AST) else each for each in value]
            setattr(made, field, copied)
        elif isinstance(value, ast.AST):
            setattr(made, field, _copied(value, names, without))
        else:
            setattr(made, field, names.get(value, value) if isinstance(value, str) else value)
    match made:
        case ast.arg():
            made.annotation = None
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            made.returns = None
            made.decorator_list = [one for one in made.decorator_list if decorator(one) not in without]
    return made
