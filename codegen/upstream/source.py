"""Where the source of a release is: installed, a wheel, a folder, or a version to download.

Files are read as text, directly from the wheel if it is one; nothing is unpacked or imported.
"""

import hashlib
import importlib.util
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.errors import MissingFileError, SourceError
from codegen.upstream.download import cached, download


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A Python package whose releases can be read.

    Args:
        name: as it is imported.
        distribution: as it is installed.
        mark: a file by which a folder is recognised as the package.
        oldest: the first release that can be read. Older ones are refused by name.
        version_file: the file that states its ``__version__``.
    """

    name: str
    distribution: str
    mark: str
    oldest: str
    version_file: str = "__init__.py"

    @property
    def cache(self) -> Path:
        """Where downloaded wheels are kept, under the root of the checkout."""
        return Path(".cache") / self.distribution


@dataclass(frozen=True, slots=True)
class SourceTree:
    """One release's source.

    Args:
        package: the name of its package.
        version: as the package states it.
        label: its name in messages.
        root: the prefix of a file's path when it is shown.
        reader: gives the text of a file by its path in the package; raises :class:`KeyError` or
            :class:`OSError` if it is not there.
    """

    package: str
    version: str
    label: str
    root: str
    reader: Callable[[str], str]

    def read(self, path: str) -> str:
        """The text of a file, by its path in the package.

        Raises:
            MissingFileError: it is not there.
            SourceError: it is not text, or damaged.
        """
        try:
            return self.reader(path)
        except (KeyError, FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError(
                f"{self.label} has no file {self.package}/{path}; it is not a whole {self.package}."
            ) from error
        except (OSError, UnicodeDecodeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise SourceError(f"{self.label}: {self.package}/{path} cannot be read ({error}).") from error

    def digest(self, paths: Iterable[str]) -> str:
        """A digest of the texts of some files; a file that is not there counts as empty.

        Raises:
            SourceError: one is not text, or damaged.
        """
        found = hashlib.sha256()
        for path in paths:
            try:
                text = self.read(path).encode()
            except MissingFileError:
                text = b""
            found.update(f"{path} {len(text)} ".encode())
            found.update(text)
        return found.hexdigest()[:16]


def locate(package: Package, source: str | None, checkout: Path) -> SourceTree:
    """The source tree that a user asked for.

    Args:
        package: the package to find.
        source: None for the installed one; else a wheel, a folder, or a version such as ``1.2.3``.
        checkout: the root of this repository, where downloads are kept.

    Raises:
        SourceError: there is none; the message says what to do.
    """
    if source is None:
        return installed(package)
    path = Path(source)
    try:
        if path.is_dir():
            return folder(package, path)
        if source.endswith(".whl") or path.is_file():
            return wheel(package, path)
    except OSError:
        pass  # no file can have that name
    try:
        version = Version(source)
    except InvalidVersion:
        raise SourceError(
            f"{source!r} is neither a folder, nor a wheel, nor a version such as 1.2.3."
        ) from None
    return wheel(package, download(package.distribution, version, checkout / package.cache))


def at_hand(package: Package, version: str, checkout: Path) -> SourceTree | None:
    """The source of a version if it is installed or in the cache, else None; nothing is downloaded."""
    try:
        here = installed(package)
        if here.version == version:
            return here
    except SourceError:
        pass
    try:
        path = cached(package.distribution, Version(version), checkout / package.cache)
        return wheel(package, path) if path is not None else None
    except (InvalidVersion, SourceError):
        return None


def installed(package: Package) -> SourceTree:
    """The package that this Python would import; it is not imported.

    Raises:
        SourceError: it is not installed, or cannot be read.
    """
    name = package.name
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SourceError(
            f"{name} is not installed here; install it (pip install {package.distribution}), or name a version, "
            f"a wheel or a folder with --{name}."
        )
    return _in_folder(package, Path(spec.origin).parent, f"the installed {name}")


def folder(package: Package, path: Path) -> SourceTree:
    """The package in a folder: the folder itself, one directly in it, or one in its ``src``.

    Raises:
        SourceError: there is none, or it cannot be read.
    """
    name = package.name
    for candidate in (path, path / name, path / "src" / name):
        if (candidate / package.mark).is_file():
            return _in_folder(package, candidate, str(path))
    raise SourceError(
        f"{path} holds no {name}: there is no {package.mark} in it, in its {name} folder, or in its src/{name}."
    )


def wheel(package: Package, path: Path) -> SourceTree:
    """The package in a wheel, which is not unpacked.

    Raises:
        SourceError: there is no such file, or it is not a whole wheel of the package.
    """
    if not path.is_file():
        raise SourceError(f"{path}: no such wheel.")
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path} is not a whole wheel ({error}); download it again.") from error

    def reader(name: str) -> str:
        return archive.read(f"{package.name}/{name}").decode("utf-8")

    return _with_version(package, str(path), f"{path}/{package.name}", reader)


def _in_folder(package: Package, place: Path, label: str) -> SourceTree:
    def reader(name: str) -> str:
        return (place / name).read_text(encoding="utf-8")

    return _with_version(package, label, str(place), reader)


def _with_version(package: Package, label: str, root: str, reader: Callable[[str], str]) -> SourceTree:
    """The source tree, with the version that it states."""
    unversioned = SourceTree(package.name, "", label, root, reader)
    text, place = unversioned.read(package.version_file), f"{package.name}/{package.version_file}"
    found = re.search(r'^__version__ = "([^"\n]+)"', text, re.MULTILINE)
    if found is None:
        raise SourceError(f"{label}: {place} states no __version__.")
    try:
        version = Version(found.group(1))
    except InvalidVersion:
        raise SourceError(f"{label}: {found.group(1)!r} in {place} is not a version.") from None
    if version.release[:2] < Version(package.oldest).release[:2]:
        raise SourceError(
            f"{label} is {package.name} {version}; releases from {package.oldest} on can be read."
        )
    return SourceTree(package.name, str(version), label, root, reader)
