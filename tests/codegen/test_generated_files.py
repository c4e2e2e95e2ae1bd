"""codegen.render.files: the generated files are replaced all or none, whatever happens in the middle."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.errors import RenderError, WriteError
from codegen.model import lock
from codegen.model.schema import Tightening
from codegen.render import docs_page, files
from tests.codegen import places
from tests.codegen.rendering import rendered
from tests.codegen.small_schema import SCHEMA

OLD = {Path("src/a.py"): "a = 1\n", Path("b.json"): "{}\n", Path("docs/c.md"): "# ß\n"}
NEW = {Path("src/a.py"): "a = 2\n", Path("b.json"): '{"x": "日本"}\n', Path("docs/c.md"): "# new\n" * 50_000}


def test_what_is_generated() -> None:
    texts = files.generate(SCHEMA, places.ENGINE)
    assert tuple(texts) == places.GENERATED
    library = {path: text for path, text in texts.items() if path.parent == places.MODULE.parent}
    assert library == rendered(SCHEMA)
    assert texts[places.LOCK] == lock.dumps(SCHEMA)
    assert texts[places.PAGE] == docs_page.page(SCHEMA)


def test_half_of_a_surrogate_pair_is_refused() -> None:
    broken = replace(SCHEMA, class_tightenings=(Tightening("a", "what is \ud800 here"),))
    with pytest.raises(
        RenderError,
        match=r"schema\.lock\.json would contain a character that UTF-8 cannot encode, at .*what is",
    ):
        files.generate(broken, places.ENGINE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with the old files."""
    for path, text in OLD.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


def _found(root: Path) -> dict[Path, str]:
    paths = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root): path.read_bytes().decode() for path in paths}


def test_all_are_replaced(root: Path) -> None:
    assert files.replace_all(root, NEW) == list(NEW)
    assert _found(root) == NEW


def test_what_does_not_differ_is_not_touched(root: Path) -> None:
    before = {path: _written(root / path) for path in OLD}
    assert files.replace_all(root, OLD) == []
    assert files.replace_all(root, OLD | {Path("b.json"): "[]\n"}) == [Path("b.json")]
    after = {path: _written(root / path) for path in OLD}
    assert [path for path in OLD if after[path] != before[path]] == [Path("b.json")]


def _written(path: Path) -> tuple[int, int]:
    """Which file it is, and when it was written; when it was read does not count."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def test_new_folders_are_made(tmp_path: Path) -> None:
    assert files.replace_all(tmp_path / "deep" / "er", NEW) == list(NEW)
    assert _found(tmp_path / "deep" / "er") == NEW


def test_permissions_are_kept(root: Path) -> None:
    (root / "src/a.py").chmod(0o640)
    files.replace_all(root, NEW | {Path("new.py"): ""})
    assert (root / "src/a.py").stat().st_mode & 0o777 == 0o640
    assert (root / "new.py").stat().st_mode & 0o777 == 0o644


def _failing(number: int, error: OSError, real: Callable[..., object]) -> Callable[..., object]:
    calls = iter(range(1, 100))

    def call(*arguments: object) -> object:
        if next(calls) == number:
            raise error
        return real(*arguments)

    return call


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_a_full_disk(root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "some/file")
    monkeypatch.setattr(os, "fsync", _failing(number, full, os.fsync))
    with pytest.raises(WriteError) as raised:
        files.replace_all(root, NEW)
    assert (
        str(raised.value)
        == "some/file could not be written (No space left on device); the old files are unchanged."
    )
    assert _found(root) == OLD


LIMITED = """
import resource, sys
from pathlib import Path
from codegen.render import files
from codegen.errors import WriteError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    files.replace_all(Path(sys.argv[1]), {Path("src/a.py"): "a = 2", Path("docs/c.md"): "x" * 200_000})
except WriteError as error:
    print(error)
"""


def test_a_file_that_grows_past_what_the_system_lets_it(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(root)],
        cwd=places.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "could not be written (File too large); the old files are unchanged." in done.stdout, done.stderr
    assert _found(root) == OLD


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_replacement_that_fails_half_way(root: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    denied = OSError(errno.EPERM, "Operation not permitted", "some/file")
    monkeypatch.setattr(Path, "replace", _failing(number, denied, Path.replace))
    with pytest.raises(WriteError, match="the old files are unchanged"):
        files.replace_all(root, NEW | {Path("new.py"): "new = 1\n"})
    assert _found(root) == OLD


def test_new_files_are_taken_back_when_a_later_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    denied = OSError(errno.EPERM, "Operation not permitted", "some/file")
    monkeypatch.setattr(Path, "replace", _failing(3, denied, Path.replace))
    with pytest.raises(WriteError):
        files.replace_all(tmp_path, NEW)
    assert _found(tmp_path) == {}


def test_a_folder_where_a_file_belongs(root: Path) -> None:
    (root / "docs/c.md").unlink()
    (root / "docs/c.md").mkdir()
    with pytest.raises(WriteError, match=r"c\.md could not be written \(Is a directory\)"):
        files.replace_all(root, NEW)
    assert _found(root) == {path: text for path, text in OLD.items() if path != Path("docs/c.md")}


def test_a_file_where_a_folder_belongs(root: Path) -> None:
    with pytest.raises(WriteError, match="the old files are unchanged"):
        files.replace_all(root, NEW | {Path("b.json/deeper.py"): "x"})
    assert _found(root) == OLD


def test_an_interruption_takes_back_what_was_replaced(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "replace", _failing(2, KeyboardInterrupt(), Path.replace))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        files.replace_all(root, NEW)
    assert _found(root) == OLD


KILLED = """
import os, signal, sys
from pathlib import Path
from codegen.render import files
from tests.codegen.test_generated_files import NEW

def killed_at(number, real):
    calls = iter(range(1, 100))
    def call(*arguments):
        if next(calls) == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    return call

where, number = sys.argv[2], int(sys.argv[3])
if where == "fsync":
    os.fsync = killed_at(number, os.fsync)
else:
    Path.replace = killed_at(number, Path.replace)
files.replace_all(Path(sys.argv[1]), NEW)
"""


@pytest.mark.parametrize(("where", "number"), [("fsync", 1), ("fsync", 3), ("replace", 1), ("replace", 2)])
def test_a_kill_at_any_moment_leaves_whole_files(root: Path, where: str, number: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root), where, str(number)], cwd=places.ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    found = _found(root)
    replaced = [path for path in OLD if found[path] != OLD[path]]
    assert len(replaced) == (number - 1 if where == "replace" else 0)
    assert all(found[path] == NEW[path] for path in replaced)
    files.replace_all(root, NEW)  # the next one does the rest
    assert {path: _found(root)[path] for path in NEW} == NEW
