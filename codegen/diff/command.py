"""``python -m codegen diff`` and ``python -m codegen findings``."""

import argparse
from pathlib import Path

from codegen import checkout
from codegen.diff import accepted, catalog
from codegen.diff.findings import LEVELS, Finding
from codegen.diff.formats import render
from codegen.diff.formats.report import Report
from codegen.diff.remember import comparison
from codegen.exits import FINDINGS, FINE
from codegen.upstream.engine import Engine


def diff(arguments: argparse.Namespace) -> int:
    """Print what changed; exit code 1 if a finding is severe enough and not accepted."""
    engine: Engine = arguments.engine
    given: str | None = arguments.accepted
    path = Path(given) if given else engine.accepted
    acceptances = (
        () if given == "none" else accepted.load(checkout.ROOT / path, str(path), optional=given is None)
    )
    found = comparison(engine, arguments.old, arguments.new)
    findings = accepted.apply(found.findings, acceptances, found.version, str(path))
    report = Report(found.old, found.new, findings, details=not arguments.brief)
    print(render(report, arguments.format), end="")
    return FINDINGS if any(_fails(finding, arguments.fail_on) for finding in report.open) else FINE


def _fails(finding: Finding, limit: str) -> bool:
    return limit != "never" and LEVELS.index(finding.level) <= [*LEVELS].index(limit)  # type: ignore[arg-type]


def findings(arguments: argparse.Namespace) -> int:
    """Print every kind of finding, or one of them."""
    print(catalog.table() if arguments.explain is None else catalog.explain(arguments.explain))
    return FINE
