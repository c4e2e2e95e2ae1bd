"""A report as JSON, for a program: one object; ``codegen/diff/report.schema.json`` is its JSON Schema."""

import json

from codegen.diff.findings import Finding
from codegen.diff.formats.report import Report

VERSION = 1
"""The version of the format. A key never changes its meaning; a new key increases the version."""


def render(report: Report) -> str:
    """The report as JSON."""
    data = {
        "version": VERSION,
        "old": report.old,
        "new": report.new,
        "findings": [_finding(finding) for finding in report.findings],
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    data: dict[str, object] = {
        "id": finding.id,
        "level": finding.level,
        "parameter": finding.parameter,
        "old": finding.old,
        "new": finding.new,
        "message": finding.message,
        "where": {
            "symbol": str(finding.where.symbol or ""),
            "file": finding.where.file,
            "line": finding.where.line,
        },
    }
    return data if finding.accepted is None else data | {"accepted": finding.accepted}
