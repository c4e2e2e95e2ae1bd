"""Whether claims rest on what a person read: the statements of a release, compared with ``evidence.json``.

Where the statements about a claim's names are known, nobody is asked. ``refresh`` then writes that they are
the same in one more release. The statements are looked at only where the whole definition is not known.
"""

import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from codegen.model.origins import Symbol
from codegen.review.basis import Basis, bases, words
from codegen.review.evidence import About, Evidence, KnownDefinition, Statements
from codegen.review.overrides import Overrides
from codegen.upstream.renamed_arguments import RenamedArguments
from codegen.upstream.slices import Slice, Slicer
from codegen.upstream.symbols import Definition, Library, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadStatements:
    """Statements that claims rest on and nobody read in this form.

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
    current: Slice
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
    """What was found of a release.

    Args:
        unread: what a person has to read.
        evidence: what is known with this release.
        notes: what was taken to be the same although it is written differently, in sentences.
    """

    unread: list[UnreadStatements] = field(default_factory=list)
    evidence: dict[Symbol, KnownDefinition] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def examine(overrides: Overrides, library: Library, version: str) -> Examination:
    """Compare a release with what is known."""
    found = Examination(evidence=dict(_in_use(overrides)))
    grouped = _grouped(overrides, version)
    renamed = RenamedArguments(library, {symbol.path for symbol in grouped})
    for symbol, by_names in sorted(grouped.items()):
        definition = library.find(symbol)
        if definition is None:
            continue  # the merge says so
        known = found.evidence.get(symbol, KnownDefinition())
        current = _Current(symbol, definition, version, renamed, found)
        for about, claims in sorted(by_names.items()):
            known = current.compared(known, about, tuple(claims))
        found.evidence[symbol] = known.with_digest(version, current.digest)
    return found


def uncovered(overrides: Overrides, version: str) -> bool:
    """Whether something that is said of a release rests on statements that are not known for it."""
    return any(
        not any(version in each.releases for each in _known(overrides.evidence, symbol).about(about))
        for symbol, by_names in _grouped(overrides, version).items()
        for about in by_names
    )


def _known(evidence: Evidence, symbol: Symbol) -> KnownDefinition:
    return evidence.get(symbol, KnownDefinition())


def _grouped(overrides: Overrides, version: str | None) -> Mapping[Symbol, Mapping[About, list[Basis]]]:
    found: defaultdict[Symbol, defaultdict[About, list[Basis]]] = defaultdict(lambda: defaultdict(list))
    for basis in bases(overrides, version):
        found[basis.symbol][basis.about].append(basis)
    return found


def _in_use(overrides: Overrides) -> Iterator[tuple[Symbol, KnownDefinition]]:
    """What is known, without statements that nothing rests on any more in any release."""
    used = _grouped(overrides, None)
    for symbol, known in overrides.evidence.items():
        statements = tuple(each for each in known.statements if each.about in used.get(symbol, ()))
        if statements:
            yield symbol, KnownDefinition(digests=known.digests, statements=statements)


class _Current:
    """A definition in the release that is looked at."""

    def __init__(
        self,
        symbol: Symbol,
        definition: Definition,
        version: str,
        renamed: RenamedArguments,
        found: Examination,
    ) -> None:
        self.symbol = symbol
        self.definition = definition
        self.version = version
        self.renamed = renamed
        self.found = found
        self.digest = digest(definition)
        self._slicer: Slicer | None = None

    def compared(self, known: KnownDefinition, about: About, claims: tuple[Basis, ...]) -> KnownDefinition:
        """What is known with this release, if its statements are; otherwise they are to be read."""
        candidates = known.about(about)
        equal = known.releases_of(self.digest)
        for each in candidates:
            if not equal.isdisjoint(each.releases):
                return known.with_statements(each.seen(self.version))
        current = self._slice(about)
        for each in candidates:
            if each.fingerprint == current.fingerprint:
                return known.with_statements(each.seen(self.version))
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

    def _recognised(self, known: KnownDefinition, about: About, current: Slice) -> Statements | None:
        """The statements, where a person knows them although they are not listed for these names."""
        candidates = known.about(about)
        if not candidates and (read := known.was_read(self.digest)) is not None:
            made = Statements(about=about, fingerprint=current.fingerprint, read=(read,))
            return made.seen(self.version)
        for old, new in self.renamed.pairs():
            before = self._sliced().renamed(new, old)
            if before is None:
                continue
            values, facts = words(about)
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

    def _slice(self, about: About) -> Slice:
        return self._sliced().about(*words(about))

    def _sliced(self) -> Slicer:
        if self._slicer is None:
            self._slicer = Slicer(self.definition)
        return self._slicer
