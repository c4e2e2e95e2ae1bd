"""The two sides of a comparison: what a user names, as a Schema, with its source where that is available.

A side is a version, a wheel, a folder, a lock, or a git revision of this repository, which means the
lock committed in it. Nothing is written except the cache of downloads.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from codegen import checkout
from codegen.diff.findings import Where
from codegen.errors import MissingFileError, RevisionError
from codegen.mistakes import Mistake
from codegen.model import lock
from codegen.model.origins import Symbol
from codegen.model.schema import Schema
from codegen.review.overrides import Overrides
from codegen.upstream import source
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library

if TYPE_CHECKING:
    from codegen.upstream.reach import Reached


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side.

    Args:
        engine: the engine that the release belongs to.
        label: its name in messages.
        schema: what is known of the release.
        library: its source, None if only a lock is available.
        mistakes: what the overrides state wrongly about the release.
        knows_rules: whether it has cross-field rules; a lock of format 1 does not.
    """

    engine: Engine
    label: str
    schema: Schema
    library: Library | None = None
    mistakes: tuple[Mistake, ...] = ()
    knows_rules: bool = True

    @cached_property
    def reached(self) -> "Reached | None":
        """The code that the call can run in this release; None without its source."""
        if self.library is None or self.engine.reached is None:
            return None
        return self.engine.reached(self.library)

    @property
    def refusals(self) -> Mapping[Symbol, tuple[str, ...]] | None:
        """The refusals in reach; None where they are not known."""
        if self.schema.reach is not None:
            return self.schema.reach.refusals
        return None if self.reached is None else self.reached.refusals

    def where(self, symbol: Symbol | None, name: str) -> Where:
        """Where a definition is, with the line that has ``name`` if the source is available."""
        if self.library is None or symbol is None:
            return Where(symbol)
        try:
            return Where(symbol, symbol.path, self.library.line(symbol, name))
        except MissingFileError:
            return Where(symbol)


def open_sides(engine: Engine, old: str | None, new: str | None, overrides: Overrides) -> tuple[Side, Side]:
    """Both sides; by default the committed lock and the installed release.

    A lock that is compared with a source also gets the source of its own release, if that is already here.

    Raises:
        CodegenError: one of them is not there, or cannot be read.
    """
    first = open_side(engine, old, overrides, committed=True)
    second = open_side(engine, new, overrides, like=first.library, previous=first.schema)
    if first.library is None and second.library is not None:
        first = _with_source(engine, first, second.library)
    elif second.library is None and first.library is not None:
        second = _with_source(engine, second, first.library)
    return first, second


def _with_source(engine: Engine, side: Side, like: Library) -> Side:
    tree = source.at_hand(engine.package, side.schema.version, checkout.ROOT)
    return replace(side, library=Library(tree, like)) if tree else side


def open_side(
    engine: Engine,
    name: str | None,
    overrides: Overrides,
    *,
    committed: bool = False,
    like: Library | None = None,
    previous: Schema | None = None,
) -> Side:
    """The side that a user named.

    Args:
        engine: the engine that the release belongs to.
        name: a version, wheel, folder, lock or revision; None for the default.
        overrides: the overrides.
        committed: whether the default is the committed lock; otherwise it is the installed release.
        like: the source of another release, whose parsed files are reused where the text is the same.
        previous: the schema of the other side; its rules are kept where the statements behind them are gone.

    Raises:
        CodegenError: it is not there, or cannot be read.
    """
    if name is None:
        return (
            _of_lock(engine, checkout.ROOT / engine.lock, "the committed lock")
            if committed
            else _of_source(engine, None, overrides, like, previous)
        )
    if _is_lock(name):
        return _of_lock(engine, Path(name), name)
    if is_source(name):
        return _of_source(engine, name, overrides, like, previous)
    return _of_revision(engine, name)


def is_source(name: str) -> bool:
    """Whether a name is that of a source: a wheel, a folder or a version."""
    return not _is_lock(name) and (name.endswith(".whl") or Path(name).is_dir() or _is_version(name))


def _is_lock(name: str) -> bool:
    path = Path(name)
    try:
        return path.is_file() and path.suffix != ".whl"
    except OSError:  # no file can have that name
        return False


def _is_version(name: str) -> bool:
    """Whether it is a release of the upstream package; ``v1.0`` is a tag of this repository."""
    try:
        Version(name)
    except InvalidVersion:
        return False
    return name[:1].isdigit()


def _of_source(
    engine: Engine, name: str | None, overrides: Overrides, like: Library | None, previous: Schema | None
) -> Side:
    from codegen.review.merge import merge_lenient  # noqa: PLC0415 - slow to import, and not needed for two locks

    library = Library(source.locate(engine.package, name, checkout.ROOT), like)
    schema, mistakes = merge_lenient(engine.extract(library), overrides, library, engine, lambda: previous)
    return Side(engine=engine, label=schema.release, schema=schema, library=library, mistakes=mistakes)


def _of_lock(engine: Engine, path: Path, name: str) -> Side:
    return _of_locked_schema(engine, lock.load(path), name)


def _of_locked_schema(engine: Engine, schema: Schema, name: str) -> Side:
    knows_rules = bool(schema.rules)  # every release has some; a lock of format 1 has none
    label = f"{schema.release} ({name})" if knows_rules else f"{schema.release} ({name}, without rules)"
    return Side(engine=engine, label=label, schema=schema, knows_rules=knows_rules)


def _of_revision(engine: Engine, revision: str) -> Side:
    """The lock that is committed in a revision of this repository."""
    if revision.startswith("-") or "\0" in revision:
        raise RevisionError(_no_such(revision))
    git = ["git", "-C", str(checkout.ROOT)]
    try:
        commit = subprocess.run(  # noqa: S603 - a fixed program, and no shell
            [*git, "rev-parse", "--quiet", "--verify", "--end-of-options", f"{revision}^{{commit}}"],
            capture_output=True,
            check=False,
        )
        if commit.returncode != 0:
            raise RevisionError(_no_such(revision))
        for path in (engine.lock, *engine.former_locks):
            shown = subprocess.run(  # noqa: S603 - as above
                [*git, "show", f"{commit.stdout.decode().strip()}:{path.as_posix()}"],
                capture_output=True,
                check=False,
            )
            if shown.returncode == 0:
                break
    except OSError as error:
        raise RevisionError(f"{revision!r} cannot be looked up: git does not run ({error}).") from error
    if shown.returncode != 0:
        raise RevisionError(f"The revision {revision} has no {engine.lock}; name one that has.")
    name = f"revision {revision}"
    return _of_locked_schema(
        engine, lock.loads(shown.stdout.decode("utf-8", "replace"), f"{path} of {name}"), name
    )


def _no_such(revision: str) -> str:
    return (
        f"{revision!r} is not a release such as 1.2.3, an existing wheel, folder or lock, or a git revision "
        f"of this repository."
    )
