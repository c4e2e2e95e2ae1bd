"""codegen.model.test_values: valid values of a type, both sides of each boundary that are inside."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.model import test_values
from codegen.model.schema import Field, NestedModel
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Scalar,
    TupleOf,
    Type,
    Union,
    admits,
)
from codegen.model.values import PlainValue
from tests.codegen import strategies


@given(strategies.data_types)
def test_every_type_has_values_and_all_are_of_it(type_: Type) -> None:
    values = test_values.of_type(type_, {})
    assert values
    assert [value for value in values if not admits(type_, value)] == []


@given(strategies.bounded())
def test_each_boundary_that_is_inside_is_tried(type_: Scalar) -> None:
    values = test_values.of_type(type_, {})
    for bound in type_.bounds:
        if type_.kind == "float":
            nearest: float | None = bound.limit if "=" in bound.op else None
        else:
            step = 0 if "=" in bound.op else 1
            nearest = (
                math.ceil(bound.limit) + (step if math.ceil(bound.limit) == bound.limit else 0)
                if bound.is_lower
                else math.floor(bound.limit) - (step if math.floor(bound.limit) == bound.limit else 0)
            )
        assert nearest is None or nearest in values


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        (Scalar("bool"), [False, True]),
        (Choice(("low", 3, True)), ["low", 3, True]),
        (Scalar("int", (Bound(">", 0),)), [1, 2, 9]),
        (Scalar("int", (Bound(">=", 0), Bound("<=", 1))), [0, 1, 0, 1]),  # make() leaves out what comes twice
        (Scalar("float", (Bound(">", 0), Bound("<=", 1))), [0.01, 0.5, 0.99, 1.0]),
        (Scalar("int"), [1, 0, -1]),
        (Scalar("int", (Bound("<", 0),)), [-1, -2, -9]),
        (Scalar("int", (Bound(">=", 0), Bound("<=", 9))), [0, 1, 8, 8, 9]),
        (Scalar("float"), [0.5, 1.5, -0.5]),
        (Scalar("float", (Bound("<", 0),)), [-1.0, -0.01]),
        (Scalar("float", (Bound(">=", 2),)), [2.0, 2.01, 2.5, 3.5]),
        (Scalar("str"), ["a"]),
        (ListOf(Scalar("int")), [(1,), (0,), (1, 0)]),
        (ListOf(Scalar("bool"), min_length=2), [(False, False), (True, True), (False, True)]),
        (ListOf(Scalar("bool"), min_length=3), [(False, False, False), (True, True, True)]),
        (ListOf(Scalar("str")), [("a",)]),
        (TupleOf((Scalar("bool"), Scalar("int"))), [(False, 1), (True, 0), (False, -1)]),
        (MapOf(Scalar("str"), Scalar("bool")), [{"a": False}]),
        (MapOf(Scalar("str"), Scalar("bool"), min_length=2), [{"a": False, "aa": False}]),
        (MapOf(Scalar("bool"), Scalar("int")), [((False, 1),), ((True, 0),)]),
        (
            MapOf(Scalar("bool"), Scalar("int"), min_length=2),
            [((False, 1), (False, 1)), ((True, 0), (True, 0))],
        ),
        (Union((Scalar("bool"), Choice(("never",)))), [False, True, "never"]),
        (NoData(), []),
        (Nested("UnknownConfig"), []),
    ],
    ids=str,
)
def test_values_of_a_type(type_: Type, values: list[PlainValue]) -> None:
    assert repr(test_values.of_type(type_, {})) == repr(values)


def _field(type_: Type, **parts: object) -> Field:
    return Field(name="sparkle", type=type_, **{"takes_none": True, **parts})  # type: ignore[arg-type]


@given(strategies.data_types, st.booleans())
def test_the_default_is_first_and_nothing_comes_twice(type_: Type, takes_none: bool) -> None:
    default = test_values.of_type(type_, {})[0]
    values = test_values.make(_field(type_, default=default, takes_none=takes_none), (), ())
    assert values[0] == default
    assert (None in values) is takes_none
    assert len({repr(value) for value in values}) == len(values)


def test_examples_of_the_overrides_come_first_if_they_are_valid() -> None:
    type_ = Union((Scalar("int", (Bound(">", 0),)), ListOf(Scalar("int"))))
    values = test_values.make(_field(type_), ((7, 8), 5, -1), ())
    assert values[:3] == (None, (7, 8), 5)
    assert -1 not in values


def test_closed_types_keep_all_their_values_beside_examples() -> None:
    assert set(test_values.make(_field(Choice(("a", "b", "c"))), ("b",), ())) == {None, "a", "b", "c"}


def test_a_required_argument_has_no_default_to_try() -> None:
    field = _field(Scalar("bool"), required=True, takes_none=False, default=None)
    assert test_values.make(field, (), ()) == (False, True)


def test_a_nested_class_gives_its_smallest_mapping_then_one_for_each_other_value() -> None:
    keys = Field(
        name="keys", type=ListOf(Scalar("int")), takes_none=False, required=True, test_values=((1, 2),)
    )
    depth = Field(name="depth", type=Scalar("int"), takes_none=True, default=3, test_values=(3, None, 1, 4))
    model = NestedModel(name="MarkConfig", upstream="MarkConfig", parameter="mark", fields=(keys, depth))
    least: dict[str, PlainValue] = {"keys": (1, 2)}
    values = test_values.make(_field(Nested("MarkConfig")), (), (model,))
    assert values == (None, least, least | {"depth": 1}, least | {"depth": 4})


def test_a_nested_argument_is_tried_under_each_of_its_contexts_by_itself() -> None:
    depth = Field(
        name="depth",
        type=Scalar("int"),
        takes_none=False,
        default=3,
        test_values=(3, 1),
        contexts=({"backend": "a"}, {"backend": "b", "depth": 9}),
    )
    backend = Field(name="backend", type=Scalar("str"), takes_none=False, default="a", test_values=("a", "c"))
    model = NestedModel(name="MarkConfig", upstream=None, parameter="mark", fields=(depth, backend))
    values = test_values.make(_field(Nested("MarkConfig")), (), (model,))
    assert values == (
        None,
        {},
        {"backend": "a", "depth": 1},
        {"backend": "b", "depth": 1},  # the value that is tried wins over its context
        {"backend": "c"},
    )


@pytest.mark.parametrize(
    "type_",
    [
        ListOf(Scalar("int"), min_length=3),
        TupleOf((Scalar("int", (Bound(">=", 0),)), Scalar("float", (Bound(">", 0),)))),
        MapOf(ListOf(Scalar("int")), Scalar("float"), min_length=2),
        MapOf(Scalar("str"), Scalar("int"), min_length=2),
        Scalar("str", (Bound(">=", 4),)),
        Scalar("int", (Bound(">", -0.5), Bound("<", 0.5))),
    ],
    ids=str,
)
def test_lengths_and_odd_ranges_are_met(type_: Type) -> None:
    values = test_values.of_type(type_, {})
    assert values
    assert all(admits(type_, value) for value in values)
