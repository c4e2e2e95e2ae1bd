"""Paths into a type, as hand-written claims name a part of it, and what lies inside of a type.

A step is ``[0]`` for an item of a fixed tuple, ``[]`` for the items of a list, ``keys`` or ``values`` for
those of a mapping. An empty path means the type itself, through a union to whichever members have numbers.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from codegen.model.types import ListOf, MapOf, TupleOf, Type, Union, union

_STEP = re.compile(r"\[(?P<index>\d*)\]|\.?(?P<word>keys|values)")


def steps(path: str) -> tuple[str, ...]:
    """The steps of a path: ``"[][0]"`` is ``("[]", "[0]")``.

    Raises:
        ValueError: the text is not a path.
    """
    if not re.fullmatch(rf"({_STEP.pattern})*", path):
        raise ValueError(
            f"{path!r} is not a path into a type; write for example [0], [], [][], keys or values"
        )
    return tuple(step["word"] or f"[{step['index']}]" for step in _STEP.finditer(path))


def changed_at(type_: Type, path: tuple[str, ...], change: Callable[[Type], Type | None]) -> Type | None:
    """The type with ``change`` applied to what lies at ``path``; None if nothing there could be changed.

    ``change`` returns None for a type that it does not apply to. Through a union all members are tried.
    """
    if isinstance(type_, Union):
        changed = [changed_at(member, path, change) for member in type_.members]
        if not any(changed):
            return None
        return union(*(new or old for new, old in zip(changed, type_.members, strict=True)))
    if not path:
        return change(type_)
    step, rest = path[0], path[1:]
    match type_, step:
        case ListOf(item=item), "[]":
            new = changed_at(item, rest, change)
            return new and replace(type_, item=new)
        case MapOf(key=key), "keys":
            new = changed_at(key, rest, change)
            return new and replace(type_, key=new)
        case MapOf(value=value), "values":
            new = changed_at(value, rest, change)
            return new and replace(type_, value=new)
        case TupleOf(items=items), _ if step != "[]" and step.startswith("["):
            index = int(step[1:-1])
            if index >= len(items) or (new := changed_at(items[index], rest, change)) is None:
                return None
            return TupleOf((*items[:index], new, *items[index + 1 :]))
    return None


def leaves(type_: Type, path: str = "") -> Iterator[tuple[str, Type]]:
    """Every scalar, choice and nested type inside, with its path."""
    match type_:
        case ListOf(item=item):
            yield from leaves(item, path + "[]")
        case TupleOf(items=items):
            for index, item in enumerate(items):
                yield from leaves(item, f"{path}[{index}]")
        case MapOf(key=key, value=value):
            yield from leaves(key, path + "keys")
            yield from leaves(value, path + "values")
        case Union(members=members):
            for member in members:
                yield from leaves(member, path)
        case _:
            yield path, type_
