"""Loading an experiment from a file, and overriding single values (``--set``).

All mistakes are reported at once, each with its file, line and key path.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from llenergymeasure.config.documents import Document, parse_yaml, read
from llenergymeasure.config.errors import DocumentError, InvalidConfigError, Problem
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.config.explain import path_text
from llenergymeasure.config.phrasing import shown
from llenergymeasure.config.releases import warn_of_another_release


@dataclass(frozen=True, slots=True)
class Override:
    """A value that replaces one in a document.

    Args:
        path: the keys that lead to it.
        value: the new value.
    """

    path: tuple[str, ...]
    value: Any


def load_experiment(path: str | PathLike[str], overrides: Iterable[str] = ()) -> ExperimentConfig:
    """Load an experiment.

    Args:
        path: a YAML file, or a JSON file whose name ends in ``.json``.
        overrides: values to set, each as ``pytorch.temperature=0.7``. The value is YAML. Of two overrides for
            one path, the later one counts.

    Raises:
        DocumentError: the file or an override cannot be read as data.
        InvalidConfigError: the values are not a valid experiment. It lists every problem.

    Warns:
        OtherReleaseWarning: the file says that it was written for another release of transformers.
    """
    document = read(Path(path))
    if not isinstance(document.data, dict):
        keys = ", ".join(ExperimentConfig.model_fields)
        raise DocumentError(
            f"{path}: has to be a mapping with the keys {keys}; it is {shown(document.data)}."
        )
    parsed = [parse_override(text) for text in overrides]
    for override in parsed:
        _apply(document.data, override)
    _warn_of_another_release(str(path), document.data)
    try:
        return ExperimentConfig.model_validate(document.data)
    except ValidationError as error:
        problems = [
            Problem(
                _place(detail["loc"], str(path), document, parsed), path_text(detail["loc"]), detail["msg"]
            )
            for detail in error.errors(include_url=False)
        ]
        raise InvalidConfigError(tuple(problems)) from None


def _warn_of_another_release(name: str, data: dict[str, Any]) -> None:
    """Warn before validation, since a difference between releases is often why a value is refused."""
    release, settings = data.get("transformers"), data.get("pytorch")
    if isinstance(release, str):
        warn_of_another_release(name, release, settings if isinstance(settings, dict) else ())


def parse_override(text: str) -> Override:
    """Parse an override, such as ``pytorch.temperature=0.7``.

    Raises:
        DocumentError: it does not have this form, or its value is not YAML.
    """
    path, equals, value = text.partition("=")
    keys = tuple(path.strip().split("."))
    if not equals or not all(keys):
        raise DocumentError(f"--set {text}: has to be PATH=VALUE, such as pytorch.temperature=0.7.")
    if not value.strip():
        raise DocumentError(f"--set {text}: has no value; write null to set it to nothing.")
    return Override(keys, parse_yaml(value, f"--set {path.strip()}").data)


def _apply(data: dict[str, Any], override: Override) -> None:
    """Set the value in the data, and make the mappings that lead to it where they are missing."""
    *parents, last = override.path
    mapping = data
    for depth, key in enumerate(parents, start=1):
        mapping = mapping.setdefault(key, {})
        if not isinstance(mapping, dict):
            parent = path_text(tuple(parents[:depth]))
            raise DocumentError(
                f"--set {path_text(override.path)}: {parent} is {shown(mapping)}, which has no keys; set {parent} itself."
            )
    mapping[last] = override.value


def _place(path: tuple[int | str, ...], name: str, document: Document, overrides: list[Override]) -> str:
    """Where a value was written: ``--set``, or its line; if it has none, the line of what contains it."""
    for override in reversed(overrides):
        if path[: len(override.path)] == override.path:
            return "--set"
    lines = document.lines()
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return f"{name}:{lines[path[:length]]}"
    made_by_override = bool(path) and any(override.path[: len(path)] == path for override in overrides)
    return "--set" if made_by_override else name
