"""The arguments for ``generate()``, and conversion to and from transformers' ``GenerationConfig``."""

import subprocess
import sys
import warnings
from typing import Any

import pytest
import transformers
from pydantic import ValidationError

from llenergymeasure.config.conversion import LossyConversionWarning
from llenergymeasure.config.errors import UpstreamError
from tests.config.specimen import PyTorchConfig


@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({}, {}),
        ({"temperature": 1.0}, {"temperature": 1.0}),  # the default, but set
        ({"eos_token_id": None}, {"eos_token_id": None}),
        ({"stop_strings": "a"}, {"stop_strings": "a"}),
        ({"stop_strings": ("a", "b")}, {"stop_strings": ["a", "b"]}),
        ({"bad_words_ids": [[1], [2, 3]]}, {"bad_words_ids": [[1], [2, 3]]}),
        ({"exponential_decay_length_penalty": [2, 1]}, {"exponential_decay_length_penalty": (2, 1.0)}),
        ({"sequence_bias": {(5, 6): -2}}, {"sequence_bias": [[[5, 6], -2.0]]}),
        ({"cache_config": {"nbits": 4}}, {"cache_config": {"nbits": 4}}),
        ({"cache_config": {}}, {"cache_config": {}}),
        ({"copy": 1}, {"copy": 1}),
        ({"extra": {"a": [1, (2,)], "b": None}}, {"a": [1, (2,)], "b": None}),
        ({"top_k": 5, "extra": {"temperature": 0}}, {"top_k": 5, "temperature": 0}),
    ],
)
def test_exactly_what_was_set_is_sent(arguments: dict[str, Any], sent: dict[str, Any]) -> None:
    kwargs = PyTorchConfig(**arguments).generate_kwargs()
    assert kwargs == sent
    assert [type(value) for value in kwargs.values()] == [type(value) for value in sent.values()]


def test_changing_what_was_sent_does_not_change_the_configuration() -> None:
    config = PyTorchConfig(bad_words_ids=[[1]], cache_config={"nbits": 4}, extra={"a": {"b": [1]}})
    kwargs = config.generate_kwargs()
    kwargs["bad_words_ids"][0].append(2)
    kwargs["cache_config"].clear()
    kwargs["a"]["b"].append(2)
    assert config.generate_kwargs() == {"bad_words_ids": [[1]], "cache_config": {"nbits": 4}, "a": {"b": [1]}}


def test_nested_configurations_are_sent_as_the_real_classes() -> None:
    kwargs = PyTorchConfig(
        compile_config={"mode": "default", "dynamic": None, "options": {"a": 1}},
        watermarking_config={"bias": 1},
    ).generate_kwargs()
    compile_config, watermark = kwargs["compile_config"], kwargs["watermarking_config"]
    assert type(compile_config) is transformers.CompileConfig
    assert compile_config == transformers.CompileConfig(mode="default", dynamic=None, options={"a": 1})
    assert type(compile_config.options) is dict
    assert type(watermark) is transformers.WatermarkingConfig
    assert watermark.bias == 1.0


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ({}, "WatermarkingConfig"),
        ({"context_width": 2}, "WatermarkingConfig"),
        ({"ngram_len": 2, "keys": [1, 2]}, "SynthIDTextWatermarkingConfig"),
    ],
)
def test_one_of_two_classes_is_chosen_by_the_keys(keys: dict[str, Any], kind: str) -> None:
    config = PyTorchConfig(watermarking_config=keys)
    assert type(config.generate_kwargs()["watermarking_config"]).__name__ == kind
    assert PyTorchConfig(watermarking_config=config.watermarking_config) == config


def test_parameters_that_are_set_in_extra_are_reported_as_bypassed() -> None:
    config = PyTorchConfig(temperature=0.5, extra={"top_p": 2.0, "copy": 1, "mine": 3})
    assert config.bypassed == ("top_p", "copy")
    assert PyTorchConfig(top_p=1.0).bypassed == ()


def test_a_key_in_both_places_is_refused() -> None:
    with pytest.raises(ValidationError, match="is also set as a field; keep one of the two"):
        PyTorchConfig(temperature=0.5, extra={"temperature": 0.6})


def test_a_converted_configuration_comes_back_as_it_was() -> None:
    config = PyTorchConfig(
        max_length=30,
        do_sample=True,
        temperature=0.5,
        stop_strings=["a"],
        exponential_decay_length_penalty=(2, 1.5),
        sequence_bias={(5, 6): -2.0},
        watermarking_config={"ngram_len": 2, "keys": [1, 2]},
        compile_config={"mode": "default"},
        cache_config={"nbits": 4},
    )
    real = config.to_generation_config()
    assert type(real) is transformers.GenerationConfig
    assert (real.temperature, real.max_length, real.top_k) == (0.5, 30, None)
    assert type(real.compile_config) is transformers.CompileConfig
    assert PyTorchConfig.from_generation_config(real) == config


def test_a_fresh_generation_config_sets_nothing() -> None:
    assert PyTorchConfig.from_generation_config(transformers.GenerationConfig()) == PyTorchConfig()


def test_a_none_that_was_set_gives_a_warning_and_is_remembered() -> None:
    config = PyTorchConfig(do_sample=True, eos_token_id=None, top_k=None)
    with pytest.warns(LossyConversionWarning, match="top_k, eos_token_id may fall back"):
        real = config.to_generation_config()
    assert PyTorchConfig.from_generation_config(real) == config


def test_unknown_attributes_are_left_out_with_a_warning_or_kept_in_extra() -> None:
    real = transformers.GenerationConfig(temperature=0.5, renormalise_v2=True)
    with pytest.warns(LossyConversionWarning, match="left out renormalise_v2"):
        assert PyTorchConfig.from_generation_config(real) == PyTorchConfig(temperature=0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kept = PyTorchConfig.from_generation_config(real, keep_unknown=True)
    assert kept == PyTorchConfig(temperature=0.5, extra={"renormalise_v2": True})
    assert kept.to_generation_config().renormalise_v2 is True


def test_a_value_that_is_not_allowed_here_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match="compile_config"):
        PyTorchConfig.from_generation_config(
            transformers.GenerationConfig(compile_config=transformers.CompileConfig(backend=print))
        )


@pytest.mark.parametrize("other", [None, {}, PyTorchConfig()])
def test_only_a_generation_config_can_be_read(other: object) -> None:
    with pytest.raises(TypeError, match="takes a GenerationConfig, not an object of the type"):
        PyTorchConfig.from_generation_config(other)


def test_transformers_own_words_are_kept_when_it_refuses_the_values() -> None:
    config = PyTorchConfig(extra={"early_stopping": "sometimes"})
    with pytest.raises(
        UpstreamError, match=r"transformers refuses these values of GenerationConfig: .*early_stopping"
    ):
        config.to_generation_config()


SEND_WITHOUT_A_PACKAGE = """
import sys
sys.modules[{name!r}] = None  # as if it were not installed
from tests.config.specimen import PyTorchConfig
assert PyTorchConfig(temperature=0.5, cache_config={{"nbits": 4}}).generate_kwargs()
try:
    PyTorchConfig(compile_config={{}}).generate_kwargs()
except ValueError as error:
    print(error)
"""


def test_without_transformers_the_error_says_what_to_install() -> None:
    code = SEND_WITHOUT_A_PACKAGE.format(name="transformers")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == (
        "transformers is needed to build its CompileConfig: pip install 'llenergymeasure[run]'\n"
    )
