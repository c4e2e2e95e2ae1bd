"""pydantic's errors in simple words: one sentence for each key, with its path and what is allowed there.

For a union, pydantic reports an error for every member. Here they become one sentence; or, where the value
fits one member better than the others (a list whose third item is wrong), only the errors of that member.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from llenergymeasure.config.annotations import annotation_of, fields_of, members, unwrapped
from llenergymeasure.config.phrasing import allowed, limits, shown
from llenergymeasure.config.types import OneOf

KeyPath = tuple[int | str, ...]
"""The keys and indices that lead to a value."""

_RANGES = frozenset(
    {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_short", "string_too_short"}
)
_SHORT_LIST = 12
"""How many keys a message lists at most, when it can suggest no similar one."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with one value.

    Args:
        path: where the value is, from the model that was built.
        kind: pydantic's name for the error, such as ``greater_than``.
        message: what is wrong and what is allowed, in one sentence.
        value: what was given.
    """

    path: KeyPath
    kind: str
    message: str
    value: Any


@dataclass(frozen=True, slots=True)
class _Located:
    """An error of pydantic's, and its location relative to the value that is looked at."""

    error: ErrorDetails
    rest: KeyPath

    def inside(self) -> "_Located":
        """The same error, relative to the part of the value in which it is."""
        return _Located(self.error, self.rest[1:])


def explained(model: type[BaseModel], error: ValidationError, unknown_hint: str = "") -> ValidationError:
    """The same error in simple words.

    Args:
        model: the class that was to be built.
        error: what pydantic raised.
        unknown_hint: added to the message about a key that the model does not have, after the suggestion.
    """
    located = [_Located(detail, detail["loc"]) for detail in error.errors(include_url=False)]
    return error_of(model, _in_model(model, located, unknown_hint))


def error_of(model: type[BaseModel], mistakes: Iterable[Mistake]) -> ValidationError:
    """The error of pydantic's that reports these mistakes."""
    return ValidationError.from_exception_data(model.__name__, [_as_detail(mistake) for mistake in mistakes])


def _as_detail(mistake: Mistake) -> InitErrorDetails:
    """A mistake in pydantic's form."""
    # The sentence goes in as an argument: braces in it must not be taken for a template.
    wording = PydanticCustomError(mistake.kind, "{sentence}", {"sentence": mistake.message})
    return {"type": wording, "loc": mistake.path, "input": mistake.value}


def path_text(path: KeyPath) -> str:
    """A path as users write it: ``pytorch.bad_words_ids[0][1]``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def _in_model(model: type[BaseModel], located: list[_Located], unknown_hint: str) -> Iterator[Mistake]:
    """What is wrong with the data of a model."""
    annotations = {name: annotation_of(field) for name, field in fields_of(model).items()}
    for error in _own_errors(located):  # not a mapping at all, or keys that do not go together
        message = f"must be a mapping with keys of {model.__name__}, not {shown(error['input'])}"
        if error["type"] == "value_error":
            message = str(error["ctx"]["error"])
        yield Mistake((), error["type"], message, error["input"])
    for key, group in _by_first_step(located).items():
        error = group[0].error
        if error["type"] == "extra_forbidden" and len(group[0].rest) == 1:
            message = f"is unknown; {nearest(str(key), list(annotations))}{unknown_hint}"
            yield Mistake((key,), error["type"], message, error["input"])
        elif key not in annotations:
            yield _wrong_key(error, (), key)
        else:
            yield from _in_value(annotations[str(key)], [item.inside() for item in group], (key,))


def _wrong_key(error: ErrorDetails, path: KeyPath, key: int | str) -> Mistake:
    is_short = error["type"] == "string_too_short"
    message = "is too short a key" if is_short else "is not text, as a key must be"
    return Mistake((*path, str(key)), error["type"], message, error["input"])


def nearest(name: str, names: list[str]) -> str:
    """A hint at what was meant: the most similar name; if none is similar, all names where they are few."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it, and every import pays

    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return (
        f"known are {', '.join(names)}" if len(names) <= _SHORT_LIST else "there is none with a similar name"
    )


def _own_errors(located: list[_Located]) -> list[ErrorDetails]:
    """The errors of the value itself, not of a part of it."""
    return [item.error for item in located if not item.rest]


def _by_first_step(located: list[_Located]) -> dict[int | str, list[_Located]]:
    """The errors of parts of the value, grouped by the first key or index on the way to them."""
    groups: dict[int | str, list[_Located]] = {}
    for item in located:
        if item.rest:
            groups.setdefault(item.rest[0], []).append(item)
    return groups


def _in_value(annotation: Any, located: list[_Located], path: KeyPath) -> Iterator[Mistake]:
    """What is wrong with a value, or with parts of it."""
    inner, markers = unwrapped(annotation)
    alternatives = [member for member in members(inner) if member is not type(None)]
    own = _own_errors(located)
    if own:
        yield _sentence(annotation, own[0], path)
    elif len(alternatives) == 1 and alternatives[0] is not inner:
        yield from _in_value(alternatives[0], located, path)
    elif any(isinstance(marker, OneOf) for marker in markers):
        models = {model.__name__: model for model in alternatives}
        for name, group in _by_first_step(located).items():
            yield from _in_value(models[str(name)], [item.inside() for item in group], path)
    elif len(alternatives) > 1:
        yield from _in_union(annotation, alternatives, located, path)
    elif isinstance(inner, type) and issubclass(inner, BaseModel):
        for item in located:  # the nested model's own validator has put the message in simple words
            yield Mistake((*path, *item.rest), item.error["type"], item.error["msg"], item.error["input"])
    else:
        yield from _in_container(annotation, located, path)


def _in_container(annotation: Any, located: list[_Located], path: KeyPath) -> Iterator[Mistake]:
    """What is wrong with the items of a list, a tuple or a mapping."""
    # pydantic reports an item that a tuple of fixed length lacks as missing.
    too_short = [item.error for item in located if item.error["type"] == "missing" and len(item.rest) == 1]
    if too_short:
        message = f"must be {allowed(annotation)}, not {shown(too_short[0]['input'])}"
        yield Mistake(path, "wrong_length", message, too_short[0]["input"])
        return
    for step, group in _by_first_step(located).items():
        wrong_key = next((item.error for item in group if item.rest[-1] == "[key]"), None)
        if wrong_key is not None:
            yield _wrong_key(wrong_key, path, step)
        else:
            item_annotation = _item_annotation(unwrapped(annotation)[0], step)
            yield from _in_value(item_annotation, [item.inside() for item in group], (*path, step))


def _item_annotation(inner: Any, step: int | str) -> Any:
    """The annotation of an item of a list, a tuple or a mapping with text keys."""
    parts: tuple[Any, ...] = get_args(inner)
    if get_origin(inner) is dict:
        return parts[1]
    return parts[0] if parts[-1] is ... or not isinstance(step, int) else parts[step]


def _in_union(
    annotation: Any, alternatives: list[Any], located: list[_Located], path: KeyPath
) -> Iterator[Mistake]:
    """The mistakes of the alternative that the value fits best, or one sentence that names all of them."""
    groups = _by_first_step(located)
    # pydantic labels each alternative in its own way, but tries and reports them in order.
    if len(groups) == len(alternatives):
        tries = [
            list(_in_value(alternative, [item.inside() for item in group], path))
            for alternative, group in zip(alternatives, groups.values(), strict=True)
        ]
        best = max(tries, key=lambda mistakes: _closeness(mistakes, path))
        if any(_closeness(best, path)):
            yield from best
            return
    yield _sentence(annotation, next(iter(groups.values()))[0].error, path)


def _closeness(mistakes: list[Mistake], path: KeyPath) -> tuple[bool, bool]:
    """How well a value fits an alternative: best if only its parts are wrong, next if only its range is."""
    inside = any(len(mistake.path) > len(path) for mistake in mistakes)
    return inside, any(mistake.kind in _RANGES for mistake in mistakes)


def _sentence(annotation: Any, error: ErrorDetails, path: KeyPath) -> Mistake:
    """The sentence about a value that is itself wrong."""
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
    return Mistake(path, kind, message, value)


def _limits(annotation: Any) -> str:
    """The range of an annotation in words, or the ranges of its alternatives; empty without one."""
    inner, markers = unwrapped(annotation)
    parts = members(inner)
    return limits(markers) or (" or ".join(filter(None, map(_limits, parts))) if len(parts) > 1 else "")
