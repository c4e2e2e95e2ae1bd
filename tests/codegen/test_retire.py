"""A release that is no longer supported leaves the list, and what was written for it alone the overrides."""

import re
import tomllib
from pathlib import Path

import pytest

from codegen import checkout
from codegen.review import overrides_file, supported
from codegen.review.retire import retire
from tests.codegen import places
from tests.codegen.conftest import Command

ENGINE = places.ENGINE
OLDEST, SECOND, *_, NEWEST = places.SUPPORTED
_VERSION_LINE = re.compile(r"\bversions = ")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for path in (ENGINE.overrides, ENGINE.releases):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((places.ROOT / path).read_bytes())
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    return tmp_path


def test_the_oldest_release_leaves_with_what_was_written_for_it(codegen: Command, root: Path) -> None:
    before = (root / ENGINE.overrides).read_text(encoding="utf-8")
    done = codegen("retire", OLDEST)
    assert done.code == 0, done.err
    assert f"{OLDEST} is no longer supported. Now run: python -m codegen refresh\n" in done.out
    assert supported.load(ENGINE, root) == places.SUPPORTED[1:]
    overrides_file.load(ENGINE, root)  # each entry is still about a supported release
    after = (root / ENGINE.overrides).read_text(encoding="utf-8")
    archive = (root / ENGINE.archive).read_text(encoding="utf-8")
    assert f"# Retired with {OLDEST}.\n" in archive
    moved = done.out.count("moved to")
    assert moved > 10
    assert len(_VERSION_LINE.findall(archive)) == moved
    assert len(_VERSION_LINE.findall(after)) == len(_VERSION_LINE.findall(before)) - moved


def test_what_remains_keeps_its_text(root: Path) -> None:
    """The file is for people: nothing but the entries that moved changes."""
    before = (root / ENGINE.overrides).read_text(encoding="utf-8").splitlines()
    text = retire(ENGINE, root, OLDEST).texts[ENGINE.overrides]
    position = 0
    for line in text.splitlines():
        if "equivalent_values = [" in line or "contexts = [" in line:
            continue  # a list in one line may have lost an item
        position = before.index(line, position) + 1


def test_nothing_that_moves_is_lost(root: Path) -> None:
    rules = {each["id"] for each in _rules(root / ENGINE.overrides)}
    texts = retire(ENGINE, root, OLDEST).texts
    kept = {each["id"] for each in tomllib.loads(texts[ENGINE.overrides])["rules"]}
    archived = {each["id"] for each in tomllib.loads(texts[ENGINE.archive])["rules"]}
    assert kept | archived == rules
    assert archived


def _rules(path: Path) -> list[dict[str, str]]:
    rules: list[dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))["rules"]
    return rules


def test_one_after_the_other_down_to_the_newest(codegen: Command, root: Path) -> None:
    for version in places.SUPPORTED[:-1]:
        assert codegen("retire", version).code == 0
        overrides_file.load(ENGINE, root)
        tomllib.loads((root / ENGINE.archive).read_text(encoding="utf-8"))
    assert supported.load(ENGINE, root) == (NEWEST,)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("1.2.3", f"{ENGINE.name} 1.2.3 is not supported; supported are {OLDEST}, {SECOND}"),
        ("old", "'old' is not a version such as"),
        (NEWEST, f"{NEWEST} is that of the committed schema; adopt another one first."),
    ],
)
def test_a_release_that_cannot_be_retired(codegen: Command, root: Path, version: str, said: str) -> None:
    before = _files(root)
    done = codegen("retire", version)
    assert done.code == 2
    assert said in done.err
    assert _files(root) == before


def _files(root: Path) -> dict[Path, bytes]:
    """All files but those of the cache."""
    return {
        path: path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".cache" not in path.relative_to(root).parts
    }


def test_overrides_with_mistakes_are_left_alone(codegen: Command, root: Path) -> None:
    with (root / ENGINE.overrides).open("a", encoding="utf-8") as file:
        file.write("\n[[rules]]\nid = 'unfinished'\n")
    done = codegen("retire", OLDEST)
    assert done.code == 2
    assert "rules.unfinished" in done.err
    assert supported.load(ENGINE, root) == places.SUPPORTED
