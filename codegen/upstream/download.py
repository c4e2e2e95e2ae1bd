"""The wheel of a release by its version: from the cache, or else from the package index through pip."""

import re
import subprocess
import sys
from pathlib import Path

from packaging.version import InvalidVersion, Version

from codegen.errors import SourceError


def cached(distribution: str, version: Version, cache: Path) -> Path | None:
    """The wheel of that version in the cache, however the version is written: 1.2 is 1.2.0."""
    for path in sorted(cache.glob(f"{re.sub('[-.]+', '_', distribution)}-*.whl")):
        try:
            if Version(path.name.split("-")[1]) == version:
                return path
        except InvalidVersion:
            continue
    return None


def download(distribution: str, version: Version, cache: Path) -> Path:
    """The wheel of a version, from ``cache`` or else through pip.

    Raises:
        SourceError: there is no such version, or the package index cannot be reached.
    """
    if (path := cached(distribution, version, cache)) is not None:
        return path
    print(f"Downloading {distribution} {version} ...", file=sys.stderr)
    command = ["download", "--quiet", "--no-deps", "--dest", str(cache), f"{distribution}=={version}"]
    done = pip(*command)
    path = cached(distribution, version, cache)
    if done.returncode == 0 and path is not None:
        return path
    if "No module named pip" in done.stderr:
        raise SourceError(f"{distribution} {version} cannot be downloaded: this Python has no pip.")
    raise SourceError(_why(distribution, version, cache))


def pip(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the pip of this Python, without questions; the caller judges its exit code and output."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed program; names from the table, a checked version


def _why(distribution: str, version: Version, cache: Path) -> str:
    """The message for a version that could not be downloaded, with versions near it."""
    listed = pip("index", "versions", distribution)
    known = re.search(r"Available versions: (.*)", listed.stdout)
    if known is None:
        return (
            f"{distribution} {version} is not in {cache} and the package index cannot be asked; "
            "go online, or name a wheel or a folder."
        )
    names = known.group(1).split(", ")
    if version in map(Version, names):
        return f"{distribution} {version} exists, but its wheel could not be downloaded; try again."
    near = [name for name in names if Version(name).release[:2] == version.release[:2]]
    near += [name for name in names if Version(name).major == version.major and name not in near]
    return f"There is no {distribution} {version}; there are, for example, {', '.join((near or names)[:8])}."
