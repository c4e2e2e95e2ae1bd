"""The generated rules, applied to random configurations of the parameters' test values."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conditions import Condition, UnknownValueError
from llenergymeasure.config.introspection import get_backend_params
from llenergymeasure.config.metadata import Rule
from llenergymeasure.config.resolution import Values, conformed, layers_of, values_of
from llenergymeasure.config.rules import holds, rules_of

every_rule = pytest.mark.parametrize("rule", PyTorchConfig.rules, ids=lambda rule: rule.id)

PARAMS, RULES = PyTorchConfig.params, PyTorchConfig.rules
VALUES = {
    path.removeprefix("pytorch."): (info["effective_default"], *info["test_values"])
    for path, info in get_backend_params("pytorch").items()
}
MODES: tuple[dict[str, Any], ...] = (
    {},
    {"do_sample": True},
    {"num_beams": 4},
    {"num_beams": 2, "do_sample": True},
    {"prompt_lookup_num_tokens": 2},
    {"cache_implementation": "static"},
    {"cache_implementation": "quantized"},
    {"use_cache": False},
)
"""Settings that decide which other parameters take effect."""


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(list(VALUES)), max_size=5, unique=True))
    return draw(st.sampled_from(MODES)) | {name: draw(st.sampled_from(VALUES[name])) for name in names}


@st.composite
def configurations(draw: st.DrawFn) -> PyTorchConfig:
    try:
        return PyTorchConfig(**draw(settings()))
    except ValidationError:
        assume(False)
        raise


models = st.none() | settings()
facts = st.fixed_dictionaries(
    {},
    optional={
        "device.type": st.sampled_from(["cpu", "cuda"]),
        "model.encoder_decoder": st.booleans(),
        "call.assistant_model": st.booleans(),
        "call.tokenizer": st.booleans(),
        "call.input_ids": st.booleans(),
        "call.batch_size": st.integers(1, 2),
        "call.prompt_tokens": st.integers(1, 30),
        "model.vocab_size": st.integers(1, 100),
        "model.layers": st.integers(1, 3),
        "model.mtp": st.booleans(),
        "model.stateful": st.booleans(),
    },
)


def test_each_rule_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) > 0


@every_rule
def test_a_rule_is_about_parameters_that_exist_and_reads_as_one_clause(rule: Rule) -> None:
    assert rule.fields
    assert {name.partition(".")[0] for name in rule.fields} <= PARAMS.keys()
    assert set(rule.triggers) <= {*PARAMS, "extra"}
    assert rule.message == rule.message.strip().rstrip(".")
    assert (rule.need is not None) == (rule.effect == "require")
    assert bool(rule.triggers) == (rule.effect == "reject")


@given(settings(), models, facts)
def test_a_condition_is_true_or_false_or_needs_an_unknown_value(
    given_settings: dict[str, Any], model: dict[str, Any] | None, known: Mapping[str, object]
) -> None:
    config = unchecked(given_settings)
    values = layers_of(config, model).in_effect(PyTorchConfig, known)
    for rule in RULES:
        for condition in (rule.when, rule.need):
            if condition is not None:
                result = evaluate(condition, values)
                assert result in (True, False) or result not in known


def evaluate(condition: Condition, values: Values) -> bool | str:
    """Whether a condition is true, or the name of the unknown value that it needs."""
    try:
        return condition.holds(values)
    except UnknownValueError as error:
        return str(error.args[0])


def unchecked(given_settings: dict[str, Any]) -> PyTorchConfig:
    """A configuration of those values that are valid by themselves; no rule is applied."""
    valid = {}
    for name, value in given_settings.items():
        try:
            valid[name] = conformed(PyTorchConfig, name, value)
        except ValidationError:
            continue
    return PyTorchConfig._unchecked(valid)


@given(settings())
def test_looking_rules_up_by_the_set_parameters_finds_all_broken_rules(
    given_settings: dict[str, Any],
) -> None:
    config = unchecked(given_settings)
    values = values_of(config)
    broken = [rule for rule in rules_of(PyTorchConfig, "reject") if holds(rule.when, values)]
    try:
        PyTorchConfig.model_validate(config.to_data())
        sentences = []
    except ValidationError as error:
        sentences = [detail["msg"] for detail in error.errors(include_url=False)]
    assert len(sentences) == len(broken)
    for sentence, rule in zip(sentences, broken, strict=True):
        assert sentence.endswith(f": {rule.message}")
        for name in rule.fields:
            head = name.partition(".")[0]
            assert name in sentence
            assert f"{name}=" not in sentence or head in config.model_fields_set


@given(configurations(), models, facts)
def test_canonical_of_a_canonical_configuration_is_itself(
    config: PyTorchConfig, model: dict[str, Any] | None, known: Mapping[str, object]
) -> None:
    canonical = config.canonical(model, facts=known)
    empty_model = None if model is None else {}
    assert canonical.canonical(empty_model, facts=known) == canonical
    assert canonical.dormant(empty_model, facts=known) == {}
    assert canonical.canonical(facts=known) == canonical


@given(configurations(), models, facts)
def test_removing_dormant_parameters_keeps_the_canonical_configuration(
    config: PyTorchConfig, model: dict[str, Any] | None, known: Mapping[str, object]
) -> None:
    values = {name: getattr(config, name) for name in config.model_fields_set}
    for name in config.dormant(model, facts=known):
        rest = PyTorchConfig._unchecked({key: value for key, value in values.items() if key != name})
        assert rest.canonical(model, facts=known) == config.canonical(model, facts=known)


@given(configurations(), models, st.data())
def test_setting_the_fallback_value_keeps_the_canonical_configuration(
    config: PyTorchConfig, model: dict[str, Any] | None, data: st.DataObject
) -> None:
    unset = [name for name in PARAMS if name not in config.model_fields_set and name != "max_length"]
    name = data.draw(st.sampled_from(unset))
    fallback = (model or {}).get(name)
    if fallback is None:
        assume(model is not None or not name.endswith("_token_id") or name.startswith("forced"))
        fallback = PARAMS[name].effective_default
    try:
        value = conformed(PyTorchConfig, name, fallback)
    except ValidationError:
        assume(False)
    values = {field: getattr(config, field) for field in config.model_fields_set}
    explicit = PyTorchConfig._unchecked({**values, name: value})
    assert explicit.canonical(model) == config.canonical(model)


@given(configurations(), models)
def test_a_message_never_shows_what_the_model_sets(
    config: PyTorchConfig, model: dict[str, Any] | None
) -> None:
    for broken in config.check(model or {}):
        for name in broken.fields:
            assert f"{name}=" not in broken.message or name.partition(".")[0] in config.model_fields_set
