"""How other releases of transformers differ from the schema's, parameter by parameter.

A file that was written for another release, a saved record and the installed transformers are compared with
the schema here. The data is in ``releases.json``, which ``python -m codegen refresh`` generates.
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
    """What is known of a release.

    Args:
        parameters: by name, a list of two: the type as text, and the effective default.
        rules: by id, a digest of the rule's content.
    """

    parameters: Mapping[str, list[Any]]
    rules: Mapping[str, str]


@cache
def _releases() -> dict[str, Release]:
    data: dict[str, dict[str, Any]] = json.loads((files(__package__) / DATA).read_text(encoding="utf-8"))
    return {version: Release(**content) for version, content in data.items()}


def _why_unknown(*releases: str) -> str:
    """A sentence about the first of these releases that nothing is known of; empty if all are known."""
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
    """What differs between a release and the schema's: a sentence per parameter.

    Args:
        release: a release of transformers, such as ``1.2.3``.
        names: the parameters to compare.
    """
    ours = PyTorchConfig.engine_version
    if release == ours:
        return ()
    if unknown := _why_unknown(release, ours):
        return (unknown,)
    before, now = _releases()[release].parameters, _releases()[ours].parameters
    return tuple(
        sentence
        for name in names
        if (sentence := _difference(name, before.get(name), now.get(name), release))
    )


def _difference(name: str, before: list[Any] | None, now: list[Any] | None, release: str) -> str:
    """A sentence about one parameter, given its entries in both releases; empty if they are equal."""
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
    """Warn about what differs between a release and the schema's; do nothing if it is the same release.

    Args:
        source: what was made under the release, such as the path of a file.
        release: the release that it was made under.
        names: the parameters that it sets; if not given, all parameters of both releases.

    Warns:
        OtherReleaseWarning: the release is another one.
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


def compare_installed(defaults: Mapping[str, object], release: str) -> tuple[str, ...]:
    """How the installed transformers differs from the schema: a sentence for each difference.

    Names and defaults of parameters are read from the installed package. Rules cannot be read from it: those
    of a release are known only from ``releases.json``.

    Args:
        defaults: the effective default of each public attribute of the installed ``GenerationConfig``.
        release: the installed release.
    """
    if unknown := _why_unknown(PyTorchConfig.engine_version):
        return (
            f"{unknown}, and the schema was generated from it; install a published version of llenergymeasure",
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
    """Whether the rules across parameters of a release are known."""
    return release in _releases()


def _rule_differences(release: str) -> Iterator[str]:
    """Sentences on rules that only the schema has, that only the release has, and that differ."""
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
