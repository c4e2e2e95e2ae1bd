"""Plain values: what YAML and JSON can write, with tuples for lists."""

import math

PlainValue = None | bool | int | float | str | tuple["PlainValue", ...] | dict[str, "PlainValue"]


def freeze(raw: object, *, finite: bool = False) -> PlainValue:
    """The same as a plain value: tuples for lists, texts for the keys of mappings.

    Args:
        raw: the value.
        finite: whether infinities and NaN are refused too, as JSON cannot write them.

    Raises:
        ValueError: something in it has no form as data.
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
    raise ValueError(f"{raw!r} has no form as data")
