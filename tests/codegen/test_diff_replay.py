"""What follows from all supported releases: each step makes the findings that were read by hand."""

import shutil
from pathlib import Path

import pytest

from codegen import checkout
from codegen.cli import written
from codegen.diff import history
from codegen.errors import WriteError
from codegen.review import pipeline
from tests.codegen import places, releases
from tests.codegen.conftest import Command, copy_for_check

NEWEST = places.SUPPORTED[-1]


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """The files, as the newest release gives them."""
    reading = pipeline.read(places.ENGINE, str(releases.wheel(NEWEST)), places.ROOT)
    return written.history(reading, places.SUPPORTED)


@pytest.mark.parametrize("path", places.HISTORY, ids=str)
def test_each_file_is_what_the_releases_give(made: dict[Path, str], path: Path) -> None:
    assert made[path] == (places.ROOT / path).read_text(encoding="utf-8"), "read the difference; make refresh"


def test_these_are_all_files(made: dict[Path, str]) -> None:
    assert {*made} == {*places.HISTORY}


def test_the_page_on_upgrading_shows_the_real_output(codegen: Command) -> None:
    steps = [str(releases.wheel(version)) for version in places.SUPPORTED[-2:]]
    out = codegen("diff", *steps, "--brief", "--accepted", "none").out
    shown = out.partition("\n\nINFO ")[0]
    page = (places.ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    assert f"```\n{shown}\n```" in page


def test_a_page_without_a_place_for_the_output_is_refused() -> None:
    with pytest.raises(WriteError, match=r"docs/upgrading\.md has no place for the output"):
        history.guide("# Upgrading", Path("docs/upgrading.md"), ("1", "2"), history.Report("1", "2", ()))


@pytest.fixture
def committed(refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with up-to-date files."""
    root = tmp_path / "committed"
    shutil.copytree(refreshed, root)
    copy_for_check(root)
    monkeypatch.setattr(checkout, "ROOT", root)
    return root


@pytest.mark.parametrize("path", places.HISTORY, ids=str)
@pytest.mark.parametrize("change", ["edited", "deleted"])
def test_check_finds_a_change_of_each(codegen: Command, committed: Path, path: Path, change: str) -> None:
    if change == "deleted":
        (committed / path).unlink()
    else:
        text = (committed / path).read_text(encoding="utf-8")
        (committed / path).write_text(text.replace("4.57.6", "4.57.7"), encoding="utf-8")
        assert "4.57.6" in text or path.name == "upgrading.md"
        if path.name == "upgrading.md":
            (committed / path).write_text(text.replace(" breaking, ", " broken, "), encoding="utf-8")
    done = codegen("check")
    if change == "deleted" and path.name == "upgrading.md":
        assert done.code == 2  # a person writes the rest of it
    else:
        assert done.code == 1, done.out
        assert "To correct it: python -m codegen refresh" in done.out
    assert str(path) in done.out + done.err


def test_what_was_right_is_remembered_for_the_same_inputs_only(committed: Path) -> None:
    inputs = written.inputs_of(pipeline.read(places.ENGINE, None, committed))
    assert written.remembered(inputs)
    assert not written.remembered(inputs[::-1])
    with (committed / places.ENGINE.overrides).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert written.inputs_of(pipeline.read(places.ENGINE, None, committed)) != inputs


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"inputs": "x", "files": []}', '{"inputs": "x", "files": {}}']
)
def test_what_is_remembered_wrongly_is_compared_again(committed: Path, text: str) -> None:
    (committed / written.REMEMBERED).write_text(text, encoding="utf-8")
    assert not written.remembered("y")
