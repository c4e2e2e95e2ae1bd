"""Two forms of one definition, compared statement by statement.

Which value, comparison, name or statement is another.

Docstrings, comments, formatting and line numbers are no differences, as in
:func:`codegen.upstream.symbols.digest`. What is said about an edit is a token or the kind of a statement,
never a line of upstream's; the lines themselves are in ``before`` and ``after``, for a terminal.
"""

import ast
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cache

from codegen.upstream.symbols import IGNORED_FIELDS, without_docstring

_LONGEST_TOKEN = 32
_KINDS_OF_STATEMENT = {
    ast.AnnAssign: "an assignment",
    ast.Assert: "an assertion",
    ast.Assign: "an assignment",
    ast.AsyncFunctionDef: "a function",
    ast.AugAssign: "an assignment",
    ast.Break: "a break",
    ast.ClassDef: "a class",
    ast.Continue: "a continue",
    ast.Delete: "a deletion",
    ast.Expr: "a call",
    ast.For: "a loop",
    ast.FunctionDef: "a function",
    ast.Global: "a declaration",
    ast.If: "a condition",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Match: "a condition",
    ast.Nonlocal: "a declaration",
    ast.Pass: "a pass",
    ast.Raise: "a refusal",
    ast.Return: "a return",
    ast.Try: "a try",
    ast.While: "a loop",
    ast.With: "a context",
}
_SYMBOLS = {
    ast.Add: "+",
    ast.And: "and",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Div: "/",
    ast.Eq: "==",
    ast.FloorDiv: "//",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.Invert: "~",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.LShift: "<<",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.MatMult: "@",
    ast.Mod: "%",
    ast.Mult: "*",
    ast.Not: "not",
    ast.NotEq: "!=",
    ast.NotIn: "not in",
    ast.Or: "or",
    ast.Pow: "**",
    ast.RShift: ">>",
    ast.Sub: "-",
    ast.UAdd: "+",
    ast.USub: "-",
}
Node = ast.stmt | ast.expr


class EditKind(StrEnum):
    """What happened in one place."""

    BECAME = "became"
    CHANGED = "changed"
    ADDED = "was added"
    DROPPED = "was dropped"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """What happened, as data: ``a comparison`` that became another has the old and the new one.

    Args:
        kind: of it.
        noun: what is another; empty where ``old`` and ``new`` say it themselves.
        old: what stood there, of what became something else.
        new: what stands there.
    """

    kind: EditKind
    noun: str = ""
    old: str = ""
    new: str = ""

    @property
    def subject(self) -> str:
        """What is another, with what it was."""
        return f"{self.noun} {self.old}".strip()

    def __str__(self) -> str:
        return f"{self.subject} {self.kind} {self.new}".strip()


@dataclass(frozen=True, slots=True)
class Edit:
    """One place where the two forms differ.

    Args:
        change: what happened there.
        old_line: in the old file, None where nothing stood.
        new_line: in the new file, None where nothing stands.
        before: the old code.
        after: the new code.
    """

    change: Change
    old_line: int | None
    new_line: int | None
    before: str = ""
    after: str = ""


def edits(old: ast.AST, new: ast.AST) -> tuple[Edit, ...]:
    """What differs, in the order of the new form; empty exactly when the digests are equal."""
    if _key(old) == _key(new):
        return ()
    return tuple(_moved(list(_compared(old, new, None))))


def _compared(old: ast.AST, new: ast.AST, around: tuple[Node, Node] | None) -> Iterator[Edit]:
    """The differences of two nodes that stand in the same place.

    ``around`` is the pair of statements that they are in.
    """
    if type(old) is not type(new):
        yield _replaced(old, new, around)
        return
    pair = (old, new) if isinstance(old, ast.stmt) and isinstance(new, ast.stmt) else around
    for name in old._fields:
        if name in IGNORED_FIELDS:
            continue
        first, second = getattr(old, name, None), getattr(new, name, None)
        if name == "body":
            first, second = without_docstring(old, first), without_docstring(new, second)
        if isinstance(first, list) and isinstance(second, list):
            yield from _sequences(first, second, old, pair)
        elif name in ("annotation", "returns") and _key(first) != _key(second):
            yield _edit(Change(EditKind.CHANGED, _annotated(old)), pair, old, new)
        elif isinstance(first, ast.AST) and isinstance(second, ast.AST):
            yield from _compared(first, second, pair)
        elif isinstance(first, ast.AST) or isinstance(second, ast.AST):
            yield _one_given((first, second), pair, (old, new))
        elif repr(first) != repr(second):
            yield _replaced_value(name, old, (first, second), pair)


def _sequences(
    first: Sequence[object], second: Sequence[object], owner: ast.AST, pair: tuple[Node, Node] | None
) -> Iterator[Edit]:
    matcher = SequenceMatcher(None, list(map(_key, first)), list(map(_key, second)), autojunk=False)
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            continue
        olds, news = list(first[low:high]), list(second[new_low:new_high])
        for one, other in _aligned(olds, news):
            if isinstance(one, ast.AST) and isinstance(other, ast.AST):
                yield from _compared(one, other, pair)
            elif one is None:
                assert other is not None
                yield _one_sided(other, owner, pair, added=True)
            elif other is None:
                yield _one_sided(one, owner, pair, added=False)
            else:
                yield _replaced_value("name", owner, (one, other), pair)


def _aligned(olds: list[object], news: list[object]) -> Iterator[tuple[object | None, object | None]]:
    """Pairs in order.

    Of unequal numbers, the ones of the same kind first, so that an addition is an addition.
    """
    if len(olds) == len(news):
        yield from zip(olds, news, strict=True)
        return
    matcher = SequenceMatcher(
        None, [type(each).__name__ for each in olds], [type(each).__name__ for each in news], autojunk=False
    )
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            yield from zip(olds[low:high], news[new_low:new_high], strict=True)
            continue
        yield from ((each, None) for each in olds[low:high])
        yield from ((None, each) for each in news[new_low:new_high])


def _key(value: object) -> int:
    """Equal for what is the same code, as digests are."""
    return _code(value) if isinstance(value, ast.AST) else hash((type(value).__name__, repr(value)))


@cache
def _code(value: ast.AST) -> int:
    """The key of a node; each is looked at once, however deep it lies."""
    parts: list[object] = [type(value).__name__]
    for name in value._fields:
        child = getattr(value, name, None)
        if name in IGNORED_FIELDS or child is None:
            continue
        if name == "body":
            child = without_docstring(value, child)
        parts += [name, *map(_key, child)] if isinstance(child, list) else [name, _key(child)]
    return hash(tuple(parts))


def _replaced(old: ast.AST, new: ast.AST, around: tuple[Node, Node] | None) -> Edit:
    if isinstance(old, ast.stmt) and isinstance(new, ast.stmt):
        change = Change(EditKind.BECAME, "", _kind(old), _kind(new))
        around = (old, new)
    elif isinstance(old, ast.cmpop | ast.operator | ast.unaryop | ast.boolop):
        noun = "a comparison" if isinstance(old, ast.cmpop) else "an operator"
        change = Change(EditKind.BECAME, noun, _SYMBOLS[type(old)], _SYMBOLS[type(new)])
    else:
        change = Change(EditKind.BECAME, "", _token(old), _token(new))
    return _edit(change, around, old, new)


def _annotated(owner: ast.AST) -> str:
    match owner:
        case ast.arg(arg=name) | ast.AnnAssign(target=ast.Name(id=name)):
            return f"the annotation of {name}"
    return "the annotation of what it returns"


def _one_given(
    values: tuple[object, object], around: tuple[Node, Node] | None, pair: tuple[ast.AST, ast.AST]
) -> Edit:
    """Something optional, such as a default, that only one of the two forms has."""
    first, second = values
    given = second if isinstance(second, ast.AST) else first
    assert isinstance(given, ast.AST)
    noun = _kind(given) if isinstance(given, ast.stmt) else _token(given)
    return _edit(Change(EditKind.ADDED if given is second else EditKind.DROPPED, noun), around, *pair)


def _replaced_value(
    name: str, owner: ast.AST, values: tuple[object, object], around: tuple[Node, Node] | None
) -> Edit:
    first, second = values
    if isinstance(owner, ast.Constant):
        nouns = {bool: "a flag", int: "a number", float: "a number", str: "a text"}
        noun, old, new = nouns.get(type(first), "a value"), _shown(first), _shown(second)
        is_prose = old is None or new is None
        change = (
            Change(EditKind.CHANGED, noun)
            if is_prose
            else Change(EditKind.BECAME, noun, old or "", new or "")
        )
    else:
        noun = {"attr": "an attribute", "arg": "an argument"}.get(name, "a name")
        change = Change(EditKind.BECAME, noun, str(first), str(second))
    return _edit(change, around, owner, owner)


def _one_sided(part: object, owner: ast.AST, around: tuple[Node, Node] | None, *, added: bool) -> Edit:
    kind = EditKind.ADDED if added else EditKind.DROPPED
    if isinstance(part, ast.stmt):
        line = part.lineno
        code = ast.unparse(part)
        return Edit(
            Change(kind, _kind(part)),
            None if added else line,
            line if added else None,
            "" if added else code,
            code if added else "",
        )
    noun = _token(part) if isinstance(part, ast.AST) else str(part)
    return _edit(Change(kind, noun), around, owner, owner)


def _edit(change: Change, around: tuple[Node, Node] | None, old: ast.AST, new: ast.AST) -> Edit:
    if around is None:
        return Edit(change, getattr(old, "lineno", None), getattr(new, "lineno", None))
    first, second = around
    return Edit(change, first.lineno, second.lineno, _head(first), _head(second))


@cache
def _head(statement: Node) -> str:
    """The code of a statement without the block that it opens."""
    if not isinstance(getattr(statement, "body", None), list):
        return ast.unparse(statement)
    alone = copy(statement)
    for name in ("body", "orelse", "handlers", "finalbody"):
        if hasattr(alone, name):
            setattr(alone, name, [])
    return ast.unparse(alone)


def _kind(statement: ast.stmt) -> str:
    return _KINDS_OF_STATEMENT.get(type(statement), "a statement")


def _token(node: ast.AST) -> str:
    """What an expression is, for people: itself where it is a name or a number, else its kind."""
    match node:
        case ast.Name(id=name):
            return f"the name {name}"
        case ast.Constant(value=value) if (plain := _shown(value)) is not None:
            return plain
        case ast.Attribute(attr=name):
            return f"the attribute {name}"
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return f"a call of {name}"
        case ast.UnaryOp(op=op):
            return "a negation" if isinstance(op, ast.Not) else "a signed value"
        case ast.Compare():
            return "a comparison"
        case ast.BoolOp(op=op):
            return f"an expression with {_SYMBOLS[type(op)]}"
        case ast.BinOp():
            return "a calculation"
        case ast.Constant() | ast.JoinedStr():
            return "a text"
        case ast.arg(arg=name):
            return f"the argument {name}"
        case ast.keyword(arg=name):
            return f"the argument {name}"
        case ast.alias(name=name):
            return f"the import {name}"
    return f"an expression of the kind {type(node).__name__.lower()}"


def _shown(value: object) -> str | None:
    """A value as a person reads it; None for a long text, or one with blanks: that is upstream's prose."""
    if isinstance(value, str) and (len(value) > _LONGEST_TOKEN or " " in value.strip()):
        return None
    return repr(value)


def _moved(found: list[Edit]) -> Iterator[Edit]:
    """The same statement dropped in one place and added in another has moved."""
    dropped = {edit.before: edit for edit in found if edit.new_line is None and edit.before}
    added = {edit.after: edit for edit in found if edit.old_line is None and edit.after}
    both = dropped.keys() & added.keys()
    for edit in found:
        if edit.new_line is None and edit.before in both:
            continue
        if edit.old_line is None and edit.after in both:
            before = dropped[edit.after]
            change = replace(edit.change, kind=EditKind.MOVED)
            yield replace(edit, change=change, old_line=before.old_line, before=before.before)
        else:
            yield edit
