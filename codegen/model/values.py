"""Plain values.

What YAML and JSON can write, with tuples for lists, see :data:`codegen.model.types.Value`.
"""

from codegen.model.types import Value


def freeze(raw: object) -> Value:
    """The same as a plain value: tuples for lists, texts for the keys of mappings.

    Raises:
        ValueError: something in it has no form as data.
    """
    match raw:
        case None | bool() | int() | float() | str():
            return raw
        case list() | tuple():
            return tuple(map(freeze, raw))
        case dict():
            return {str(key): freeze(value) for key, value in raw.items()}
    raise ValueError(f"{raw!r} has no form as data")
