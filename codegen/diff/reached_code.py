"""The definitions that a call can run, compared between two releases: which of them differ, and in what way.

Two definitions are equal if their normal forms are (:mod:`codegen.upstream.normal`), after renamed names are
replaced. :mod:`codegen.diff.reach` turns the result into findings.
"""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from codegen.diff import renames
from codegen.diff.renames import Rename
from codegen.model.origins import Symbol
from codegen.upstream.callgraph import without_methods
from codegen.upstream.extracted import written_out
from codegen.upstream.normal import normal
from codegen.upstream.reach import Reached
from codegen.upstream.signatures import decorator
from codegen.upstream.symbols import Definition, Library, digest

_VERSIONS = frozenset({"__version__"})
"""Assignments that every release changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What differs between the code that a call can run in two releases.

    Args:
        edited: definitions that do something else: before (with the new names) and after.
        rewritten: definitions that do the same; only annotations, messages or names of locals differ.
        renames: names that were replaced consistently.
        renamed: definitions that do the same, and differ only by such names.
        moved: definitions that do the same elsewhere or under another name: the old symbol to the new one.
        extracted: new definitions that only hold what was in a rewritten one before.
        added: other definitions that are reached only in the new release.
        removed: definitions that are reached only in the old release, or exist only there.
    """

    edited: Mapping[Symbol, tuple[Definition, Definition]] = field(default_factory=dict)
    rewritten: tuple[Symbol, ...] = ()
    renames: tuple[Rename, ...] = ()
    renamed: tuple[Symbol, ...] = ()
    moved: Mapping[Symbol, Symbol] = field(default_factory=dict)
    extracted: tuple[Symbol, ...] = ()
    added: tuple[Symbol, ...] = ()
    removed: tuple[Symbol, ...] = ()

    @property
    def old(self) -> tuple[Symbol, ...]:
        """Every definition whose text differs, by its old symbol."""
        return (*self.edited, *self.rewritten, *self.renamed, *self.moved, *self.removed)

    @property
    def new(self) -> tuple[Symbol, ...]:
        """Every definition whose text differs, by its new symbol."""
        same = (*self.rewritten, *self.renamed, *self.moved.values(), *self.extracted)
        return (*self.edited, *same, *self.added)

    @property
    def names(self) -> dict[str, str]:
        """The new names, by the old ones."""
        return _new_names(self.renames)


def _new_names(names: Iterable[Rename]) -> dict[str, str]:
    return {rename.old: rename.new for rename in names}


def changes(old: Reached, new: Reached) -> Changes:
    """What differs between the code that a call can run in two releases.

    Decorators that deprecate an argument are left out: :mod:`codegen.diff.reach` reports them by themselves.
    """
    before, after = old.graph.edges.keys(), new.graph.edges.keys()
    gone, new_ones = before - after, after - before
    moved = dict(_moved(sorted(gone), sorted(new_ones), old.library, new.library))
    pairs, rewritten = _compared(old, new)
    moved_names = {one.name: other.name for one, other in moved.items() if one.name != other.name}
    candidates = renames.find((pair.old, pair.new) for pair in pairs.values())
    edited, renamed = _under_new_names(pairs, moved_names | _new_names(candidates))
    # A candidate is confirmed if some definition is the same under its new name.
    confirmed = tuple(
        rename for rename in candidates if any(rename.old in pairs[symbol].names for symbol in renamed)
    )
    if confirmed != candidates:
        edited, renamed = _under_new_names(pairs, moved_names | _new_names(confirmed))
    fresh = new_ones - {*moved.values()}
    taken_apart = _taken_apart(edited, fresh, new.library)
    return Changes(
        edited={symbol: pair for symbol, pair in edited.items() if symbol not in taken_apart},
        rewritten=(*rewritten, *taken_apart),
        renames=confirmed,
        renamed=tuple(renamed),
        moved=moved,
        extracted=tuple(sorted({*taken_apart.values()})),
        added=tuple(sorted(fresh - {*taken_apart.values()})),
        removed=tuple(sorted(gone - moved.keys())),
    )


@dataclass(frozen=True, slots=True)
class _Pair:
    """A definition that differs.

    Args:
        old: the definition before.
        new: the definition after.
        form: the normal form of the new definition.
        names: the names that the old definition uses.
    """

    old: Definition
    new: Definition
    form: str
    names: Collection[str]


def _compared(old: Reached, new: Reached) -> tuple[dict[Symbol, _Pair], list[Symbol]]:
    """Of the definitions reached in both releases, those whose normal forms differ, and those rewritten."""
    deprecating = old.deprecating | new.deprecating
    pairs: dict[Symbol, _Pair] = {}
    rewritten: list[Symbol] = []
    for symbol in sorted(old.graph.edges.keys() & new.graph.edges.keys()):
        pair = _pair(symbol, old.library, new.library)
        if pair is None or symbol.name in _VERSIONS:
            continue
        first, second = (renames.applied(definition, {}, without=deprecating) for definition in pair)
        form = normal(second)
        if normal(first) != form:
            pairs[symbol] = _Pair(first, second, form, renames.names_in(first))
        elif _decorated(pair[0], deprecating) == _decorated(pair[1], deprecating):
            rewritten.append(symbol)
    return pairs, rewritten


def _under_new_names(
    pairs: Mapping[Symbol, _Pair], names: Mapping[str, str]
) -> tuple[dict[Symbol, tuple[Definition, Definition]], list[Symbol]]:
    """The definitions that still differ when names are replaced, and those that are then the same."""
    edited: dict[Symbol, tuple[Definition, Definition]] = {}
    renamed: list[Symbol] = []
    for symbol, pair in pairs.items():
        if names.keys().isdisjoint(pair.names):
            edited[symbol] = pair.old, pair.new
            continue
        old = renames.applied(pair.old, names)
        if normal(old) == pair.form:
            renamed.append(symbol)
        else:
            edited[symbol] = old, pair.new
    return edited, renamed


def _pair(symbol: Symbol, old: Library, new: Library) -> tuple[Definition, Definition] | None:
    """A definition in both releases; None where it is the same in both, or only one of them has it."""
    old_module, new_module = old.module(symbol.path), new.module(symbol.path)
    if old_module.text == new_module.text:
        return None
    first, second = old_module.find(symbol.qualname), new_module.find(symbol.qualname)
    if first is None or second is None or old_module.text_of(first) == new_module.text_of(second):
        return None
    pair = alone(first), alone(second)
    return None if digest(pair[0]) == digest(pair[1]) else pair


def _taken_apart(
    edited: Mapping[Symbol, tuple[Definition, Definition]], fresh: Collection[Symbol], library: Library
) -> dict[Symbol, Symbol]:
    """Definitions that do the same with one new definition written out in them, and that one."""
    found = {}
    for symbol, (old, new) in edited.items():
        for name, definition in written_out(new, library.module(symbol.path), symbol.qualname):
            helper = Symbol(symbol.path, name)
            if helper in fresh and normal(definition) == normal(old):
                found[symbol] = helper
                break
    return found


def _decorated(definition: Definition, names: frozenset[str]) -> list[str]:
    """The code of those decorators of a definition that have one of these names."""
    decorators: list[ast.expr] = getattr(definition, "decorator_list", [])
    return [ast.unparse(expression) for expression in decorators if decorator(expression) in names]


def alone(definition: Definition) -> Definition:
    """A class without its methods, which are definitions of their own; anything else as it is."""
    if not isinstance(definition, ast.ClassDef):
        return definition
    return with_body(definition, [node for node in without_methods(definition) if isinstance(node, ast.stmt)])


def with_body(definition: ast.ClassDef, body: list[ast.stmt]) -> ast.ClassDef:
    """A copy of a class with another body, at the same place."""
    copy = ast.ClassDef(
        name=definition.name,
        bases=definition.bases,
        keywords=definition.keywords,
        body=body,
        decorator_list=definition.decorator_list,
    )
    return ast.copy_location(copy, definition)


def _moved(
    gone: list[Symbol], new_ones: list[Symbol], old: Library, new: Library
) -> Iterator[tuple[Symbol, Symbol]]:
    """The old and the new symbol of definitions that are the same elsewhere, or there under another name."""
    forms: dict[str, list[Symbol]] = {}
    for symbol in new_ones:
        forms.setdefault(_form(new, symbol), []).append(symbol)
    for symbol in gone:
        form = _form(old, symbol)
        for other in forms.get(form, ()):
            if symbol.name == other.name or _owner(symbol) == _owner(other):
                forms[form].remove(other)
                yield symbol, other
                break


def _owner(symbol: Symbol) -> tuple[str, str]:
    """What a definition is in: its file, and its class or function there."""
    return symbol.path, symbol.qualname.rpartition(".")[0]


def _form(library: Library, symbol: Symbol) -> str:
    """The normal form of a definition, without its name."""
    definition = library.find(symbol)
    assert definition is not None
    return normal(renames.applied(alone(definition), {symbol.name: ""}))
