"""Every format contains every finding, whatever is in it, and is valid for its reader."""

import html
import json
import re
from typing import get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.diff.finding_kinds import KINDS
from codegen.diff.findings import LEVELS, Finding, Level, Where
from codegen.diff.formats import FORMATS, render
from codegen.diff.formats.report import Report
from codegen.model.origins import Symbol
from tests.codegen import places
from tests.codegen.strategies import symbols, values, words

SCHEMA = json.loads((places.ROOT / "codegen" / "diff" / "report.schema.json").read_text(encoding="utf-8"))

_lines = st.none() | st.integers(1, 9999)
wheres = st.just(Where()) | st.builds(Where, symbols, st.none() | words, _lines)
findings = st.builds(
    Finding,
    id=st.sampled_from([kind.id for kind in KINDS.values() if kind.level]),
    level=st.sampled_from(LEVELS),
    parameters=st.lists(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), min_size=1, max_size=5).map(tuple),
    old=values,
    new=values,
    meaning=words,
    todo=words,
    where=wheres,
    detail=st.lists(words, max_size=2).map(tuple),
    accepted=st.none() | words,
)
reports = st.builds(Report, words, words, st.lists(findings, max_size=6).map(tuple), st.booleans())


def _counts(report: Report) -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in report.findings:
        counts[each.id] = counts.get(each.id, 0) + 1
    return counts


@given(reports)
def test_json_is_every_finding_as_published(report: Report) -> None:
    data = json.loads(render(report, "json"))
    jsonschema.validate(data, SCHEMA)
    assert [(each["id"], each["level"], each["parameter"], each["message"]) for each in data["findings"]] == [
        (each.id, each.level, each.parameter, each.message) for each in report.findings
    ]
    assert [each.get("accepted") for each in data["findings"]] == [each.accepted for each in report.findings]


@given(reports)
def test_github_has_one_annotation_a_finding(report: Report) -> None:
    lines = render(report, "github").rstrip("\n").split("\n")
    assert len(lines) == len(report.findings) + 1  # and the summary
    for line, finding in zip(lines, report.findings, strict=False):
        said = re.fullmatch(r"::(error|warning|notice) title=([^:,]*)::(.*)", line)
        assert said is not None
        assert said[2] == f"{finding.id}%3A {finding.parameter.replace(',', '%2C')}"
        wanted = {"breaking": "error", "risky": "warning", "info": "notice"}[finding.level]
        assert said[1] == ("notice" if finding.accepted is not None else wanted)
        whole = said[3].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
        assert whole.startswith(finding.message)


@given(reports)
def test_markdown_has_one_row_a_finding_and_no_markup_of_theirs(report: Report) -> None:
    text = render(report, "markdown")
    rows = [
        line
        for line in text.split("\n")
        if line.startswith("| ") and not line.startswith(("| finding |", "| --- |"))
    ]
    rows = [row for row in rows if not row.startswith("| parameter |")]
    assert len(rows) == len(report.findings)
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) in (4, 5)  # no cell was broken
    assert text.count("<details>") == text.count("</details>")
    assert not set(re.findall(r"<(/?\w+)", text)) - {
        "details",
        "/details",
        "summary",
        "/summary",
        "code",
        "/code",
    }


@given(reports)
def test_text_counts_every_finding_under_its_kind(report: Report) -> None:
    text = render(report, "text")
    for kind, count in _counts(report).items():
        heads = re.findall(rf"^[A-Z]+  .*\((\d+)\)  \[{kind}\]$", text, re.MULTILINE)
        assert sum(map(int, heads)) == count


@given(reports)
def test_only_the_terminal_format_quotes_upstream(report: Report) -> None:
    marked = Report(
        report.old,
        report.new,
        tuple(
            Finding(**{key: getattr(each, key) for key in Finding.__slots__} | {"detail": ("UPSTREAMS OWN",)})
            for each in report.findings
        ),
        report.details,
    )
    for name in FORMATS:
        shown = "UPSTREAMS OWN" in render(marked, name)
        wanted = name == "text" and report.details and any(each.accepted is None for each in report.findings)
        assert shown == wanted


def test_levels_are_listed_most_severe_first() -> None:
    assert get_args(Level) == LEVELS == ("breaking", "risky", "info")


def test_a_report_for_people_by_hand() -> None:
    one = Finding(
        id="default-changed",
        level="breaking",
        parameters=("top_k",),
        old=50,
        new=40,
        meaning="Unset, top_k is 40; it was 50.",
        todo="Pin it.",
        where=Where(
            Symbol("generation/configuration_utils.py", "GenerationConfig.__init__"),
            "generation/configuration_utils.py",
            7,
        ),
        detail=("- fifty", "+ forty"),
    )
    other = Finding(
        id="choice-added",
        level="info",
        parameters=("a", "b", "c", "d"),
        old=None,
        new="x<y|z",
        meaning="More.",
        todo="Nothing.",
    )
    report = Report("transformers 1", "transformers 2", (one, other))
    assert render(report, "text") == (
        "transformers 1 -> transformers 2: 1 breaking, 0 risky, 1 info.\n\n"
        "BREAKING  effective default changed (1)  [default-changed]\n"
        "  Unset, top_k is 40; it was 50.\n"
        "    at generation/configuration_utils.py:7, GenerationConfig.__init__\n"
        "      - fifty\n      + forty\n"
        "  What to do: Pin it.\n\n"
        "INFO  choice added (1)  [choice-added]\n"
        "  One more value is accepted.\n"
        "    a, b and 2 more                     + x<y|z\n"
    )
    row = next(
        line
        for line in render(report, "markdown").split("\n")
        if "forty" in line or ("top" in line and "|" in line)
    )
    assert html.unescape(row).startswith(
        "| `default-changed` | <code>top_k</code> | <code>50 -> 40</code> | Unset, top_k is 40;"
    )
    assert render(Report("a", "a", ()), "text") == "a -> a: nothing changed.\n"


@pytest.mark.parametrize("name", FORMATS)
def test_a_comparison_without_findings_is_reported(name: str) -> None:
    assert render(Report("transformers 1", "transformers 2", ()), name).strip()
