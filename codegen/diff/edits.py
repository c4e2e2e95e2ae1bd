"""Two forms of one definition, compared by difflib: first their lines, then the tokens of each changed line.

The lines are normalised code, one per statement: docstrings, comments, formatting and line numbers do not
count, as in :func:`codegen.upstream.symbols.digest`. An edit is described by a short piece of code or by the
kind of the statement, never by a whole line of upstream's code; those are in ``before`` and ``after``, for a
terminal.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from enum import StrEnum
from textwrap import indent
from typing import cast

from codegen.upstream.symbols import Definition, digest, serialised, without_docstring

_LONGEST_PIECE = 32  # characters of code that a sentence may quote
_SAME_STATEMENT = 0.5  # from this similarity on, two lines are forms of one statement, compared by tokens
_BLOCKS = {"body": "", "handlers": "", "cases": "", "orelse": "else", "finalbody": "finally"}
_KINDS_OF_LINE: dict[type[ast.AST], str] = {
    ast.AnnAssign: "an assignment",
    ast.Assert: "an assertion",
    ast.Assign: "an assignment",
    ast.AsyncFunctionDef: "a function",
    ast.AugAssign: "an assignment",
    ast.Break: "a break",
    ast.ClassDef: "a class",
    ast.Continue: "a continue",
    ast.Delete: "a deletion",
    ast.ExceptHandler: "a handler",
    ast.Expr: "a call",
    ast.For: "a loop",
    ast.FunctionDef: "a function",
    ast.Global: "a declaration",
    ast.If: "a condition",
    ast.Import: "an import",
    ast.ImportFrom: "an import",
    ast.Match: "a condition",
    ast.match_case: "a case",
    ast.Nonlocal: "a declaration",
    ast.Pass: "a pass",
    ast.Raise: "a refusal",
    ast.Return: "a return",
    ast.Try: "a try",
    ast.While: "a loop",
    ast.With: "a context",
}
_TOKEN = re.compile(
    r"""(?P<text>[bfru]*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))"""
    r"|(?P<number>\d[\d_.]*(?:e[+-]?\d+)?j?)"
    r"|(?P<operator>->|//|\*\*|<<|>>|[-+*/%@&|^~]|(?:and|or|not(?!\ in\b))\b)"
    r"|(?P<comparison>(?:is\ not|not\ in|is|in)\b|[<>=!]=|[<>])"
    r"|(?P<value>(?:None|True|False)\b)"
    r"|(?P<attribute>\.\w+)"
    r"|(?P<name>\w+)"
    r"|(?P<sign>\S)"
)
_NOUNS_OF_TOKENS = {
    "attribute": "an attribute",
    "comparison": "a comparison",
    "name": "a name",
    "number": "a number",
    "operator": "an operator",
    "text": "a text",
    "value": "a value",
}


class EditKind(StrEnum):
    """What happened in one place."""

    BECAME = "became"
    CHANGED = "changed"
    ADDED = "was added"
    DROPPED = "was dropped"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Edit:
    """One place where the two forms differ.

    Args:
        kind: what happened there.
        noun: what it happened to, such as "a condition"; empty where ``old`` and ``new`` say enough.
        old: the piece of code that changed.
        new: what it became.
        old_line: the line in the old file, None if the code was added.
        new_line: the line in the new file, None if the code was dropped.
        before: the whole line of old code, normalised.
        after: the whole line of new code, normalised.
    """

    kind: EditKind
    noun: str = ""
    old: str = ""
    new: str = ""
    old_line: int | None = None
    new_line: int | None = None
    before: str = ""
    after: str = ""

    @property
    def subject(self) -> str:
        """What changed, with its old form."""
        return f"{self.noun} {self.old}".strip()

    def __str__(self) -> str:
        return f"{self.subject} {self.kind} {self.new}".strip()


@dataclass(frozen=True, slots=True)
class _Line:
    """A statement without the blocks that it opens, or the head of such a block."""

    depth: int
    text: str
    kind: str
    number: int


def edits(old: Definition, new: Definition) -> tuple[Edit, ...]:
    """The edits between two forms, in the order of the code; none exactly when the digests are equal."""
    if digest(old) == digest(new):
        return ()
    texts: dict[str, str] = {}
    olds, news = list(_lines(old, texts)), list(_lines(new, texts))
    matcher = SequenceMatcher(
        None,
        [(line.depth, line.text) for line in olds],
        [(line.depth, line.text) for line in news],
        autojunk=False,
    )
    changes: list[Edit] = []
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag != "equal":
            changes += _replaced(olds[low:high], news[new_low:new_high])
    if not changes:  # a difference that no line shows, such as except*
        changes = [Edit(EditKind.CHANGED, olds[0].kind, old_line=old.lineno, new_line=new.lineno)]
    return tuple(dict.fromkeys(_joined_moves(changes)))


def _lines(
    node: ast.stmt | ast.ExceptHandler | ast.match_case,
    texts: dict[str, str],
    depth: int = 0,
    prefix: str = "",
) -> Iterator[_Line]:
    """The lines of a statement.

    Args:
        node: the statement.
        texts: a cache: the text of each line by its serialised syntax tree. Most lines are in both forms, and
            unparsing is slow.
        depth: how deep the statement is nested.
        prefix: what precedes its first line: ``el`` of an ``elif``.
    """
    blocks = {name: block for name in _BLOCKS if isinstance(block := getattr(node, name, None), list)}
    head = copy(node)
    for name in blocks:
        setattr(head, name, [])
    number = (node.pattern if isinstance(node, ast.match_case) else node).lineno
    kind = _KINDS_OF_LINE.get(type(node), "a statement")
    key = serialised(head)
    if key not in texts:
        texts[key] = ast.unparse(head).strip()
    yield _Line(depth, prefix + texts[key], kind, number)
    for name, block in blocks.items():
        if isinstance(node, ast.If) and name == "orelse" and [*map(type, block)] == [ast.If]:
            yield from _lines(block[0], texts, depth, "el")
            continue
        if block and _BLOCKS[name]:
            yield _Line(depth, f"{_BLOCKS[name]}:", f"an {_BLOCKS[name]}", block[0].lineno)
        body = without_docstring(node, block) if name == "body" else block
        for inner in cast(list[ast.stmt], body):
            yield from _lines(inner, texts, depth + (name != "handlers"))


def _replaced(olds: Sequence[_Line], news: Sequence[_Line]) -> Iterator[Edit]:
    """The edits where lines replaced others; two lines of the same kind, in order, count as one statement."""
    matcher = SequenceMatcher(
        None, [line.kind for line in olds], [line.kind for line in news], autojunk=False
    )
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            for old, new in zip(olds[low:high], news[new_low:new_high], strict=True):
                yield from _rewritten(old, new)
            continue
        for lines in _statements(olds[low:high]):
            yield Edit(EditKind.DROPPED, lines[0].kind, old_line=lines[0].number, before=_code(lines))
        for lines in _statements(news[new_low:new_high]):
            yield Edit(EditKind.ADDED, lines[0].kind, new_line=lines[0].number, after=_code(lines))


def _statements(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines, grouped: those of a block go with the statement that opens it."""
    statement: list[_Line] = []
    for line in lines:
        if statement and line.depth <= statement[0].depth:
            yield statement
            statement = []
        statement.append(line)
    if statement:
        yield statement


def _code(lines: Sequence[_Line]) -> str:
    return "\n".join(indent(line.text, "    " * (line.depth - lines[0].depth)) for line in lines)


def _rewritten(old: _Line, new: _Line) -> Iterator[Edit]:
    """The tokens that differ in two forms of one statement."""
    noun = "the signature" if old.kind == "a function" else old.kind
    edit = Edit(EditKind.CHANGED, noun, "", "", old.number, new.number, old.text, new.text)
    if old.text == new.text:
        yield replace(edit, kind=EditKind.MOVED)
        return
    olds, news = list(_TOKEN.finditer(old.text)), list(_TOKEN.finditer(new.text))
    matcher = SequenceMatcher(None, [token[0] for token in olds], [token[0] for token in news])
    if matcher.ratio() < _SAME_STATEMENT:
        yield edit
        return
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag == "equal":
            continue
        if high - low == new_high - new_low:
            pairs = zip(olds[low:high], news[new_low:new_high], strict=True)
            yield from (_became(edit, [one], [other]) for one, other in pairs)
        else:
            yield _became(edit, olds[low:high], news[new_low:new_high])


def _became(edit: Edit, olds: Sequence[re.Match[str]], news: Sequence[re.Match[str]]) -> Edit:
    """The edit of a statement, narrowed to the tokens that differ, where a sentence can show these."""
    old, new = _piece(olds), _piece(news)
    noun = _NOUNS_OF_TOKENS.get(olds[0].lastgroup or "", "") if len(olds) == 1 else ""
    if old is None or new is None:
        return replace(edit, noun=noun or edit.noun)
    if not old or not new:
        return replace(edit, kind=EditKind.DROPPED if old else EditKind.ADDED, noun=old or new)
    return replace(edit, kind=EditKind.BECAME, noun=noun, old=old, new=new)


def _piece(tokens: Sequence[re.Match[str]]) -> str | None:
    """The code of some consecutive tokens, for a sentence.

    None if a sentence should not quote it: it is long, is upstream's prose, or has only one of two brackets.
    """
    match tokens:
        case []:
            return ""
        case [token] if not token["text"]:
            return None if token["sign"] else token[0]
    code = tokens[0].string[tokens[0].start() : tokens[-1].end()].strip(" ,:=")
    is_prose = any(token["text"] and " " in token["text"] for token in tokens)
    is_half = sum(map(code.count, "([{")) != sum(map(code.count, ")]}"))
    return None if is_prose or is_half or len(code) > _LONGEST_PIECE else code


def _joined_moves(changes: list[Edit]) -> Iterator[Edit]:
    """The edits; a statement that was dropped in one place and added in another is one move."""
    dropped = {edit.before: edit for edit in changes if edit.new_line is None}
    added = {edit.after for edit in changes if edit.old_line is None}
    for edit in changes:
        if edit.old_line is None and (before := dropped.get(edit.after)):
            yield replace(edit, kind=EditKind.MOVED, old_line=before.old_line, before=before.before)
        elif edit.new_line is not None or edit.before not in added:
            yield edit
