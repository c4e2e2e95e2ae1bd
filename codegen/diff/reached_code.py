"""Which of the definitions that a call reaches are others in two releases, and in what way.

Equal are definitions whose normal forms are (:mod:`codegen.upstream.normal`), under the new names of what was
renamed. :mod:`codegen.diff.reach` makes findings of it.
"""

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from codegen.diff import renames
from codegen.diff.renames import Rename
from codegen.model.origins import Symbol
from codegen.upstream.callgraph import without_methods
from codegen.upstream.normal import normal
from codegen.upstream.reach import Reached
from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Definition, Library, digest

_VERSIONS = frozenset({"__version__"})
"""Assignments that every release changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between the code that a call reaches in two releases.

    Args:
        edited: definitions that do something else, before (under the new names) and after.
        only_written: definitions that do the same: annotations, messages or names of locals differ.
        renames: what has another name.
        renamed: definitions that do the same under it.
        moved: definitions that do the same elsewhere or under another name, by where they were.
        came: definitions that are reached for the first time.
        went: definitions that are no longer reached, or not there.
    """

    edited: Mapping[Symbol, tuple[Definition, Definition]] = field(default_factory=dict)
    only_written: tuple[Symbol, ...] = ()
    renames: tuple[Rename, ...] = ()
    renamed: tuple[Symbol, ...] = ()
    moved: Mapping[Symbol, Symbol] = field(default_factory=dict)
    came: tuple[Symbol, ...] = ()
    went: tuple[Symbol, ...] = ()

    @property
    def old(self) -> tuple[Symbol, ...]:
        """Every definition whose text differs, as it was called before."""
        return (*self.edited, *self.only_written, *self.renamed, *self.moved, *self.went)

    @property
    def new(self) -> tuple[Symbol, ...]:
        """Every definition whose text differs, as it is called since."""
        return (*self.edited, *self.only_written, *self.renamed, *self.moved.values(), *self.came)

    @property
    def names(self) -> dict[str, str]:
        """The new names, by the old ones."""
        return {each.old: each.new for each in self.renames}


def changes(old: Reached, new: Reached) -> Changes:
    """What differs between the code in reach of two releases.

    Deprecations by decorators are left out: they are reported by themselves.
    """
    deprecating = old.deprecating | new.deprecating
    gone, fresh = (
        old.graph.edges.keys() - new.graph.edges.keys(),
        new.graph.edges.keys() - old.graph.edges.keys(),
    )
    moved = dict(_moved(sorted(gone), sorted(fresh), old.library, new.library))
    pairs: dict[Symbol, _Pair] = {}
    only_written: list[Symbol] = []
    for symbol in sorted(old.graph.edges.keys() & new.graph.edges.keys()):
        pair = _pair(symbol, old.library, new.library)
        if pair is None or symbol.name in _VERSIONS:
            continue
        first, second = (renames.applied(each, {}, without=deprecating) for each in pair)
        form = normal(second)
        if normal(first) != form:
            pairs[symbol] = _Pair(first, second, form, renames.names_in(first))
        elif _decorated(pair[0], deprecating) == _decorated(pair[1], deprecating):
            only_written.append(symbol)
    names = {one.name: other.name for one, other in moved.items() if one.name != other.name}
    found = renames.found((pair.old, pair.new) for pair in pairs.values())
    edited, renamed = _under_new_names(pairs, names | {each.old: each.new for each in found})
    known = tuple(each for each in found if any(each.old in pairs[symbol].names for symbol in renamed))
    if known != found:  # only a renaming that makes a definition the same is one
        edited, renamed = _under_new_names(pairs, names | {each.old: each.new for each in known})
    return Changes(
        edited=edited,
        only_written=tuple(only_written),
        renames=known,
        renamed=tuple(renamed),
        moved=moved,
        came=tuple(sorted(fresh - {*moved.values()})),
        went=tuple(sorted(gone - moved.keys())),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A definition that differs.

    Args:
        old: before.
        new: after.
        form: the normal form of the new one.
        names: those that the old one uses.
    """

    old: Definition
    new: Definition
    form: str
    names: Collection[str]


def _under_new_names(
    pairs: Mapping[Symbol, _Pair], names: Mapping[str, str]
) -> tuple[dict[Symbol, tuple[Definition, Definition]], list[Symbol]]:
    """The definitions that differ under the new names, too, and those that do not."""
    edited: dict[Symbol, tuple[Definition, Definition]] = {}
    renamed: list[Symbol] = []
    for symbol, pair in pairs.items():
        if names.keys().isdisjoint(pair.names):
            edited[symbol] = pair.old, pair.new
            continue
        made = renames.applied(pair.old, names)
        if normal(made) == pair.form:
            renamed.append(symbol)
        else:
            edited[symbol] = made, pair.new
    return edited, renamed


def _pair(symbol: Symbol, old: Library, new: Library) -> tuple[Definition, Definition] | None:
    """A definition in both releases; None where it is the same, or one of them does not have it."""
    one, other = old.module(symbol.path), new.module(symbol.path)
    if one.text == other.text:
        return None
    first, second = one.find(symbol.qualname), other.find(symbol.qualname)
    if first is None or second is None or one.text_of(first) == other.text_of(second):
        return None
    pair = alone(first), alone(second)
    return None if digest(pair[0]) == digest(pair[1]) else pair


def _decorated(definition: Definition, names: frozenset[str]) -> list[str]:
    """The decorators of some names that a definition has."""
    listed: list[ast.expr] = getattr(definition, "decorator_list", [])
    return [ast.unparse(each) for each in listed if decorator(each) in names]


def alone(definition: Definition) -> Definition:
    """A class without its methods, which are definitions of their own; anything else as it is."""
    if not isinstance(definition, ast.ClassDef):
        return definition
    made = ast.ClassDef(
        name=definition.name,
        bases=definition.bases,
        keywords=definition.keywords,
        body=[each for each in without_methods(definition) if isinstance(each, ast.stmt)],
        decorator_list=definition.decorator_list,
    )
    return ast.copy_location(made, definition)


def _moved(
    gone: list[Symbol], fresh: list[Symbol], old: Library, new: Library
) -> Iterator[tuple[Symbol, Symbol]]:
    """Definitions that are the same elsewhere, or there under another name."""
    forms: dict[str, list[Symbol]] = {}
    for symbol in fresh:
        forms.setdefault(_form(new, symbol), []).append(symbol)
    for symbol in gone:
        for other in forms.get(_form(old, symbol), ()):
            is_near = symbol.name == other.name or (symbol.path, _owner(symbol)) == (
                other.path,
                _owner(other),
            )
            if is_near:
                forms[_form(old, symbol)].remove(other)
                yield symbol, other
                break


def _owner(symbol: Symbol) -> str:
    return symbol.qualname.rpartition(".")[0]


def _form(library: Library, symbol: Symbol) -> str:
    """The normal form of a definition, whatever its name."""
    found = library.find(symbol)
    assert found is not None
    return normal(renames.applied(alone(found), {symbol.name: ""}))
