"""What a format is given: the findings of one comparison, and how they are counted and grouped."""

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
        """Those that are not accepted."""
        return tuple(each for each in self.findings if each.accepted is None)

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """Those that are accepted."""
        return tuple(each for each in self.findings if each.accepted is not None)

    def summary(self) -> str:
        """How many of each level, in a line."""
        if not self.findings:
            return f"{self.old} -> {self.new}: nothing changed."
        counts = Counter(each.level for each in self.open)
        plain = ", ".join(f"{counts[level]} {level}" for level in LEVELS)
        accepted = f"; {len(self.accepted)} accepted" if self.accepted else ""
        return f"{self.old} -> {self.new}: {plain}{accepted}."

    def groups(self, findings: tuple[Finding, ...]) -> Iterator[tuple[Level, str, tuple[Finding, ...]]]:
        """The findings by level and kind, in order."""
        grouped: dict[tuple[Level, str], list[Finding]] = {}
        for each in findings:
            grouped.setdefault((each.level, each.id), []).append(each)
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
    """A value, shortened if it is long."""
    plain = value if isinstance(value, str) else repr(value)
    return plain if len(plain) <= _LONGEST_VALUE else f"{plain[:_LONGEST_VALUE]}..."


def step(finding: Finding) -> str:
    """``old -> new``, or only the one that exists; empty if there is neither."""
    if (finding.old is None and finding.new is None) or finding.id in NO_VALUES:
        return ""
    if finding.id in _VALUES:  # None is a value here
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
"""Kinds whose values are digests, or long: the sentence says what there is to say."""
_VALUES = frozenset(
    {
        "default-changed",
        "default-alike",
        "default-declared",
        "default-unstated",
        "default-shown",
        "off-changed",
    }
)
"""Kinds for which None is a value like any other."""
