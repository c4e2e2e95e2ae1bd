"""Fixtures for the tests of codegen: its command, and copies of a source and of a checkout to edit."""

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
"""The files of a release from which facts are read."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def codegen(capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs ``python -m codegen …`` in this process."""

    def run(*arguments: str | Path) -> Done:
        capsys.readouterr()
        try:
            code = cli.main(list(map(str, arguments)))
        except SystemExit as end:  # argparse ends in this way
            code = int(end.code or 0)
        output = capsys.readouterr()
        return Done(code, output.out, output.err)

    return run


@dataclass(frozen=True)
class SourceCopy:
    """A copy of the files of the installed release that codegen reads, to be edited."""

    root: Path

    def change(self, path: str, old: str, new: str) -> None:
        """Replace every match of a pattern."""
        file = self.root / "transformers" / path
        text, count = re.subn(old, lambda _: new, file.read_text(encoding="utf-8"))
        assert count, f"{old!r} is not in {path}"
        file.write_text(text, encoding="utf-8")

    def document(self, entry: str) -> None:
        """Add an entry to the documented arguments; it may contain quotes and escapes."""
        file = self.root / "transformers" / CONFIGURATION
        text = file.read_text(encoding="utf-8")
        docstring = Module(CONFIGURATION, text).class_("GenerationConfig").body[0]
        assert isinstance(docstring, ast.Expr)
        before, anchor, after = ast.literal_eval(docstring.value).partition("        top_k (")
        lines = text.split("\n")
        lines[docstring.lineno - 1 : docstring.end_lineno] = [
            f"    {before + '        ' + entry + anchor + after!r}"
        ]
        file.write_text("\n".join(lines), encoding="utf-8")

    def declare(self, statements: str) -> None:
        """Add statements to the constructor."""
        self.change(CONFIGURATION, r"(?<=self\.top_k = kwargs\.pop\(\"top_k\", None\)\n)", statements)


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The files of the installed release that codegen reads, with those that claims and rules rest on."""
    installed = source.installed(places.PACKAGE)
    rested_on = bases(overrides_file.load(places.ENGINE, places.ROOT), installed.version)
    evidence = {basis.symbol.path for basis in rested_on}
    return {path: installed.read(path) for path in sorted({*READ, *evidence})}


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
    """A folder to refresh into, with an old module and an old page, and without a lock."""
    root = tmp_path / "scratch"
    for path in (places.MODULE, places.PAGE):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("old\n", encoding="utf-8")
    return root


@dataclass(frozen=True)
class Checkout:
    """A copy of this checkout's own files, to be edited."""

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
    """Compare all releases once, so that no copy of this checkout has to."""
    assert cli.main(["check"]) == 0


def copy_for_check(root: Path) -> None:
    """Copy what ``check`` reads besides the generated modules, and what it remembers of the history."""
    _remember_the_history()
    hand_written = (places.ENGINE.overrides, places.ENGINE.executed, places.ENGINE.releases)
    for path in (places.PAGE, *places.HISTORY, *hand_written, written.REMEMBERED):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(places.ROOT / path, root / path)
    if not (root / places.PACKAGE.cache).exists():
        (root / places.PACKAGE.cache).symlink_to(places.ROOT / places.PACKAGE.cache)


@pytest.fixture(scope="session")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the installed release was refreshed. Tests only read it."""
    root = tmp_path_factory.mktemp("refreshed")
    assert cli.main(["refresh", "--into", str(root)]) == 0
    return root
