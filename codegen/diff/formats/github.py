"""A report as annotations in the log of a GitHub workflow: one command per line, escaped for GitHub."""

from codegen.diff.findings import Finding, Level
from codegen.diff.formats.report import Report

_COMMANDS: dict[Level, str] = {"breaking": "error", "risky": "warning", "info": "notice"}


def render(report: Report) -> str:
    """The report as workflow commands."""
    lines = [_annotation(finding) for finding in report.findings]
    return "\n".join([*lines, f"::notice title=diff::{_data(report.summary())}"]) + "\n"


def _annotation(finding: Finding) -> str:
    command = "notice" if finding.accepted is not None else _COMMANDS[finding.level]
    title = _property(f"{finding.id}: {finding.parameter}")
    accepted = f" Accepted: {finding.accepted}" if finding.accepted is not None else ""
    place = f" ({finding.where})" if str(finding.where) else ""
    return f"::{command} title={title}::{_data(f'{finding.message}{place}{accepted}')}"


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")
