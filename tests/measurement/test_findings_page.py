"""docs/measuring.md and docs/energy.md have a row for every finding of a record, and for no other."""

import re
from pathlib import Path

from llenergymeasure.measurement.checks import CHECKS

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `([a-z-]+)` \| *(!|yes|no)? *\|", re.MULTILINE)


def rows(page: str) -> dict[str, str]:
    return dict(ROW.findall((ROOT / "docs" / page).read_text(encoding="utf-8").split("## Findings")[-1]))


def test_every_check_has_its_row_and_its_mark() -> None:
    marks = {id_: mark == "!" for id_, mark in rows("measuring.md").items()}
    assert {check.id: check.invalidates for check in CHECKS} == marks


def test_the_meters_findings_have_theirs() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "src" / "llenergymeasure" / "energy").rglob("*.py")
    )
    in_source = set(re.findall(r"(?:id=|finding=|_lose\(\s*)\"([a-z-]+)\"", source))
    page = (ROOT / "docs" / "energy.md").read_text(encoding="utf-8").split("## Conditions and findings")[1]
    assert in_source <= {id_ for id_, _ in ROW.findall(page)}
    assert {"foreign-process", "counter-reset", "left-open"} <= in_source
