"""What is remembered of a release is what would be read of it, or it is read anew."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codegen import disk_cache
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.errors import CodegenError, OverridesError, UnknownShapeError
from codegen.model.facts import Facts
from codegen.review import overrides_file, supported
from codegen.upstream import remember, source
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library
from tests.codegen import places, releases
from tests.codegen.conftest import Command, SourceCopy

NEWEST = places.SUPPORTED[-1]
KEPT = disk_cache.FOLDER / f"facts-transformers-{NEWEST}"


class Readings:
    """An engine that remembers in a folder, and counts how often it read."""

    def __init__(self, root: Path) -> None:
        self.count = 0
        self.root = root

    def extract(self, library: Library) -> Facts:
        """The facts, read."""
        self.count += 1
        return places.ENGINE.extract(library)

    @property
    def engine(self) -> Engine:
        """The engine, as the command line makes it."""
        return remember.remembering(replace(places.ENGINE, extract=self.extract), self.root)

    def of(self, copy: SourceCopy) -> Facts:
        """The facts of a source, which are those that are read of it without a memory."""
        library = Library(source.locate(places.PACKAGE, str(copy.root), places.ROOT))
        found = self.engine.extract(library)
        assert found == places.ENGINE.extract(Library(library.tree))
        assert library.read_so_far().keys() >= {CONFIGURATION, GENERATE}
        return found


@pytest.fixture
def readings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readings]:
    """A memory of its own; a test is codegen's own code here, and the digest of the code is known."""
    monkeypatch.setattr(remember, "_OWN_CODE", "tests.")
    monkeypatch.setattr(disk_cache, "code", lambda: "this version")
    return Readings(tmp_path)


def test_the_same_source_is_read_once(readings: Readings, source_copy: SourceCopy) -> None:
    assert readings.of(source_copy) == readings.of(source_copy)
    assert readings.count == 1


def test_a_file_of_the_same_size_and_time_is_read_anew(readings: Readings, source_copy: SourceCopy) -> None:
    readings.of(source_copy)
    path = source_copy.root / "transformers" / CONFIGURATION
    before = path.stat()
    source_copy.change(CONFIGURATION, r'"top_k": 50', '"top_k": 51')
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    [found] = [each for each in readings.of(source_copy).params if each.name == "top_k"]
    assert (readings.count, found.effective_default) == (2, 51)


def test_another_version_of_codegen_reads_anew(
    readings: Readings, source_copy: SourceCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings.of(source_copy)
    monkeypatch.setattr(disk_cache, "code", lambda: "another version")
    readings.of(source_copy)
    assert readings.count == 2


@pytest.mark.parametrize("content", [None, b"", b"this version\n", b"{}"])
def test_what_is_lost_or_torn_is_read_anew(
    readings: Readings, source_copy: SourceCopy, content: bytes | None
) -> None:
    readings.of(source_copy)
    path = readings.root / KEPT
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    readings.of(source_copy)
    readings.of(source_copy)
    assert readings.count == 2


def test_an_entry_of_something_else_is_read_anew(readings: Readings, source_copy: SourceCopy) -> None:
    disk_cache.save(readings.root, KEPT.name, "this version", {"files": (), "value": None})
    readings.of(source_copy)
    assert readings.count == 1


def test_a_file_that_was_missing_counts(tmp_path: Path) -> None:
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "__init__.py").write_text('__version__ = "1.0"\n', encoding="utf-8")
    package = source.Package(name="places", distribution="places", mark="__init__.py", oldest="1.0")
    library = Library(source.folder(package, tmp_path))
    assert library.module_at("later.py") is None
    read = remember.FilesRead.of(library)
    assert read.paths == ("later.py",)
    assert read.are_in(Library(library.tree))
    (tmp_path / "places" / "later.py").touch()
    assert not read.are_in(Library(library.tree))
    (tmp_path / "places" / "later.py").write_bytes(b"\xff")
    assert not read.are_in(Library(library.tree))


def test_what_cannot_be_read_is_an_error_each_time(readings: Readings, source_copy: SourceCopy) -> None:
    readings.of(source_copy)
    source_copy.change(CONFIGURATION, r"class GenerationConfig\b", "class Gone")
    for _ in range(2):
        with pytest.raises(UnknownShapeError):
            readings.engine.extract(Library(source.folder(places.PACKAGE, source_copy.root)))
    source_copy.change(CONFIGURATION, r"\A", "\0")
    with pytest.raises(CodegenError):
        readings.engine.extract(Library(source.folder(places.PACKAGE, source_copy.root)))


def test_what_the_call_reaches_is_remembered_whole(tmp_path: Path) -> None:
    engine = remember.remembering(places.ENGINE, tmp_path)
    assert engine.reached is not None
    tree = source.locate(places.PACKAGE, str(releases.wheel(NEWEST)), places.ROOT)
    read, recalled = engine.reached(Library(tree)), engine.reached(library := Library(tree))
    assert replace(recalled, library=read.library) == read
    assert recalled.library is library
    assert [*recalled.graph.edges] == [*read.graph.edges]
    assert [*recalled.by_mode] == [*read.by_mode]


def test_an_engine_whose_code_is_elsewhere_reads_each_time(tmp_path: Path) -> None:
    elsewhere = replace(places.ENGINE, extract=Readings(tmp_path).extract)
    assert remember.remembering(elsewhere, tmp_path) is elsewhere


def test_a_hostile_source_is_refused_as_often_as_it_is_read(
    codegen: Command, source_copy: SourceCopy
) -> None:
    source_copy.change(CONFIGURATION, r"\A", "(" * 1000 + "\n")
    assert [codegen("check", "--transformers", source_copy.root).code for _ in range(2)] == [2, 2]


def test_overrides_are_checked_again_where_one_of_their_files_changed(tmp_path: Path) -> None:
    shutil.copytree(places.ROOT / places.ENGINE.folder, tmp_path / places.ENGINE.folder)
    engine = remember.remembering(places.ENGINE, tmp_path)
    first, second = (overrides_file.load(engine, tmp_path, NEWEST) for _ in range(2))
    assert second is not first
    assert second == first == overrides_file.load(places.ENGINE, tmp_path, NEWEST)
    path = tmp_path / places.ENGINE.overrides
    text, before = path.read_text(encoding="utf-8"), path.stat()
    path.write_text(text.replace("[params.top_k]", "[params.top_q]"), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "top_q" in overrides_file.load(engine, tmp_path, NEWEST).params
    path.write_text(text, encoding="utf-8")
    releases_file = tmp_path / places.ENGINE.releases
    releases_file.write_text(supported.dumps(places.MADE_UP), encoding="utf-8")
    for _ in range(2):
        with pytest.raises(OverridesError, match="applies to no supported release"):
            overrides_file.load(engine, tmp_path, NEWEST)
