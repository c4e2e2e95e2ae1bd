"""For a pull request: a summary line, a table of the findings that need a person, the rest folded."""

from collections.abc import Iterator

from codegen.diff.finding_kinds import KINDS, NOTHING
from codegen.diff.findings import LEVELS, Finding, Level
from codegen.diff.formats.report import Report, is_usual, names, step
from codegen.render.markdown import cell

_HEADS: dict[Level, str] = {
    "breaking": "Breaking: configurations are refused, or runs behave differently",
    "risky": "Risky: needs a review",
    "info": "For information",
}


def render(report: Report) -> str:
    """The text."""
    lines = [f"**{cell(report.summary())}**"]
    for level in LEVELS:
        found = tuple(each for each in report.open if each.level == level)
        if found:
            lines += ["", *(_folded(report, found) if level == "info" else _open(level, found))]
    if report.accepted:
        lines += ["", *_accepted(report.accepted)]
    return "\n".join(lines) + "\n"


def _open(level: Level, found: tuple[Finding, ...]) -> Iterator[str]:
    yield f"### {_HEADS[level]} ({len(found)})"
    yield ""
    yield from _table(("finding", "parameter", "change", "what it means, and what to do"))
    for each in found:
        yield _row(
            f"`{each.id}`", _named(each), _code(step(each)), cell(f"{each.message} {_place(each)}".strip())
        )


def _folded(report: Report, found: tuple[Finding, ...]) -> Iterator[str]:
    yield f"### {_HEADS['info']} ({len(found)})"
    for _, kind, findings in report.groups(found):
        usual = KINDS[kind]
        yield ""
        yield f"<details><summary>{len(findings)} x {cell(usual.title)} (<code>{kind}</code>)</summary>"
        yield ""
        if is_usual("info", kind):  # otherwise the general text of the kind says more than is true of these
            todo = findings[0].todo
            yield cell(usual.meaning if todo == NOTHING else f"{usual.meaning} {todo}")
            yield ""
        yield from _table(("parameter", "change", "what it means"))
        for each in findings:
            yield _row(_named(each), _code(step(each)), cell(f"{each.meaning} {_place(each)}".strip()))
        yield ""
        yield "</details>"


def _accepted(found: tuple[Finding, ...]) -> Iterator[str]:
    yield f"<details><summary>{len(found)} accepted</summary>"
    yield ""
    yield from _table(("finding", "parameter", "change", "why it is accepted"))
    for each in found:
        yield _row(f"`{each.id}`", _named(each), _code(step(each)), cell(f"{each.accepted} ({each.meaning})"))
    yield ""
    yield "</details>"


def _table(heads: tuple[str, ...]) -> tuple[str, str]:
    return f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _named(finding: Finding) -> str:
    return _code(names(finding))


def _code(plain: str) -> str:
    """A text formatted as code, whatever is in it."""
    escaped = " ".join(plain.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for mark in "|\\*_`[]~":
        escaped = escaped.replace(mark, f"&#{ord(mark)};")
    return f"<code>{escaped}</code>" if escaped else ""


def _place(finding: Finding) -> str:
    return f"({finding.where})" if str(finding.where) else ""
