"""Continuous batching on real models: which models support it, and what happens to requests that fail."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    BloomConfig,
    BloomForCausalLM,
    ContinuousBatchingConfig,
    Gemma3ForCausalLM,
    Gemma3TextConfig,
    GPT2Config,
    GPT2LMHeadModel,
    GPTNeoXConfig,
    GPTNeoXForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    OPTConfig,
    OPTForCausalLM,
    PretrainedConfig,
    PreTrainedModel,
)

from llenergymeasure.config.errors import PreconditionError
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.engines.errors import GenerationError
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.engines.registry import open_session
from llenergymeasure.engines.transformers import requirements
from llenergymeasure.engines.transformers.engine import ENGINE
from llenergymeasure.engines.transformers.messages import collected_messages
from llenergymeasure.engines.transformers.paged_batching import failures_raised
from llenergymeasure.engines.transformers.paged_support import takes_paged_cache


@contextmanager
def session(**blocks: int) -> Iterator[AnySession]:
    settings: dict[str, Any] = {
        "max_new_tokens": 20,
        "cache_implementation": "paged",
        "continuous_batching_config": {"max_batch_tokens": 64, "page_size": 16, **blocks},
    }
    config = ExperimentConfig.model_validate(
        {
            "model": {"name": "builtin:llama-tiny", "device": "cpu"},
            "workload": {"requests": 1, "prompts": {"tokens": 7}},
            "pytorch": settings,
        }
    )
    with open_session(ENGINE, config) as run:
        yield run


def test_a_request_is_answered_and_counted() -> None:
    with collected_messages(), session(num_blocks=2) as run:
        counts = run.count(run.call(run.batches[0]))
    assert counts.prompt_tokens == 7
    assert 0 < counts.output_tokens <= 20


def test_whether_the_model_supports_it_is_tried_once_per_binding(monkeypatch: pytest.MonkeyPatch) -> None:
    trials: list[PreTrainedModel] = []

    def counted(model: PreTrainedModel) -> bool | None:
        trials.append(model)
        return takes_paged_cache(model)

    monkeypatch.setattr(requirements, "takes_paged_cache", counted)
    with session(num_blocks=2) as run:
        run.dormant()
        run.canonical()
    assert len(trials) == 1


def test_a_request_that_transformers_drops_is_an_error_and_nothing_is_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with collected_messages() as messages, session(num_blocks=1) as run:
        with pytest.raises(
            GenerationError, match="failed on a request: No requests can be scheduled"
        ) as caught:
            run.call(run.batches[0])
        assert "(Change pytorch.continuous_batching_config.)" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert "generate_batch" not in vars(run._parts.model)
    assert messages
    assert capfd.readouterr().err == ""


SIZES = {"vocab_size": 16, "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2}
MODELS: dict[str, tuple[type[PretrainedConfig], type[PreTrainedModel], dict[str, Any]]] = {
    "llama": (LlamaConfig, LlamaForCausalLM, {**SIZES, "intermediate_size": 8}),
    "windows": (
        MistralConfig,
        MistralForCausalLM,
        {**SIZES, "intermediate_size": 8, "num_key_value_heads": 1, "sliding_window": 4},
    ),
    "windows and all": (
        Gemma3TextConfig,
        Gemma3ForCausalLM,
        {**SIZES, "num_hidden_layers": 6, "intermediate_size": 8, "head_dim": 4, "num_key_value_heads": 1},
    ),
    "gpt2": (GPT2Config, GPT2LMHeadModel, {"vocab_size": 16, "n_layer": 2, "n_embd": 8, "n_head": 2}),
    "opt": (OPTConfig, OPTForCausalLM, {**SIZES, "ffn_dim": 8, "word_embed_proj_dim": 8}),
    "bloom": (BloomConfig, BloomForCausalLM, {"vocab_size": 16, "n_layer": 2, "hidden_size": 8, "n_head": 2}),
    "gptneox": (GPTNeoXConfig, GPTNeoXForCausalLM, {**SIZES, "intermediate_size": 8}),
}
"""Models that use a cache in different ways."""
BATCHING = {"num_blocks": 8, "page_size": 32, "max_batch_tokens": 64, "cpu_offload_space": 0}


@pytest.mark.parametrize(
    ("name", "attention"),
    [
        (name, attention)
        for name, (_, model_class, _) in MODELS.items()
        for attention in ("sdpa", "eager")
        if attention == "eager" or model_class._supports_sdpa
    ],
)
def test_whether_a_model_supports_continuous_batching_is_known_before_it_runs(
    name: str, attention: str
) -> None:
    """The real call agrees."""
    config_class, model_class, sizes = MODELS[name]
    config = config_class(**sizes, attn_implementation=attention)
    model = model_class(config).eval()
    before = set(vars(model))
    is_supported = takes_paged_cache(model)
    assert set(vars(model)) == before
    assert next(model.parameters()).device.type == "cpu"
    model.generation_config.update(eos_token_id=15, pad_token_id=0)
    settings = {"cache_implementation": "paged", "max_new_tokens": 2, "do_sample": False}
    try:
        with collected_messages(), failures_raised(model):
            model.generate(
                torch.tensor([[3, 4, 5]]),
                **settings,
                continuous_batching_config=ContinuousBatchingConfig(**BATCHING),
            )
        runs = True
    except Exception:  # noqa: BLE001 - whatever the model's code raises
        runs = False
    assert is_supported is not None
    assert is_supported is runs


def test_a_model_that_does_not_support_it_is_refused_before_it_runs(tmp_path: Path) -> None:
    config_class, model_class, sizes = MODELS["opt"]
    model_class(config_class(**sizes)).save_pretrained(tmp_path)
    config = ExperimentConfig.model_validate(
        {
            "model": {"name": str(tmp_path), "device": "cpu"},
            "workload": {"requests": 1, "prompts": {"tokens": 7}},
            "pytorch": {
                "max_new_tokens": 2,
                "eos_token_id": None,
                "cache_implementation": "paged",
                "continuous_batching_config": BATCHING,
            },
        }
    )
    refused = pytest.raises(PreconditionError, match="this model's code cannot use the cache of")
    with refused as caught, open_session(ENGINE, config):
        pass
    assert "pytorch.cache_implementation" in str(caught.value)
