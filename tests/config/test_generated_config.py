"""The generated configuration as users see it: names, defaults, bounds, and accepted values."""

import json
import subprocess
import sys
from typing import Any, get_args

import pytest
import transformers
from pydantic import ValidationError

from llenergymeasure.config import backend_configs
from llenergymeasure.config.annotations import annotation_of, fields_of
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.documents import parse_json, parse_yaml
from llenergymeasure.config.introspection import get_backend_params
from llenergymeasure.config.nested import NestedConfig

NESTED = [
    value
    for value in vars(backend_configs).values()
    if isinstance(value, type) and issubclass(value, NestedConfig) and value is not NestedConfig
]
PARAMS_INFO = get_backend_params("pytorch")
every_parameter = pytest.mark.parametrize("name", [path.partition(".")[2] for path in PARAMS_INFO])


def test_it_has_every_public_attribute_of_the_real_class_and_extra() -> None:
    if transformers.__version__ != PyTorchConfig.engine_version:
        pytest.skip("the installed transformers is not the one that it was generated from")
    public = {name for name in vars(transformers.GenerationConfig()) if not name.startswith("_")}
    assert set(fields_of(PyTorchConfig)) == (public - {"transformers_version"}) | {"extra"}
    assert len(PyTorchConfig.model_fields) == 72


def test_fields_and_facts_have_the_same_names_in_the_same_order() -> None:
    assert [name for name in fields_of(PyTorchConfig) if name != "extra"] == list(PyTorchConfig.params)


@pytest.mark.parametrize(
    ("name", "default", "takes_none", "inside", "outside"),
    [
        ("guidance_scale", None, True, [1, 1.0, 7.5], [0.99, -1]),
        ("low_memory", False, False, [False, True], [0, "no"]),
        (
            "exponential_decay_length_penalty",
            None,
            True,
            [(0, 0.5), (2, 1.5)],
            [(-1, 1.5), (2, 0.0), (2.5, 1.5)],
        ),
        ("diversity_penalty", 0.0, False, [0, 0.0, 5.5], [-0.1, "x"]),
        ("encoder_repetition_penalty", 1.0, False, [1, 1.5], [0.99, 0]),
        ("typical_p", 1.0, False, [0.01, 1.0], [0.0, 1.01]),
        ("epsilon_cutoff", 0.0, False, [0.0, 0.5, 1.0], [-0.01, 1.01]),
        ("eta_cutoff", 0.0, False, [0.0, 0.5, 1.0], [-0.01, 1.01]),
    ],
)
def test_defaults_and_ranges_of_some_parameters(
    name: str, default: object, takes_none: bool, inside: list[Any], outside: list[Any]
) -> None:
    shown = getattr(PyTorchConfig(), name)
    assert (shown, type(shown)) == (default, type(default))
    for value in inside:
        assert getattr(PyTorchConfig(**{name: value}), name) == value
    for value in outside if takes_none else [*outside, None]:
        with pytest.raises(ValidationError, match=name):
            PyTorchConfig(**{name: value})
    if takes_none:
        assert PyTorchConfig(**{name: None}).generate_kwargs() == {name: None}


@pytest.mark.parametrize("model", [PyTorchConfig, *NESTED], ids=lambda model: model.__name__)
def test_no_type_is_any_and_everything_is_described(model: type[NestedConfig]) -> None:
    def parts(annotation: Any) -> list[Any]:
        return [annotation, *(part for each in get_args(annotation) for part in parts(each))]

    for name, field in fields_of(model).items():
        assert field.description, name
        if name != "extra":
            assert Any not in parts(annotation_of(field)), name


@every_parameter
def test_every_test_value_is_accepted_and_can_be_saved_and_loaded(name: str) -> None:
    info = PARAMS_INFO[f"pytorch.{name}"]
    assert info["test_values"]
    for value in info["test_values"]:
        config = PyTorchConfig(**{**info["context"], name: value})
        text = json.dumps(config.to_data())
        for document in (parse_json(text, "x"), parse_yaml(text, "x")):
            again = PyTorchConfig.model_validate(document.data)
            assert again == config
            assert repr(again) == repr(config)
        context = {**info["context"]}
        extra = context.pop("extra", {})
        assert config.generate_kwargs().keys() == {*context, *extra, name}


@every_parameter
@pytest.mark.filterwarnings(
    "ignore:Passing ContinuousBatchingConfig:FutureWarning",
    "ignore::llenergymeasure.config.conversion.LossyConversionWarning",
)
def test_every_test_value_goes_into_the_real_class_and_comes_back(name: str) -> None:
    info = PARAMS_INFO[f"pytorch.{name}"]
    for value in info["test_values"]:
        config = PyTorchConfig(**{**info["context"], name: value})
        assert PyTorchConfig.from_generation_config(config.to_generation_config()) == config


def test_extra_says_what_it_is_with_an_example() -> None:
    description = PyTorchConfig.model_fields["extra"].description or ""
    assert "model.generate()" in description
    assert "unvalidated" in description
    assert "extra={" in description


def test_importing_it_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, llenergymeasure.config.backend_configs, llenergymeasure.config.introspection, "
        "llenergymeasure.config.loading; print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
