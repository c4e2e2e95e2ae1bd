"""A generated module accepts exactly the values that its schema admits: two independent implementations have
to agree."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from codegen.model import test_values
from codegen.model.type_paths import leaves
from codegen.model.type_text import text
from codegen.model.types import Bound, MapOf, Scalar, TupleOf, Type, Union, admits
from codegen.model.values import PlainValue
from codegen.proof.prove import prove
from tests.codegen import places, strategies
from tests.codegen.rendering import made, rendered
from tests.codegen.small_schema import SCHEMA, param


def _module(types: list[Type], place: Path) -> Any:
    params = tuple(
        param(f"p{at}", type_, test_values.of_type(type_, {})[0], takes_none=False)
        for at, type_ in enumerate(types)
    )
    return made(rendered(replace(SCHEMA, params=params, nested=(), rules=())), place)


def _in_yaml(value: PlainValue) -> object:
    match value:
        case tuple():
            return [_in_yaml(each) for each in value]
        case dict():
            return {key: _in_yaml(each) for key, each in value.items()}
    return value


def _has_mapping(value: PlainValue) -> bool:
    return isinstance(value, dict) or (isinstance(value, tuple) and any(map(_has_mapping, value)))


def _accepts(config: Any, name: str, value: PlainValue) -> bool:
    try:
        config.model_validate({name: _in_yaml(value)})
    except ValidationError:
        return False
    return True


NEAR = (
    True,
    False,
    0,
    1,
    -1,
    2,
    3,
    0.5,
    -0.25,
    1.0,
    2.5,
    -6,
    6,
    "",
    "a",
    "aa",
    (),
    (0,),
    (1, 0.5),
    ("a",),
    {},
    {"a": 1},
    {"": 1},
    {"": True},
)


@settings(max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(st.lists(strategies.data_types, min_size=1, max_size=4), st.lists(strategies.values, max_size=3))
def test_what_is_admitted_is_accepted_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, types: list[Type], drawn: list[PlainValue]
) -> None:
    config = _module(types, tmp_path_factory.mktemp("drawn"))
    others = [value for type_ in types for value in test_values.of_type(type_, {})]
    for at, type_ in enumerate(types):
        pairs = any("keys" in path for path, _ in leaves(type_))
        for value in (*NEAR, *others, *drawn):
            if pairs and _has_mapping(value):
                continue  # a mapping represents pairs, which the schema does not need to know
            assert _accepts(config, f"p{at}", value) == admits(type_, value), (text(type_), type_, value)


_TWO_TEXTS = Union((Scalar("str", (Bound(">=", 1),)), Scalar("str")))


@settings(max_examples=5)
@given(st.lists(strategies.data_types, min_size=1, max_size=8))
@example([TupleOf((Scalar("bool"), _TWO_TEXTS))])  # Python keeps each alternative once
@example([MapOf(Scalar("bool"), Scalar("bool"))])
@example([TupleOf((Union((Scalar("int"), Scalar("str"))), Scalar("int")))])
def test_whatever_the_types_the_module_is_proved(types: list[Type]) -> None:
    params = tuple(param(f"p{at}", type_, takes_none=True) for at, type_ in enumerate(types))
    schema = replace(SCHEMA, params=params, nested=())
    prove(rendered(schema), schema, places.ENGINE, places.LIBRARY)
