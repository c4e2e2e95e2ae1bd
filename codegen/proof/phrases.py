"""What the generated texts have to say about a field, built independently of the renderer."""

from collections.abc import Iterator

from codegen.model.schema import Field, Param, Schema
from codegen.model.types import Choice, ListOf, MapOf, Scalar, TupleOf, Type, Union
from codegen.model.values import PlainValue


def limits(type_: Type) -> tuple[str, ...]:
    """Its bounds as short texts, then its minimum lengths; each once."""
    return tuple(
        dict.fromkeys([*_bounds(type_, ""), *(f"at least {length} long" for length in _lengths(type_))])
    )


def _bounds(type_: Type, place: str) -> Iterator[str]:
    """Those at a place, such as ``each`` or ``[0]``; an item of an item is one of ``each`` too."""
    match type_:
        case Scalar(kind=kind, bounds=bounds):
            about = "length " if kind == "str" else ""
            yield from (f"{place} {about}{bound.op} {bound.limit}".strip() for bound in bounds)
        case ListOf(item=item):
            yield from _bounds(
                item, place if place.endswith(" each") or place == "each" else f"{place} each".strip()
            )
        case TupleOf(items=items):
            for index, item in enumerate(items):
                yield from _bounds(item, f"{place}[{index}]")
        case MapOf(key=key, value=value):
            yield from _bounds(key, f"{place}keys")
            yield from _bounds(value, f"{place}values")
        case Union(members=members):
            for member in members:
                yield from _bounds(member, place)


def _lengths(type_: Type) -> Iterator[int]:
    """The minimum lengths of lists and mappings; those inside of tuples and mappings are not reported."""
    if isinstance(type_, ListOf | MapOf) and type_.min_length:
        yield type_.min_length
    inside = (type_.item,) if isinstance(type_, ListOf) else type_.members if isinstance(type_, Union) else ()
    for part in inside:
        yield from _lengths(part)


def choices(type_: Type) -> tuple[PlainValue, ...]:
    """Every value, None left out, if they can be listed."""
    members = type_.members if isinstance(type_, Union) else (type_,)
    listed: list[PlainValue] = []
    for member in members:
        if isinstance(member, Choice):
            listed += member.values
        elif isinstance(member, Scalar) and member.kind == "bool":
            listed += [False, True]
        else:
            return ()
    return tuple(listed)


def documentation(field: Field, schema: Schema) -> str:
    """All paragraphs about a field."""
    first = field.description.rstrip()
    if found := limits(field.type):
        first += " Range: " + ", ".join(found) + "."
    if field.disabled_value is not None:
        first += f" Off: {field.disabled_value!r}."
    paragraphs = [first]
    if isinstance(field, Param):
        asked = [r.message for r in schema.rules if r.effect == "require" and field.name in r.fields]
        listed = "".join(f"\n- {message}" for message in asked) if len(asked) > 1 else f" {''.join(asked)}."
        paragraphs += [f"Requires:{listed}"] if asked else []
        said = str(field.deprecation or "").rstrip(".")
        paragraphs += [said[0].upper() + said[1:] + "."] if said else []
    return "\n\n".join(paragraphs)
