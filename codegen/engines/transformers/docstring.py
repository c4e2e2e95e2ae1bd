"""The ``Args`` of a class's docstring: which types are named, which choices are listed.

Upstream's entries are irregular (a colon too many, no blank, unbalanced backticks and brackets), and no usual
docstring parser copes; their grammar is small enough to be read here. Only types, literal choices and a
digest leave this module: the sentences stay upstream, except in a comparison that shows how one changed.
"""

import ast
import inspect
import re
from dataclasses import dataclass

from codegen.errors import CodegenError
from codegen.model.origins import Symbol
from codegen.model.schema import Field
from codegen.model.types import Choice
from codegen.upstream.symbols import Library, text_digest

# Possessive, so that no line, however long, costs more than its length.
_ENTRY = re.compile(r"(?P<name>[A-Za-z_]\w*+)\s*+:?+\s*+\((?P<spec>.*)\)\s*+:(?P<rest>.*)")
_BARE_ENTRY = re.compile(r"(?P<name>[A-Za-z_]\w*):\s*$")
_BULLET = re.compile(r"\s*-\s+`\"(\w+)\"`")
_ACCEPTED = re.compile(r"[Aa]ccepted values are \[([^\[\]]*+)\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One documented argument.

    Args:
        type: the text that names its type, None if there is none.
        choices: the literal texts it lists, None if it lists none.
        digest: of the whole entry.
        line: of the entry, counted from the docstring's first line.
        text: of the entry, with single blanks; to be shown, not to be kept.
    """

    name: str
    type: str | None
    choices: Choice | None
    digest: str
    line: int
    text: str


def read(docstring: str | None) -> dict[str, Entry]:
    """The documented arguments by name; empty if there is no docstring or no ``Args`` in it."""
    lines = inspect.cleandoc(docstring or "").split("\n")
    starts = [number for number, line in enumerate(lines) if line.strip() in ("Arg:", "Args:")]
    if not starts:
        return {}
    first = starts[0] + 1
    indent = _indent(next((line for line in lines[first:] if line.strip()), ""))
    entries: dict[str, Entry] = {}
    current: list[str] = []
    at = first
    for number, line in enumerate([*lines[first:], ""], start=first):
        depth = _indent(line)
        if line.strip() and depth < indent:
            break
        if line.strip() and depth == indent:
            _add(entries, current, at)
            current, at = [line], number
        else:
            current.append(line)
    _add(entries, current, at)
    return entries


def documented(library: Library, field: Field) -> list[str] | None:
    """The entry of an argument, sentence by sentence.

    None where it cannot be found in any class that facts about it came from.
    """
    if field.doc_digest is None:
        return None
    for symbol in dict.fromkeys(origin.symbol for origin in field.origins if origin.symbol is not None):
        try:
            found = library.find(Symbol(symbol.path, symbol.qualname.removesuffix(".__init__")))
        except CodegenError:
            continue
        if not isinstance(found, ast.ClassDef):
            continue
        entry = read(ast.get_docstring(found)).get(field.name)
        if entry is not None and entry.digest == field.doc_digest:
            return entry.text.replace(". ", ".\n").split("\n")
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _add(entries: dict[str, Entry], lines: list[str], at: int) -> None:
    if not lines:
        return
    head = lines[0].strip()
    found = _ENTRY.match(head) or _BARE_ENTRY.match(head)
    if found is None:
        return  # a heading or a stray sentence
    spec = found.groupdict().get("spec")
    body = "\n".join([found.groupdict().get("rest") or "", *lines[1:]])
    entries.setdefault(
        found.group("name"),
        Entry(
            name=found.group("name"),
            type=_type_part(spec) if spec else None,
            choices=_choices(body),
            digest=text_digest("\n".join(lines)),
            line=at,
            text=" ".join("\n".join(lines).split()),
        ),
    )


def _type_part(spec: str) -> str:
    """The text before the first comma that is outside all brackets."""
    depth = 0
    for position, letter in enumerate(spec):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth <= 0:
            return spec[:position].strip()
    return spec.strip().rstrip(")") if spec.count(")") > spec.count("(") else spec.strip()


def _choices(body: str) -> Choice | None:
    bullets = [found.group(1) for line in body.split("\n") if (found := _BULLET.match(line))]
    if not bullets and (found := _ACCEPTED.search(body)):
        bullets = re.findall(r"\w+", found.group(1))
    return Choice(tuple(dict.fromkeys(bullets))) if bullets else None
