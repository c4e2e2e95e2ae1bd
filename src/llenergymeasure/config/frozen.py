"""Containers that refuse changes, and what they are converted to: plain containers, fingerprints, data.

A configuration is a value, so nothing in it may change. Lists and dictionaries therefore become
:class:`FrozenList` and :class:`FrozenDict`, which can be read like any ``list`` and ``dict``, since they are
subclasses. Only containers of exactly the built-in types are frozen. Any other object (a tensor, a
``LogitsProcessorList``) is *opaque*: it is kept by reference and passed on as it is.
"""

import math
from collections.abc import Callable, Hashable
from typing import Any, NoReturn

from llenergymeasure.config.errors import OpaqueValueError


def _refuse(*_: object, **__: object) -> NoReturn:
    raise TypeError("a configuration is frozen; model_copy(update={...}) makes a changed one")


class FrozenDict(dict[Any, Any]):
    """A dictionary that cannot be changed."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[Any, Any]]]:
        return type(self), (dict(self),)


class FrozenList(list[Any]):
    """A list that cannot be changed."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = sort = reverse = _refuse

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return type(self), (list(self),)


class FrozenSet(frozenset[Any]):
    """A frozen set that was a ``set``, and becomes one again when thawed."""

    __slots__ = ()


class SentTuple(tuple[Any, ...]):
    """A tuple that is sent to upstream as a tuple; every other sequence is sent as a list."""

    __slots__ = ()


def freeze(value: Any, at: str = "", ancestors: tuple[int, ...] = ()) -> Any:
    """The value with every built-in container in it frozen.

    Args:
        value: anything.
        at: its key path, for the message.
        ancestors: the ``id()`` of each container that contains it.

    Raises:
        ValueError: a container contains itself.
    """
    kind = type(value)
    if kind not in (dict, list, tuple, set):
        return value
    if id(value) in ancestors:
        raise ValueError(f"{at} contains itself; write it out without the cycle")
    lineage = (*ancestors, id(value))
    if kind is dict:
        return FrozenDict({key: freeze(item, f"{at}.{key}", lineage) for key, item in value.items()})
    if kind is set:
        return FrozenSet(value)
    items = (freeze(item, f"{at}[{index}]", lineage) for index, item in enumerate(value))
    return FrozenList(items) if kind is list else tuple(items)


def thaw(value: Any) -> Any:
    """A copy with every container as it was before :func:`freeze`; opaque objects are the same ones."""
    match value:
        case FrozenDict():
            return {key: thaw(item) for key, item in value.items()}
        case FrozenList():
            return [thaw(item) for item in value]
        case FrozenSet():
            return set(value)
        case tuple() if type(value) is tuple:
            return tuple(thaw(item) for item in value)
    return value


def fingerprint(value: Any, at: str, of_other: Callable[[Any, str], Hashable]) -> Hashable:
    """A key that is equal for two frozen values exactly when they are the same data.

    True, 1 and 1.0 are three different values.

    Args:
        value: a frozen value.
        at: its key path, for messages.
        of_other: gives the fingerprint of anything that is neither a container nor a scalar.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return kind, value
    if kind is float:
        return kind, "nan" if math.isnan(value) else value  # NaN is not equal to itself
    if kind is FrozenDict:
        pairs = (
            (fingerprint(key, at, of_other), fingerprint(item, f"{at}.{key}", of_other))
            for key, item in value.items()
        )
        return kind, frozenset(pairs)
    if kind in (FrozenSet, frozenset):
        return kind, frozenset(fingerprint(item, at, of_other) for item in value)
    if kind in (FrozenList, SentTuple, tuple):
        items = (fingerprint(item, f"{at}[{index}]", of_other) for index, item in enumerate(value))
        return kind, tuple(items)
    return of_other(value, at)


def as_data(value: Any, at: str) -> Any:
    """The value as JSON and YAML have it: sequences are lists, keys are texts.

    Args:
        value: a frozen value.
        at: its key path, for messages.

    Raises:
        OpaqueValueError: something in it has no such form: an object, NaN, a key that is not text.
    """
    kind = type(value)
    if value is None or kind in (bool, int, str) or (kind is float and math.isfinite(value)):
        return value
    if kind in (FrozenList, SentTuple, tuple):
        return [as_data(item, f"{at}[{index}]") for index, item in enumerate(value)]
    if kind is FrozenDict and all(type(key) is str for key in value):
        return {key: as_data(item, f"{at}.{key}") for key, item in value.items()}
    raise opaque(value, at, "saved")


def opaque(value: object, at: str, use: str) -> OpaqueValueError:
    """The error for a value that cannot be used in some way: ``use`` is "saved" or "hashed"."""
    match value:
        case FrozenDict():
            kind = "a dictionary whose keys are not text"
        case float():
            kind = f"{value!r}, which JSON does not have"
        case _:
            kind = (
                f"an object of the type {'set' if isinstance(value, FrozenSet) else type(value).__qualname__}"
            )
    return OpaqueValueError(f"{at} is {kind}; a configuration with it can be run, but not {use}")
