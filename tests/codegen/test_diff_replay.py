"""Each step between two supported releases makes the findings that were read by hand against the two
sources."""

from itertools import pairwise
from pathlib import Path

import pytest

from codegen.diff import history
from tests.codegen import places, releases
from tests.codegen.conftest import Command
from tests.codegen.replay.lines import expectation, said


@pytest.mark.parametrize(("old", "new"), list(pairwise(places.SUPPORTED)))
def test_a_step_makes_the_findings_that_were_reviewed(old: str, new: str) -> None:
    expected = expectation(old, new).read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert said(old, new) == expected, "read the difference; then: python -m tests.codegen.replay"


def test_the_page_of_the_history_is_what_the_releases_give(codegen: Command, tmp_path: Path) -> None:
    assert codegen("history", "--into", tmp_path).code == 0
    made = (tmp_path / history.PAGE).read_text(encoding="utf-8")
    assert made == (places.ROOT / history.PAGE).read_text(encoding="utf-8"), "make history"


def test_the_page_on_upgrading_shows_the_real_output(codegen: Command) -> None:
    steps = [str(releases.wheel(version)) for version in ("5.12.1", "5.23.0")]
    out = codegen("diff", *steps, "--brief", "--accepted", "none").out
    shown = out.partition("\n\nINFO ")[0]
    page = (places.ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    assert f"```\n{shown}\n```" in page
