"""An estimate of the floating-point operations of a call of ``generate()``, by formula; no counter is read.

For a call whose decoder ran R rows (every beam and every returned sequence is one) over prompts of width W,
padding included, in S steps::

    2 M R (W + S - 1)  +  2 H R S  +  4 A R (W^2 + the sum over the steps s after the first of W + s)

- M: the weights that each position is multiplied with, which are all of two dimensions or more except
  embeddings and the output head; of a mixture of experts the share that a token is sent to.
- H: the weights of the output head, which only a step's last position needs (every position, where the model
  does not offer that).
- A: heads times head size, summed over the layers with full attention; a layer with a sliding window stops at
  it.

A multiplication and an addition are two operations. Norms, activations, softmax and sampling are left out:
they are below a hundredth in models of use. Rows that have ended, and padding, count, since the device
computes them. Without a cache every step computes W + s positions again.

An encoder adds ``2 E P W + 4 A_e P W^2`` for P prompts, with E its weights and A_e its A; its decoder begins
with a width of 1, and each of its layers adds the keys and values of the encoder's positions once and ``4 A R
W`` per step.
"""

import re
from collections.abc import Sequence
from inspect import signature

import torch
from transformers import PretrainedConfig, PreTrainedModel

from llenergymeasure.engines.calls import FlopEstimate, Missing, TokenTimes
from llenergymeasure.engines.transformers.model_info import text_config

FORMULA = (
    "2 M R (W + S - 1) + 2 H R S + 4 A R (W^2 + sum of W + s); see llenergymeasure.engines.transformers.flops"
)
"""The formula in short; the module's docstring has the meaning of its letters."""

_EXPERTS = re.compile(r"(^|\.)experts(\.|$)")
_CROSS_KEYS_AND_VALUES = re.compile(
    r"\.(EncDecAttention|encoder_attn|crossattention|cross_attn)\.(k|v|k_proj|v_proj|key|value)$"
)


def estimate_flops(model: PreTrainedModel, times: TokenTimes) -> FlopEstimate | Missing:
    """The operations of the call that was timed, or why the formula does not hold for it."""
    if times.is_drafted:
        return Missing(
            reason="tokens were drafted; how many were rejected is not known, so there is no formula"
        )
    if times.effective.get("guidance_scale") not in (None, 1):
        return Missing(
            reason="guidance_scale runs the model a second time for each token, which the formula leaves out"
        )
    share = _active_share(text_config(model))
    if share is None and _has_experts(model):
        return Missing(reason="the model's configuration does not say how many of its experts are active")
    formula = _encoder_decoder if model.config.is_encoder_decoder else _decoder_only
    try:
        return formula(model, times, share or 1.0)
    except AttributeError as error:  # an architecture without attention, or with other names for its sizes
        return Missing(reason=f"the formula does not fit this architecture ({error})")


def _decoder_only(model: PreTrainedModel, times: TokenTimes, share: float) -> FlopEstimate:
    config, head = text_config(model), model.get_output_embeddings()
    width, steps = times.padded_width, times.steps
    shapes = _forwards(width, steps, is_cached=bool(times.effective.get("use_cache", True)))
    positions = sum(new for new, _ in shapes)
    scored = steps if "logits_to_keep" in signature(model.forward).parameters else positions
    operations = 2 * (_weights(model, share) - _weights(head)) * positions + 2 * _weights(head) * scored
    for window in _windows(config):
        operations += 4 * _attention_width(config) * _pairs(shapes, window)
    return FlopEstimate(flops=float(times.rows * operations), formula=FORMULA)


def _encoder_decoder(model: PreTrainedModel, times: TokenTimes, share: float) -> FlopEstimate | Missing:
    config, encoder, decoder = model.config, model.get_encoder(), model.get_decoder()
    across = sum(
        _multiplied(module) for name, module in decoder.named_modules() if _CROSS_KEYS_AND_VALUES.search(name)
    )
    depth = getattr(config, "encoder_layers", None) or config.num_layers
    layers = getattr(config, "decoder_layers", None) or config.num_decoder_layers
    if not across:
        return Missing(reason="where this architecture's decoder attends to its encoder is not known here")
    prompts, width = times.counts.prompts, times.padded_width
    is_cached = bool(times.effective.get("use_cache", True))
    shapes = _forwards(1, times.steps, is_cached=is_cached)
    attention = 4 * _attention_width(config)
    encoding = 2 * _weights(encoder, share) * width + attention * depth * width**2
    positions = sum(new for new, _ in shapes)
    decoding = 2 * (_weights(decoder, share) - across + _weights(model.get_output_embeddings())) * positions
    decoding += 2 * across * width * (1 if is_cached else times.steps)
    decoding += attention * layers * (_pairs(shapes, None) + positions * width)
    return FlopEstimate(flops=float(prompts * encoding + times.rows * decoding), formula=FORMULA)


def _forwards(width: int, steps: int, *, is_cached: bool) -> list[tuple[int, int]]:
    """For each step, how many positions are computed and how many they attend to."""
    later = range(width + 1, width + steps)
    return [(width, width), *((1 if is_cached else length, length) for length in later)]


def _pairs(shapes: Sequence[tuple[int, int]], window: int | None) -> int:
    """Queries times keys, over all steps."""
    return sum(new * (length if window is None else min(length, window)) for new, length in shapes)


def _weights(module: torch.nn.Module, share: float = 1.0) -> float:
    """The weights that a position is multiplied with, of the experts only those that it is sent to."""
    return sum(
        _multiplied(part) * (share if _EXPERTS.search(name) else 1.0) for name, part in module.named_modules()
    )


def _multiplied(module: torch.nn.Module) -> int:
    """The weights of this module alone; a quantized one tells its size only by its features."""
    if isinstance(module, torch.nn.Embedding):
        return 0
    features = getattr(module, "in_features", None), getattr(module, "out_features", None)
    if isinstance(features[0], int) and isinstance(features[1], int):
        return features[0] * features[1]
    return sum(weight.numel() for weight in module.parameters(recurse=False) if weight.ndim > 1)


def _has_experts(model: PreTrainedModel) -> bool:
    return any(_EXPERTS.search(name) for name, _ in model.named_modules())


def _active_share(config: PretrainedConfig) -> float | None:
    """The share of the experts that a token is sent to; None where the configuration does not say."""
    counts = (
        getattr(config, name, None) for name in ("num_local_experts", "num_experts", "n_routed_experts")
    )
    experts, active = next(filter(None, counts), None), getattr(config, "num_experts_per_tok", None)
    return active / experts if experts and active else None


def _attention_width(config: PretrainedConfig) -> int:
    """Heads times head size."""
    heads: int = config.num_attention_heads
    size = getattr(config, "head_dim", None) or getattr(config, "d_kv", None) or config.hidden_size // heads
    return heads * int(size)


def _windows(config: PretrainedConfig) -> list[int | None]:
    """One for each layer with attention: how far it reaches, None for all positions."""
    sliding = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        return [sliding] * config.num_hidden_layers
    reach = {
        "full_attention": None,
        "sliding_attention": sliding,
        "chunked_attention": getattr(config, "attention_chunk_size", None),
    }
    return [reach[kind] for kind in kinds if kind in reach]
