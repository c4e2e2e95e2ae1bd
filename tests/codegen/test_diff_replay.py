"""What follows from all supported releases: each step makes the findings that were read by hand."""

import json
import shutil
from pathlib import Path

import pytest

from codegen import checkout
from codegen.cli import written
from codegen.diff import history
from codegen.errors import WriteError
from codegen.review import pipeline, supported
from tests.codegen import places, releases
from tests.codegen.conftest import Command, copy_for_check

NEWEST = places.SUPPORTED[-1]


@pytest.fixture(scope="module")
def made() -> dict[Path, str]:
    """The files, as the newest release gives them."""
    reading = pipeline.read(places.ENGINE, str(releases.wheel(NEWEST)), places.ROOT)
    return written.history(reading, places.SUPPORTED, written.Memory("nothing"))


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


def test_check_finds_every_file_that_was_edited_or_is_missing(codegen: Command, committed: Path) -> None:
    """All in one run, since each run compares all releases."""
    missing, *edited = (path for path in places.HISTORY if path.name != "upgrading.md")
    (committed / missing).unlink()
    for path in edited:
        text = (committed / path).read_text(encoding="utf-8")
        (committed / path).write_text(text.replace(places.SUPPORTED[1], "1.2.3"), encoding="utf-8")
    guide = committed / "docs" / "upgrading.md"
    guide.write_text(guide.read_text(encoding="utf-8").replace(" breaking, ", " broken, "), encoding="utf-8")
    done = codegen("check")
    assert done.code == 1, done.out
    assert f"{missing} is missing." in done.out
    for path in (*edited, "docs/upgrading.md"):
        assert f"{path} is not what refresh would write" in done.out
    assert "To correct it: python -m codegen refresh" in done.out


def test_a_page_around_the_output_cannot_be_made(codegen: Command, committed: Path) -> None:
    (committed / "docs" / "upgrading.md").unlink()
    done = codegen("check")
    assert done.code == 2
    assert "docs/upgrading.md cannot be read" in done.err


def test_what_was_right_is_remembered_for_the_same_inputs_only(committed: Path) -> None:
    memory = written.Memory.of(pipeline.read(places.ENGINE, None, committed))
    assert {*memory.files} == {*places.HISTORY, places.LOCK}
    with (committed / places.ENGINE.overrides).open("a", encoding="utf-8") as file:
        file.write("# more\n")
    changed = written.Memory.of(pipeline.read(places.ENGINE, None, committed))
    assert (changed.files, changed.inputs == memory.inputs) == ((), False)


def test_a_second_refresh_forgets_no_file(codegen: Command, committed: Path) -> None:
    """One that is forgotten could be edited, and check would not say so."""
    assert codegen("refresh").code == 0
    memory = written.Memory.of(pipeline.read(places.ENGINE, None, committed))
    assert {*memory.files} == {*places.HISTORY, places.LOCK}


@pytest.mark.parametrize("path", [*places.HISTORY, places.LOCK], ids=str)
def test_nothing_is_remembered_where_a_file_changed(committed: Path, path: Path) -> None:
    with (committed / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert written.Memory.of(pipeline.read(places.ENGINE, None, committed)).files == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"inputs": "x", "files": []}', '{"inputs": "x", "files": {}}']
)
def test_what_is_remembered_wrongly_is_made_again(committed: Path, text: str) -> None:
    (committed / written.REMEMBERED).write_text(text, encoding="utf-8")
    assert written.Memory.of(pipeline.read(places.ENGINE, None, committed)).files == ()


def test_a_refusal_that_was_taken_out_of_the_lock_by_hand_is_found(codegen: Command, committed: Path) -> None:
    lock = committed / places.LOCK
    data = json.loads(lock.read_text(encoding="utf-8"))
    data["reach"]["refusals"].popitem()
    lock.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    done = codegen("check")
    assert done.code == 1
    assert f"{places.LOCK} is not what refresh would write" in done.out


def test_a_release_is_adopted(codegen: Command, committed: Path) -> None:
    """The files that name the supported releases, and the pin."""
    last = places.SUPPORTED[-1]
    (committed / places.ENGINE.releases).write_text(supported.dumps(places.SUPPORTED[:-1]), encoding="utf-8")
    pins = committed / "constraints.txt"
    pins.write_text(f"# Pinned.\n{places.PACKAGE.distribution}==1.0\nother==2.0\n", encoding="utf-8")
    done = codegen("refresh")
    assert f"is not the newest supported release ({places.SUPPORTED[-2]})" in done.out
    done = codegen("refresh", "--adopt")
    assert done.code == 0, done.err
    assert supported.load(places.ENGINE, committed) == places.SUPPORTED
    text = f"# Pinned.\n{places.PACKAGE.distribution}=={last}\nother==2.0\n"
    assert pins.read_text(encoding="utf-8") == text
    assert codegen("check").code == 0


@pytest.mark.parametrize(
    ("text", "said"), [(None, "cannot be read"), ("other==2.0\n", "add a line transformers==")]
)
def test_a_release_that_cannot_be_pinned_is_not_adopted(
    codegen: Command, committed: Path, text: str | None, said: str
) -> None:
    if text is not None:
        (committed / "constraints.txt").write_text(text, encoding="utf-8")
    before = (committed / places.ENGINE.releases).read_bytes()
    done = codegen("refresh", "--adopt")
    assert done.code == 2
    assert said in done.err
    assert (committed / places.ENGINE.releases).read_bytes() == before
