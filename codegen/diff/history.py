"""The files that are generated from all supported releases together.

- For users: the page ``docs/history.md``, and the output of ``diff`` on the page about upgrading.
- For the maintainer: the table of how much is written by hand.
- For the library: the types and defaults of each release.
- For reviewers of a change to this project: the findings of each step, one per line.

The history shows what matters to a user: findings that are breaking or risky, and what was added. No file
contains text of upstream. All but the output on the page about upgrading compare only settings, and not the
code that the call can run.
"""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from codegen.diff import by_hand
from codegen.diff.compare import compare
from codegen.diff.findings import Finding
from codegen.diff.formats import text as text_format
from codegen.diff.formats.report import CODE, RULES, Report, names, step
from codegen.diff.rule_diff import rule_text
from codegen.diff.sides import Side, open_side
from codegen.errors import WriteError
from codegen.model.schema import Schema
from codegen.model.type_text import text
from codegen.render.markdown import cell
from codegen.review.overrides import Overrides
from codegen.upstream.engine import Engine, HistoryFiles
from codegen.upstream.symbols import text_digest

IN_HISTORY = frozenset({"param-added", "argument-added", "choice-added", "class-added"})
NOT_IN_HISTORY = frozenset({"evidence-changed", "override-mistaken"})
OURS = frozenset(
    {"override-mistaken", "evidence-changed", "rule-reworded", "description-changed", "bookkeeping-changed"}
)
"""Findings that are about our overrides, and not about upstream."""
PLACE_ONLY = CODE | {"doc-changed", "doc-added", "doc-lost"}
"""Findings that may quote upstream; a line of ``steps.txt`` has only their place."""

BEGIN, END = "<!-- output of the last step, generated -->", "<!-- end of the output -->"
TABLE, TABLE_END = "<!-- what is written by hand, generated -->", "<!-- end of the table -->"
_HEAD = """\
# How the parameters of generate() changed

Generated from the sources of the releases; see [upgrading](upgrading.md) for what to do about a change.
Changes of wording, of code, and of declared defaults that have the same effect are left out:
`python -m codegen diff OLD NEW` shows them.
"""

Steps = Mapping[tuple[str, str], tuple[Finding, ...]]
"""The findings between each release and the next."""


def texts(  # noqa: PLR0917 - all inputs of the files
    engine: Engine, files: HistoryFiles, newest: Side, before: Sequence[str], overrides: Overrides, root: Path
) -> dict[Path, str]:
    """The text of each generated file, by its path from the root of the checkout.

    Args:
        engine: the engine that the releases belong to.
        files: the paths of the files.
        newest: the newest supported release.
        before: the other supported releases, oldest first.
        overrides: the overrides.
        root: the root of the checkout, to read the hand-written parts of the pages.

    Raises:
        CodegenError: a release cannot be downloaded or read, or a page has no place for the generated part.
    """
    sides: list[Side] = []
    for version in before:
        sides.append(open_side(engine, version, overrides, like=sides[-1].library if sides else None))
    sides.append(newest)
    schemas = {side.schema.version: side.schema for side in sides}
    steps = {
        (old.schema.version, new.schema.version): compare(old, new, overrides, in_reach=False)
        for old, new in pairwise(sides)
    }
    counts = {version: len(schema.params) for version, schema in schemas.items()}
    generated = {files.page: page(steps, counts), files.data: data(schemas), engine.steps: lines(steps)}
    shares = by_hand.table(schemas, overrides, _current(root / engine.overrides))
    generated[files.maintenance] = between(
        _current(root / files.maintenance), files.maintenance, (TABLE, TABLE_END), shares
    )
    if steps:
        findings = compare(sides[-2], newest, overrides)
        generated[files.guide] = guide(
            _current(root / files.guide),
            files.guide,
            [*steps][-1],
            Report(sides[-2].label, newest.label, findings, details=False),
        )
    return generated


def page(steps: Steps, counts: dict[str, int]) -> str:
    """The text of ``docs/history.md``.

    Args:
        steps: the findings between each release and the next.
        counts: how many parameters each release has.
    """
    lines = [_HEAD, "| release | parameters |", "| --- | ---: |"]
    lines += [f"| {version} | {count} |" for version, count in counts.items()]
    for (old, new), findings in steps.items():
        shown = [finding for finding in findings if _is_in_history(finding)]
        rest = len(findings) - len(shown)
        lines += [
            "",
            f"## From {old} to {new}",
            "",
            "| level | finding | parameter | change | what it means |",
        ]
        lines.append("| --- | --- | --- | --- | --- |")
        lines += [_row(finding) for finding in shown]
        lines += ["", f"And {rest} findings for information or for the maintainer."]
    return "\n".join(lines) + "\n"


def data(schemas: dict[str, Schema]) -> str:
    """JSON for the library: each release's parameters with type and effective default, and its rules.

    A rule is a digest of its meaning: another wording gives the same digest.
    """
    releases = (
        f' "{version}": {{\n{_table("parameters", _parameters(schema))},\n{_table("rules", _rules(schema))}\n }}'
        for version, schema in schemas.items()
    )
    return "{\n" + ",\n".join(releases) + "\n}\n"


def _parameters(schema: Schema) -> dict[str, object]:
    return {
        param.name: [text(param.type, takes_none=param.takes_none), param.effective_default]
        for param in schema.params
    }


def _rules(schema: Schema) -> dict[str, object]:
    return {rule.id: text_digest(rule_text(rule)) for rule in sorted(schema.rules, key=lambda rule: rule.id)}


def _table(name: str, entries: dict[str, object]) -> str:
    """One entry per line, so that a diff of the file is readable."""
    lines = (f"   {json.dumps(key)}: {json.dumps(value)}" for key, value in entries.items())
    return f'  "{name}": {{\n' + ",\n".join(lines) + "\n  }"


def lines(steps: Steps) -> str:
    """The text of ``steps.txt``: for each step a heading, and the findings about upstream, sorted."""
    blocks = (
        [f"{old} -> {new}", *sorted(_line(finding) for finding in findings if finding.id not in OURS)]
        for (old, new), findings in steps.items()
    )
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _line(finding: Finding) -> str:
    if finding.id in RULES:
        [about] = re.findall(r"^The rule (\S+)", finding.meaning)
    elif finding.id == "code-changed":
        about = str(finding.where.symbol)
    elif finding.id in PLACE_ONLY:
        about = finding.parameter
    else:
        about = f"{finding.parameter}: {finding.old!r} -> {finding.new!r}"
    return f"{finding.level.ljust(8)} {finding.id.ljust(18)} {about}"


def guide(page: str, path: Path, step: tuple[str, str], report: Report) -> str:
    """The page on upgrading, with the output of ``diff`` for the last step (breaking and risky findings)."""
    output = text_format.render(report, ("breaking", "risky")).rstrip("\n")
    intro = f"`python -m codegen diff {' '.join(step)} --brief` prints, without what is only information:"
    return between(page, path, (BEGIN, END), f"{intro}\n\n```\n{output}\n```")


def between(page: str, path: Path, marks: tuple[str, str], generated: str) -> str:
    """A hand-written page, with the text between two comments replaced by a generated one.

    Args:
        page: the text of the page.
        path: the path of the page, for the message.
        marks: the two comments.
        generated: the new text.

    Raises:
        WriteError: the page does not have the comments.
    """
    first, last = marks
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise WriteError(
            f"{path} has no place for the output, between {first} and {last}; the old files are unchanged."
        )
    return f"{before}{first}\n\n{generated}\n\n{last}{after}"


def _current(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WriteError(
            f"{path} cannot be read ({error}); only a part of it is generated, so it has to exist."
        ) from error


def _is_in_history(finding: Finding) -> bool:
    return finding.id not in NOT_IN_HISTORY and (finding.level != "info" or finding.id in IN_HISTORY)


def _row(finding: Finding) -> str:
    cells = (finding.level, finding.id, names(finding), step(finding), finding.meaning)
    return f"| {' | '.join(map(cell, cells))} |"
