"""The definitions upstream that facts and claims rest on: which of them changed, and how."""

import ast
from collections.abc import Container, Iterator

from codegen.diff.catalog import make_finding
from codegen.diff.edits import Edit, EditKind, edits
from codegen.diff.finding_kinds import NOTHING
from codegen.diff.findings import Finding, Where
from codegen.diff.reached_code import Changes
from codegen.diff.renames import applied
from codegen.diff.sides import Side
from codegen.model.origins import Symbol
from codegen.model.schema import Schema
from codegen.review.overrides import Overrides, evidence_line
from codegen.upstream.reach import Reached
from codegen.upstream.symbols import Definition

_NAMED = 3  # edits that the sentence of a finding names before the rest is only counted
_SHOWN = 40  # edits whose code is shown on a terminal


def compare(
    before: Side, after: Side, stated: Overrides | None, found: Changes | None = None
) -> Iterator[Finding]:
    """Evidence whose digest changed, and code that changed, where both sources are available.

    Args:
        before: the old side.
        after: the new side.
        stated: the overrides, to know which evidence was read already.
        found: what differs between the code in reach, where that is known.
    """
    yield from _evidence(before, after, stated)
    if before.library is not None and after.library is not None:
        yield from _code(before, after, found or Changes())


def _evidence(before: Side, after: Side, stated: Overrides | None) -> Iterator[Finding]:
    known = stated.evidence if stated else {}
    names = resting(before.schema, after.schema)
    version = after.schema.version
    for symbol, old in before.schema.evidence.items():
        new = after.schema.evidence.get(symbol)
        if new is None or new == old:
            continue
        read = new in known.get(symbol, {}).values()
        concerned = ", ".join(names.get(symbol, ())) or str(symbol)
        line = evidence_line(symbol, version, new)
        does = f"The code of {symbol.qualname} differs from that of {before.schema.version}"
        meaning = (
            f"{does}; this code was already reviewed."
            if read
            else f"{does}; claims on {concerned} rest on it."
        )
        todo = (
            NOTHING
            if read
            else f"Read it again; then put under [evidence] in {after.engine.overrides}: {line}"
        )
        yield make_finding(
            "evidence-changed",
            names.get(symbol) or str(symbol),
            meaning=meaning,
            values=(old, new),
            where=after.where(symbol, symbol.name),
            level="info" if read else "risky",
            todo=todo,
        )


def _code(before: Side, after: Side, found: Changes) -> Iterator[Finding]:
    reached = after.reached if found != Changes() else None
    told = {*found.renamed, *found.only_written, *found.moved}
    named = resting(before.schema, after.schema)
    evidence = before.schema.evidence.keys() | after.schema.evidence.keys()
    for symbol, names in named.items():
        if symbol in told:
            continue
        old, new = _definition(before, symbol), _definition(after, symbol)
        if old is None or new is None or _text(before, symbol, old) == _text(after, symbol, new):
            continue
        first, second = (
            _without_methods(each, symbol, named, is_evidence=symbol in evidence) for each in (old, new)
        )
        if symbol in found.edited:  # annotations there are reported by themselves
            first, second = applied(first, found.names), applied(second, {})
        changes = edits(first, second)
        if changes:
            used = used_in(reached, symbol) if reached is not None else ""
            yield edited("code-changed", symbol, names, changes, used)


def used_in(reached: Reached, symbol: Symbol) -> str:
    """In which modes a definition is used, in a sentence; nothing of one that is not reached."""
    ways = reached.shortest_ways_to(symbol)
    return f" It is used in {', '.join(ways)}." if ways else ""


def edited(
    kind: str, symbol: Symbol, names: tuple[str, ...], changes: tuple[Edit, ...], addition: str = ""
) -> Finding:
    """A finding about the edits of one definition."""
    sentences = list(dict.fromkeys(str(edit) for edit in changes))
    more = f", and {len(sentences) - _NAMED} more" if len(sentences) > _NAMED else ""
    first = changes[0]
    line = first.new_line or first.old_line
    return make_finding(
        kind,
        names or str(symbol),
        meaning=f"In {symbol.qualname}, {'; '.join(sentences[:_NAMED])}{more}.{addition}",
        values=_values(changes),
        where=Where(symbol, symbol.path, line),
        detail=tuple(_lines(changes)),
    )


def _values(changes: tuple[Edit, ...]) -> tuple[str | None, str | None]:
    """Of a single edit ``x became y``, the two; of several, how many there are."""
    if len(changes) > 1:
        return None, f"{len(changes)} edits"
    [edit] = changes
    return (edit.subject, edit.new) if edit.kind is EditKind.BECAME else (None, str(edit))


def _lines(changes: tuple[Edit, ...]) -> Iterator[str]:
    places = list(dict.fromkeys((edit.before, edit.after) for edit in changes))
    for before, after in places[:_SHOWN]:
        yield from (f"- {line}" for line in before.splitlines())
        yield from (f"+ {line}" for line in after.splitlines())
    if len(places) > _SHOWN:
        yield f"... and {len(places) - _SHOWN} more edits"


def _definition(side: Side, symbol: Symbol) -> Definition | None:
    assert side.library is not None
    return side.library.find(symbol)


def _text(side: Side, symbol: Symbol, definition: Definition) -> list[str]:
    """The lines of a definition; most are the same in both releases, so their syntax is not needed."""
    assert side.library is not None
    return side.library.module(symbol.path).text_of(definition)


def _without_methods(
    definition: Definition, symbol: Symbol, named: Container[Symbol], *, is_evidence: bool
) -> Definition:
    """A class without the methods that are definitions of their own; anything else as it is.

    A class that is not evidence is compared without any of them: only its types and defaults matter.
    """
    if not isinstance(definition, ast.ClassDef):
        return definition
    body = [
        each
        for each in definition.body
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        or (is_evidence and Symbol(symbol.path, f"{symbol.qualname}.{each.name}") not in named)
    ]
    alone = ast.ClassDef(
        name=definition.name,
        bases=definition.bases,
        keywords=definition.keywords,
        body=body,
        decorator_list=definition.decorator_list,
    )
    return ast.copy_location(alone, definition)


def resting(*schemas: Schema) -> dict[Symbol, tuple[str, ...]]:
    """Every definition that a fact came from, with its parameters, in the order of the schemas."""
    found: dict[Symbol, dict[str, None]] = {}
    for schema in schemas:
        for symbol, names in _names_by_symbol(schema):
            if symbol is not None:
                found.setdefault(symbol, {}).update(dict.fromkeys(names))
    return {symbol: tuple(names) for symbol, names in sorted(found.items())}


def _names_by_symbol(schema: Schema) -> Iterator[tuple[Symbol | None, tuple[str, ...]]]:
    for name, field in schema.fields():
        yield from ((origin.symbol, (name,)) for origin in field.origins)
    for rule in schema.rules:
        yield from ((origin.symbol, rule.fields) for origin in rule.origins)
    for model in schema.nested:
        yield from ((origin.symbol, (model.parameter,)) for origin in model.origins)
    yield from ((symbol, ()) for symbol in schema.evidence)
