"""Equality, hash, copies, representation and saved form depend only on what was set."""

import copy
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from llenergymeasure.config.errors import ConfigError, OpaqueValueError
from tests.config.specimen import CompileConfig, PyTorchConfig

ids = st.integers(0, 50)
settings = st.fixed_dictionaries(
    {},
    optional={
        "max_length": st.none() | st.integers(1, 9),
        "early_stopping": st.none() | st.booleans() | st.just("never"),
        "stop_strings": st.text() | st.lists(st.text(), min_size=1, max_size=2),
        "temperature": st.floats(0.1, 2) | st.integers(1, 2),
        "bad_words_ids": st.lists(st.lists(ids, min_size=1, max_size=2), min_size=1, max_size=2),
        "exponential_decay_length_penalty": st.tuples(ids, st.floats(0.1, 2)),
        "sequence_bias": st.dictionaries(st.tuples(ids, ids), st.floats(-2, 2), min_size=1, max_size=2),
        "watermarking_config": st.just({"bias": 1.0}) | st.just({"ngram_len": 2, "keys": [1, 2]}),
        "cache_config": st.just({}) | st.just({"nbits": 4}),
        "compile_config": st.just({"mode": "default", "options": {"a": True, "b": 1.0}}),
        "extra": st.dictionaries(st.just("x"), st.lists(st.integers() | st.text() | st.none(), max_size=2)),
    },
)


@given(settings)
def test_every_copy_is_equal_and_has_the_same_hash(data: dict[str, Any]) -> None:
    config = PyTorchConfig(**data)
    for other in (
        PyTorchConfig(**data),
        PyTorchConfig.model_validate(data),
        config.model_copy(),
        config.model_copy(deep=True),
        copy.copy(config),
        copy.deepcopy(config),
        pickle.loads(pickle.dumps(config)),
        PyTorchConfig.model_validate(config.to_data()),
        PyTorchConfig.model_validate_json(json.dumps(config.to_data())),
    ):
        assert other == config
        assert hash(other) == hash(config)
        assert repr(other) == repr(config)
        assert other.generate_kwargs().keys() == config.generate_kwargs().keys()


@given(settings, settings)
def test_equal_means_the_same_data(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = PyTorchConfig(**one), PyTorchConfig(**other)
    assert (first == second) == (json.dumps(first.to_data()) == json.dumps(second.to_data()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"temperature": 1.0}),  # unset is not the default
        ({}, {"temperature": None}),  # nor is None
        ({"early_stopping": True}, {"early_stopping": "never"}),
        ({"extra": {"a": True}}, {"extra": {"a": 1}}),
        ({"extra": {"a": 1}}, {"extra": {"a": 1.0}}),
        ({"extra": {"a": [1]}}, {"extra": {"a": (1,)}}),
        ({"extra": {"a": {1: 2}}}, {"extra": {"a": {True: 2}}}),
        ({"compile_config": {}}, {"compile_config": {"fullgraph": False}}),
        ({"compile_config": {"options": {"a": True}}}, {"compile_config": {"options": {"a": 1}}}),
        ({"stop_strings": "a"}, {"stop_strings": ["a"]}),
    ],
)
def test_settings_that_make_configurations_different(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert PyTorchConfig(**one) != PyTorchConfig(**other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"extra": {}}),
        ({"temperature": 1}, {"temperature": 1.0}),
        ({"bad_words_ids": [[1]]}, {"bad_words_ids": ((1,),)}),
        ({"sequence_bias": {(1, 2): 3}}, {"sequence_bias": [[[1, 2], 3.0]]}),
        ({"compile_config": {"mode": "x"}}, {"compile_config": CompileConfig(mode="x")}),
        ({"extra": {"a": float("nan")}}, {"extra": {"a": float("nan")}}),
        ({"extra": {"a": 1, "b": 2}}, {"extra": {"b": 2, "a": 1}}),
        ({"top_k": 1, "top_p": 1.0}, {"top_p": 1.0, "top_k": 1}),
    ],
)
def test_settings_that_make_configurations_equal(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert PyTorchConfig(**one) == PyTorchConfig(**other)
    assert hash(PyTorchConfig(**one)) == hash(PyTorchConfig(**other))


def test_a_configuration_is_not_equal_to_anything_else() -> None:
    assert PyTorchConfig() != {}
    assert PyTorchConfig(compile_config={}).compile_config != PyTorchConfig()


def test_a_changed_copy_is_validated_like_a_new_one() -> None:
    config = PyTorchConfig(temperature=0.5, copy=1, extra={"a": 1})
    changed = config.model_copy(update={"temperature": 2, "extra": {"b": [1]}})
    assert changed == PyTorchConfig(temperature=2.0, copy=1, extra={"b": [1]})
    assert config == PyTorchConfig(temperature=0.5, copy=1, extra={"a": 1})
    for update in ({"temperature": 0}, {"temprature": 1}, {"extra": {"temperature": 1}}):
        with pytest.raises(ValidationError):
            config.model_copy(update=update)


def test_only_what_was_set_is_shown() -> None:
    config = PyTorchConfig(temperature=0.5, compile_config={"mode": "default"})
    assert repr(config) == "PyTorchConfig(temperature=0.5, compile_config=CompileConfig(mode='default'))"


def test_the_saved_form_is_what_was_set_as_data() -> None:
    config = PyTorchConfig(
        max_length=None,
        exponential_decay_length_penalty=(2, 1),
        sequence_bias={(5, 6): -2},
        compile_config={"options": {"a": 1}},
        copy=1,
        extra={"t": (1, [2])},
    )
    assert config.to_data() == {
        "extra": {"t": [1, [2]]},
        "max_length": None,
        "exponential_decay_length_penalty": [2, 1.0],
        "sequence_bias": [[[5, 6], -2.0]],
        "compile_config": {"options": {"a": 1}},
        "copy": 1,
    }


@pytest.mark.parametrize(
    ("value", "place", "kind"),
    [
        (object(), "extra.a", "an object of the type object"),
        ([1, {"b": print}], "extra.a[1].b", "an object of the type builtin_function_or_method"),
        (b"x", "extra.a", "an object of the type bytes"),
    ],
)
def test_an_opaque_object_runs_but_cannot_be_hashed_or_saved(value: object, place: str, kind: str) -> None:
    config = PyTorchConfig(extra={"a": value})
    assert config.generate_kwargs() == {"a": value}
    assert config == config.model_copy()
    with pytest.raises(TypeError) as caught:
        hash(config)
    assert isinstance(caught.value, ConfigError)
    assert str(caught.value) == f"{place} is {kind}; a configuration with it can be run, but not hashed"
    with pytest.raises(OpaqueValueError, match="but not saved"):
        config.to_data()


@pytest.mark.parametrize("value", [{1, 2}, {1: 2}, float("nan")])
def test_what_json_does_not_have_is_hashed_but_not_saved(value: object) -> None:
    config = PyTorchConfig(extra={"a": value})
    assert hash(config) == hash(PyTorchConfig(extra={"a": value}))
    with pytest.raises(OpaqueValueError, match=r"^extra\.a is "):
        config.to_data()


def test_opaque_objects_are_kept_by_reference_and_distinguished() -> None:
    class Processors(list[int]):
        pass

    mine, other = Processors([1]), Processors([1])
    config = PyTorchConfig(extra={"logits_processor": mine})
    assert config.generate_kwargs()["logits_processor"] is mine
    assert config != PyTorchConfig(extra={"logits_processor": other})


def test_a_dump_has_only_what_was_set() -> None:
    """If ``model_dump`` had the defaults too, 71 arguments would be sent where two were set."""
    config = PyTorchConfig(
        temperature=0.5,
        eos_token_id=None,
        watermarking_config={"ngram_len": 5, "keys": [1]},
        sequence_bias={(1, 2): 0.5},
        extra={"a": [1, {"b": 2}]},
    )
    assert set(config.model_dump()) == {
        "temperature",
        "eos_token_id",
        "watermarking_config",
        "sequence_bias",
        "extra",
    }
    assert config.model_dump()["watermarking_config"] == {"ngram_len": 5, "keys": (1,)}
    assert PyTorchConfig(**config.model_dump()) == config
    assert PyTorchConfig.model_validate_json(config.model_dump_json()) == config
    assert PyTorchConfig(extra={}).model_dump() == {}
    with pytest.raises(PydanticSerializationError, match=r"extra\.x\.y is an object"):
        PyTorchConfig(extra={"x": {"y": object()}}).model_dump_json()
