"""Models and a tokenizer that are built in code, so that a run needs no download.

The models are Llamas with random weights: their text is noise, but their work (shapes, caches, kernels) is
that of any Llama of their size. Weights come from a fixed seed and are drawn on the CPU, so they are the same
on every device.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from llenergymeasure.engines.errors import ModelError

PREFIX = "builtin:"
"""What a built-in model's name begins with."""

WEIGHTS_SEED = 0
"""The seed of the random weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaShape:
    """The sizes of a built-in Llama; its heads share key-value heads in groups (grouped-query attention)."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    key_value_heads: int


BUILTIN_MODELS: Mapping[str, LlamaShape] = MappingProxyType(
    {
        "llama": LlamaShape(layers=8, hidden=384, feed_forward=1024, heads=6, key_value_heads=2),
        "llama-tiny": LlamaShape(layers=2, hidden=64, feed_forward=128, heads=4, key_value_heads=2),
    }
)
"""By name without the prefix. They have about 13 million and 0.1 million parameters.

Either can draft tokens for the other. Their text is noise, so nearly all drafts are rejected, and drafting
costs more than it saves.
"""

CONTEXT_LENGTH = 4096
_SPECIAL_TOKENS = ("<pad>", "<s>", "</s>")


def builtin_shape(name: str, place: str) -> LlamaShape:
    """The sizes of a built-in model.

    Args:
        name: its name, with or without the prefix.
        place: where in the configuration the name was written, for the error.

    Raises:
        ModelError: there is no such model.
    """
    shape = BUILTIN_MODELS.get(name.removeprefix(PREFIX))
    if shape is None:
        nearest = difflib.get_close_matches(name.removeprefix(PREFIX), BUILTIN_MODELS, n=1)
        known = " and ".join(PREFIX + known for known in BUILTIN_MODELS)
        hint = f"did you mean {PREFIX}{nearest[0]}?" if nearest else f"there are {known}."
        raise ModelError(f"{place}: there is no built-in model {name!r}; {hint}")
    return shape


def build_model(
    name: str,
    *,
    dtype: torch.dtype | None = None,
    attn_implementation: str | None = None,
    place: str = "model.name",
) -> LlamaForCausalLM:
    """The built-in model of that name, on the CPU.

    Args:
        name: with the prefix, as ``builtin:llama``.
        dtype: the type of the weights; None for float32.
        attn_implementation: as transformers names it; None leaves the choice to transformers.
        place: where in the configuration the name was written, for the error.

    Raises:
        ModelError: there is no such model.
    """
    shape = builtin_shape(name, place)
    pad, bos, eos = range(len(_SPECIAL_TOKENS))
    config = LlamaConfig(
        vocab_size=len(_vocabulary()),
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        max_position_embeddings=CONTEXT_LENGTH,
        pad_token_id=pad,
        bos_token_id=bos,
        eos_token_id=eos,
    )
    attention = {} if attn_implementation is None else {"attn_implementation": attn_implementation}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(WEIGHTS_SEED)
        model = AutoModelForCausalLM.from_config(config, **attention)
    return model.to(dtype or torch.float32).eval()


def build_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level tokenizer: a token per UTF-8 byte, a beginning-of-text token, padding on the left."""
    backend = Tokenizer(models.BPE(vocab=_vocabulary(), merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    pad, bos, eos = _SPECIAL_TOKENS
    backend.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A", special_tokens=[(bos, _vocabulary()[bos])]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token=pad, bos_token=bos, eos_token=eos, padding_side="left"
    )


def _vocabulary() -> dict[str, int]:
    """The special tokens, then one token for each byte."""
    return {
        token: number
        for number, token in enumerate((*_SPECIAL_TOKENS, *sorted(pre_tokenizers.ByteLevel.alphabet())))
    }
