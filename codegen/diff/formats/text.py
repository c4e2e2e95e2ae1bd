"""A report for a terminal, grouped by kind, most severe first.

Findings that need a review are sentences; each of the others is a line with its parameter and its values.
"""

from collections.abc import Iterator

from codegen.diff.finding_kinds import KINDS, NOTHING
from codegen.diff.findings import LEVELS, Finding, Level
from codegen.diff.formats.report import CODE, RULES, Report, is_usual, names, step

_WIDTH = 34


def render(report: Report, levels: tuple[Level, ...] = LEVELS) -> str:
    """The report as text, with the findings of these levels."""
    lines = [report.summary()]
    shown = tuple(finding for finding in report.open if finding.level in levels)
    for level, kind, findings in report.groups(shown):
        lines += ["", f"{level.upper()}  {KINDS[kind].title} ({len(findings)})  [{kind}]"]
        lines += _group(
            kind, findings, sentences=level != "info" or not is_usual(level, kind), details=report.details
        )
    for _, kind, findings in report.groups(report.accepted):
        lines += ["", f"ACCEPTED  {KINDS[kind].title} ({len(findings)})  [{kind}]"]
        for finding in findings:
            lines += [f"  {finding.meaning}", f"    accepted: {finding.accepted}"]
    return "\n".join(lines) + "\n"


def _group(kind: str, findings: tuple[Finding, ...], *, sentences: bool, details: bool) -> Iterator[str]:
    usual = KINDS[kind]
    same_todo = len({finding.todo for finding in findings}) == 1
    if not sentences:
        yield f"  {usual.meaning}"
    for finding in findings:
        if sentences or kind in RULES | CODE:
            yield from _sentence(finding, with_todo=not same_todo)
        else:
            yield _line(finding)
        if details:
            yield from (f"      {line}" for line in finding.detail)
    if same_todo and findings[0].todo != NOTHING:
        yield f"  What to do: {findings[0].todo}"


def _sentence(finding: Finding, *, with_todo: bool) -> Iterator[str]:
    yield f"  {finding.meaning}"
    if str(finding.where):
        yield f"    at {finding.where}"
    if with_todo:
        yield f"    {finding.todo}"


def _line(finding: Finding) -> str:
    return f"    {names(finding).ljust(_WIDTH)}  {step(finding)}".rstrip()
