"""A row in a table of findings: two forms of a small release, and the findings of their comparison."""

from dataclasses import dataclass, field

from tests.codegen import places
from tests.codegen.small_release import Edits

OLD, NEW = places.MADE_UP[-2:]
"""Two releases that the overrides may name."""

FindingKey = tuple[str, str, str]
"""Level, id and parameter of a finding."""

MADE_BY_EVERY_EDIT = frozenset({"code-changed", "path-changed"})
"""Kinds that are found after every edit of code, and that the rows leave out."""


@dataclass(frozen=True)
class Row:
    """One comparison.

    Args:
        what: the change, in words; the name of the test.
        after: the edits that make the new release.
        expected: all findings, in any order, without :data:`MADE_BY_EVERY_EDIT`.
        unexpected: similar kinds that must not be found.
        before: the edits that make the old release.
        versions: the versions of the two releases.
        values: the old and new value of the only finding of a kind, by kind.
    """

    what: str
    after: Edits
    expected: tuple[FindingKey, ...] = ()
    unexpected: tuple[str, ...] = ()
    before: Edits = ()
    versions: tuple[str, str] = (OLD, NEW)
    values: dict[str, tuple[object, object]] = field(default_factory=dict)
