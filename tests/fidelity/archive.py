"""The files of remembered calls: one for each release and each environment that it ran in.

They are SQLite files under ``.cache/fidelity/calls``, which several processes write at once. A kill at any
moment leaves what was written before. :mod:`tests.fidelity.memory` decides what may be taken from them.
"""

import ast
import hashlib
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from codegen.upstream.normal import normal
from tests.fidelity.fingerprints import Fingerprints

FORMAT = 1
"""The format of the files. Files of another format are not read."""
CODE = ("archive.py", "forms.py", "models.py", "oracle.py", "reached.py", "recorders.py", "scenarios.py")
"""The modules of this package that decide what a call does, and what is remembered of it."""
PACKAGES = ("torch",)
"""Other packages whose version decides it. A release may require another version of tokenizers, but that
changes nothing here."""

_TABLES = """
CREATE TABLE IF NOT EXISTS functions (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, digest TEXT);
CREATE TABLE IF NOT EXISTS reached (id TEXT PRIMARY KEY, functions TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    key TEXT PRIMARY KEY, reached TEXT NOT NULL, work TEXT NOT NULL, error TEXT NOT NULL, place TEXT NOT NULL,
    run INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS runs (id INTEGER PRIMARY KEY, finished INTEGER NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Call:
    """What a call did.

    Args:
        work: the digest of its work trace; empty if it is not known what the call does in this release.
        error: what was raised; empty if nothing was.
        place: the function in which it was raised.
        functions: the functions of transformers that it entered.
        run: the number of the full run in which it was made; 0 if that was no full run.
    """

    work: str
    error: str
    place: str
    functions: frozenset[str]
    run: int = 0


def digest(text: str) -> str:
    """A digest of a text; long enough that among some million texts no two get the same one."""
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=10).hexdigest()


class Archive:
    """The remembered calls of one file.

    Args:
        path: of the file, which is created if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, timeout=60)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = OFF")  # a kill of the process loses nothing
        self._file.executescript(_TABLES)
        self._sets: dict[str, frozenset[str]] = {}
        self._ids: dict[str, int] = {}

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def call(self, key: str) -> Call | None:
        """What a call did; None if it is not known."""
        row = self._file.execute(
            "SELECT work, error, place, reached, run FROM calls WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else Call(row[0], row[1], row[2], self._functions(row[3]), row[4])

    def count(self) -> int:
        """How many calls are kept."""
        return int(self._file.execute("SELECT COUNT(*) FROM calls").fetchone()[0])

    def _functions(self, reached: str) -> frozenset[str]:
        if reached not in self._sets:
            [text] = self._file.execute("SELECT functions FROM reached WHERE id = ?", (reached,)).fetchone()
            names = {number: name for name, number in self._numbers().items()}
            self._sets[reached] = frozenset(names[int(number)] for number in text.split())
        return self._sets[reached]

    def _numbers(self, wanted: Iterable[str] = ()) -> dict[str, int]:
        """The number of each function in the file; wanted ones that have none get one."""
        new = [(name,) for name in wanted if name not in self._ids]
        if new or not self._ids:
            with self._file:
                self._file.executemany("INSERT OR IGNORE INTO functions (name) VALUES (?)", new)
            self._ids = dict(self._file.execute("SELECT name, id FROM functions"))
        return self._ids

    def keep(self, key: str, call: Call) -> None:
        """Write down what a call did."""
        numbers = self._numbers(call.functions)
        text = " ".join(map(str, sorted(numbers[name] for name in call.functions)))
        with self._file:
            self._file.execute("INSERT OR IGNORE INTO reached VALUES (?, ?)", (digest(text), text))
            row = (key, digest(text), call.work, call.error, call.place, call.run)
            self._file.execute("INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?)", row)

    def changed(self, fingerprints: Fingerprints, *, signed: bool = False) -> frozenset[str]:
        """The functions whose digest differs from the one in the file.

        Args:
            fingerprints: of the installed release.
            signed: whether to leave out functions that have no digest in the file, since a run was killed
                before :meth:`sign`.
        """
        rows = self._file.execute("SELECT name, digest FROM functions").fetchall()
        return frozenset(
            name for name, known in rows if known != fingerprints.of(name) and not (signed and known is None)
        )

    def sign(self, fingerprints: Fingerprints) -> None:
        """Write down the digest of each function that has none yet."""
        rows = self._file.execute("SELECT name FROM functions WHERE digest IS NULL").fetchall()
        with self._file:
            self._file.executemany(
                "UPDATE functions SET digest = ? WHERE name = ?",
                [(fingerprints.of(name), name) for [name] in rows],
            )

    def forget(self, changed: frozenset[str]) -> None:
        """Drop the calls that entered one of these functions."""
        keys = [
            (key,)
            for key, reached in self._file.execute("SELECT key, reached FROM calls").fetchall()
            if self._functions(reached) & changed
        ]
        with self._file:
            self._file.executemany("DELETE FROM calls WHERE key = ?", keys)
            self._file.executemany(
                "UPDATE functions SET digest = NULL WHERE name = ?", [(n,) for n in changed]
            )

    def full_run(self) -> int:
        """The number of the full run to continue: the last one if it was interrupted, otherwise a new one."""
        row = self._file.execute("SELECT id FROM runs WHERE NOT finished ORDER BY id DESC").fetchone()
        if row is not None:
            return int(row[0])
        with self._file:
            return int(self._file.execute("INSERT INTO runs (finished) VALUES (0)").lastrowid or 0)

    def finished(self, run: int) -> None:
        """Write down that a full run is complete."""
        with self._file:
            self._file.execute("UPDATE runs SET finished = 1 WHERE id = ?", (run,))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """Open a file, and close it at the end."""
    archive = Archive(path)
    try:
        yield archive
    finally:
        archive.close()


def path_of(folder: Path, release: str) -> Path:
    """The file of a release in this environment."""
    return folder / f"{release}-{surroundings()}.sqlite"


def nearest(folder: Path, release: str) -> Path | None:
    """The file of the closest earlier release in this environment, or else of the closest later one; None if
    there is no other."""
    own = path_of(folder, release)
    others = [each for each in folder.glob(f"*-{surroundings()}.sqlite") if each != own]
    before = [each for each in others if _numbers(each) < _numbers(own)]
    if before:
        return max(before, key=_numbers)
    return min(others, key=_numbers, default=None)


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.name.partition("-")[0].split(".") if part.isdigit())


@cache
def surroundings() -> str:
    """A digest of all that decides what a call does, except transformers and the call's arguments."""
    here = Path(__file__).parent
    code = [normal(ast.parse((here / name).read_text(encoding="utf-8")).body) for name in CODE]
    packages = [f"{name} {_version(name)}" for name in PACKAGES]
    return digest("\n".join([str(FORMAT), platform.machine(), platform.python_version(), *packages, *code]))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
