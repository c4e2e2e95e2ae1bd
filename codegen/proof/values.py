"""Values to try on the fields: what the Schema says about each, compared with the child's classes."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from codegen.model.schema import Field, NestedModel, Schema
from codegen.model.type_paths import leaves
from codegen.model.types import ListOf, MapOf, Nested, Scalar, TupleOf, Type, Union, admits
from codegen.model.values import PlainValue
from codegen.proof.difference import Difference

_ANYTHING: tuple[PlainValue, ...] = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2,
    0.5,
    1.0,
    "",
    "a",
    (),
    (1,),
    ("a",),
    {},
    {"a": 1},
)
"""Values of every kind."""


class Case(NamedTuple):
    """A class, and arguments that it has to accept."""

    model: str
    arguments: dict[str, PlainValue]


class Probe(NamedTuple):
    """A field, and a value that it has to accept or refuse."""

    model: str
    field: str
    value: PlainValue
    admitted: bool


def cases(main_class: str, schema: Schema) -> list[Case]:
    """Every default and every test value, under its context."""
    return [
        *_param_cases(main_class, schema),
        *(case for model in schema.nested for case in _nested_cases(model)),
    ]


def _param_cases(main_class: str, schema: Schema) -> Iterator[Case]:
    for param in schema.params:
        if param.default is not None or param.takes_none:
            yield Case(main_class, {param.name: param.default})
        for value in param.test_values:
            yield Case(main_class, {**param.context, param.name: value})


def _nested_cases(model: NestedModel) -> Iterator[Case]:
    required = {field.name: field.test_values[0] for field in model.fields if field.required}
    for field in model.fields:
        for value in field.test_values:
            yield Case(model.name, required | {field.name: value})


def refusal_differences(tried: list[Case], refusals: list[str | None]) -> Iterator[Difference]:
    """The arguments that a class refused."""
    for case, refusal in zip(tried, refusals, strict=True):
        if refusal is not None:
            yield Difference("values", f"{case.model} refuses {case.arguments!r}: {refusal}.")


def probes(main_class: str, schema: Schema) -> list[Probe]:
    """Values on both sides of every limit, and of every kind, for each field."""
    owners: Mapping[str, tuple[Field, ...]] = {
        main_class: schema.params,
        **{model.name: model.fields for model in schema.nested},
    }
    return [
        Probe(name, field.name, value, _is_admitted(field, value))
        for name, fields in owners.items()
        for field in fields
        for value in _tried(field.type)
    ]


def _is_admitted(field: Field, value: PlainValue) -> bool:
    return field.takes_none if value is None else admits(field.type, value)


def probe_differences(tried: list[Probe], accepted: list[bool]) -> Iterator[Difference]:
    """The values that a field wrongly accepted or wrongly refused."""
    for probe, taken in zip(tried, accepted, strict=True):
        if taken != probe.admitted:
            what = "takes" if taken else "refuses"
            yield Difference("values", f"{probe.model}.{probe.field} {what} {probe.value!r}.")


def _tried(type_: Type) -> tuple[PlainValue, ...]:
    """A mapping is left out if it represents pairs, or a nested class, whose own fields are tried."""
    no_mappings = any(isinstance(leaf, Nested) or "keys" in path for path, leaf in leaves(type_))
    found = (value for value in (*_ANYTHING, *_around(type_)) if not (no_mappings and _has_mapping(value)))
    return tuple({repr(value): value for value in found}.values())


def _has_mapping(value: PlainValue) -> bool:
    return isinstance(value, dict) or (isinstance(value, tuple) and any(map(_has_mapping, value)))


def _around(type_: Type) -> Iterator[PlainValue]:
    """Values near the limits of a type, inside and outside."""
    match type_:
        case Scalar(kind="str", bounds=bounds):
            yield from ("a" * max(0, int(bound.limit) + step) for bound in bounds for step in (-1, 0, 1))
        case Scalar(bounds=bounds):
            yield from (bound.limit + step for bound in bounds for step in (-1, -0.25, 0, 0.25, 1))
        case ListOf(item=item, min_length=shortest):
            for value in (1, *_around(item)):
                yield from (
                    (value,) * length for length in {max(0, shortest - 1), max(1, shortest), shortest + 1}
                )
        case TupleOf(items=items):
            yield from _tuples(items)
        case MapOf(key=key, value=value, min_length=shortest):
            keys, values = list(_around(key)) or ["a"], list(_around(value)) or [1]
            yield from (((one, values[0]),) * max(1, shortest) for one in keys)
            yield from (((keys[0], one),) * max(1, shortest) for one in values)
        case Union(members=members):
            for member in members:
                yield from _around(member)


def _tuples(items: tuple[Type, ...]) -> Iterator[PlainValue]:
    usual = tuple(1 for _ in items)
    yield from (usual, usual[1:], (*usual, 1))
    for index, item in enumerate(items):
        yield from ((*usual[:index], value, *usual[index + 1 :]) for value in (0.5, "a", *_around(item)))
