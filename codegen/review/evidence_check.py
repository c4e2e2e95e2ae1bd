"""Whether claims rest on what a person read: the statements of a release, compared with ``evidence.json``.

Where the statements about a claim's names are known, nobody is asked, and ``refresh`` writes that they are
the same in one more release. They are compared only where the digest of the whole definition is not known.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from codegen.model.origins import Symbol
from codegen.review.basis import Basis, bases, source_words
from codegen.review.evidence import About, Evidence, KnownDefinition, Statements
from codegen.review.overrides import Overrides
from codegen.upstream.symbols import Definition, Library, digest

if TYPE_CHECKING:  # slow to import, and rarely needed
    from codegen.upstream.slices import Slice, Slicer


Grouped = Mapping[Symbol, Mapping[About, Sequence[Basis]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadStatements:
    """Statements that claims rest on, and that nobody has read in this form.

    Args:
        symbol: the definition.
        about: the names that the claims are about.
        claims: what rests on them.
        current: the statements.
        before: the newest release with known statements about the names, None if there is none.
    """

    symbol: Symbol
    about: About
    claims: tuple[Basis, ...]
    current: "Slice"
    before: str | None

    @property
    def message(self) -> str:
        """What is asked, in a sentence."""
        what = (
            f"the statements about {', '.join(self.about)} are not those of {self.before}"
            if self.before
            else f"nobody has read the statements about {', '.join(self.about)}"
        )
        return f"{self.symbol}: {what}"

    @property
    def answer(self) -> str:
        """The arguments of ``confirm`` that answer it; the reason is to be filled in."""
        return f'{shlex.quote(str(self.symbol))} --claim {shlex.quote(self.claims[0].claim)} --reason "..."'


@dataclass(slots=True, kw_only=True)
class Examination:
    """What the comparison of a release with ``evidence.json`` found.

    Args:
        unread: what a person has to read.
        evidence: the new content of the file, with what is known in this release.
        is_new: whether that differs from what the file has.
        notes: what was taken to be the same although it is written differently, in sentences.
    """

    unread: list[UnreadStatements] = field(default_factory=list)
    evidence: dict[Symbol, KnownDefinition] = field(default_factory=dict)
    is_new: bool = False
    notes: list[str] = field(default_factory=list)


def examine(overrides: Overrides, library: Library, version: str) -> Examination:
    """Compare a release with what is known."""
    everything = list(bases(overrides))
    found = Examination(evidence=dict(_in_use(overrides.evidence, _grouped(everything))))
    grouped = _grouped(each for each in everything if each.applies(version))
    release = _Release(library, version, frozenset(symbol.path for symbol in grouped), found)
    for symbol, by_names in sorted(grouped.items()):
        definition = library.find(symbol)
        if definition is None:
            continue  # the merge says so
        known = found.evidence.get(symbol, KnownDefinition())
        current = _Current(symbol, definition, release)
        for about, claims in sorted(by_names.items()):
            known = current.compared(known, about, tuple(claims))
        found.evidence[symbol] = known.with_digest(version, current.digest)
    found.is_new = found.evidence != overrides.evidence
    return found


def has_unknown_statements(overrides: Overrides, version: str) -> bool:
    """Whether a claim or rule about a release rests on statements that ``evidence.json`` lacks for it."""
    return any(
        not any(version in each.releases for each in _known(overrides.evidence, symbol).about(about))
        for symbol, by_names in _grouped(bases(overrides, version)).items()
        for about in by_names
    )


def _known(evidence: Evidence, symbol: Symbol) -> KnownDefinition:
    return evidence.get(symbol, KnownDefinition())


def _grouped(found_bases: Iterable[Basis]) -> Grouped:
    found: defaultdict[Symbol, defaultdict[About, list[Basis]]] = defaultdict(lambda: defaultdict(list))
    for basis in found_bases:
        found[basis.symbol][basis.about].append(basis)
    return found


def _in_use(evidence: Evidence, used: Grouped) -> Iterator[tuple[Symbol, KnownDefinition]]:
    """What is known, without the statements that nothing rests on in any release any more."""
    for symbol, known in evidence.items():
        statements = tuple(each for each in known.statements if each.about in used.get(symbol, ()))
        if statements:
            yield symbol, KnownDefinition(digests=known.digests, statements=statements)


class _Release:
    """The release that is examined; what is found is noted in ``found``."""

    def __init__(self, library: Library, version: str, paths: frozenset[str], found: Examination) -> None:
        self.library = library
        self.version = version
        self.paths = paths
        self.found = found

    @cached_property
    def renamed(self) -> list[tuple[str, str]]:
        """The old and the new names of arguments that the files declare."""
        from codegen.upstream.renamed_arguments import renamed_arguments  # noqa: PLC0415 - rarely needed

        return renamed_arguments(filter(None, map(self.library.module_at, sorted(self.paths))))


class _Current:
    """A definition in that release."""

    def __init__(self, symbol: Symbol, definition: Definition, release: _Release) -> None:
        self.symbol = symbol
        self.definition = definition
        self.release = release
        self.version = release.version
        self.found = release.found
        self.digest = digest(definition)

    def compared(self, known: KnownDefinition, about: About, claims: tuple[Basis, ...]) -> KnownDefinition:
        """What is known with this release, if its statements are; otherwise they are to be read."""
        candidates = known.about(about)
        equal = known.releases_of(self.digest)
        for each in candidates:
            if not equal.isdisjoint(each.releases):
                return known.with_statements(each.same_in(self.version))
        current = self._slice(about)
        for each in candidates:
            if each.fingerprint == current.fingerprint:
                return known.with_statements(each.same_in(self.version))
        if (made := self._recognised(known, about, current)) is not None:
            return known.with_statements(made)
        self.found.unread.append(
            UnreadStatements(
                symbol=self.symbol,
                about=about,
                claims=claims,
                current=current,
                before=candidates[-1].releases[-1] if candidates else None,
            )
        )
        return known

    def _recognised(self, known: KnownDefinition, about: About, current: "Slice") -> Statements | None:
        """The statements, if a person has read them under other names; None if not.

        That is so where the whole definition was read for other claims, or where only an argument is renamed.
        """
        candidates = known.about(about)
        if not candidates and (read := known.was_read(self.digest)) is not None:
            made = Statements(about=about, fingerprint=current.fingerprint, read=(read,))
            return made.same_in(self.version)
        for old, new in self.release.renamed:
            before = self._slicer.renamed(new, old)
            if before is None:
                continue
            values, facts = source_words(about)
            earlier = before.about(values, facts).fingerprint
            if any(each.fingerprint == earlier for each in candidates):
                note = f"{old} is called {new} now, as the source says"
                self.found.notes.append(
                    f"{self.symbol}: {note}; nothing else changed about {', '.join(about)}"
                )
                return Statements(
                    about=about, fingerprint=current.fingerprint, same=(self.version,), reason=note
                )
        return None

    def _slice(self, about: About) -> "Slice":
        return self._slicer.about(*source_words(about))

    @cached_property
    def _slicer(self) -> "Slicer":
        from codegen.upstream.slices import Slicer  # noqa: PLC0415 - slow to import, and rarely needed

        return Slicer(self.definition)
