"""Findings about the upstream definitions that facts and claims rest on: which of them changed, and how."""

import ast
from collections.abc import Container, Iterator

from codegen.diff.catalog import make_finding
from codegen.diff.edits import Edit, EditKind, edits
from codegen.diff.finding_kinds import NOTHING
from codegen.diff.findings import Finding, Where
from codegen.diff.reached_code import Changes, with_body
from codegen.diff.renames import applied
from codegen.diff.sides import Side
from codegen.model.conditions import FACT_PREFIXES
from codegen.model.origins import Symbol
from codegen.model.schema import Schema
from codegen.review.basis import source_words
from codegen.review.evidence_check import UnreadStatements, examine
from codegen.review.overrides import Overrides
from codegen.upstream.reach import Reached
from codegen.upstream.slices import Slicer
from codegen.upstream.symbols import Definition

_MAX_NAMED = 3  # edits that the sentence of a finding names; further ones are only counted
_MAX_SHOWN = 40  # edits whose code is shown on a terminal


def compare(
    before: Side, after: Side, overrides: Overrides | None, code_changes: Changes | None = None
) -> Iterator[Finding]:
    """Statements that claims rest on, and code that changed where both sources are available.

    Args:
        before: the old side.
        after: the new side.
        overrides: the overrides, to know which evidence was reviewed already.
        code_changes: what differs between the code in reach, where that is known.
    """
    yield from _evidence(before, after, overrides)
    if before.library is not None and after.library is not None:
        yield from _code(before, after, code_changes or Changes())


def _evidence(before: Side, after: Side, overrides: Overrides | None) -> Iterator[Finding]:
    """Changed statements that claims rest on.

    Without the new source, only the digests of whole definitions can be compared.
    """
    if after.library is None or overrides is None:
        yield from _whole_definitions(before, after, overrides)
        return
    for unread in examine(overrides, after.library, after.schema.version).unread:
        old_digest = before.schema.evidence.get(unread.symbol)
        if old_digest not in (None, after.schema.evidence[unread.symbol]):
            yield from _unread(unread, before, after)


def _unread(unread: UnreadStatements, before: Side, after: Side) -> Iterator[Finding]:
    """A finding with the claims and the edits of the statements; none if the statements are the same."""
    definition = before.library.find(unread.symbol) if before.library is not None else None
    new = unread.current
    old = Slicer(definition).about(*source_words(unread.about)) if definition is not None else None
    if old is not None and old.fingerprint == new.fingerprint:
        return
    changes = edits(old.node, new.node) if old is not None else ()
    summary = f": {_summary(changes)}" if changes else ""
    claims = "; ".join(dict.fromkeys(used.claim for used in unread.claims))
    yield make_finding(
        "evidence-changed",
        tuple(name for name in unread.about if name.partition(".")[0] not in FACT_PREFIXES),
        meaning=f"{unread.symbol.qualname} differs from {before.schema.version} in what concerns "
        f"{', '.join(unread.about)}{summary}. Claims that rest on it: {claims}.",
        values=(old.fingerprint if old is not None else None, new.fingerprint),
        where=after.where(unread.symbol, unread.symbol.name),
        detail=tuple(_lines(changes)) or tuple(f"+ {line}" for line in new.text.splitlines()[:_MAX_SHOWN]),
        todo=f"Read it, correct the claims if necessary, then: python -m codegen confirm {unread.answer}",
    )


def _whole_definitions(before: Side, after: Side, overrides: Overrides | None) -> Iterator[Finding]:
    known = overrides.evidence if overrides else {}
    names = parameters_by_definition(before.schema, after.schema)
    for symbol, old in before.schema.evidence.items():
        new = after.schema.evidence.get(symbol)
        if new is None or new == old:
            continue
        reviewed = symbol in known and bool(known[symbol].releases_of(new))
        concerned = ", ".join(names.get(symbol, ())) or str(symbol)
        differs = f"The code of {symbol.qualname} differs from that of {before.schema.version}"
        yield make_finding(
            "evidence-changed",
            names.get(symbol) or str(symbol),
            meaning=f"{differs}; this code was already reviewed."
            if reviewed
            else f"{differs}; claims on {concerned} rest on it.",
            values=(old, new),
            where=after.where(symbol, symbol.name),
            level="info" if reviewed else "risky",
            todo=NOTHING if reviewed else "Compare with the source itself to see which claims are concerned.",
        )


def _code(before: Side, after: Side, code_changes: Changes) -> Iterator[Finding]:
    """Edits of definitions that facts or claims rest on, unless :mod:`codegen.diff.reach` reports them."""
    reached = after.reached if code_changes != Changes() else None
    reported_elsewhere = {*code_changes.renamed, *code_changes.rewritten, *code_changes.moved}
    parameters = parameters_by_definition(before.schema, after.schema)
    evidence = before.schema.evidence.keys() | after.schema.evidence.keys()
    for symbol, names in parameters.items():
        if symbol in reported_elsewhere:
            continue
        old, new = _definition(before, symbol), _definition(after, symbol)
        if old is None or new is None or _text(before, symbol, old) == _text(after, symbol, new):
            continue
        first, second = (
            _without_methods(definition, symbol, parameters, is_evidence=symbol in evidence)
            for definition in (old, new)
        )
        if symbol in code_changes.edited:  # as in reach: with the new names, and without annotations
            first, second = applied(first, code_changes.names), applied(second, {})
        changes = edits(first, second)
        if changes:
            modes = used_in(reached, symbol) if reached is not None else ""
            yield edited("code-changed", symbol, names, changes, modes)


def used_in(reached: Reached, symbol: Symbol) -> str:
    """A sentence with the modes in which a definition is used; empty if it is not reached."""
    modes = reached.shown_modes_using(symbol)
    return f" It is used in {', '.join(modes)}." if modes else ""


def edited(
    kind: str, symbol: Symbol, names: tuple[str, ...], changes: tuple[Edit, ...], addition: str = ""
) -> Finding:
    """A finding about the edits of one definition.

    Args:
        kind: the id of the kind of finding.
        symbol: the definition, in the new release.
        names: the parameters that rest on it; none where it is only reached.
        changes: the edits, at least one.
        addition: what is added to the sentence about them.
    """
    first = changes[0]
    line = first.new_line or first.old_line
    return make_finding(
        kind,
        names or str(symbol),
        meaning=f"In {symbol.qualname}, {_summary(changes)}.{addition}",
        values=_values(changes),
        where=Where(symbol, symbol.path, line),
        detail=tuple(_lines(changes)),
    )


def _summary(changes: tuple[Edit, ...]) -> str:
    """The first edits in words, and how many more there are."""
    texts = list(dict.fromkeys(map(str, changes)))
    more = f", and {len(texts) - _MAX_NAMED} more" if len(texts) > _MAX_NAMED else ""
    return "; ".join(texts[:_MAX_NAMED]) + more


def _values(changes: tuple[Edit, ...]) -> tuple[str | None, str | None]:
    """The values of a finding: x and y of a single ``x became y``, otherwise the number of edits."""
    if len(changes) > 1:
        return None, f"{len(changes)} edits"
    [edit] = changes
    return (edit.subject, edit.new) if edit.kind is EditKind.BECAME else (None, str(edit))


def _lines(changes: tuple[Edit, ...]) -> Iterator[str]:
    places = list(dict.fromkeys((edit.before, edit.after) for edit in changes))
    for before, after in places[:_MAX_SHOWN]:
        yield from (f"- {line}" for line in before.splitlines())
        yield from (f"+ {line}" for line in after.splitlines())
    if len(places) > _MAX_SHOWN:
        yield f"... and {len(places) - _MAX_SHOWN} more edits"


def _definition(side: Side, symbol: Symbol) -> Definition | None:
    assert side.library is not None
    return side.library.find(symbol)


def _text(side: Side, symbol: Symbol, definition: Definition) -> list[str]:
    """The lines of a definition. Most are the same in both releases, so that no syntax tree is needed."""
    assert side.library is not None
    return side.library.module(symbol.path).text_of(definition)


def _without_methods(
    definition: Definition, symbol: Symbol, separate: Container[Symbol], *, is_evidence: bool
) -> Definition:
    """A class without the methods that are compared separately; anything else as it is.

    A class that is not evidence is compared without any of its methods: only its types and defaults matter.
    """
    if not isinstance(definition, ast.ClassDef):
        return definition
    body = [
        statement
        for statement in definition.body
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        or (is_evidence and Symbol(symbol.path, f"{symbol.qualname}.{statement.name}") not in separate)
    ]
    return with_body(definition, body)


def parameters_by_definition(*schemas: Schema) -> dict[Symbol, tuple[str, ...]]:
    """The parameters that rest on each definition, for every definition that a fact or claim rests on."""
    parameters: dict[Symbol, dict[str, None]] = {}
    for schema in schemas:
        for symbol, names in _names_by_symbol(schema):
            if symbol is not None:
                parameters.setdefault(symbol, {}).update(dict.fromkeys(names))
    return {symbol: tuple(names) for symbol, names in sorted(parameters.items())}


def _names_by_symbol(schema: Schema) -> Iterator[tuple[Symbol | None, tuple[str, ...]]]:
    for name, field in schema.fields():
        yield from ((origin.symbol, (name,)) for origin in field.origins)
    for rule in schema.rules:
        yield from ((origin.symbol, rule.fields) for origin in rule.origins)
    for model in schema.nested:
        yield from ((origin.symbol, (model.parameter,)) for origin in model.origins)
    yield from ((symbol, ()) for symbol in schema.evidence)
