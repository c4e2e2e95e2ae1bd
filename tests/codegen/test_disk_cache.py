"""The cache under ``.cache/codegen``: an entry is used whole, under its own key, or not at all."""

import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen import disk_cache
from codegen.model.origins import Origin, OriginKind, Symbol
from tests.codegen import places

VALUE = {
    "a": (1, 2.5, None, True),
    "b": Origin(OriginKind.CHECK, Symbol("a.py", "A.b")),
    "c": frozenset({"x"}),
}


@pytest.fixture
def entry(tmp_path: Path) -> Path:
    """The file of an entry that was saved under the key ``key``."""
    disk_cache.save(tmp_path, "entry", "key", VALUE)
    return tmp_path / disk_cache.FOLDER / "entry"


def test_what_was_saved_is_loaded(tmp_path: Path, entry: Path) -> None:
    found = disk_cache.load(tmp_path, "entry", "key")
    assert repr(found) == repr(VALUE)
    assert [path.name for path in entry.parent.iterdir()] == ["entry"], "nothing temporary is left"


def test_nothing_is_loaded_under_another_key_or_name(tmp_path: Path, entry: Path) -> None:
    assert disk_cache.load(tmp_path, "entry", "another") is None
    assert disk_cache.load(tmp_path, "another", "key") is None
    entry.unlink()
    assert disk_cache.load(tmp_path, "entry", "key") is None


@pytest.mark.parametrize(
    "damaged",
    [
        lambda content: b"",
        lambda content: content[:10],
        lambda content: content[:-1],
        lambda content: content + b".",
        lambda content: content.replace(b"A.b", b"A.c"),
        lambda content: content.partition(b"\n")[0],
    ],
)
def test_a_damaged_entry_counts_as_none(
    tmp_path: Path, entry: Path, damaged: Callable[[bytes], bytes]
) -> None:
    entry.write_bytes(damaged(entry.read_bytes()))
    assert disk_cache.load(tmp_path, "entry", "key") is None


class _Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, ("made",)


@pytest.mark.parametrize("value", [_Harmful(), Path("x"), disk_cache.code, object])
def test_an_entry_holds_plain_data_only(
    tmp_path: Path, entry: Path, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    monkeypatch.chdir(tmp_path)
    body = pickle.dumps(value)
    entry.write_bytes(f"key {hashlib.sha256(body).hexdigest()}\n".encode() + body)
    assert disk_cache.load(tmp_path, "entry", "key") is None
    assert not (tmp_path / "made").exists()


def test_where_nothing_can_be_saved_the_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / ".cache").write_text("a file", encoding="utf-8")
    disk_cache.save(tmp_path, "entry", "key", VALUE)
    assert disk_cache.load(tmp_path, "entry", "key") is None


def test_processes_that_save_at_once_leave_whole_entries(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from codegen import disk_cache\n"
        "for _ in range(200): disk_cache.save(Path(sys.argv[1]), 'entry', 'key', [sys.argv[2]] * 5000)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name], cwd=places.ROOT)
        for name in "ab"
    ]
    while any(each.poll() is None for each in running):
        assert disk_cache.load(tmp_path, "entry", "key") in (None, ["a"] * 5000, ["b"] * 5000)
    assert [each.returncode for each in running] == [0, 0]
    assert disk_cache.load(tmp_path, "entry", "key") in (["a"] * 5000, ["b"] * 5000)


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a codegen that is small, edited long ago."""
    path = tmp_path / "own" / "inside" / "module.py"
    path.parent.mkdir(parents=True)
    path.write_text("x = 1\n", encoding="utf-8")
    os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(disk_cache, "_OWN", tmp_path / "own")
    return path


def _code() -> str:
    disk_cache.code.cache_clear()
    try:
        return disk_cache.code()
    finally:
        disk_cache.code.cache_clear()


def test_code_of_the_same_size_and_time_is_another_key(source: Path) -> None:
    before = _code()
    assert _code() == before
    source.write_text("x = 2\n", encoding="utf-8")
    os.utime(source, (1e9, 1e9))
    assert _code() != before


def test_code_that_moved_is_another_key(source: Path) -> None:
    before = _code()
    source.rename(source.with_name("other.py"))
    assert _code() != before


def test_code_that_was_edited_while_it_was_loaded_is_no_key(source: Path) -> None:
    source.touch()
    assert _code() != _code()


def test_another_python_is_another_key(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert source.exists()
    before = _code()
    monkeypatch.setattr(sys, "version", "another Python")
    assert _code() != before


def test_a_missing_text_is_not_an_empty_one() -> None:
    texts: list[list[str | bytes | None]] = [[], [None], [""], ["", ""], ["a", "b"], ["ab"], ["-"], ["1 a"]]
    assert len({*map(disk_cache.digest, texts)}) == len(texts)
