"""The page ``docs/history.md``, the output in ``docs/upgrading.md``, and the library's data about releases.

All are made from the sources.

On the page, only what matters to a user: the findings that are breaking or risky, and what was added. It
holds no text of upstream.
"""

import argparse
import json
from itertools import pairwise
from pathlib import Path

from codegen import checkout
from codegen.diff.compare import compare
from codegen.diff.findings import Finding
from codegen.diff.formats import text as text_format
from codegen.diff.formats.report import Report, names, step
from codegen.diff.sides import open_sides
from codegen.errors import WriteError
from codegen.exits import FINE
from codegen.model.schema import Schema
from codegen.model.type_text import text
from codegen.render import files
from codegen.render.markdown import cell
from codegen.review import overrides_file, supported
from codegen.upstream.engine import Engine

PAGE = Path("docs/history.md")
GUIDE = Path("docs/upgrading.md")
DATA = Path("src/llenergymeasure/config/releases.json")
IN_HISTORY = frozenset({"param-added", "argument-added", "choice-added", "class-added"})
NOT_IN_HISTORY = frozenset({"evidence-changed", "override-mistaken"})
_HEAD = """\
# How the parameters of generate() changed

Made by `make history` from the sources of the releases; see [upgrading](upgrading.md) for what to do about a change. Defaults that are
only declared otherwise, wordings and code are left out: `python -m codegen diff OLD NEW` has them.
"""


def page(steps: dict[tuple[str, str], tuple[Finding, ...]], counts: dict[str, int]) -> str:
    """The text of the page.

    Args:
        steps: the findings between each release and the next.
        counts: how many parameters each release has.
    """
    lines = [_HEAD, "| release | parameters |", "| --- | ---: |"]
    lines += [f"| {version} | {count} |" for version, count in counts.items()]
    for (old, new), findings in steps.items():
        shown = [each for each in findings if _is_in_history(each)]
        rest = len(findings) - len(shown)
        lines += [
            "",
            f"## From {old} to {new}",
            "",
            "| level | finding | parameter | change | what it means |",
        ]
        lines.append("| --- | --- | --- | --- | --- |")
        lines += [_row(each) for each in shown]
        lines += ["", f"And {rest} findings for information or for the maintainer."]
    return "\n".join(lines) + "\n"


def data(schemas: dict[str, Schema]) -> str:
    """Type and effective default of each parameter of each release, for the library."""
    releases = {
        version: {
            param.name: [text(param.type, takes_none=param.takes_none), param.effective_default]
            for param in schema.params
        }
        for version, schema in schemas.items()
    }
    lines = [
        f' "{version}": {{\n'
        + ",\n".join(f"  {json.dumps(name)}: {json.dumps(facts)}" for name, facts in each.items())
        + "\n }"
        for version, each in releases.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def guide(page: str, report: Report) -> str:
    """The page on upgrading with the output of the last step in it, without what is only information."""
    shown = text_format.render(report, ("breaking", "risky")).rstrip("\n")
    head = f"```\n{report.old} -> {report.new}:"
    before, found, after = page.partition(head)
    if not found:
        raise WriteError(f"{GUIDE} shows no output that begins with {head!r}; the old files are unchanged.")
    return f"{before}```\n{shown}\n```{after.partition('```')[2]}"


def _is_in_history(finding: Finding) -> bool:
    return finding.id not in NOT_IN_HISTORY and (finding.level != "info" or finding.id in IN_HISTORY)


def _row(finding: Finding) -> str:
    cells = (finding.level, finding.id, names(finding), step(finding), finding.meaning)
    return f"| {' | '.join(map(cell, cells))} |"


def history(arguments: argparse.Namespace) -> int:
    """Write the page and the data."""
    engine: Engine = arguments.engine
    stated = overrides_file.load(engine, checkout.ROOT)
    steps: dict[tuple[str, str], tuple[Finding, ...]] = {}
    schemas: dict[str, Schema] = {}
    for old, new in pairwise(supported.load(engine, checkout.ROOT)):
        before, after = open_sides(engine, old, new, stated)
        schemas |= {side.schema.version: side.schema for side in (before, after)}
        steps[old, new] = compare(before, after, stated)
    report = Report(before.label, after.label, steps[old, new], details=False)
    counts = {version: len(schema.params) for version, schema in schemas.items()}
    root: Path = arguments.into or checkout.ROOT
    texts = {PAGE: page(steps, counts), DATA: data(schemas)}
    texts[GUIDE] = guide((checkout.ROOT / GUIDE).read_text(encoding="utf-8"), report)
    changed = files.replace_all(root, texts)
    print("\n".join(f"wrote {path}" for path in changed) or "Nothing changed.")
    return FINE
