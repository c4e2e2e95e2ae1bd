"""Tiny models with random weights, and a tokenizer, built in code.

Weights are drawn here, in the order of their names, so that a model generates the same tokens under every
release of transformers. The vocabulary has 48 tokens. The end-of-sequence token is one that really occurs, so
that sequences end early.
"""

import shutil
import tempfile
import weakref
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    MambaConfig,
    MambaForCausalLM,
    PreTrainedTokenizerFast,
)

PAD, BOS, EOS = 0, 1, 2
LETTERS = "abcdefghijklmnopqrstuvwxyz"
MERGES = (("a", "b"), ("ab", "c"), ("c", "d"), ("d", "e"), ("Ġ", "a"), ("t", "h"), ("th", "e"))
VOCABULARY = 48
LAYERS = 3


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer for small letters, with merges, so that a token can begin with another."""
    tokens = ["<pad>", "<s>", "</s>", "Ġ", *LETTERS, *(a + b for a, b in MERGES)]
    backend = Tokenizer(
        models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=list(MERGES))
    )
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>", padding_side="left"
    )


def weigh(model: torch.nn.Module, seed: int, spread: float) -> None:
    """Set every weight to the same random value under every release; the gains of norms stay 1."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape, generator=generator) * spread)
            elif name.endswith("bias"):
                weight.zero_()


def llama(
    seed: int = 42,
    layers: int = LAYERS,
    config_class: Any = LlamaConfig,
    model_class: Any = LlamaForCausalLM,
    **more: Any,
) -> Any:
    """A decoder-only model of three layers."""
    config = config_class(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4096,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        tie_word_embeddings=False,
        **more,
    )
    model = model_class(config).eval()
    weigh(model, seed, 0.4)
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD)
    return model


def bart(seed: int = 27) -> Any:
    """An encoder-decoder model, with two layers in each part."""
    config = BartConfig(
        vocab_size=VOCABULARY,
        d_model=16,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_position_embeddings=4096,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
        decoder_start_token_id=EOS,
        forced_eos_token_id=None,
    )
    model = BartForConditionalGeneration(config).eval()
    weigh(model, seed, 0.5)
    model.generation_config = GenerationConfig(
        bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD, decoder_start_token_id=EOS
    )
    return model


def mamba() -> Any:
    """A model that keeps a state instead of keys and values."""
    config = MambaConfig(
        vocab_size=VOCABULARY,
        hidden_size=16,
        state_size=4,
        num_hidden_layers=LAYERS,
        pad_token_id=PAD,
        bos_token_id=BOS,
        eos_token_id=EOS,
    )
    model = MambaForCausalLM(config).eval()
    weigh(model, seed=5, spread=0.4)
    model.generation_config = GenerationConfig(bos_token_id=BOS, eos_token_id=EOS, pad_token_id=PAD)
    return model


class PredictingLlama(LlamaForCausalLM):  # type: ignore[misc]  # transformers is not typed
    """A Llama whose checkpoint has one more layer, which predicts the token after the next."""

    _keys_to_ignore_on_load_unexpected: ClassVar[list[str]] = [rf"model\.layers\.{LAYERS}.*"]


def predicting_llama() -> Any:
    """A model with a layer that predicts further tokens (MTP). It is saved, since such layers are loaded from
    there."""
    model = llama(model_class=PredictingLlama, num_mtp_layers=1)
    held = {name: weight.clone() for name, weight in model.state_dict().items()}
    last, more = f"layers.{LAYERS - 1}", f"layers.{LAYERS}"
    held |= {name.replace(last, more): weight for name, weight in held.items() if last in name}
    width = model.config.hidden_size
    held[f"model.{more}.eh_proj.weight"] = torch.eye(width, 2 * width)
    for norm in ("enorm", "hnorm", "shared_head.norm"):
        held[f"model.{more}.{norm}.weight"] = torch.ones(width)
    folder = tempfile.mkdtemp(prefix="fidelity-")
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)
    save_file(
        {name: weight.contiguous().clone() for name, weight in held.items()},
        Path(folder) / "model.safetensors",
        metadata={"format": "pt"},
    )
    model.config.name_or_path = folder
    model.config.dtype = torch.float32
    return model
