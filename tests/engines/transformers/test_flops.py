"""The formula for floating-point operations, compared with torch's count of the call's matrix products."""

from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    BartConfig,
    GPT2Config,
    LlamaConfig,
    MistralConfig,
    MixtralConfig,
    PretrainedConfig,
    RwkvConfig,
    T5Config,
)

from llenergymeasure.engines.calls import FlopEstimate, Missing, TokenTimes
from llenergymeasure.engines.transformers.batching import make_batches, make_synthetic_batches
from llenergymeasure.engines.transformers.flops import estimate_flops
from llenergymeasure.engines.transformers.generation import Generator
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.timing import time_call

V = 320
SIZES = {
    "vocab_size": V,
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
}
ENDS = {"bos_token_id": 1, "eos_token_id": 2}
ENCODER_DECODER = {
    "vocab_size": V,
    "d_model": 64,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 96,
    "decoder_ffn_dim": 80,
}
ARCHITECTURES: dict[str, PretrainedConfig] = {
    "grouped keys and values": LlamaConfig(**SIZES, num_key_value_heads=2),
    "a head that is the embedding": LlamaConfig(**SIZES, tie_word_embeddings=True),
    "a head size of its own": LlamaConfig(**SIZES, head_dim=32),
    "learned positions, Conv1D": GPT2Config(vocab_size=V, n_embd=64, n_layer=2, n_head=4, **ENDS),
    "a window longer than the text": MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=512),
    "experts, two of four": MixtralConfig(**SIZES, num_key_value_heads=2, num_local_experts=4),
    "T5": T5Config(
        vocab_size=V, d_model=64, d_kv=16, d_ff=96, num_layers=2, num_heads=4, decoder_start_token_id=0
    ),
    "Bart": BartConfig(**ENCODER_DECODER),
}


def loaded(config: PretrainedConfig) -> ModelParts:
    auto_class = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    config._experts_implementation = "eager"  # torch does not count the products of the grouped kernel
    model = auto_class.from_config(config, attn_implementation="eager").eval()
    return ModelParts(model=model, tokenizer=None, device=torch.device("cpu"))


def run(model: ModelParts, settings: dict[str, Any]) -> tuple[int, TokenTimes]:
    """torch's count of the operations of a call, and the call's times."""
    (batch,) = make_synthetic_batches(24, requests=2, batch_size=2, seed=0, parts=model)
    generator = Generator(model, {"max_new_tokens": 5, "eos_token_id": None, **settings})
    with FlopCounterMode(display=False) as counter:
        times = time_call(generator, batch, lambda: None).times
    assert isinstance(times, TokenTimes)
    return counter.get_total_flops(), times


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"max_new_tokens": 1},
        {"num_beams": 3},
        {"num_return_sequences": 2, "do_sample": True},
        {"use_cache": False},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_formula_agrees_with_torchs_count(name: str, settings: dict[str, Any]) -> None:
    model = loaded(ARCHITECTURES[name])
    counted, times = run(model, settings)
    estimated = estimate_flops(model.model, times)
    assert isinstance(estimated, FlopEstimate)
    assert estimated.flops == counted


def test_sequences_that_have_ended_still_count(alphabet: ModelParts) -> None:
    """One ends with its first token, and the device computes it as long as the other goes on."""
    letters = alphabet.tokenizer.convert_tokens_to_ids(["b", "h"])
    (batch,) = make_batches(["a", "c"], requests=2, batch_size=2, parts=alphabet)
    one_ended, none_ended = (
        time_call(Generator(alphabet, settings), batch, lambda: None).times
        for settings in (
            {"max_new_tokens": 6, "eos_token_id": letters},
            {"max_new_tokens": 5, "eos_token_id": None},
        )
    )
    assert isinstance(one_ended, TokenTimes)
    assert isinstance(none_ended, TokenTimes)
    assert one_ended.steps == none_ended.steps == 5
    assert estimate_flops(alphabet.model, one_ended) == estimate_flops(alphabet.model, none_ended)


def test_attention_stops_at_a_sliding_window() -> None:
    """24 tokens of prompt and 4 more, each of which attends to 8; 2 rows, 2 layers, 4 heads of size 16."""
    wide, narrow = (
        MistralConfig(**SIZES, num_key_value_heads=2, sliding_window=window) for window in (512, 8)
    )
    flops = []
    for config in (wide, narrow):
        model = loaded(config)
        estimated = estimate_flops(model.model, run(model, {})[1])
        assert isinstance(estimated, FlopEstimate)
        flops.append(estimated.flops)
    outside = 24 * (24 - 8) + (25 - 8) + (26 - 8) + (27 - 8) + (28 - 8)
    assert flops[0] - flops[1] == 2 * 2 * 4 * (4 * 16) * outside


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"prompt_lookup_num_tokens": 3}, "drafted"),
        ({"assistant_early_exit": 1}, "drafted"),
        ({"guidance_scale": 2.0}, "guidance_scale runs the model a second time"),
    ],
)
def test_a_call_that_the_formula_does_not_fit_has_a_reason_instead(
    settings: dict[str, Any], reason: str
) -> None:
    model = loaded(ARCHITECTURES["grouped keys and values"])
    (batch,) = make_synthetic_batches(24, requests=1, batch_size=1, seed=0, parts=model)
    times = time_call(Generator(model, {"max_new_tokens": 5, **settings}), batch, lambda: None).times
    assert isinstance(times, TokenTimes)
    missing = estimate_flops(model.model, times)
    assert isinstance(missing, Missing)
    assert reason in missing.reason


def test_an_unknown_number_of_active_experts_gives_no_estimate() -> None:
    model = loaded(ARCHITECTURES["experts, two of four"])
    _, times = run(model, {})
    model.model.config.num_experts_per_tok = 0
    missing = estimate_flops(model.model, times)
    assert isinstance(missing, Missing)
    assert "experts" in missing.reason


def test_an_architecture_without_attention_gives_no_estimate() -> None:
    config = RwkvConfig(vocab_size=50, hidden_size=8, attention_hidden_size=8, num_hidden_layers=2)
    model = loaded(config)
    _, times = run(model, {"max_new_tokens": 2, "eos_token_id": None, "pad_token_id": 0})
    missing = estimate_flops(model.model, times)
    assert isinstance(missing, Missing)
    assert "num_attention_heads" in missing.reason
