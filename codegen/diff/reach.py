"""Findings about the code in reach: what does something else, in which modes, and what callers see.

Definitions that facts and claims rest on are the business of :mod:`codegen.diff.definitions`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from codegen.diff import reached_code
from codegen.diff.catalog import make_finding
from codegen.diff.definitions import edited, resting, used_in
from codegen.diff.edits import edits
from codegen.diff.findings import Finding
from codegen.diff.reached_code import Changes
from codegen.diff.sides import Side
from codegen.model.origins import Symbol
from codegen.upstream.interface import DeprecatedArgument, Interface
from codegen.upstream.reach import Reached

_NAMED = 8  # definitions that a sentence names before the rest is only counted


def changes(before: Side, after: Side) -> Changes | None:
    """What differs between the code in reach; None where a source is not at hand."""
    if before.library is None or after.library is None or before.reached is None or after.reached is None:
        return None
    return reached_code.changes(before.reached, after.reached)


def compare(before: Side, after: Side, found: Changes) -> Iterator[Finding]:
    """Everything about the code in reach but its refusals.

    Args:
        before: the old side.
        after: the new side.
        found: what differs.
    """
    assert before.reached is not None
    assert after.reached is not None
    yield from _modes(after, after.reached, found)
    yield from _edited(after.reached, found, resting(before.schema, after.schema))
    yield from _same(after, found)
    yield from _come_and_gone(after, found)
    yield from _deprecated(after, before.reached.interface, after.reached.interface)
    yield from _arguments(before, after, before.reached.interface, after.reached.interface, found.names)
    yield from _fields(before, after, before.reached.interface, after.reached.interface, found.names)


def _modes(after: Side, reached: Reached, found: Changes) -> Iterator[Finding]:
    """For each mode in which the call works, what runs in it that does something else."""
    by_mode: dict[str, list[Symbol]] = {}
    for symbol in (*found.edited, *found.came):
        for mode in reached.shown_modes_using(symbol):
            by_mode.setdefault(mode, []).append(symbol)
    for mode in reached.by_mode:
        if mode in by_mode:
            symbols = sorted(by_mode[mode], key=lambda symbol: len(reached.modes_using(symbol)))
            does = "do something else, or are" if len(symbols) > 1 else "does something else, or is"
            meaning = f"On the way of {mode}, {_listed(symbols)} {does} new."
            yield make_finding(
                "path-changed",
                mode,
                meaning=meaning,
                values=(None, f"{len(symbols)} definitions"),
                where=after.where(symbols[0], symbols[0].name),
            )


def _edited(reached: Reached, found: Changes, known: Collection[Symbol]) -> Iterator[Finding]:
    """What differs in each definition that nothing rests on."""
    for symbol, (old, new) in found.edited.items():
        if symbol not in known and (listed := edits(old, new)):
            yield edited("reached-code-changed", symbol, (str(symbol),), listed, used_in(reached, symbol))


def _same(after: Side, found: Changes) -> Iterator[Finding]:
    """What only looks different, a line for each reason."""
    for rename in found.renames:
        yield make_finding(
            "renamed",
            rename.old,
            meaning=f"{rename.old} is called {rename.new} now, in {_definitions(rename.definitions)}.",
            values=(rename.old, rename.new),
        )
    for (old, new), count in _moves(found.moved).items():
        meaning = f"{old.qualname} is {new.qualname} in {new.path} now; {_definitions(count)} moved."
        yield make_finding(
            "moved", str(old), meaning=meaning, values=(str(old), str(new)), where=after.where(new, new.name)
        )
    if found.only_written:
        yield _group(
            after,
            "rewritten",
            found.only_written,
            "written otherwise, and do the same: other annotations, texts, or names of locals",
        )


def _moves(moved: Mapping[Symbol, Symbol]) -> dict[tuple[Symbol, Symbol], int]:
    """Moved definitions, those of a class together with it."""
    found: dict[tuple[Symbol, Symbol], int] = {}
    for old, new in moved.items():
        outer = (
            Symbol(old.path, old.qualname.partition(".")[0]),
            Symbol(new.path, new.qualname.partition(".")[0]),
        )
        key = outer if outer[0] in moved or old.path != new.path else (old, new)
        found[key] = found.get(key, 0) + 1
    return found


def _come_and_gone(after: Side, found: Changes) -> Iterator[Finding]:
    if found.came:
        yield _group(after, "reach-grown", found.came, "reached now, and were not before")
    if found.went:
        yield _group(after, "reach-shrunk", found.went, "no longer reached, or no longer there")


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
    """Arguments that a decorator deprecates, one finding for each argument and its successor."""
    known = {(each.function, each.old) for each in old.deprecated}
    fresh: dict[tuple[str, str | None, str | None], list[DeprecatedArgument]] = {}
    for each in new.deprecated:
        if (each.function, each.old) not in known:
            fresh.setdefault((each.old, each.new, each.version), []).append(each)
    for (name, successor, version), listed in fresh.items():
        functions = [each.function for each in listed]
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
    """The arguments of the functions that callers call, those in ``**kwargs`` included."""
    for symbol in sorted(old.arguments.keys() & new.arguments.keys()):
        first, second = old.arguments[symbol], new.arguments[symbol]
        given, takes = {*first} | old.keywords[symbol], {*second} | new.keywords[symbol]
        function = symbol.name
        for name in sorted(given - takes):
            instead = f" {names[name]} takes its place." if names.get(name) in takes else ""
            meaning = f"{function}() no longer takes {name}.{instead}"
            yield make_finding(
                "call-argument-removed",
                f"{function}.{name}",
                meaning=meaning,
                values=(name, names.get(name)),
                where=before.where(symbol, name),
                level="info" if _is_deprecated(new, symbol, name) else None,
            )
        for name in sorted(takes - given - {*names.values()}):
            yield make_finding(
                "call-argument-added",
                f"{function}.{name}",
                meaning=f"{function}() takes {name} now, outside of the configuration.",
                values=(None, name),
                where=after.where(symbol, name),
            )
        for name in sorted(first.keys() & second.keys()):
            if first[name] != second[name]:
                yield make_finding(
                    "call-default-changed",
                    f"{function}.{name}",
                    meaning=f"Unset, {name} of {function}() was {first[name]}; now {second[name]}.",
                    values=(first[name], second[name]),
                    where=after.where(symbol, name),
                )


def _is_deprecated(new: Interface, symbol: Symbol, name: str) -> bool:
    """Whether an old name is still accepted, by a decorator that deprecates it."""
    return any(each.function == symbol and each.old == name and each.new for each in new.deprecated)


def _fields(
    before: Side, after: Side, old: Interface, new: Interface, names: Mapping[str, str]
) -> Iterator[Finding]:
    """The fields of what is returned, each field of several classes in one finding."""
    both = sorted(old.fields.keys() & new.fields.keys())
    gone = _by_field({cls: [name for name in old.fields[cls] if name not in new.fields[cls]] for cls in both})
    come = _by_field({cls: [name for name in new.fields[cls] if name not in old.fields[cls]] for cls in both})
    for name, classes in gone.items():
        successor = names.get(name) if names.get(name) in come else None
        instead = f"; it is called {successor}" if successor else ""
        yield make_finding(
            "output-field-removed",
            name,
            meaning=f"What is returned has no {name} any more ({_listed(classes)}){instead}.",
            values=(name, successor),
            where=before.where(classes[0], name),
        )
    for name in sorted(come.keys() - {names.get(each) for each in gone}):
        yield make_finding(
            "output-field-added",
            name,
            meaning=f"What is returned has {name} now ({_listed(come[name])}).",
            values=(None, name),
            where=after.where(come[name][0], name),
        )


def _by_field(fields: Mapping[Symbol, Iterable[str]]) -> dict[str, list[Symbol]]:
    found: dict[str, list[Symbol]] = {}
    for cls, names in fields.items():
        for name in names:
            found.setdefault(name, []).append(cls)
    return found


def _definitions(count: int) -> str:
    return "1 definition" if count == 1 else f"{count} definitions"


def _listed(symbols: Collection[Symbol]) -> str:
    """Definitions in a sentence, the first of many."""
    names = list(dict.fromkeys(symbol.qualname for symbol in symbols))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
