"""A comparison that was made before is what would be found now, or it is made anew."""

import os
import shutil
from pathlib import Path

import pytest

from codegen import checkout, disk_cache
from codegen.diff import remember
from codegen.diff.remember import Comparison
from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import CodegenError, OverridesError
from codegen.upstream.engine import Engine
from codegen.upstream.remember import remembering
from tests.codegen import places
from tests.codegen.conftest import Command, SourceCopy

NEWEST = places.SUPPORTED[-1]
KEPT = disk_cache.FOLDER / f"diff-transformers-{NEWEST}-{NEWEST}"


class Comparisons:
    """Compares something with the installed release, in a checkout of its own, and counts it."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.engine = remembering(places.ENGINE, root)
        self.count = 0
        compared = remember._compared

        def counted(engine: Engine, old: str | None, new: str | None) -> object:
            self.count += 1
            return compared(engine, old, new)

        monkeypatch.setattr(remember, "_compared", counted)

    def of(self, old: SourceCopy | str) -> Comparison:
        """What is found."""
        return remember.comparison(self.engine, old if isinstance(old, str) else str(old.root), None)


@pytest.fixture
def comparisons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Comparisons:
    """In a checkout that has what is written by hand; the digest of the code is known."""
    root = tmp_path / "checkout"
    shutil.copytree(places.ROOT / places.ENGINE.folder, root / places.ENGINE.folder)
    monkeypatch.setattr(checkout, "ROOT", root)
    monkeypatch.setattr(disk_cache, "code", lambda: "this version")
    return Comparisons(root, monkeypatch)


def test_the_same_sources_are_compared_once(comparisons: Comparisons, source_copy: SourceCopy) -> None:
    assert comparisons.of(source_copy) == comparisons.of(source_copy)
    assert comparisons.count == 1


def test_a_source_of_the_same_size_and_time_is_compared_anew(
    comparisons: Comparisons, source_copy: SourceCopy
) -> None:
    before = comparisons.of(source_copy)
    path = source_copy.root / "transformers" / CONFIGURATION
    status = path.stat()
    source_copy.change(CONFIGURATION, r'"top_k": 50', '"top_k": 51')
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    after = comparisons.of(source_copy)
    new = [each for each in after.findings if each not in before.findings]
    assert ("default-changed", 51, 50) in [(each.id, each.old, each.new) for each in new]
    assert comparisons.count == 2
    assert after == remember.comparison(places.ENGINE, str(source_copy.root), None), "without a memory"


@pytest.mark.parametrize("path", [places.ENGINE.overrides, places.ENGINE.evidence, places.ENGINE.releases])
def test_what_is_written_by_hand_counts(
    comparisons: Comparisons, source_copy: SourceCopy, path: Path
) -> None:
    comparisons.of(source_copy)
    with (comparisons.root / path).open("a", encoding="utf-8") as file:
        file.write("\n")
    comparisons.of(source_copy)
    assert comparisons.count == 2


def test_mistakes_are_said_each_time(comparisons: Comparisons, source_copy: SourceCopy) -> None:
    comparisons.of(source_copy)
    (comparisons.root / places.ENGINE.overrides).write_text("[params.top_k]\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(OverridesError):
            remember.comparison(comparisons.engine, str(source_copy.root), None)


def test_another_version_of_codegen_compares_anew(
    comparisons: Comparisons, source_copy: SourceCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparisons.of(source_copy)
    monkeypatch.setattr(disk_cache, "code", lambda: "another version")
    comparisons.of(source_copy)
    assert comparisons.count == 2


@pytest.mark.parametrize("content", [None, b"", b"torn"])
def test_what_is_lost_or_torn_is_compared_anew(
    comparisons: Comparisons, source_copy: SourceCopy, content: bytes | None
) -> None:
    comparisons.of(source_copy)
    path = comparisons.root / KEPT
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    comparisons.of(source_copy)
    assert comparisons.count == 2


def test_a_lock_is_compared_each_time(comparisons: Comparisons) -> None:
    for _ in range(2):
        comparisons.of(str(comparisons.root / places.LOCK))
    assert comparisons.count == 2


def test_what_was_edited_meanwhile_is_not_remembered(
    comparisons: Comparisons, source_copy: SourceCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The overrides that were compared may be another text than the one that the key is of."""
    compared = remember._compared

    def edited(engine: Engine, old: str | None, new: str | None) -> object:
        found = compared(engine, old, new)
        with (comparisons.root / places.ENGINE.overrides).open("a", encoding="utf-8") as file:
            file.write("\n")
        return found

    monkeypatch.setattr(remember, "_compared", edited)
    remember.comparison(comparisons.engine, str(source_copy.root), None)
    assert not (comparisons.root / KEPT).exists()


def test_a_hostile_source_is_refused_each_time(comparisons: Comparisons, source_copy: SourceCopy) -> None:
    comparisons.of(source_copy)
    source_copy.change(CONFIGURATION, r"\A", "(" * 1000 + "\n")
    for _ in range(2):
        with pytest.raises(CodegenError):
            remember.comparison(comparisons.engine, str(source_copy.root), None)


def test_the_command_prints_the_same_twice(codegen: Command, source_copy: SourceCopy) -> None:
    source_copy.change(CONFIGURATION, r'"top_k": 50', '"top_k": 51')
    first, second = (codegen("diff", source_copy.root, NEWEST, "--accepted", "none") for _ in range(2))
    assert first == second
    assert "top_k" in first.out
