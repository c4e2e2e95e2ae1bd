"""For a terminal: grouped, most severe first; what needs a person in sentences, the rest in lines."""

from collections.abc import Iterator

from codegen.diff.finding_kinds import KINDS, NOTHING
from codegen.diff.findings import LEVELS, Finding, Level
from codegen.diff.formats.report import CODE, RULES, Report, is_usual, names, step

_WIDTH = 34


def render(report: Report, levels: tuple[Level, ...] = LEVELS) -> str:
    """The text, with the findings of those levels."""
    lines = [report.summary()]
    for level, kind, findings in report.groups(tuple(each for each in report.open if each.level in levels)):
        lines += ["", f"{level.upper()}  {KINDS[kind].title} ({len(findings)})  [{kind}]"]
        lines += _group(
            kind, findings, sentences=level != "info" or not is_usual(level, kind), details=report.details
        )
    for _, kind, findings in report.groups(report.accepted):
        lines += ["", f"ACCEPTED  {KINDS[kind].title} ({len(findings)})  [{kind}]"]
        for each in findings:
            lines += [f"  {each.meaning}", f"    accepted: {each.accepted}"]
    return "\n".join(lines) + "\n"


def _group(kind: str, findings: tuple[Finding, ...], *, sentences: bool, details: bool) -> Iterator[str]:
    usual = KINDS[kind]
    common = len({each.todo for each in findings}) == 1
    if not sentences:
        yield f"  {usual.meaning}"
    for each in findings:
        yield from _sentence(each, common=common) if sentences or kind in RULES | CODE else _line(each)
        if details:
            yield from (f"      {line}" for line in each.detail)
    if common and findings[0].todo != NOTHING:
        yield f"  What to do: {findings[0].todo}"


def _sentence(finding: Finding, *, common: bool) -> Iterator[str]:
    yield f"  {finding.meaning}"
    if str(finding.where):
        yield f"    at {finding.where}"
    if not common:
        yield f"    {finding.todo}"


def _line(finding: Finding) -> Iterator[str]:
    yield f"    {names(finding).ljust(_WIDTH)}  {step(finding)}".rstrip()
