"""Every parameter with each of its test values: ``generate()`` gets it under its name, and unchanged."""

from typing import Any

import pytest
import torch
from pydantic import ValidationError

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.introspection import get_backend_params
from llenergymeasure.engines.transformers.batching import make_batches
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.generation import Generator
from llenergymeasure.engines.transformers.model_loader import ModelParts

PARAMS = {path.removeprefix("pytorch."): info for path, info in get_backend_params("pytorch").items()}
ADDED = {"inputs", "attention_mask", "tokenizer", "trust_remote_code"}
"""The arguments that a run adds: the prompts, and what some settings need."""


class Spy:
    """Replaces ``model.generate``, and keeps its arguments."""

    def __init__(self) -> None:
        self.got: dict[str, Any] = {}

    def __call__(self, **arguments: Any) -> torch.Tensor:
        self.got = arguments
        return arguments["inputs"]


@pytest.fixture(scope="module")
def loaded() -> ModelParts:
    return ModelParts(
        model=build_model("builtin:llama-tiny"), tokenizer=build_tokenizer(), device=torch.device("cpu")
    )


def received(loaded: ModelParts, config: PyTorchConfig, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What ``generate()`` gets for a configuration."""
    spy = Spy()
    monkeypatch.setattr(loaded.model, "generate", spy)
    (batch,) = make_batches(("a prompt",), requests=1, batch_size=1, parts=loaded)
    Generator(loaded, config.generate_kwargs(), trust_remote_code=True)(batch)
    return spy.got


def arrived(got: object, value: object) -> bool:
    """Whether a value arrived. A mapping may arrive as an object of its class, a list as a tuple."""
    match value:
        case dict():
            items = got if isinstance(got, dict) else vars(got)
            return all(arrived(items[key], item) for key, item in value.items())
        case list() | tuple():
            return isinstance(got, list | tuple) and len(got) == len(value) and all(map(arrived, got, value))
    return type(got) is type(value) and got == value


@pytest.mark.filterwarnings("ignore:Passing ContinuousBatchingConfig:FutureWarning")
@pytest.mark.parametrize("name", PARAMS)
def test_each_value_of_a_parameter_arrives_as_it_is(
    name: str, loaded: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = PARAMS[name]
    context = {**facts["context"], **facts["context"].get("extra", {})}
    context.pop("extra", None)
    assert facts["test_values"]
    for value in facts["test_values"]:
        got = received(loaded, PyTorchConfig(**{**facts["context"], name: value}), monkeypatch)
        assert got.keys() - ADDED == {name, *context}
        for key, expected in {**context, name: value}.items():
            assert arrived(got[key], expected), key


def with_whole_number(name: str) -> PyTorchConfig | None:
    """A configuration that sets a parameter to a whole number; None if its range has no small one."""
    for number in range(3):
        try:
            return PyTorchConfig(**{**PARAMS[name]["context"], name: number})
        except ValidationError:
            continue
    return None


FLOATS = [name for name, facts in PARAMS.items() if facts["type"].removesuffix(" | None") == "float"]
WHOLE = {name: config for name in FLOATS if (config := with_whole_number(name)) is not None}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_number_for_a_float_arrives_as_a_float(
    name: str, loaded: ModelParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type(received(loaded, WHOLE[name], monkeypatch)[name]) is float


def test_what_is_not_set_does_not_arrive(loaded: ModelParts, monkeypatch: pytest.MonkeyPatch) -> None:
    assert received(loaded, PyTorchConfig(), monkeypatch).keys() <= ADDED
    assert len(WHOLE) > 10
