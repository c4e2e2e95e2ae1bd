"""What tests expect of each supported release: the data files in ``expected``, one for each release.

A release that is new needs a file, and a release that is dropped takes its file along; no test names either.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.codegen import places

FOLDER = Path(__file__).parent / "expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What extraction finds in a release, read by hand against its source.

    Args:
        params: of the parameters that not every release has (:data:`WATCHED`), those that it has.
        statements: the keys of all rules that are found.
        rules: by key, the condition that is found.
        ignored: by key of a rule of dormancy, the parameters that it calls ignored.
        unread: each ``raise`` that cannot be read: its function, then the parameters that it depends on.
        judged: by name of a configuration, how fidelity judges it; of a release that was once installed here.
        step: by kind of finding, all parameters of which the step from the release before has one.
    """

    params: tuple[str, ...]
    statements: tuple[str, ...]
    unread: tuple[tuple[str, ...], ...]
    rules: Mapping[str, str]
    ignored: Mapping[str, tuple[str, ...]]
    judged: Mapping[str, str] = field(default_factory=dict)
    step: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@functools.cache
def of(version: str) -> Expectation:
    """The expectation of a release.

    Raises:
        AssertionError: it has none yet.
    """
    path = FOLDER / f"{version}.toml"
    assert path.is_file(), f"write {path.relative_to(places.ROOT)}: what is to be found in that release"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return Expectation(
        params=tuple(data["params"]),
        statements=tuple(data["statements"]),
        unread=tuple(map(tuple, data["unread"])),
        rules=data["rules"],
        ignored=data["ignored"],
        judged=data.get("judged", {}),
        step=data.get("step", {}),
    )


WATCHED = frozenset(name for version in places.SUPPORTED for name in of(version).params)
"""Parameters that not every supported release has."""
