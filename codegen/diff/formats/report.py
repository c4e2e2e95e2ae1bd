"""What all formats share: the findings of one comparison, counted and grouped, and their values as text."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from codegen.diff.finding_kinds import KINDS
from codegen.diff.findings import LEVELS, Finding, Level
from codegen.model.values import PlainValue

_LONGEST_VALUE = 60
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Report:
    """The findings of one comparison.

    Args:
        old: the old side's label.
        new: the new side's label.
        findings: most severe first.
        details: whether quotations of upstream's text and code are shown, if the format shows them.
    """

    old: str
    new: str
    findings: tuple[Finding, ...]
    details: bool = True

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that are not accepted."""
        return tuple(finding for finding in self.findings if finding.accepted is None)

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """The findings that are accepted."""
        return tuple(finding for finding in self.findings if finding.accepted is not None)

    def summary(self) -> str:
        """How many findings there are of each level, on one line."""
        if not self.findings:
            return f"{self.old} -> {self.new}: nothing changed."
        counts = Counter(finding.level for finding in self.open)
        by_level = ", ".join(f"{counts[level]} {level}" for level in LEVELS)
        accepted = f"; {len(self.accepted)} accepted" if self.accepted else ""
        return f"{self.old} -> {self.new}: {by_level}{accepted}."

    def groups(self, findings: tuple[Finding, ...]) -> Iterator[tuple[Level, str, tuple[Finding, ...]]]:
        """The findings by level and kind, in order."""
        grouped: dict[tuple[Level, str], list[Finding]] = {}
        for finding in findings:
            grouped.setdefault((finding.level, finding.id), []).append(finding)
        for (level, kind), several in grouped.items():
            yield level, kind, tuple(several)


def is_usual(level: Level, kind: str) -> bool:
    """Whether findings of a kind usually have that level."""
    return KINDS[kind].level == level


def names(finding: Finding) -> str:
    """The parameters of a finding, shortened if there are many."""
    several = finding.parameters
    if len(several) <= _MOST_NAMES:
        return finding.parameter
    return f"{', '.join(several[:2])} and {len(several) - 2} more"


def shown(value: PlainValue) -> str:
    """A value as text, shortened if it is long."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def step(finding: Finding) -> str:
    """The change of a finding's value: ``old -> new``, ``+ new`` or ``- old``; empty if there is no value."""
    if (finding.old is None and finding.new is None) or finding.id in NO_VALUES:
        return ""
    if finding.id in _NONE_IS_A_VALUE:
        return f"{finding.old!r} -> {finding.new!r}"
    if finding.old is None:
        return f"+ {shown(finding.new)}"
    if finding.new is None:
        return f"- {shown(finding.old)}"
    return f"{shown(finding.old)} -> {shown(finding.new)}"


RULES = frozenset(
    {"rule-added", "rule-removed", "rule-changed", "rule-reworded", "rule-unproven", "dormancy-changed"}
)
"""Kinds whose values are whole conditions."""
CODE = frozenset(
    {
        *("evidence-changed", "code-changed", "reached-code-changed", "renamed", "moved", "rewritten"),
        *("reach-grown", "reach-shrunk", "path-changed", "refusal-moved"),
    }
)
"""Kinds that are about definitions, not about a value."""
NO_VALUES = RULES | frozenset(
    {"alike-changed", "deprecated", "doc-added", "doc-changed", "doc-lost", "evidence-changed"}
)
"""Kinds whose values are not shown: they are digests or long, and the sentence says enough."""
_NONE_IS_A_VALUE = frozenset(
    {
        "default-changed",
        "default-alike",
        "default-declared",
        "default-unstated",
        "default-shown",
        "off-changed",
    }
)
"""Kinds for which None is a value, and does not mean that there is none."""
