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
from codegen.model.conditions import FACT_PREFIXES
from codegen.model.origins import Symbol
from codegen.model.schema import Schema
from codegen.review.basis import words
from codegen.review.evidence_check import UnreadStatements, examine
from codegen.review.overrides import Overrides
from codegen.upstream.reach import Reached
from codegen.upstream.slices import Slicer
from codegen.upstream.symbols import Definition

_NAMED = 3  # edits that the sentence of a finding names before the rest is only counted
_SHOWN = 40  # edits whose code is shown on a terminal


def compare(
    before: Side, after: Side, stated: Overrides | None, found: Changes | None = None
) -> Iterator[Finding]:
    """Statements that claims rest on, and code that changed, where both sources are available.

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
    """Statements that claims rest on and that are others now.

    Where the new source is not at hand, that is not known: then it is said of whole definitions.
    """
    if after.library is None or stated is None:
        yield from _whole_definitions(before, after, stated)
        return
    for unread in examine(stated, after.library, after.schema.version).unread:
        known = before.schema.evidence.get(unread.symbol)
        if known not in (None, after.schema.evidence[unread.symbol]):
            yield from _unread(unread, before, after)


def _unread(unread: UnreadStatements, before: Side, after: Side) -> Iterator[Finding]:
    """One question, with the claims and the difference of the statements, where there is one."""
    definition = before.library.find(unread.symbol) if before.library is not None else None
    new = unread.current
    old = Slicer(definition).about(*words(unread.about)) if definition is not None else None
    if old is not None and old.fingerprint == new.fingerprint:
        return
    changes = edits(old.node, new.node) if old is not None else ()
    what = f": {_named(changes)}" if changes else ""
    claims = "; ".join(dict.fromkeys(each.claim for each in unread.claims))
    yield make_finding(
        "evidence-changed",
        tuple(name for name in unread.about if name.partition(".")[0] not in FACT_PREFIXES),
        meaning=f"{unread.symbol.qualname} differs from {before.schema.version} in what concerns "
        f"{', '.join(unread.about)}{what}. Claims that rest on it: {claims}.",
        values=(old.fingerprint if old is not None else None, new.fingerprint),
        where=after.where(unread.symbol, unread.symbol.name),
        detail=tuple(_lines(changes)) or tuple(f"+ {line}" for line in new.text.splitlines()[:_SHOWN]),
        todo=f"Read it, correct the claims if necessary, then: python -m codegen confirm {unread.answer}",
    )


def _whole_definitions(before: Side, after: Side, stated: Overrides | None) -> Iterator[Finding]:
    known = stated.evidence if stated else {}
    names = resting(before.schema, after.schema)
    for symbol, old in before.schema.evidence.items():
        new = after.schema.evidence.get(symbol)
        if new is None or new == old:
            continue
        read = symbol in known and bool(known[symbol].releases_of(new))
        concerned = ", ".join(names.get(symbol, ())) or str(symbol)
        does = f"The code of {symbol.qualname} differs from that of {before.schema.version}"
        yield make_finding(
            "evidence-changed",
            names.get(symbol) or str(symbol),
            meaning=f"{does}; this code was already reviewed."
            if read
            else f"{does}; claims on {concerned} rest on it.",
            values=(old, new),
            where=after.where(symbol, symbol.name),
            level="info" if read else "risky",
            todo=NOTHING if read else "Compare with the source itself to see which claims are concerned.",
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
    modes = reached.shown_modes_using(symbol)
    return f" It is used in {', '.join(modes)}." if modes else ""


def edited(
    kind: str, symbol: Symbol, names: tuple[str, ...], changes: tuple[Edit, ...], addition: str = ""
) -> Finding:
    """A finding about the edits of one definition."""
    first = changes[0]
    line = first.new_line or first.old_line
    return make_finding(
        kind,
        names or str(symbol),
        meaning=f"In {symbol.qualname}, {_named(changes)}.{addition}",
        values=_values(changes),
        where=Where(symbol, symbol.path, line),
        detail=tuple(_lines(changes)),
    )


def _named(changes: tuple[Edit, ...]) -> str:
    """The first edits in words."""
    said = list(dict.fromkeys(map(str, changes)))
    more = f", and {len(said) - _NAMED} more" if len(said) > _NAMED else ""
    return "; ".join(said[:_NAMED]) + more


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
