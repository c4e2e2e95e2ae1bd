"""Which settings are refused before a run starts, and which are reported as dormant; on real models."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    GenerationConfig,
    MambaConfig,
    MambaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    RwkvConfig,
    RwkvForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from llenergymeasure.config.errors import PreconditionError
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.engines.registry import open_session
from llenergymeasure.engines.transformers import loaded_model, requirements
from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer
from llenergymeasure.engines.transformers.engine import ENGINE
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.engines.transformers.model_info import (
    has_attention_heads,
    has_full_attention,
    has_own_settings,
    key_width,
)
from llenergymeasure.engines.transformers.session import TransformersSession

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:transformers")


TWO = {"requests": 2, "batch_size": 2}


def experiment(
    pytorch: dict[str, Any], workload: dict[str, Any] | None = None, **model: Any
) -> ExperimentConfig:
    return ExperimentConfig.model_validate(
        {
            "model": {"name": "builtin:llama-tiny", "device": "cpu", **model},
            "workload": workload or TWO,
            "pytorch": pytorch,
        }
    )


@contextmanager
def load(pytorch: dict[str, Any], **model: Any) -> Iterator[AnySession]:
    with collected_messages(), open_session(ENGINE, experiment(pytorch, **model)) as run:
        yield run


def refusal(pytorch: dict[str, Any], **model: Any) -> list[str]:
    with pytest.raises(PreconditionError) as caught, load(pytorch, **model):
        pass
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(problem) for problem in caught.value.problems]


QUANTIZED = {"cache_implementation": "quantized"}


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        (QUANTIZED, ["pytorch.cache_implementation: cache_implementation='quantized'", "package optimum-quanto"]),
        ({**QUANTIZED, "cache_config": {"backend": "hqq"}}, ["cache_config={'backend': 'hqq'}", "package hqq"]),
        ({"cache_implementation": "offloaded"}, ["pytorch.cache_implementation: cache_implementation='offloaded': "]),
        ({"prompt_lookup_num_tokens": 2}, ["pytorch.prompt_lookup_num_tokens: prompt_lookup_num_tokens=2"]),
    ],
)  # fmt: skip
def test_what_is_known_without_the_model_is_refused_before_it_is_loaded(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], parts: list[str]
) -> None:
    monkeypatch.setattr(requirements, "_is_installed", lambda _: False)
    monkeypatch.setattr(loaded_model, "load_parts", None)  # so that loading would fail with another error
    (problem,) = refusal(settings)
    for part in parts:
        assert part in problem


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({"bad_words_ids": [[5], [7, 4000]]}, "pytorch.bad_words_ids: bad_words_ids=[[5], [7, 4000]]: "),
        ({"max_length": 20}, "pytorch.max_length: max_length=20: "),
        ({"use_mtp": True}, "pytorch.use_mtp: use_mtp=true"),
    ],
)
def test_what_only_the_model_tells_is_refused_before_the_first_call(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], start: str
) -> None:
    monkeypatch.setattr(TransformersSession, "call", None)
    assert any(problem.startswith(start) for problem in refusal(settings))


def test_settings_of_the_models_own_are_checked_too(tmp_path: Path) -> None:
    model = build_model("builtin:llama-tiny")
    model.save_pretrained(tmp_path)
    build_tokenizer().save_pretrained(tmp_path)
    defaults = {"do_sample": True, "num_return_sequences": 71, "eos_token_id": 2, "pad_token_id": 0}
    (tmp_path / "generation_config.json").write_text(json.dumps(defaults), encoding="utf-8")
    (problem,) = refusal({"num_beams": 3, "max_new_tokens": 2}, name=str(tmp_path))
    assert problem.startswith("pytorch.num_beams: num_beams=3, with num_return_sequences set by the model: ")
    assert "71" not in problem
    with load({"num_return_sequences": 1, "num_beams": 3, "max_new_tokens": 2}, name=str(tmp_path)) as run:
        assert run.count(run.call(run.batches[0])).sequences == 2


def test_a_decoder_without_a_start_token_is_refused_as_by_generate(tmp_path: Path) -> None:
    tokenizer = build_tokenizer()
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=len(tokenizer),
            d_model=8,
            d_kv=4,
            d_ff=8,
            num_layers=1,
            num_heads=2,
            decoder_start_token_id=None,
        )
    )
    model.generation_config = GenerationConfig(eos_token_id=2, pad_token_id=0)
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="`decoder_start_token_id` or `bos_token_id` has to be defined"):
        model.generate(**tokenizer("a cat", return_tensors="pt"), max_new_tokens=2)
    (problem,) = refusal({"max_new_tokens": 2}, name=str(tmp_path))
    assert problem.startswith(
        "pytorch.decoder_start_token_id: decoder_start_token_id and bos_token_id unset: "
    )
    for name in ("decoder_start_token_id", "bos_token_id"):
        with load({"max_new_tokens": 2, name: 3}, name=str(tmp_path)) as run:
            assert run.count(run.call(run.batches[0])).sequences == 2


@pytest.mark.parametrize(
    "settings",
    [
        {},  # a prompt is longer than 20 tokens
        {"max_new_tokens": 2, "max_length": 5},
        {"max_new_tokens": 2, "bad_words_ids": [[200]]},
        {"max_new_tokens": 2, "stop_strings": "a"},
        {"max_new_tokens": 2, **QUANTIZED, "use_cache": False},  # the cache is not used
    ],
)
def test_settings_with_everything_they_need_run(settings: dict[str, Any]) -> None:
    with load(settings) as run:
        assert run.count(run.call(run.batches[0])).sequences == 2


@pytest.fixture
def letters_only(tmp_path: Path) -> Path:
    """A model whose tokenizer has only lower-case letters and the space."""
    tokens = ["<pad>", "<s>", "</s>", "Ġ", *"abcdefghijklmnopqrstuvwxyz"]
    backend = Tokenizer(models.BPE({token: number for number, token in enumerate(tokens)}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>", padding_side="left"
    ).save_pretrained(tmp_path)
    build_model("builtin:llama-tiny").save_pretrained(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("texts", "spelled"), [("red", True), (["7", "Zq"], True), ("qZ", False), (["7", "É"], False)]
)
def test_stop_strings_need_tokens_that_can_end_them(letters_only: Path, texts: Any, spelled: bool) -> None:
    settings = {"stop_strings": texts, "max_new_tokens": 2}
    if spelled:
        with load(settings, name=str(letters_only)) as run:
            assert run.count(run.call(run.batches[0])).sequences == 2
        return
    (problem,) = refusal(settings, name=str(letters_only))
    assert problem.startswith("pytorch.stop_strings: stop_strings=")
    assert "no token of the model's tokenizer" in problem


@pytest.mark.parametrize(("longest", "fits"), [(5, True), (4, False)])
def test_a_length_is_compared_with_the_prompts_after_token_healing(
    letters_only: Path, longest: int, fits: bool
) -> None:
    healed = {"token_healing": True, "max_length": longest}  # healing strips the spaces
    workload = {"requests": 1, "prompts": ["abcd   "]}
    if fits:
        with load(healed, name=str(letters_only), workload=workload) as run:
            assert run.count(run.call(run.batches[0])).output_tokens == 1
        return
    (problem,) = refusal(healed, name=str(letters_only), workload=workload)
    assert problem.startswith(f"pytorch.max_length: max_length={longest}: it includes the prompt")


def test_settings_without_effect_on_a_run_are_reported() -> None:
    settings = {"max_new_tokens": 2, "temperature": 0.5, "eos_token_id": 2, "disable_compile": True}
    with load(settings) as run:
        dormant = run.dormant()
    assert dormant.keys() == {"temperature", "eos_token_id", "disable_compile"}
    assert dormant["eos_token_id"] == "it is the model's own setting anyway"
    with load({**settings, "do_sample": True, "eos_token_id": 3}) as run:
        assert run.dormant().keys() == {"disable_compile"}


@pytest.mark.parametrize(
    ("defaults", "own"),
    [
        ({}, False),
        ({"eos_token_id": [2, 3], "pad_token_id": 0, "bos_token_id": 1, "decoder_start_token_id": 2}, False),
        ({"use_cache": True, "output_attentions": False, "temperature": 1.0, "min_length": 0}, False),
        ({"do_sample": False, "assistant_early_exit": None}, False),
        ({"top_k": None}, True),
        ({"forced_bos_token_id": 0}, True),
        ({"max_time": 0.0}, True),
        ({"do_sample": True}, True),
        ({"eos_token_id": 2, "temperature": 0.6}, True),
        ({"max_length": 50}, True),
    ],
)
def test_a_model_has_own_settings_where_it_sets_more_than_special_tokens(
    defaults: dict[str, Any], own: bool
) -> None:
    assert has_own_settings(defaults) is own


@pytest.mark.parametrize(
    ("arguments", "full"),
    [
        ({"sliding_window": 4}, False),
        ({"sliding_window": None}, True),
        ({"sliding_window": 4, "layer_types": ["full_attention", "sliding_attention"]}, False),
        ({"sliding_window": 4, "layer_types": ["full_attention", "full_attention"]}, True),
    ],
)
def test_full_attention_is_distinguished_from_windows(arguments: dict[str, Any], full: bool) -> None:
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2, "num_key_value_heads": 2}
    config = MistralConfig(vocab_size=8, num_hidden_layers=2, **sizes)
    for name, value in arguments.items():
        setattr(config, name, value)
    assert has_full_attention(MistralForCausalLM(config)) is full


def test_recurrent_models_have_no_attention_heads_except_rwkv() -> None:
    recurrent = MambaForCausalLM(MambaConfig(vocab_size=8, hidden_size=8, state_size=2, num_hidden_layers=1))
    assert not has_attention_heads(recurrent)
    rwkv = RwkvConfig(vocab_size=8, hidden_size=8, num_hidden_layers=2)  # it returns attentions
    assert has_attention_heads(RwkvForCausalLM(rwkv))
    assert has_attention_heads(build_model("builtin:llama-tiny"))


@pytest.mark.parametrize(
    ("arguments", "width"),
    [
        ({"num_key_value_heads": 2, "head_dim": None}, 8),  # heads of 4 numbers each
        ({"num_key_value_heads": 1, "head_dim": None}, 4),
        ({"num_key_value_heads": 2, "head_dim": 16}, 32),
    ],
)
def test_the_size_of_the_keys_of_a_token(arguments: dict[str, Any], width: int) -> None:
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_attention_heads": 2}
    config = MistralConfig(vocab_size=8, num_hidden_layers=1, **sizes, **arguments)
    assert key_width(MistralForCausalLM(config)) == width


def test_a_recurrent_model_has_no_keys() -> None:
    config = MambaConfig(vocab_size=8, hidden_size=8, state_size=2, num_hidden_layers=1)
    assert key_width(MambaForCausalLM(config)) is None
