"""The files that remembered calls are kept in: one for each release, and for its surroundings.

They are SQLite files under ``.cache/fidelity/calls``, which several processes write at once. A kill at any
moment leaves what was kept before.
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
"""Of the files; those of another one are not read."""
CODE = ("archive.py", "forms.py", "models.py", "oracle.py", "reached.py", "recorders.py", "scenarios.py")
"""Of this package, what decides what a call does, and what is remembered of it."""
PACKAGES = ("torch",)
"""Other packages that decide it. A release may ask for another tokenizers, which changes nothing here."""

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
        work: the digest of its trace; empty where it is not known what it does in this release.
        error: what was raised; empty if nothing was.
        place: where.
        functions: that it entered.
        run: the full run that it was made in; 0 for another one.
    """

    work: str
    error: str
    place: str
    functions: frozenset[str]
    run: int = 0


def digest(text: str) -> str:
    """Of a text, long enough for some million of them."""
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=10).hexdigest()


class Archive:
    """One file.

    Args:
        path: of the file; it is made where there is none.
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
        """No more of it is needed."""
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
        """The number of each function; those that are wanted get one."""
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
        """The functions that are no longer the same as when the file was signed.

        Args:
            fingerprints: of the release that is here.
            signed: whether those are left out that were not signed, as a run was killed.
        """
        rows = self._file.execute("SELECT name, digest FROM functions").fetchall()
        return frozenset(
            name for name, known in rows if known != fingerprints.of(name) and not (signed and known is None)
        )

    def sign(self, fingerprints: Fingerprints) -> None:
        """Write down the digest of each function."""
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
        """The number of a full run: of the last one where it was interrupted, or else of a new one."""
        row = self._file.execute("SELECT id FROM runs WHERE NOT finished ORDER BY id DESC").fetchone()
        if row is not None:
            return int(row[0])
        with self._file:
            return int(self._file.execute("INSERT INTO runs (finished) VALUES (0)").lastrowid or 0)

    def finished(self, run: int) -> None:
        """Write down that a full run came to its end."""
        with self._file:
            self._file.execute("UPDATE runs SET finished = 1 WHERE id = ?", (run,))


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """A file, for a moment."""
    archive = Archive(path)
    try:
        yield archive
    finally:
        archive.close()


def path_of(folder: Path, release: str) -> Path:
    """The file of a release in these surroundings."""
    return folder / f"{release}-{surroundings()}.sqlite"


def nearest(folder: Path, release: str) -> Path | None:
    """The file of the release before, or else after, in these surroundings; None if there is none."""
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
    """A digest of whatever decides what a call does besides transformers and its arguments."""
    here = Path(__file__).parent
    code = [normal(ast.parse((here / name).read_text(encoding="utf-8")).body) for name in CODE]
    packages = [f"{name} {_version(name)}" for name in PACKAGES]
    return digest("\n".join([str(FORMAT), platform.machine(), platform.python_version(), *packages, *code]))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"
