"""pydantic's errors in simple words: one sentence for each key, with its path and what is allowed there.

pydantic reports every member of a union that did not match; here they become one sentence, or, where one
member got further than the others (a list whose third item is wrong), the errors of that one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from llenergymeasure.config.annotations import annotation_of, fields_of, members, unwrapped
from llenergymeasure.config.phrasing import allowed, limits, shown
from llenergymeasure.config.types import OneOf

Path = tuple[int | str, ...]

_RANGES = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_short", "string_too_short"}
)
_SHORT_LIST = 12
"""Keys that are listed when no similar one can be suggested."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one value.

    Args:
        path: from the model that was built to the value.
        kind: pydantic's name for the error, such as ``greater_than``.
        message: what is wrong and what is allowed.
        value: what was given.
    """

    path: Path
    kind: str
    message: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Located:
    """An error of pydantic's, with what is left of its location."""

    error: ErrorDetails
    rest: Path

    def inside(self) -> "_Located":
        return _Located(self.error, self.rest[1:])


def explained(model: type[BaseModel], error: ValidationError, unknown: str = "") -> ValidationError:
    """The same error in simple words.

    Args:
        model: that was to be built.
        error: as pydantic raised it.
        unknown: text for a key that the model does not have, after the suggestion.
    """
    located = [_Located(detail, detail["loc"]) for detail in error.errors(include_url=False)]
    return error_of(model, _of_model(model, located, unknown))


def error_of(model: type[BaseModel], findings: Iterable[Finding]) -> ValidationError:
    """The error of pydantic's that consists of these findings."""
    return ValidationError.from_exception_data(model.__name__, [_as_line(finding) for finding in findings])


def _as_line(finding: Finding) -> InitErrorDetails:
    """A finding in pydantic's form."""
    # The sentence goes in as an argument: braces in it must not be taken for a template.
    wording = PydanticCustomError(finding.kind, "{sentence}", {"sentence": finding.message})
    return {"type": wording, "loc": finding.path, "input": finding.value}


def path_text(path: Path) -> str:
    """A path as users write it: ``pytorch.bad_words_ids[0][1]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _of_model(model: type[BaseModel], located: list[_Located], unknown: str) -> Iterator[Finding]:
    names = {name: annotation_of(field) for name, field in fields_of(model).items()}
    for error in _own(located):  # not a mapping at all, or keys that do not go together
        message = f"must be a mapping with keys of {model.__name__}, not {shown(error['input'])}"
        if error["type"] == "value_error":
            message = str(error["ctx"]["error"])
        yield Finding((), error["type"], message, error["input"])
    for first, group in _grouped(located).items():
        error = group[0].error
        if error["type"] == "extra_forbidden" and len(group[0].rest) == 1:
            message = f"is unknown; {nearest(str(first), list(names))}{unknown}"
            yield Finding((first,), error["type"], message, error["input"])
        elif first not in names:
            yield _wrong_key(error, (), first)
        else:
            yield from _of_value(names[str(first)], [item.inside() for item in group], (first,))


def _wrong_key(error: ErrorDetails, path: Path, key: int | str) -> Finding:
    is_short = error["type"] == "string_too_short"
    message = "is too short a key" if is_short else "is not text, as a key must be"
    return Finding((*path, str(key)), error["type"], message, error["input"])


def nearest(name: str, names: list[str]) -> str:
    """A hint at what was meant: the most similar name, or all of them where they are few; empty otherwise."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it, and every import pays

    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return (
        f"known are {', '.join(names)}" if len(names) <= _SHORT_LIST else "there is none with a similar name"
    )


def _own(located: list[_Located]) -> list[ErrorDetails]:
    """The errors of the value itself."""
    return [item.error for item in located if not item.rest]


def _grouped(located: list[_Located]) -> dict[int | str, list[_Located]]:
    """The errors of what is inside of the value, by the first step to it."""
    groups: dict[int | str, list[_Located]] = {}
    for item in located:
        if item.rest:
            groups.setdefault(item.rest[0], []).append(item)
    return groups


def _of_value(annotation: Any, located: list[_Located], path: Path) -> Iterator[Finding]:
    inner, markers = unwrapped(annotation)
    alternatives = [member for member in members(inner) if member is not type(None)]
    own = _own(located)
    if own:
        yield _sentence(annotation, own[0], path)
    elif len(alternatives) == 1 and alternatives[0] is not inner:
        yield from _of_value(alternatives[0], located, path)
    elif any(isinstance(marker, OneOf) for marker in markers):
        chosen = {model.__name__: model for model in alternatives}
        for name, group in _grouped(located).items():
            yield from _of_value(chosen[str(name)], [item.inside() for item in group], path)
    elif len(alternatives) > 1:
        yield from _of_union(annotation, alternatives, located, path)
    elif isinstance(inner, type) and issubclass(inner, BaseModel):  # it has explained itself already
        for item in located:
            yield Finding((*path, *item.rest), item.error["type"], item.error["msg"], item.error["input"])
    else:
        yield from _of_parts(annotation, located, path)


def _of_parts(annotation: Any, located: list[_Located], path: Path) -> Iterator[Finding]:
    """What is wrong inside of a list, a tuple or a mapping."""
    # An item that a tuple of fixed length lacks.
    too_short = [item.error for item in located if item.error["type"] == "missing" and len(item.rest) == 1]
    if too_short:
        message = f"must be {allowed(annotation)}, not {shown(too_short[0]['input'])}"
        yield Finding(path, "wrong_length", message, too_short[0]["input"])
        return
    for step, group in _grouped(located).items():
        wrong_key = next((item.error for item in group if item.rest[-1] == "[key]"), None)
        if wrong_key is not None:
            yield _wrong_key(wrong_key, path, step)
        else:
            below = _part(unwrapped(annotation)[0], step)
            yield from _of_value(below, [item.inside() for item in group], (*path, step))


def _part(inner: Any, step: int | str) -> Any:
    """The annotation of a part of a list, a tuple or a mapping with text keys."""
    parts: tuple[Any, ...] = get_args(inner)
    if get_origin(inner) is dict:
        return parts[1]
    return parts[0] if parts[-1] is ... or not isinstance(step, int) else parts[step]


def _of_union(
    annotation: Any, alternatives: list[Any], located: list[_Located], path: Path
) -> Iterator[Finding]:
    groups = _grouped(located)
    # pydantic labels each alternative in its own way, but tries and reports them in order.
    if len(groups) == len(alternatives):
        tries = [
            list(_of_value(alternative, [item.inside() for item in group], path))
            for alternative, group in zip(alternatives, groups.values(), strict=True)
        ]
        best = max(tries, key=lambda findings: _closeness(findings, path))
        if any(_closeness(best, path)):
            yield from best
            return
    yield _sentence(annotation, next(iter(groups.values()))[0].error, path)


def _closeness(findings: list[Finding], path: Path) -> tuple[bool, bool]:
    """How near an alternative was to admit the value: wrong only inside, or wrong only in its range."""
    inside = any(len(finding.path) > len(path) for finding in findings)
    return inside, any(finding.kind in _RANGES for finding in findings)


def _sentence(annotation: Any, error: ErrorDetails, path: Path) -> Finding:
    kind, value = error["type"], error["input"]
    if kind == "missing":
        message = f"is missing; it must be {allowed(annotation)}"
    elif kind == "value_error":
        message = str(error["ctx"]["error"])
    elif kind == "finite_number":
        message = f"must be finite, not {shown(value)}"
    elif kind == "none_required":
        message = f"must be null, not {shown(value)}; nothing else is taken as data, so pass the real object in extra"
    elif kind in _RANGES:
        message = f"must be {_limits(annotation)}, not {shown(value)}".replace("must be not", "must not be")
    else:
        message = f"must be {allowed(annotation)}, not {shown(value)}"
    return Finding(path, kind, message, value)


def _limits(annotation: Any) -> str:
    inner, markers = unwrapped(annotation)
    parts = members(inner)
    return limits(markers) or (" or ".join(filter(None, map(_limits, parts))) if len(parts) > 1 else "")
