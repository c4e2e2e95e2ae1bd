"""Types and values in words: ``Annotated[int, Ge(1)] | None`` is "a whole number (at least 1) or null".

The words are those of YAML, where most configurations are written: null, true, a list, a mapping.
"""

from collections.abc import Iterable
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel

from llenergymeasure.config.annotations import members, unwrapped

LONGEST_VALUE = 60
"""How many characters of a value a message shows."""

_SCALARS = {
    bool: ("true or false", "booleans"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    str: ("text", "texts"),
    NoneType: ("null", "nulls"),
}


def limits(markers: Iterable[Any]) -> str:
    """A range in words: ``greater than 0 and at most 1``, ``from 0 to 1``; empty without bounds."""
    markers = tuple(markers)
    match markers:
        case (Ge(ge=low), Le(le=high)):
            return f"from {low} to {high}"
    texts = []
    for marker in markers:
        match marker:
            case Gt(gt=limit):
                texts.append(f"greater than {limit}")
            case Ge(ge=limit):
                texts.append(f"at least {limit}")
            case Lt(lt=limit):
                texts.append(f"less than {limit}")
            case Le(le=limit):
                texts.append(f"at most {limit}")
            case MinLen(min_length=1):
                texts.append("not empty")
            case MinLen(min_length=least):
                texts.append(f"at least {least} long")
    return " and ".join(texts)


def allowed(annotation: Any, *, many: bool = False) -> str:
    """What an annotation accepts, in words that can follow "must be".

    Args:
        annotation: the annotation of a field, or a part of one.
        many: whether to use the plural, which can follow "a list of".
    """
    return either(_alternatives(annotation, many=many))


def _alternatives(annotation: Any, *, many: bool) -> list[str]:
    inner, markers = unwrapped(annotation)
    parts = members(inner)
    if len(parts) > 1:
        ordered = sorted(parts, key=lambda part: part is NoneType)  # null last
        return [text for part in ordered for text in _alternatives(part, many=many)]
    if inner is bool and not many:
        return ["true", "false"]
    if get_origin(inner) is Literal:
        return [shown(value) for value in get_args(inner)]
    noun = _noun(inner, many=many, min_length=_min_length(markers))
    bounds = limits(marker for marker in markers if not isinstance(marker, MinLen) or inner is str)
    return [f"{noun} ({bounds})" if bounds else noun]


def _min_length(markers: tuple[Any, ...]) -> int:
    return max((marker.min_length for marker in markers if isinstance(marker, MinLen)), default=0)


def _noun(inner: Any, *, many: bool, min_length: int) -> str:
    """What a type is called, in the singular or the plural; ``min_length`` is that of a list."""
    if inner in _SCALARS:
        return _SCALARS[inner][many]
    parts = get_args(inner)
    if get_origin(inner) is dict:
        return f"{'mappings' if many else 'a mapping'} of names to {allowed(parts[1], many=True)}"
    if get_origin(inner) is tuple and parts[-1] is not ...:
        items = " and ".join(map(allowed, parts))
        kind = ("a pair", "pairs") if len(parts) == 2 else (f"{len(parts)} items", f"groups of {len(parts)}")
        return f"{kind[many]} of {items}"
    if get_origin(inner) is tuple:
        lists = "lists" if many else "a list"
        if min_length:
            lists = "non-empty lists" if many else "a non-empty list"
        length = f"at least {min_length} " if min_length > 1 else ""
        return f"{lists} of {length}{allowed(parts[0], many=True)}"
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return f"{'mappings' if many else 'a mapping'} with keys of {inner.__name__}"
    return "anything"


def either(texts: list[str]) -> str:
    """The texts as alternatives: ``a, b or c``; with a comma before "or" if a text contains "and"."""
    *most, last = dict.fromkeys(texts)
    comma = "," if any(" and " in text for text in texts) else ""
    return f"{', '.join(most)}{comma} or {last}" if most else last


def shown(value: object) -> str:
    """A value as messages show it: in YAML's words, on one line, without control characters, shortened."""
    match value:
        case None | bool():
            text = {None: "null", True: "true", False: "false"}[value]
        case str() | int() | float() | bytes():
            text = repr(value[:LONGEST_VALUE]) if isinstance(value, str | bytes) else _number(value)
        case list() | tuple():
            inside = ", ".join(shown(item) for item in value[:8])
            text = f"[{inside}]"
        case dict():
            inside = ", ".join(f"{shown(key)}: {shown(item)}" for key, item in list(value.items())[:8])
            text = f"{{{inside}}}"
        case _:
            text = f"an object of the type {type(value).__qualname__}"
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _number(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # an int of more digits than Python converts
        return "a whole number of thousands of digits"
