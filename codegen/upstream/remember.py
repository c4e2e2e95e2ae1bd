"""What was read of a release before: its facts, and what the call reaches.

Reading them takes most of the time of a command, and they follow from the release's files and from our own
code alone. So they are kept in the cache of the checkout (:mod:`codegen.disk_cache`), and used as long as
both are the same. What cannot be read is an error each time: nothing of it is kept.

The command line asks for it (:func:`remembering`); whoever takes an engine as it is reads anew.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from codegen import disk_cache
from codegen.errors import SourceError
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library

if TYPE_CHECKING:
    from codegen.upstream.reach import Reached

T = TypeVar("T")
_OWN_CODE = "codegen."


def remembering(engine: Engine, root: Path) -> Engine:
    """An engine that reads a release only if it was not read before.

    Args:
        engine: the engine. It stays as it is if its readers are not part of codegen: their code is not in the
            key.
        root: of the checkout.
    """
    if not engine.extract.__module__.startswith(_OWN_CODE):
        return engine
    reached = engine.reached
    return replace(
        engine,
        extract=partial(_recalled, root, "facts", engine.extract),
        reached=None if reached is None else partial(_reached, root, reached),
        cache=root,
    )


@dataclass(frozen=True, slots=True)
class FilesRead:
    """The files that something follows from.

    Args:
        paths: in the package, in order; some may be missing.
        digest: of their texts.
    """

    paths: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, library: Library, paths: Iterable[str] | None = None) -> "FilesRead":
        """Some files of a release; by default those that were asked for so far."""
        listed = tuple(library.read_so_far() if paths is None else paths)
        texts = (part for path in listed for part in (path, library.text(path)))
        return cls(listed, disk_cache.digest(texts))

    def are_in(self, library: Library) -> bool:
        """Whether a release has the same."""
        try:
            return FilesRead.of(library, self.paths) == self
        except SourceError:
            return False


@dataclass(frozen=True, slots=True)
class _Kept:
    """A value, and the files that it follows from."""

    files: FilesRead
    value: object


def _recalled(root: Path, what: str, read: Callable[[Library], T], library: Library) -> T:
    """What is read of a release, or was before."""
    name, key = f"{what}-{library.tree.package}-{library.tree.version}", disk_cache.code()
    known = disk_cache.load(root, name, key)
    if isinstance(known, _Kept) and known.files.are_in(library):
        return cast("T", known.value)
    value = read(library)
    disk_cache.save(root, name, key, _Kept(FilesRead.of(library), value))
    return value


def _reached(root: Path, read: "Callable[[Library], Reached]", library: Library) -> "Reached":
    """What the call reaches; the source itself is not part of what is kept."""
    from codegen.upstream.reach import Reached  # noqa: PLC0415 - slow to import, and mostly not asked for

    def parts(library: Library) -> dict[str, Any]:
        found = read(library)
        return {each.name: getattr(found, each.name) for each in fields(found) if each.name != "library"}

    return Reached(library=library, **_recalled(root, "reach", parts, library))
