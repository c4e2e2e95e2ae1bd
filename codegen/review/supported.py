"""``releases.toml``: the releases that are read completely, and tested to be.

The last one is that of the committed schema. A person adds and removes releases; ``refresh --adopt`` adds
the newest.
"""

from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from codegen.errors import ReleasesError
from codegen.mistakes import Mistake, Place
from codegen.model import structured
from codegen.upstream.engine import Engine

_HEAD = """\
# The releases that are read completely and tested to be, oldest first. The last one is that of the committed
# schema; `python -m codegen refresh --adopt` adds the newest.
"""


@dataclass(frozen=True, slots=True)
class _File:
    supported: tuple[Version, ...]


def load(engine: Engine, root: Path) -> tuple[str, ...]:
    """The supported releases of an engine, oldest first.

    Args:
        engine: the engine.
        root: of the checkout that the file is in.

    Raises:
        ReleasesError: the file is missing, or has mistakes; all of them are listed.
    """
    try:
        found = structured.structure(
            structured.converter(), structured.toml(root / engine.releases), _File
        ).supported
    except structured.MistakenError as error:
        raise ReleasesError(str(engine.releases), error.mistakes) from error
    if not found or list(found) != sorted({*found}):
        what = "name at least one release, the oldest first, each once"
        raise ReleasesError(str(engine.releases), [Mistake(Place.of("supported"), what)])
    return tuple(map(str, found))


def adopted(supported: tuple[str, ...], version: str) -> tuple[str, ...]:
    """The releases with another newest one, which replaces an earlier patch of the same minor release."""
    minor = Version(version).release[:2]
    return (*(each for each in supported if Version(each).release[:2] != minor), version)


def dumps(supported: tuple[str, ...]) -> str:
    """The text of the file."""
    lines = "".join(f'  "{version}",\n' for version in supported)
    return f"{_HEAD}supported = [\n{lines}]\n"
