"""Retires a release from the supported ones: what was written by hand for it alone moves to ``archive.toml``.

No program reads the archive. It is kept because each entry cost somebody a reading of the source, and is
needed again if the release is supported again.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version
from tomlkit.items import AoT, Array, InlineTable, Table

from codegen.errors import CodegenError
from codegen.review import overrides_file, supported
from codegen.upstream.engine import Engine

_HEAD = """\
# What was written by hand for releases that are no longer supported, as it was when each was retired. Nothing
# reads this file.
"""


@dataclass(slots=True)
class Retirement:
    """What changes when a release is retired.

    Args:
        texts: the new text of each file, by its path from the root of the checkout.
        moved: the places of the entries that move to the archive.
    """

    texts: dict[Path, str] = field(default_factory=dict)
    moved: tuple[str, ...] = ()


def retire(engine: Engine, root: Path, version: str) -> Retirement:
    """Take a release out of the supported ones, and with it what was written for it alone.

    Nothing is written; the caller does that.

    Args:
        engine: the engine.
        root: of the checkout.
        version: of the release.

    Raises:
        CodegenError: it is not supported, it is the newest, or a file has mistakes.
    """
    releases = supported.load(engine, root)
    overrides_file.load(engine, root)  # its mistakes are reported before anything is moved
    remaining = _without(releases, version, engine)
    text = (root / engine.overrides).read_text(encoding="utf-8")
    document = tomlkit.parse(text)
    moved = [*_take(document, "", remaining)]
    archive = root / engine.archive
    before = archive.read_text(encoding="utf-8") if archive.exists() else _HEAD
    blocks = "".join(f"\n{block}" for _, block in moved)
    archived = f"{before}\n# Retired with {version}.\n{blocks}" if moved else before
    tomllib.loads(archived)  # raises if a block lost its form
    texts = {engine.releases: supported.dumps(remaining)}
    if moved:
        texts |= {engine.overrides: tomlkit.dumps(document), engine.archive: archived}
    return Retirement(texts, tuple(place for place, _ in moved))


def _without(releases: tuple[str, ...], version: str, engine: Engine) -> tuple[str, ...]:
    listed = ", ".join(releases)
    try:
        remaining = tuple(each for each in releases if Version(each) != Version(version))
    except InvalidVersion:
        raise CodegenError(f"{version!r} is not a version such as {releases[0]}.") from None
    if remaining == releases:
        raise CodegenError(f"{engine.name} {version} is not supported; supported are {listed}.")
    if not remaining or remaining[-1] != releases[-1]:
        raise CodegenError(
            f"{engine.name} {version} is that of the committed schema; adopt another one first."
        )
    return remaining


def _take(container: Any, place: str, remaining: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Remove the entries that apply to no remaining release; the place and the text of each."""
    for key in [*container]:
        entry = container[key]
        path = f"{place}.{tomlkit.key(key).as_string()}".removeprefix(".")
        if isinstance(entry, AoT | Array):
            yield from _take_items(entry, path, remaining)
            if isinstance(entry, AoT) and not len(entry):
                del container[key]
        elif isinstance(entry, Table):
            if _is_over(entry, remaining):
                yield path, f"[{path}]\n{entry.as_string()}"
                del container[key]
            else:
                yield from _take(entry, path, remaining)


def _take_items(entries: AoT | Array, place: str, remaining: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for index in reversed(range(len(entries))):
        item = entries[index]
        if isinstance(item, Table) and not _is_over(item, remaining):
            yield from _take(item, place, remaining)
        elif isinstance(item, Table | InlineTable) and _is_over(item, remaining):
            lines = (f"{key} = {value.as_string()}\n" for key, value in item.items())
            text = item.as_string() if isinstance(item, Table) else "".join(lines)
            yield place, f"[[{place}]]\n{text.strip()}\n"
            del entries[index]


def _is_over(entry: Any, remaining: tuple[str, ...]) -> bool:
    """Whether an entry is limited to releases, and none of them remains."""
    versions = entry.get("versions")
    if not isinstance(versions, str):
        return False
    try:
        return not any(map(SpecifierSet(versions).contains, remaining))
    except InvalidSpecifier:  # of something else that has this name
        return False
