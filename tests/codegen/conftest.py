"""Fixtures of codegen: the command, a source that can be edited, a checkout that can be edited."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from codegen.cli import main as cli
from codegen.cli import written
from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from codegen.review import overrides_file
from codegen.review.basis import bases
from codegen.upstream import source
from codegen.upstream.symbols import Module
from tests.codegen import places

READ = ("__init__.py", CACHES, CONFIGURATION, GENERATE, PROCESSORS)
"""The files of a release that facts are read from."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def codegen(capsys: pytest.CaptureFixture[str]) -> Command:
    """``python -m codegen …`` without a process of its own."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        try:
            code = cli.main([str(each) for each in arguments])
        except SystemExit as end:  # argparse's
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@dataclass(frozen=True)
class SourceCopy:
    """The files of the installed release that are read, to be changed."""

    root: Path

    def change(self, path: str, old: str, new: str) -> None:
        """Replace every match of a pattern."""
        file = self.root / "transformers" / path
        text, count = re.subn(old, lambda _: new, file.read_text(encoding="utf-8"))
        assert count, f"{old!r} is not in {path}"
        file.write_text(text, encoding="utf-8")

    def document(self, entry: str) -> None:
        """Add an entry to the documented arguments; quotes and escapes may be in it."""
        file = self.root / "transformers" / CONFIGURATION
        text = file.read_text(encoding="utf-8")
        found = Module(CONFIGURATION, text).class_("GenerationConfig").body[0]
        assert isinstance(found, ast.Expr)
        before, anchor, after = ast.literal_eval(found.value).partition("        top_k (")
        whole = f"    {before + '        ' + entry + anchor + after!r}"
        lines = text.split("\n")
        lines[found.lineno - 1 : found.end_lineno] = [whole]
        file.write_text("\n".join(lines), encoding="utf-8")

    def declare(self, statements: str) -> None:
        """Add statements to the constructor."""
        self.change(CONFIGURATION, r"(?<=self\.top_k = kwargs\.pop\(\"top_k\", None\)\n)", statements)


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The installed release's files that are read, including those that claims and rules rest on."""
    installed = source.installed(places.PACKAGE)
    rested_on = bases(overrides_file.load(places.ENGINE, places.ROOT), installed.version)
    evidence = {basis.symbol.path for basis in rested_on}
    found = {}
    for path in sorted({*READ, *evidence}):
        found[path] = installed.read(path)
    return found


@pytest.fixture
def source_copy(tmp_path: Path, texts: dict[str, str]) -> SourceCopy:
    """A folder with these files."""
    root = tmp_path / "source"
    for path, text in texts.items():
        (root / "transformers" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "transformers" / path).write_text(text, encoding="utf-8")
    return SourceCopy(root)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder to refresh into, with old files in the places of the generated ones but the lock."""
    root = tmp_path / "scratch"
    for path in (places.MODULE, places.PAGE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("old\n", encoding="utf-8")
    return root


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout's own files, to be changed."""

    root: Path

    def __call__(self, *arguments: str) -> Done:
        """Run ``python -m codegen …`` in it."""
        done = subprocess.run(
            [sys.executable, "-m", "codegen", *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A copy of what ``python -m codegen`` runs from, with the committed files."""
    root = tmp_path / "checkout"
    without = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("codegen", "templates", "src"):
        shutil.copytree(places.ROOT / folder, root / folder, ignore=without)
    copy_for_check(root)
    return Checkout(root)


@cache
def _remember_the_history() -> None:
    """So that no copy of this checkout has to compare all releases again."""
    assert cli.main(["check"]) == 0


def copy_for_check(root: Path) -> None:
    """Copy what ``check`` reads beside the generated modules, and what it remembers of the history."""
    _remember_the_history()
    hand_written = (places.ENGINE.overrides, places.ENGINE.executed, places.ENGINE.releases)
    for path in (places.PAGE, *places.HISTORY, *hand_written, written.REMEMBERED):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(places.ROOT / path, root / path)
    if not (root / places.PACKAGE.cache).exists():
        (root / places.PACKAGE.cache).symlink_to(places.ROOT / places.PACKAGE.cache)


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the installed release was refreshed into. To be read only."""
    root = tmp_path_factory.mktemp("refreshed")
    assert cli.main(["refresh", "--into", str(root)]) == 0
    return root
