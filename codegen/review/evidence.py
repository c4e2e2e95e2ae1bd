"""``evidence.json``: which statements of upstream a person read for which claims, written by commands.

For every definition that something rests on it has, for each set of names that claims are about, the
fingerprints of the statements that concern these names (:mod:`codegen.upstream.slices`), the releases in
which a person read them, and the releases in which they were the same. It also has the digests of the whole
definition: where its digest is known, its statements need not be compared.

``refresh`` adds the releases in which statements are the same, ``confirm`` those in which a person read them.
The claims themselves are in ``overrides.toml``; :mod:`codegen.review.evidence_check` compares both files with
a release.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

from packaging.version import Version

from codegen.errors import EvidenceError
from codegen.mistakes import Mistake, Place
from codegen.model import structured
from codegen.model.markers import OneLine
from codegen.model.origins import Symbol

FORMAT = 1

About = tuple[str, ...]
"""The names that claims are about, sorted: ``cache_config.nbits``, ``call.batch_size``, ``num_beams``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """One form of the statements of a definition about some names.

    Args:
        about: the names.
        fingerprint: of the statements.
        read: the releases in which a person read them.
        same: further releases in which they were the same.
        reason: why the claims stand, or why nobody had to read them.
    """

    about: About
    fingerprint: str
    read: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    reason: Annotated[str, OneLine()] | None = None

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases in which a claim may rest on them."""
        return *self.read, *self.same

    def same_in(self, version: str) -> "Statements":
        """These statements, with one more release in which they are the same."""
        if version in self.releases:
            return self
        return replace(self, same=_in_order([*self.same, version]))

    def confirmed(self, version: str, reason: str) -> "Statements":
        """These statements, with one more release in which a person read them."""
        same = tuple(each for each in self.same if each != version)
        return replace(self, read=_in_order({*self.read, version}), same=same, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDefinition:
    """What is known of a definition.

    Args:
        digests: of the whole definition, by release.
        statements: every known form of its statements about some names.
    """

    digests: Mapping[str, str] = field(default_factory=dict)
    statements: tuple[Statements, ...] = ()

    def releases_of(self, digest: str) -> frozenset[str]:
        """The releases in which the whole definition had a digest."""
        return frozenset(version for version, known in self.digests.items() if known == digest)

    def about(self, about: About) -> tuple[Statements, ...]:
        """All known statements about some names."""
        return tuple(each for each in self.statements if each.about == about)

    def was_read(self, digest: str) -> str | None:
        """The first release in which a person read the definition in this very form, None if nobody did."""
        read = {version for each in self.statements for version in each.read}
        return next(iter(_in_order(read & self.releases_of(digest))), None)

    def with_digest(self, version: str, digest: str) -> "KnownDefinition":
        """This definition, with the digest of one more release."""
        if self.digests.get(version) == digest:
            return self
        digests = {**self.digests, version: digest}
        return replace(self, digests={each: digests[each] for each in _in_order(digests)})

    def with_statements(self, made: Statements) -> "KnownDefinition":
        """This definition, with statements that replace those of the same names and fingerprint."""
        if made in self.statements:
            return self
        key = (made.about, made.fingerprint)
        others = tuple(each for each in self.statements if (each.about, each.fingerprint) != key)
        return replace(self, statements=(*others, made))


Evidence = Mapping[Symbol, KnownDefinition]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    format: int
    definitions: Mapping[Symbol, KnownDefinition]


def load(path: Path, label: str) -> Evidence:
    """Read the file, called ``label`` in messages; nothing is known where there is none.

    Raises:
        EvidenceError: it has mistakes; all of them are listed.
    """
    if not path.exists():
        return {}
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvidenceError(label, [Mistake(Place(), f"it cannot be read ({error})")]) from error
    try:
        found = structured.structure(structured.converter(), raw, _File)
    except structured.MistakenError as error:
        raise EvidenceError(label, error.mistakes) from error
    if found.format != FORMAT:
        what = f"{found.format} is not the format {FORMAT} that this version of codegen reads"
        raise EvidenceError(label, [Mistake(Place.of("format"), what)])
    mistakes = [*_mistakes(found.definitions)]
    if mistakes:
        raise EvidenceError(label, mistakes)
    return found.definitions


def _mistakes(evidence: Evidence) -> Iterator[Mistake]:
    for symbol, known in evidence.items():
        place = Place.of("definitions", str(symbol))
        seen: set[tuple[About, str]] = set()
        for number, each in enumerate(known.statements):
            key = (each.about, each.fingerprint)
            if key in seen:
                yield Mistake(place / "statements" / number, "they are listed twice")
            seen.add(key)
            if not each.read and not each.reason:
                yield Mistake(place / "statements" / number, "nobody read them, and there is no reason")


def dumps(evidence: Evidence) -> str:
    """The text of the file: a line for each form of statements, in a fixed order."""
    return "\n".join([*_lines(evidence), ""])


def _lines(evidence: Evidence) -> Iterator[str]:
    yield f'{{\n "format": {FORMAT},\n "definitions": {{'
    known = [(str(symbol), each) for symbol, each in sorted(evidence.items())]
    for number, (name, definition) in enumerate(known, start=1):
        yield f"  {json.dumps(name)}: {{"
        yield f'   "digests": {json.dumps(dict(definition.digests))},'
        yield '   "statements": ['
        ordered = sorted(definition.statements, key=_order)
        lines = [f"    {json.dumps(_data(each), ensure_ascii=False)}" for each in ordered]
        yield from ([",\n".join(lines)] if lines else [])
        yield f"   ]\n  }}{'' if number == len(known) else ','}"
    yield " }\n}"


def _data(each: Statements) -> dict[str, object]:
    made: dict[str, object] = {"about": each.about, "fingerprint": each.fingerprint}
    made |= {name: value for name in ("read", "same", "reason") if (value := getattr(each, name))}
    return made


def _order(each: Statements) -> tuple[About, Version, str]:
    return each.about, min(map(Version, each.releases)), each.fingerprint


def _in_order(versions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(versions, key=Version))
