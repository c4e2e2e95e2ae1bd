"""The real supported releases: their sources, and what their own GenerationConfig gives.

Wheels and environments are kept under ``.cache``. Each is made once, by the first process that needs it; test
processes that run at the same time wait for it.
"""

import fcntl
import functools
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from codegen.engines.transformers.extract import extract
from codegen.model.facts import Facts
from codegen.upstream import source
from codegen.upstream.download import download
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library
from tests.codegen import places

_CACHE = places.ROOT / ".cache"

_QUESTION = """
import json
from transformers.generation.configuration_utils import GenerationConfig
from tests.codegen import places

config = GenerationConfig()
declared = {name: value for name, value in vars(config).items() if name[0] != "_" and name != "transformers_version"}
defaults = getattr(GenerationConfig, "_get_default_generation_params", dict)()
effective = {name: defaults.get(name) if value is None else value for name, value in declared.items()}
print(json.dumps({"declared": declared, "effective": effective, "unknown": sorted(set(defaults) - set(declared))}))
"""


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold a lock of that name, so that only one process at a time is in the context."""
    _CACHE.mkdir(exist_ok=True)
    with (_CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_installed(version: str) -> bool:
    """Whether it is the transformers that this Python imports."""
    return source.installed(places.PACKAGE).version == version


def wheel(version: str) -> Path:
    """Its wheel; downloaded the first time, which fails with a clear message when there is no network."""
    with _alone(f"transformers-{version}"):
        return download(places.PACKAGE.distribution, Version(version), places.ROOT / places.PACKAGE.cache)


@functools.cache
def tree(version: str) -> SourceTree:
    """Its source: the installed one where it is that, else its wheel."""
    return (
        source.installed(places.PACKAGE)
        if is_installed(version)
        else source.wheel(places.PACKAGE, wheel(version))
    )


def arguments(version: str) -> list[str]:
    """The options of ``python -m codegen`` to read a release."""
    return [] if is_installed(version) else ["--transformers", str(wheel(version))]


@functools.cache
def library(version: str) -> Library:
    """Its files, parsed once per process."""
    return Library(tree(version))


@functools.cache
def facts(version: str) -> Facts:
    """What extraction finds in it."""
    return extract(library(version))


@functools.cache
def real(version: str) -> dict[str, Any]:
    """What a release's own GenerationConfig gives, in a separate process and environment."""
    if is_installed(version):
        return _asked({})
    place = _environment(version)
    answer = place / f"answer-{hashlib.sha256(_QUESTION.encode()).hexdigest()[:16]}.json"
    with _alone(f"environment-{version}"):
        if not answer.is_file():
            answer.write_text(json.dumps(_asked({"PYTHONPATH": str(place)})))
        return json.loads(answer.read_text())


def _asked(variables: dict[str, str]) -> dict[str, Any]:
    # Releases that know USE_TORCH=0 do not import torch then, which this class does not need.
    done = subprocess.run(
        [sys.executable, "-c", _QUESTION],
        env=os.environ | variables | {"USE_TORCH": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def environment(version: str) -> Path:
    """As :func:`_environment`, with the models of the release."""
    place = _environment(version)
    with _alone(f"environment-{version}"):
        if not (place / "transformers" / "models" / "llama").is_dir():
            with zipfile.ZipFile(wheel(version)) as archive:
                archive.extractall(place, [each for each in archive.namelist() if "/models/" in each])
    return place


def _environment(version: str) -> Path:
    """A folder to put first on the path: the release, and the packages that it needs in other versions than
    the installed ones."""
    place = _CACHE / "environments" / version
    whl = wheel(version)
    with _alone(f"environment-{version}"):
        if not place.is_dir():
            place.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
                _unpack(whl, Path(scratch) / version)
                _install_needed(Path(scratch) / version)
                (Path(scratch) / version).rename(place)
    return place


def _unpack(whl: Path, place: Path) -> None:
    """Unpack all but the models' own folders, which are most of a wheel."""
    with zipfile.ZipFile(whl) as archive:
        members = [
            name
            for name in archive.namelist()
            if not name.startswith("transformers/models/")
            or name.count("/") == 2
            or name.startswith("transformers/models/auto/")
        ]
        archive.extractall(place, members)


def _install_needed(place: Path) -> None:
    [metadata] = place.glob("transformers-*.dist-info")
    wanted = map(Requirement, importlib.metadata.Distribution.at(metadata).requires or [])
    needed = [str(each) for each in wanted if _applies(each) and not _is_met(each)]
    if needed:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-compile",
                "--target",
                str(place),
                *needed,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"the environment of {place.name} cannot be made: {done.stderr}"


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _is_met(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(importlib.metadata.version(requirement.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False
