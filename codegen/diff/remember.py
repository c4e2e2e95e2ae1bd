"""Comparisons of two sources that were made before; :mod:`codegen.diff.command` asks for them.

What is found follows from both sources, from what is written by hand, and from our own code. A maintainer
asks for one comparison many times: in other formats, and with more and more of it accepted.
"""

from dataclasses import dataclass

from codegen import checkout, disk_cache
from codegen.diff import sides
from codegen.diff.findings import Finding
from codegen.errors import CodegenError
from codegen.upstream.engine import Engine
from codegen.upstream.remember import FilesRead
from codegen.upstream.source import locate
from codegen.upstream.symbols import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a comparison found.

    Args:
        old: the name of the old side in messages.
        new: that of the new side.
        version: of the new side.
        findings: every difference, most severe first; nothing is accepted yet.
    """

    old: str
    new: str
    version: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """A comparison, and the files of both sources that it follows from."""

    files: tuple[FilesRead, FilesRead]
    comparison: Comparison


def comparison(engine: Engine, old: str | None, new: str | None) -> Comparison:
    """What changes from one side to the other; sources that were compared before are not compared again.

    Args:
        engine: the engine that both belong to.
        old: names the old side, see :func:`codegen.diff.sides.open_sides`.
        new: names the new side.

    Raises:
        CodegenError: one of them is not there or cannot be read, or the overrides have mistakes.
    """
    libraries = _sources(engine, old, new)
    if engine.cache is None or libraries is None:
        return _compared(engine, old, new)[0]
    versions = (library.tree.version for library in libraries)
    name, key = "-".join(["diff", engine.name, *versions]), _key(engine)
    known = disk_cache.load(engine.cache, name, key)
    if isinstance(known, _Kept) and all(map(FilesRead.are_in, known.files, libraries)):
        return known.comparison
    found, first, second = _compared(engine, old, new)
    if first.library is not None and second.library is not None and key == _key(engine):
        files = FilesRead.of(first.library), FilesRead.of(second.library)
        disk_cache.save(engine.cache, name, key, _Kept(files, found))
    return found


def _sources(engine: Engine, old: str | None, new: str | None) -> tuple[Library, Library] | None:
    """The sources of both sides; None where one is something else, or cannot be had."""
    if old is None or not all(name is None or sides.is_source(name) for name in (old, new)):
        return None
    try:
        first, second = (locate(engine.package, name, checkout.ROOT) for name in (old, new))
    except CodegenError:
        return None  # said where it is opened
    return Library(first), Library(second)


def _key(engine: Engine) -> str:
    """A digest of our own code and of what is written by hand."""
    contents = (disk_cache.content(checkout.ROOT / path) for path in engine.written_by_hand)
    return disk_cache.digest([disk_cache.code(), *contents])


def _compared(engine: Engine, old: str | None, new: str | None) -> tuple[Comparison, sides.Side, sides.Side]:
    # Slow to import, and nothing of it is needed where the result is known.
    from codegen.diff.compare import compare  # noqa: PLC0415
    from codegen.review import overrides_file  # noqa: PLC0415

    overrides = overrides_file.load(engine, checkout.ROOT)
    first, second = sides.open_sides(engine, old, new, overrides)
    findings = compare(first, second, overrides)
    version = second.schema.version
    return Comparison(old=first.label, new=second.label, version=version, findings=findings), first, second
