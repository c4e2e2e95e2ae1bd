"""Short texts about a parameter: its constraints, its choices, its description with what the facts add."""

import re
from collections.abc import Iterator

from codegen.model.schema import Field, Param, Schema
from codegen.model.type_paths import leaves
from codegen.model.types import Choice, ListOf, MapOf, Scalar, Type, Union
from codegen.model.values import PlainValue


def constraints(type_: Type) -> tuple[str, ...]:
    """The limits that a value has to keep, as short texts: ``> 0``, ``each >= 0``, ``at least 2 long``."""
    bounds = [
        text for path, leaf in leaves(type_) if isinstance(leaf, Scalar) for text in _bounds(path, leaf)
    ]
    lengths = [f"at least {length} long" for length in _min_lengths(type_)]
    return tuple(dict.fromkeys(bounds + lengths))


def _bounds(path: str, leaf: Scalar) -> Iterator[str]:
    place = re.sub(r"(\[\])+", " each", path).strip()
    what = "length " if leaf.kind == "str" else ""
    for bound in leaf.bounds:
        yield f"{place} {what}{bound}".strip()


def _min_lengths(type_: Type) -> Iterator[int]:
    match type_:
        case ListOf(item=item, min_length=length):
            if length:
                yield length
            yield from _min_lengths(item)
        case MapOf(min_length=length) if length:
            yield length
        case Union(members=members):
            for member in members:
                yield from _min_lengths(member)


def choices(type_: Type) -> tuple[PlainValue, ...]:
    """All values of a type except None; empty if they cannot be listed."""
    match type_:
        case Choice(values=values):
            return values
        case Scalar(kind="bool"):
            return (False, True)
        case Union(members=members):
            parts = [choices(member) for member in members]
            return tuple(value for part in parts for value in part) if all(parts) else ()
    return ()


def described(field: Field) -> str:
    """The description, followed by the range, the value that switches it off, and the deprecation."""
    return " ".join(filter(None, (_meaning(field), _deprecation(field))))


def documentation(field: Field, schema: Schema) -> str:
    """What an editor shows about a field, in paragraphs: meaning and range, requirements, deprecation."""
    needs = [rule.message for rule in schema.needs(field.name)] if isinstance(field, Param) else []
    return "\n\n".join(filter(None, (_meaning(field), _requirements(needs), _deprecation(field))))


def _meaning(field: Field) -> str:
    parts = [field.description.rstrip()]
    if limits := constraints(field.type):
        parts.append(f"Range: {', '.join(limits)}.")
    if field.disabled_value is not None:
        parts.append(f"Off: {field.disabled_value!r}.")
    return " ".join(parts)


def _requirements(needs: list[str]) -> str:
    if len(needs) == 1:
        return f"Requires: {needs[0]}."
    return "\n".join(["Requires:", *(f"- {need}" for need in needs)]) if needs else ""


def _deprecation(field: Field) -> str:
    if not isinstance(field, Param) or field.deprecation is None:
        return ""
    words = str(field.deprecation).rstrip(".")
    return f"{words[0].upper()}{words[1:]}."
