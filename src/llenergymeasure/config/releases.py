"""What differs, field by field, for a file that was made under another release of transformers.

The data next to this file is generated: ``python -m codegen refresh`` writes it.
"""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from llenergymeasure.config.backend_configs import PyTorchConfig

DATA = "releases.json"
ENGINE = PyTorchConfig.engine
"""The engine whose releases are compared here."""


class OtherReleaseWarning(UserWarning):
    """A configuration or a record was made under another release of transformers than this schema."""


class Release(NamedTuple):
    """What is compared of a release.

    Args:
        parameters: the type, as text, and the effective default of each.
        rules: a digest of what each says, by its id.
    """

    parameters: Mapping[str, list[Any]]
    rules: Mapping[str, str]


@cache
def _releases() -> dict[str, Release]:
    data: dict[str, dict[str, Any]] = json.loads((files(__package__) / DATA).read_text(encoding="utf-8"))
    return {version: Release(**each) for version, each in data.items()}


def _unknown(*releases: str) -> str:
    """A sentence about the first of some releases that cannot be compared; empty if all can be."""
    known = _releases()
    return next(
        (
            f"transformers {release} is not one of the releases that are compared here ({', '.join(known)})"
            for release in releases
            if release not in known
        ),
        "",
    )


def differences(release: str, names: Iterable[str]) -> tuple[str, ...]:
    """What differs between a release and this schema's: a sentence per parameter.

    Args:
        release: of transformers, such as ``1.2.3``.
        names: the parameters to compare.
    """
    ours = PyTorchConfig.engine_version
    if release == ours:
        return ()
    if unknown := _unknown(release, ours):
        return (unknown,)
    before, now = (_releases()[each].parameters for each in (release, ours))
    return tuple(
        sentence
        for name in names
        if (sentence := _difference(name, before.get(name), now.get(name), release))
    )


def _difference(name: str, before: list[Any] | None, now: list[Any] | None, release: str) -> str:
    ours = PyTorchConfig.engine_version
    if before == now:
        return ""
    if now is None:
        return f"{name} does not exist in {ours}" if before is not None else ""
    if before is None:
        return f"{name} is new since {release}"
    parts = []
    if before[0] != now[0]:
        parts.append(f"takes {now[0]} and took {before[0]}")
    if before[1] != now[1]:
        parts.append(f"is {now[1]!r} if unset, and was {before[1]!r}")
    return f"{name} {' and '.join(parts)}"


def warn_of_another_release(source: str, release: str, names: Iterable[str] | None = None) -> None:
    """Say, as :class:`OtherReleaseWarning`, what differs; nothing if it is this release.

    Args:
        source: what was made under the release, such as the path of a file.
        release: the one that it names.
        names: the parameters that it sets; if not given, all that either release has.
    """
    ours = PyTorchConfig.engine_version
    if release == ours:
        return
    if names is None:
        known = _releases().get(release)
        names = {**(known.parameters if known else {}), **PyTorchConfig.params}
    changes = differences(release, names)
    summary = "; ".join(changes) or "nothing that it sets differs"
    message = f"{source}: was made for transformers {release}, and this schema is of {ours}: {summary}."
    warnings.warn(message, OtherReleaseWarning, stacklevel=3)


def compare_live(defaults: Mapping[str, object], release: str) -> tuple[str, ...]:
    """How a real ``GenerationConfig`` differs from the schema, a sentence each.

    Names and defaults are those of the class. Rules are compared by what is known of both releases.

    Args:
        defaults: the effective default of each of its public attributes.
        release: of that class.
    """
    if unknown := _unknown(PyTorchConfig.engine_version):
        return (
            f"{unknown}, and the schema is of it; install a version of llenergymeasure as it was published",
        )
    schema = _releases()[PyTorchConfig.engine_version].parameters
    removed = [
        f"{name} is in the schema, and transformers {release} does not have it"
        for name in schema
        if name not in defaults
    ]
    new = [
        f"{name} is in transformers {release}, and the schema does not have it"
        for name in defaults
        if name not in schema
    ]
    other = [
        f"{name} is {defaults[name]!r} in transformers {release} if unset, and {default!r} in the schema"
        for name, (_, default) in schema.items()
        if name in defaults and (type(defaults[name]), defaults[name]) != (type(default), default)
    ]
    return (*removed, *new, *other, *_rule_differences(release))


def rules_are_known(release: str) -> bool:
    """Whether it is known which rules across parameters a release has."""
    return release in _releases()


def _rule_differences(release: str) -> Iterator[str]:
    """A sentence for the rules that only the schema has, only the release has, and both have otherwise."""
    known = _releases()
    if release not in known:
        return
    ours, theirs = known[PyTorchConfig.engine_version].rules, known[release].rules
    for ids, what in (
        (ours.keys() - theirs.keys(), f"in the schema, and not in transformers {release}"),
        (theirs.keys() - ours.keys(), f"in transformers {release}, and not in the schema"),
        (
            {rule for rule in ours.keys() & theirs.keys() if ours[rule] != theirs[rule]},
            f"different in transformers {release}",
        ),
    ):
        if ids:
            names = ", ".join(sorted(ids))
            yield f"{len(ids)} rules are {what}: {names}" if len(ids) > 1 else f"the rule {names} is {what}"
