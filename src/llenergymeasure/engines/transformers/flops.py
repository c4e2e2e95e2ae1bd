"""An estimate of the floating-point operations of a call of ``generate()``, by formula; no counter is read.

For a call whose decoder ran R rows (every beam and every returned sequence is one) over prompts of width W,
padding included, in S steps::

    2 M R (W + S - 1)  +  2 H R S  +  4 A R (W^2 + the sum over the steps s after the first of W + s)

- M: the weights that each position is multiplied with: all of two dimensions or more except embeddings and
  the output head; of a mixture of experts, only the share that a token is sent to.
- H: the weights of the output head. Only the last position of a step is multiplied with them (every position,
  if the model cannot leave the others out).
- A: heads times head size, summed over the layers with full attention; in a layer with a sliding window, a
  position attends to no more positions than the window has.

A multiplication and an addition are two operations. Norms, activations, softmax and sampling are left out:
in models of practical sizes they are less than 1 %. Rows that have ended and padding count, since the device
computes them. Without a cache, every step computes all W + s positions again.

An encoder adds ``2 E P W + 4 A_e P W^2`` for P prompts, where E and A_e are its weights and its A. Its
decoder begins with a width of 1. Each decoder layer computes the keys and values of the encoder's positions
once, and adds ``4 A R W`` per step.
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
"""The formula in short; the module's docstring explains its letters."""

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
    passes = _forward_passes(width, steps, is_cached=bool(times.effective.get("use_cache", True)))
    positions = sum(computed for computed, _ in passes)
    scored = steps if "logits_to_keep" in signature(model.forward).parameters else positions
    operations = 2 * (_weights(model, share) - _weights(head)) * positions + 2 * _weights(head) * scored
    for span in _attention_spans(config):
        operations += 4 * _attention_width(config) * _query_key_pairs(passes, span)
    return FlopEstimate(flops=float(times.rows * operations), formula=FORMULA)


def _encoder_decoder(model: PreTrainedModel, times: TokenTimes, share: float) -> FlopEstimate | Missing:
    config, encoder, decoder = model.config, model.get_encoder(), model.get_decoder()
    cross_weights = sum(
        _own_weights(module)
        for name, module in decoder.named_modules()
        if _CROSS_KEYS_AND_VALUES.search(name)
    )
    encoder_layers = getattr(config, "encoder_layers", None) or config.num_layers
    decoder_layers = getattr(config, "decoder_layers", None) or config.num_decoder_layers
    if not cross_weights:
        return Missing(reason="where this architecture's decoder attends to its encoder is not known here")
    prompts, width = times.counts.prompts, times.padded_width
    is_cached = bool(times.effective.get("use_cache", True))
    passes = _forward_passes(1, times.steps, is_cached=is_cached)
    attention = 4 * _attention_width(config)
    encoding = 2 * _weights(encoder, share) * width + attention * encoder_layers * width**2
    positions = sum(computed for computed, _ in passes)
    own_weights = _weights(decoder, share) - cross_weights + _weights(model.get_output_embeddings())
    decoding = 2 * own_weights * positions
    decoding += 2 * cross_weights * width * (1 if is_cached else times.steps)
    decoding += attention * decoder_layers * (_query_key_pairs(passes, None) + positions * width)
    return FlopEstimate(flops=float(prompts * encoding + times.rows * decoding), formula=FORMULA)


def _forward_passes(width: int, steps: int, *, is_cached: bool) -> list[tuple[int, int]]:
    """For each step, how many positions are computed, and how many positions they attend to."""
    later = range(width + 1, width + steps)
    return [(width, width), *((1 if is_cached else length, length) for length in later)]


def _query_key_pairs(passes: Sequence[tuple[int, int]], span: int | None) -> int:
    """Queries times keys, over all steps; ``span`` limits the keys, unless it is None."""
    return sum(computed * (length if span is None else min(length, span)) for computed, length in passes)


def _weights(module: torch.nn.Module, share: float = 1.0) -> float:
    """The weights in a module that a position is multiplied with; of the experts, only ``share``."""
    return sum(
        _own_weights(part) * (share if _EXPERTS.search(name) else 1.0)
        for name, part in module.named_modules()
    )


def _own_weights(module: torch.nn.Module) -> int:
    """The weights of this module alone, without its children."""
    if isinstance(module, torch.nn.Embedding):
        return 0
    features = getattr(module, "in_features", None), getattr(module, "out_features", None)
    if isinstance(features[0], int) and isinstance(features[1], int):  # quantized weights have other shapes
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


def _attention_spans(config: PretrainedConfig) -> list[int | None]:
    """For each layer with attention, how many positions it attends to at most; None for all of them."""
    sliding = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    layer_types = getattr(config, "layer_types", None)
    if layer_types is None:
        return [sliding] * config.num_hidden_layers
    spans = {
        "full_attention": None,
        "sliding_attention": sliding,
        "chunked_attention": getattr(config, "attention_chunk_size", None),
    }
    return [spans[layer_type] for layer_type in layer_types if layer_type in spans]
