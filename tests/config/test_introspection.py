"""The lists of parameters and rules that documentation, command line and users' programs read."""

import json
from dataclasses import fields
from typing import get_args

import pytest

from codegen.model.schema import ROLES
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.errors import UnknownNameError
from llenergymeasure.config.introspection import (
    BACKENDS,
    ParamDict,
    get_backend_params,
    get_backend_rules,
    get_param,
    get_param_test_values,
)
from llenergymeasure.config.metadata import ParamInfo
from llenergymeasure.config.vocabulary import ENERGY_ROLES, EnergyRole


def test_it_holds_every_parameter_by_its_path_and_not_extra() -> None:
    params = get_backend_params("pytorch")
    assert len(params) == len(PyTorchConfig.model_fields) - 1
    assert all(path.startswith("pytorch.") for path in params)
    assert "pytorch.extra" not in params
    assert "guidance_scale" in str(params)


def test_every_fact_is_there_for_every_parameter() -> None:
    keys = ParamDict.__required_keys__
    added = {"default", "requires", "rules", "sources", "test_values", "context"}
    assert keys == {field.name for field in fields(ParamInfo)} | added
    for path, info in get_backend_params("pytorch").items():
        assert info.keys() == keys, path
        assert info["default"] == getattr(PyTorchConfig(), path.partition(".")[2])
        assert info["energy_role"] in (*ENERGY_ROLES, None)
        assert info["sources"]


def test_the_list_is_json_data() -> None:
    json.dumps(get_backend_params("pytorch"), allow_nan=False)


def test_a_caller_may_change_the_result() -> None:
    params = get_backend_params("pytorch")
    path = next(path for path, info in params.items() if info["context"])
    params[path]["context"].clear()
    params.clear()
    assert get_backend_params("pytorch")[path]["context"]


def test_a_single_parameter_is_that_of_the_list() -> None:
    assert get_param("pytorch.temperature") == get_backend_params("pytorch")["pytorch.temperature"]
    assert get_param_test_values("pytorch.temperature") == get_param("pytorch.temperature")["test_values"]


def test_every_rule_is_listed_with_each_parameter_that_it_is_about() -> None:
    params, rules = get_backend_params("pytorch"), get_backend_rules("pytorch")
    assert [rule["id"] for rule in rules] == [rule.id for rule in PyTorchConfig.rules]
    for rule in rules:
        about = {field.partition(".")[0] for field in rule["fields"]}
        listed = {path.partition(".")[2] for path, info in params.items() if rule in info["rules"]}
        assert listed == about
        assert rule["when"]
        assert bool(rule["need"]) == (rule["effect"] == "require")


def test_a_need_is_listed_with_its_parameter() -> None:
    needs = [rule for rule in get_param("pytorch.stop_strings")["rules"] if rule["effect"] == "require"]
    assert [rule["need"] for rule in needs] == ["call.tokenizer", "call.stop_strings_spelled"]
    assert tuple(rule["message"] for rule in needs) == get_param("pytorch.stop_strings")["requires"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "pytorch.temprature",
            "there is no parameter 'pytorch.temprature'; did you mean 'pytorch.temperature'?",
        ),
        ("temperature", "there is no parameter 'temperature'; did you mean 'pytorch.temperature'?"),
        ("pytorch.extra", "there is no parameter 'pytorch.extra'; `llenergymeasure params` lists them all"),
        ("pytorch", "there is no parameter 'pytorch'; `llenergymeasure params` lists them all"),
        ("pytorh.temperature", "there is no backend 'pytorh'; did you mean 'pytorch'?"),
        ("vllm.temperature", "there is no backend 'vllm'; known are pytorch"),
    ],
)
def test_an_unknown_path_is_a_clear_error_with_a_suggestion(path: str, message: str) -> None:
    for ask in (get_param, get_param_test_values):
        with pytest.raises(UnknownNameError) as caught:
            ask(path)
        assert str(caught.value) == message
        assert isinstance(caught.value, ValueError)


def test_an_unknown_backend_is_a_clear_error() -> None:
    with pytest.raises(UnknownNameError, match=r"there is no backend 'torch'; did you mean 'pytorch'\?"):
        get_backend_params("torch")


def test_the_backends_cannot_be_changed_by_accident() -> None:
    assert list(BACKENDS) == ["pytorch"]
    with pytest.raises(TypeError):
        BACKENDS["x"] = BACKENDS["pytorch"]  # type: ignore[index]


def test_the_roles_are_those_of_the_generator() -> None:
    assert list(ENERGY_ROLES) == list(get_args(EnergyRole))
    assert ENERGY_ROLES == ROLES
