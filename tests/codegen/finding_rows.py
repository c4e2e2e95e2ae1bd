"""A row of the tables of findings: two forms of a small release, and what comparing them finds."""

from dataclasses import dataclass, field

from tests.codegen import places
from tests.codegen.small_release import Edits

OLD, NEW = places.MADE_UP[-2:]
"""Two releases that the overrides may name."""

Said = tuple[str, str, str]
"""Level, id and parameter of a finding."""

ASIDE = frozenset({"code-changed", "path-changed"})
"""Kinds that every edit of code makes."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Args:
        what: of the change.
        after: edits of the new release.
        finds: exactly these, in any order; :data:`ASIDE` aside.
        spares: kinds that are near, and must not be found.
        before: edits of the old release.
        versions: of the two.
        values: of the one finding of a kind.
    """

    what: str
    after: Edits
    finds: tuple[Said, ...] = ()
    spares: tuple[str, ...] = ()
    before: Edits = ()
    versions: tuple[str, str] = (OLD, NEW)
    values: dict[str, tuple[object, object]] = field(default_factory=dict)
