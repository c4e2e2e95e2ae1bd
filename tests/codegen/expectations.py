"""What tests expect of each supported release: the data files in ``expected``, one for each release.

No test names a release: a new one only needs a file here, and the file of a dropped one is removed.
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
    """What extraction has to find in a release; a person compared it with the source.

    Args:
        params: the parameters that this release has and some others do not.
        statements: the keys of all rules that are found.
        rules: the condition of some rules, by key.
        ignored: the parameters that each dormancy rule calls ignored, by the key of the rule.
        unread: each ``raise`` that cannot be read: its function, then the parameters that it depends on.
        judged: the verdict of fidelity on some configurations, by their name; only for a release that was
            once installed here.
        step: all parameters with a finding of some kinds, by kind, in the step from the release before.
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
