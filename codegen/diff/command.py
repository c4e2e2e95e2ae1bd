"""``python -m codegen diff`` and ``python -m codegen findings``."""

import argparse
from pathlib import Path

from codegen import checkout
from codegen.diff import accepted, catalog
from codegen.diff.compare import compare
from codegen.diff.findings import LEVELS, Finding
from codegen.diff.formats import render
from codegen.diff.formats.report import Report
from codegen.diff.sides import open_sides
from codegen.exits import FINDINGS, FINE
from codegen.review import overrides_file
from codegen.upstream.engine import Engine


def diff(arguments: argparse.Namespace) -> int:
    """Print what changed; exit code 1 if a finding is severe enough and not accepted."""
    engine: Engine = arguments.engine
    named: str | None = arguments.accepted
    path = Path(named) if named else engine.accepted
    acceptances = (
        () if named == "none" else accepted.load(checkout.ROOT / path, str(path), optional=named is None)
    )
    stated = overrides_file.load(engine, checkout.ROOT)
    old, new = open_sides(engine, arguments.old, arguments.new, stated)
    findings = compare(old, new, stated)
    findings = accepted.apply(findings, acceptances, new.schema.version, str(path))
    report = Report(old.label, new.label, findings, details=not arguments.brief)
    print(render(report, arguments.format), end="")
    return FINDINGS if any(_fails(each, arguments.fail_on) for each in report.open) else FINE


def _fails(finding: Finding, limit: str) -> bool:
    return limit != "never" and LEVELS.index(finding.level) <= [*LEVELS].index(limit)  # type: ignore[arg-type]


def findings(arguments: argparse.Namespace) -> int:
    """Print every kind of finding, or one of them."""
    print(catalog.table() if arguments.explain is None else catalog.explain(arguments.explain))
    return FINE
