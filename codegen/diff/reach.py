"""Findings about the code in reach, that is, the code that ``generate()`` and continuous batching can run.

They say which definitions do something else, in which modes, and what callers notice: arguments and fields of
the result. :mod:`codegen.diff.definitions` reports the definitions that facts and claims rest on,
:mod:`codegen.diff.refusal_diff` the refusals.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from codegen.diff import reached_code
from codegen.diff.catalog import make_finding
from codegen.diff.definitions import edited, parameters_by_definition, used_in
from codegen.diff.edits import edits
from codegen.diff.findings import Finding
from codegen.diff.reached_code import Changes
from codegen.diff.sides import Side
from codegen.model.origins import Symbol
from codegen.upstream.interface import Interface
from codegen.upstream.reach import Reached

_MAX_NAMED = 8  # definitions that a sentence names; further ones are only counted


def changes(before: Side, after: Side) -> Changes | None:
    """What differs between the code in reach; None if a source is not available."""
    if before.library is None or after.library is None or before.reached is None or after.reached is None:
        return None
    return reached_code.changes(before.reached, after.reached)


def compare(before: Side, after: Side, code_changes: Changes) -> Iterator[Finding]:
    """Everything about the code in reach except its refusals.

    Args:
        before: the old side, with its source.
        after: the new side, with its source.
        code_changes: what differs.
    """
    assert before.reached is not None
    assert after.reached is not None
    old, new, names = before.reached.interface, after.reached.interface, code_changes.names
    yield from _modes(after, after.reached, code_changes)
    yield from _edited(after.reached, code_changes, parameters_by_definition(before.schema, after.schema))
    yield from _same(after, code_changes)
    yield from _added_and_removed(after, code_changes)
    yield from _deprecated(after, old, new)
    yield from _arguments(before, after, old, new, names)
    yield from _fields(before, after, old, new, names)


def _modes(after: Side, reached: Reached, code_changes: Changes) -> Iterator[Finding]:
    """For each mode in which the call works, the definitions in it that are new or do something else."""
    by_mode: dict[str, list[Symbol]] = {}
    for symbol in (*code_changes.edited, *code_changes.added):
        for mode in reached.shown_modes_using(symbol):
            by_mode.setdefault(mode, []).append(symbol)
    for mode in reached.by_mode:
        if mode in by_mode:
            symbols = sorted(by_mode[mode], key=lambda symbol: len(reached.modes_using(symbol)))
            does = "do something else, or are" if len(symbols) > 1 else "does something else, or is"
            meaning = f"In {mode}, {_listed(symbols)} {does} new."
            yield make_finding(
                "path-changed",
                mode,
                meaning=meaning,
                values=(None, f"{len(symbols)} definitions"),
                where=after.where(symbols[0], symbols[0].name),
            )


def _edited(reached: Reached, code_changes: Changes, known: Collection[Symbol]) -> Iterator[Finding]:
    """The edits of each definition that no fact or claim rests on; ``known`` are those with one."""
    for symbol, (old, new) in code_changes.edited.items():
        if symbol not in known and (changed := edits(old, new)):
            yield edited("reached-code-changed", symbol, (str(symbol),), changed, used_in(reached, symbol))


def _same(after: Side, code_changes: Changes) -> Iterator[Finding]:
    """Code that only looks different: renamed, moved, or written in another way."""
    for rename in code_changes.renames:
        yield make_finding(
            "renamed",
            rename.old,
            meaning=f"{rename.old} is called {rename.new} now, in {_definitions(rename.definitions)}.",
            values=(rename.old, rename.new),
        )
    for (old, new), count in _moves(code_changes.moved).items():
        meaning = f"{old.qualname} is {new.qualname} in {new.path} now; {_definitions(count)} moved."
        yield make_finding(
            "moved", str(old), meaning=meaning, values=(str(old), str(new)), where=after.where(new, new.name)
        )
    if code_changes.rewritten:
        yield _group(
            after,
            "rewritten",
            code_changes.rewritten,
            "written otherwise, and do the same: other annotations, texts, or names of locals",
        )


def _moves(moved: Mapping[Symbol, Symbol]) -> dict[tuple[Symbol, Symbol], int]:
    """How many definitions each move covers: the members of a class count with the class."""
    counts: dict[tuple[Symbol, Symbol], int] = {}
    for old, new in moved.items():
        outer = (
            Symbol(old.path, old.qualname.partition(".")[0]),
            Symbol(new.path, new.qualname.partition(".")[0]),
        )
        key = outer if outer[0] in moved or old.path != new.path else (old, new)
        counts[key] = counts.get(key, 0) + 1
    return counts


def _added_and_removed(after: Side, code_changes: Changes) -> Iterator[Finding]:
    if added := (*code_changes.extracted, *code_changes.added):
        yield _group(after, "reach-grown", added, "reached now, and were not before")
    if code_changes.removed:
        yield _group(after, "reach-shrunk", code_changes.removed, "no longer reached, or no longer there")


def _group(after: Side, kind: str, symbols: tuple[Symbol, ...], what: str) -> Finding:
    return make_finding(
        kind,
        tuple(map(str, symbols)),
        meaning=f"{_definitions(len(symbols))} {what}: {_listed(symbols)}.",
        values=(None, str(len(symbols))),
        where=after.where(symbols[0], symbols[0].name),
    )


# --- what callers see


def _deprecated(after: Side, old: Interface, new: Interface) -> Iterator[Finding]:
    """Arguments that a decorator newly deprecates, one finding for each name and successor."""
    known = {(one.function, one.old) for one in old.deprecated}
    functions_of: dict[tuple[str, str | None, str | None], list[Symbol]] = {}
    for one in new.deprecated:
        if (one.function, one.old) not in known:
            functions_of.setdefault((one.old, one.new, one.version), []).append(one.function)
    for (name, successor, version), functions in functions_of.items():
        until = f" until {version}" if version else ""
        instead = f"; {successor} takes its place" if successor else ""
        yield make_finding(
            "keyword-deprecated",
            name,
            meaning=f"The argument {name} of {_listed(functions)} is deprecated{until}{instead}.",
            values=(name, successor),
            where=after.where(functions[0], name),
        )


def _arguments(
    before: Side, after: Side, old: Interface, new: Interface, names: Mapping[str, str]
) -> Iterator[Finding]:
    """Changes in the arguments of the functions that callers call, those in ``**kwargs`` included."""
    for symbol in sorted(old.arguments.keys() & new.arguments.keys()):
        accepted = {*old.arguments[symbol]} | old.keywords[symbol]
        accepts = {*new.arguments[symbol]} | new.keywords[symbol]
        function = symbol.name
        for name in sorted(accepted - accepts):
            instead = f" {names[name]} takes its place." if names.get(name) in accepts else ""
            yield make_finding(
                "call-argument-removed",
                f"{function}.{name}",
                meaning=f"{function}() no longer takes {name}.{instead}",
                values=(name, names.get(name)),
                where=before.where(symbol, name),
                level="info" if _still_accepts(new, symbol, name) else None,
            )
        for name in sorted(accepts - accepted - {*names.values()}):
            yield make_finding(
                "call-argument-added",
                f"{function}.{name}",
                meaning=f"{function}() takes {name} now, outside of the configuration.",
                values=(None, name),
                where=after.where(symbol, name),
            )
        yield from _call_defaults(after, symbol, old.arguments[symbol], new.arguments[symbol])


def _still_accepts(new: Interface, symbol: Symbol, name: str) -> bool:
    """Whether a decorator of a function still accepts the old name of an argument."""
    return any(one.function == symbol and one.old == name and one.new for one in new.deprecated)


def _call_defaults(
    after: Side, symbol: Symbol, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[Finding]:
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield make_finding(
                "call-default-changed",
                f"{symbol.name}.{name}",
                meaning=f"Unset, {name} of {symbol.name}() was {old[name]}; now {new[name]}.",
                values=(old[name], new[name]),
                where=after.where(symbol, name),
            )


def _fields(
    before: Side, after: Side, old: Interface, new: Interface, names: Mapping[str, str]
) -> Iterator[Finding]:
    """Changes in the fields of what is returned, one finding for each name of a field."""
    both = sorted(old.fields.keys() & new.fields.keys())
    removed = _by_field({cls: _only_in(old.fields[cls], new.fields[cls]) for cls in both})
    added = _by_field({cls: _only_in(new.fields[cls], old.fields[cls]) for cls in both})
    for name, classes in removed.items():
        successor = names.get(name) if names.get(name) in added else None
        instead = f"; it is called {successor}" if successor else ""
        yield make_finding(
            "output-field-removed",
            name,
            meaning=f"What is returned has no {name} any more ({_listed(classes)}){instead}.",
            values=(name, successor),
            where=before.where(classes[0], name),
        )
    for name in sorted(added.keys() - {names.get(old_name) for old_name in removed}):
        yield make_finding(
            "output-field-added",
            name,
            meaning=f"What is returned has {name} now ({_listed(added[name])}).",
            values=(None, name),
            where=after.where(added[name][0], name),
        )


def _only_in(names: Iterable[str], others: Collection[str]) -> list[str]:
    return [name for name in names if name not in others]


def _by_field(fields: Mapping[Symbol, Iterable[str]]) -> dict[str, list[Symbol]]:
    """The classes that have each field."""
    classes: dict[str, list[Symbol]] = {}
    for cls, names in fields.items():
        for name in names:
            classes.setdefault(name, []).append(cls)
    return classes


def _definitions(count: int) -> str:
    return "1 definition" if count == 1 else f"{count} definitions"


def _listed(symbols: Collection[Symbol]) -> str:
    """The names of definitions for a sentence; of many, the first ones."""
    names = list(dict.fromkeys(symbol.qualname for symbol in symbols))
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"{', '.join(names[:_MAX_NAMED])}{more}"
