"""The definitions upstream that facts and claims rest on: which of them do something else now, and what."""

import ast
from collections.abc import Iterator

from codegen.diff.catalog import NOTHING, found
from codegen.diff.edits import Edit, edits
from codegen.diff.findings import Finding, Where
from codegen.diff.sides import Side
from codegen.ir import Schema
from codegen.overrides import Overrides
from codegen.symbols import Symbol

_SAID = 3  # edits that the sentence of a finding names before the rest is only counted
_SHOWN = 40  # edits whose code is shown on a terminal


def compare(before: Side, after: Side, people: Overrides | None) -> Iterator[Finding]:
    """Evidence whose digest is another, and code that reads otherwise where both sources are at hand."""
    yield from _evidence(before, after, people)
    if before.library is not None and after.library is not None:
        yield from _code(before, after)


def _evidence(before: Side, after: Side, people: Overrides | None) -> Iterator[Finding]:
    known = people.evidence if people else {}
    names = _names(before.schema, after.schema)
    version = after.schema.transformers_version
    for symbol, old in before.schema.evidence.items():
        new = after.schema.evidence.get(symbol)
        if new is None or new == old:
            continue
        read = new in known.get(symbol, {}).values()
        concerned = ", ".join(names.get(symbol, ())) or symbol
        line = f'"{symbol}"."{version}" = "{new}"'
        does = f"{_short(symbol)} does something else than in {before.schema.transformers_version}"
        meaning = (
            f"{does}; this form was read already." if read else f"{does}; claims on {concerned} rest on it."
        )
        todo = (
            NOTHING if read else f"Read it again; then put under [evidence] in codegen/overrides.toml: {line}"
        )
        yield found(
            "evidence-changed",
            concerned,
            meaning=meaning,
            values=(old, new),
            where=after.where(symbol, _short(symbol).rpartition(".")[2]),
            level="info" if read else "risky",
            todo=todo,
        )


def _code(before: Side, after: Side) -> Iterator[Finding]:
    assert before.library is not None
    assert after.library is not None
    named = _names(before.schema, after.schema)
    for symbol, names in named.items():
        old, new = (_definition(side, symbol, frozenset(named)) for side in (before, after))
        if old is None or new is None:
            continue
        changes = edits(old, new)
        if changes:
            yield _edited(symbol, names, changes)


def _edited(symbol: str, names: tuple[str, ...], changes: tuple[Edit, ...]) -> Finding:
    said = list(dict.fromkeys(edit.what for edit in changes))
    more = f", and {len(said) - _SAID} more" if len(said) > _SAID else ""
    first = changes[0]
    line = first.new_line or first.old_line
    return found(
        "code-changed",
        ", ".join(names) or symbol,
        meaning=f"In {_short(symbol)}, {'; '.join(said[:_SAID])}{more}.",
        values=_values(changes),
        where=Where(symbol, symbol.partition("::")[0], line),
        detail=tuple(_lines(changes)),
    )


def _values(changes: tuple[Edit, ...]) -> tuple[str | None, str | None]:
    """Of a single edit ``x became y``, the two; of several, how many there are."""
    if len(changes) > 1:
        return None, f"{len(changes)} edits"
    old, became, new = changes[0].what.partition(" became ")
    return (old, new) if became else (None, changes[0].what)


def _lines(changes: tuple[Edit, ...]) -> Iterator[str]:
    for edit in dict.fromkeys(changes[:_SHOWN]):
        yield from (f"- {line}" for line in edit.before.split("\n") if edit.before)
        yield from (f"+ {line}" for line in edit.after.split("\n") if edit.after)
    if len(changes) > _SHOWN:
        yield f"... and {len(changes) - _SHOWN} more edits"


def _short(symbol: str) -> str:
    return symbol.partition("::")[2] or symbol


def _definition(side: Side, symbol: str, apart: frozenset[str]) -> Symbol | None:
    """A definition, None if it is not there.

    A class stands without the methods that are definitions of their own (``apart``), and without all of them if it is no evidence:
    then it is only where types and defaults are written.
    """
    assert side.library is not None
    found = side.library.find(symbol)
    if not isinstance(found, ast.ClassDef):
        return found
    evidence = symbol in side.schema.evidence
    body = [
        each
        for each in found.body
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        or (evidence and f"{symbol}.{each.name}" not in apart)
    ]
    alone = ast.ClassDef(
        name=found.name,
        bases=found.bases,
        keywords=found.keywords,
        body=body,
        decorator_list=found.decorator_list,
    )
    return ast.copy_location(alone, found)


def _names(*schemas: Schema) -> dict[str, tuple[str, ...]]:
    """Every definition that a fact came from, with the parameters whose facts it gives, in the order of the schemas."""
    found: dict[str, dict[str, None]] = {}
    for schema in schemas:
        named = [
            *((param.name, param) for param in schema.params),
            *(
                (f"{model.parameter}.{field.name}", field)
                for model in schema.nested
                for field in model.fields
            ),
        ]
        for name, field in named:
            for origin in field.origins:
                if "::" in origin.symbol:
                    found.setdefault(origin.symbol, {})[name] = None
        for rule in schema.rules:
            for origin in rule.origins:
                if "::" in origin.symbol:
                    found.setdefault(origin.symbol, {}).update(dict.fromkeys(rule.fields))
        for model in schema.nested:
            for origin in model.origins:
                found.setdefault(origin.symbol, {}).setdefault(model.parameter)
        for symbol in schema.evidence:
            found.setdefault(symbol, {})
    return {symbol: tuple(names) for symbol, names in sorted(found.items())}
