"""Plain values: what YAML and JSON can write, with tuples for lists."""

import math
from collections.abc import Iterable

PlainValue = None | bool | int | float | str | tuple["PlainValue", ...] | dict[str, "PlainValue"]


def freeze(raw: object, *, finite: bool = False) -> PlainValue:
    """A value as a plain one: tuples for lists, texts for the keys of mappings.

    Args:
        raw: the value.
        finite: whether infinities and NaN are refused too, as JSON cannot write them.

    Raises:
        ValueError: something in it cannot be written as data.
    """
    match raw:
        case float() if finite and not math.isfinite(raw):
            pass
        case None | bool() | int() | float() | str():
            return raw
        case list() | tuple():
            return tuple(freeze(value, finite=finite) for value in raw)
        case dict():
            return {str(key): freeze(value, finite=finite) for key, value in raw.items()}
    raise ValueError(f"{raw!r} cannot be written as data")


def same(first: object, second: object) -> bool:
    """Equal, and of the same types at every level.

    1 is neither 1.0 nor True. The order of a mapping does not count.
    """
    if type(first) is not type(second):
        return False
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, tuple) and isinstance(second, tuple):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


def is_among(value: object, values: Iterable[object]) -> bool:
    """Whether a value is one of some others, by :func:`same`."""
    return any(same(value, each) for each in values)
