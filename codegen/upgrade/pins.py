"""``constraints.txt``: the versions that development and CI install."""

import json
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from packaging.utils import canonicalize_name

from codegen.errors import UpgradeError
from codegen.upstream.download import pip

FILE = Path("constraints.txt")
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)$", re.MULTILINE)


def pinned(text: str) -> dict[str, str]:
    """The version of each distribution that a text of constraints pins."""
    return {pin["name"]: pin["version"] for pin in _PIN.finditer(text)}


def repinned(text: str, versions: dict[str, str]) -> str:
    """The constraints with some versions replaced; everything else stays, comments and order included.

    Args:
        text: the text of the constraints.
        versions: the new version of each distribution, by its name as the text spells it.
    """
    return _PIN.sub(lambda pin: f"{pin['name']}=={versions.get(pin['name'], pin['version'])}", text)


def installed(text: str) -> dict[str, str]:
    """The installed version of each pinned distribution, without those that are not installed."""
    versions = {}
    for name in pinned(text):
        try:
            versions[name] = version(name).partition("+")[0]  # without a local version such as +cpu
        except PackageNotFoundError:
            continue
    return versions


def newest(distribution: str) -> str:
    """The newest release on the package index that this Python can install.

    Raises:
        UpgradeError: the index cannot be asked.
    """
    options = ("--quiet", "--dry-run", "--ignore-installed", "--no-deps", "--report", "-")
    done = pip("install", *options, distribution)
    try:
        chosen = json.loads(done.stdout)["install"]
        names = {canonicalize_name(each["metadata"]["name"]): each["metadata"]["version"] for each in chosen}
        return str(names[canonicalize_name(distribution)])
    except (ValueError, KeyError) as error:
        why = done.stderr.strip().rpartition("\n")[2] or "pip gave no report"
        raise UpgradeError(f"the package index cannot be asked for {distribution} ({why}).") from error
