"""Where a transformers release's source is: installed, a wheel, a folder, or a version to download.

Files are read as text, out of the wheel where it is one; nothing is unpacked or imported.
"""

import importlib.util
import re
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.errors import MissingFileError, SourceError

OLDEST = Version("4.52")
"""The first release that can be read. Older ones are refused by name."""

CACHE = Path(".cache/transformers")
"""Where downloaded wheels are kept, under the root of the checkout."""


@dataclass(frozen=True, slots=True)
class SourceTree:
    """One release's source.

    Args:
        version: as its ``__init__.py`` states it.
        label: how to name it to a person.
        root: what stands before a file's path when it is shown.
        reader: gives the text of a file by its path under the ``transformers`` folder; raises :class:`KeyError` or
            :class:`OSError` if it is not there.
    """

    version: str
    label: str
    root: str
    reader: Callable[[str], str]

    def read(self, path: str) -> str:
        """The text of a file, by its path under the ``transformers`` folder.

        Raises:
            MissingFileError: it is not there.
            SourceError: it is not text, or damaged.
        """
        try:
            return self.reader(path)
        except (KeyError, FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError(
                f"{self.label} has no file transformers/{path}; it is not a whole transformers."
            ) from error
        except (OSError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise SourceError(f"{self.label}: transformers/{path} cannot be read ({error}).") from error


def locate(wanted: str | None, checkout: Path) -> SourceTree:
    """The source tree that a person asked for.

    Args:
        wanted: None for the installed one; else a wheel, a folder, or a version such as ``5.12.1``.
        checkout: the root of this repository, where downloads are kept.

    Raises:
        SourceError: there is none such, with what to do.
    """
    if wanted is None:
        return installed()
    path = Path(wanted)
    try:
        if path.is_dir():
            return folder(path)
        if wanted.endswith(".whl") or path.is_file():
            return wheel(path)
    except OSError:
        pass  # no file can have that name
    try:
        version = Version(wanted)
    except InvalidVersion:
        raise SourceError(
            f"{wanted!r} is neither a folder, nor a wheel, nor a version such as 5.12.1."
        ) from None
    return wheel(download(version, checkout / CACHE))


def at_hand(version: str, checkout: Path) -> SourceTree | None:
    """The source of a version if it is installed or was downloaded before; nothing is downloaded."""
    try:
        here = installed()
        if here.version == version:
            return here
    except SourceError:
        pass
    try:
        kept = _kept(Version(version), checkout / CACHE)
        return wheel(kept) if kept is not None else None
    except (InvalidVersion, SourceError):
        return None


def installed() -> SourceTree:
    """The transformers that this Python would import, without importing it."""
    spec = importlib.util.find_spec("transformers")
    if spec is None or spec.origin is None:
        raise SourceError(
            "transformers is not installed here; install it (pip install transformers), or name a version, "
            "a wheel or a folder with --transformers."
        )
    return _in_folder(Path(spec.origin).parent, "the installed transformers")


def folder(path: Path) -> SourceTree:
    """A folder: the package itself, what contains it, or a checkout with ``src/transformers``."""
    for candidate in (path, path / "transformers", path / "src" / "transformers"):
        if (candidate / "generation" / "configuration_utils.py").is_file():
            return _in_folder(candidate, str(path))
    raise SourceError(
        f"{path} holds no transformers: there is no generation/configuration_utils.py in it, "
        "in its transformers folder, or in its src/transformers."
    )


def wheel(path: Path) -> SourceTree:
    """A wheel, read in place."""
    if not path.is_file():
        raise SourceError(f"{path}: no such wheel.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path} is not a whole wheel ({error}); download it again.") from error

    def reader(name: str) -> str:
        return archive.read(f"transformers/{name}").decode("utf-8")

    return _stated(str(path), f"{path}/transformers", reader)


def _in_folder(package: Path, label: str) -> SourceTree:
    def reader(name: str) -> str:
        return (package / name).read_text(encoding="utf-8")

    return _stated(label, str(package), reader)


def _stated(label: str, root: str, reader: Callable[[str], str]) -> SourceTree:
    unnamed = SourceTree(version="", label=label, root=root, reader=reader)
    found = re.search(r'^__version__ = "([^"\n]+)"', unnamed.read("__init__.py"), re.MULTILINE)
    if found is None:
        raise SourceError(f"{label}: transformers/__init__.py states no __version__.")
    try:
        version = Version(found.group(1))
    except InvalidVersion:
        raise SourceError(f"{label}: {found.group(1)!r} in transformers/__init__.py is no version.") from None
    if version.release[:2] < OLDEST.release:
        raise SourceError(f"{label} is transformers {version}; releases from {OLDEST} on can be read.")
    return SourceTree(version=str(version), label=label, root=root, reader=reader)


def download(version: Version, cache: Path) -> Path:
    """The wheel of a version, from ``cache`` or else through pip.

    Raises:
        SourceError: there is no such version, or the package index cannot be reached.
    """
    kept = _kept(version, cache)
    if kept is not None:
        return kept
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    print(f"Downloading transformers {version} ...", file=sys.stderr)
    done = subprocess.run(  # noqa: S603 - a fixed program; the one argument is a checked version
        [*pip, "download", "--quiet", "--no-deps", "--dest", str(cache), f"transformers=={version}"],
        capture_output=True,
        text=True,
        check=False,
    )
    kept = _kept(version, cache)
    if done.returncode == 0 and kept is not None:
        return kept
    if "No module named pip" in done.stderr:
        raise SourceError(f"transformers {version} cannot be downloaded: this Python has no pip.")
    listed = subprocess.run(  # noqa: S603 - as above
        [*pip, "index", "versions", "transformers"], capture_output=True, text=True, check=False
    )
    known = re.search(r"Available versions: (.*)", listed.stdout)
    if known is None:
        raise SourceError(
            f"transformers {version} is not in {cache} and the package index cannot be asked; "
            "go online, or name a wheel or a folder."
        )
    names = known.group(1).split(", ")
    if version in map(Version, names):
        raise SourceError(f"transformers {version} exists, but its wheel could not be downloaded; try again.")
    near = [name for name in names if Version(name).release[:2] == version.release[:2]]
    near += [name for name in names if Version(name).major == version.major and name not in near]
    raise SourceError(
        f"There is no transformers {version}; there are, for example, {', '.join((near or names)[:8])}."
    )


def _kept(version: Version, cache: Path) -> Path | None:
    """The wheel in the cache that is of that version, however it is spelled: 5.12 is 5.12.0."""
    for path in sorted(cache.glob("transformers-*-py3-none-any.whl")):
        try:
            if Version(path.name.split("-")[1]) == version:
                return path
        except InvalidVersion:
            continue
    return None
