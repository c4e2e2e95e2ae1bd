"""A report as Markdown for a pull request: a summary, tables of the findings to review, the others folded."""

from collections.abc import Iterator

from codegen.diff.finding_kinds import KINDS, NOTHING
from codegen.diff.findings import LEVELS, Finding, Level
from codegen.diff.formats.report import Report, is_usual, names, step
from codegen.render.markdown import cell

_HEADINGS: dict[Level, str] = {
    "breaking": "Breaking: configurations are refused, or runs behave differently",
    "risky": "Risky: needs a review",
    "info": "For information",
}


def render(report: Report) -> str:
    """The report as Markdown."""
    lines = [f"**{cell(report.summary())}**"]
    for level in LEVELS:
        findings = tuple(finding for finding in report.open if finding.level == level)
        if findings:
            lines += ["", *(_folded(report, findings) if level == "info" else _open(level, findings))]
    if report.accepted:
        lines += ["", *_accepted(report.accepted)]
    return "\n".join(lines) + "\n"


def _open(level: Level, findings: tuple[Finding, ...]) -> Iterator[str]:
    yield f"### {_HEADINGS[level]} ({len(findings)})"
    yield ""
    yield from _table_head("finding", "parameter", "change", "what it means, and what to do")
    for finding in findings:
        words = cell(f"{finding.message} {_place(finding)}".strip())
        yield _row(f"`{finding.id}`", _parameters(finding), _code(step(finding)), words)


def _folded(report: Report, findings: tuple[Finding, ...]) -> Iterator[str]:
    yield f"### {_HEADINGS['info']} ({len(findings)})"
    for _, kind, group in report.groups(findings):
        usual = KINDS[kind]
        yield ""
        yield f"<details><summary>{len(group)} x {cell(usual.title)} (<code>{kind}</code>)</summary>"
        yield ""
        if is_usual("info", kind):  # otherwise the general text of the kind says more than is true of these
            todo = group[0].todo
            yield cell(usual.meaning if todo == NOTHING else f"{usual.meaning} {todo}")
            yield ""
        yield from _table_head("parameter", "change", "what it means")
        for finding in group:
            words = cell(f"{finding.meaning} {_place(finding)}".strip())
            yield _row(_parameters(finding), _code(step(finding)), words)
        yield ""
        yield "</details>"


def _accepted(findings: tuple[Finding, ...]) -> Iterator[str]:
    yield f"<details><summary>{len(findings)} accepted</summary>"
    yield ""
    yield from _table_head("finding", "parameter", "change", "why it is accepted")
    for finding in findings:
        words = cell(f"{finding.accepted} ({finding.meaning})")
        yield _row(f"`{finding.id}`", _parameters(finding), _code(step(finding)), words)
    yield ""
    yield "</details>"


def _table_head(*titles: str) -> tuple[str, str]:
    return f"| {' | '.join(titles)} |", f"|{' --- |' * len(titles)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _parameters(finding: Finding) -> str:
    return _code(names(finding))


def _code(text: str) -> str:
    """Any text, formatted as code."""
    escaped = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "|\\*_`[]~":
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return f"<code>{escaped}</code>" if escaped else ""


def _place(finding: Finding) -> str:
    return f"({finding.where})" if str(finding.where) else ""
