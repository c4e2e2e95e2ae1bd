"""What can be read from a loaded model: its description for a record, and facts that rules depend on."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from transformers import PretrainedConfig, PreTrainedModel

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.sending import same
from llenergymeasure.engines.descriptions import ModelFacts
from llenergymeasure.engines.transformers.builtin import PREFIX, WEIGHTS_SEED

SPECIAL_TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")
"""The attributes of a generation configuration that name the tokens that begin, end and pad a text."""


def model_facts(model: PreTrainedModel, name: str, *, random_weights: bool = False) -> ModelFacts:
    """The description of a loaded model for a record.

    Args:
        model: the model.
        name: its name in the configuration.
        random_weights: whether its weights were drawn at random instead of loaded.
    """
    is_random = random_weights or name.startswith(PREFIX)
    return ModelFacts(
        architecture=type(model).__name__,
        parameters=model.num_parameters(),
        dtype=str(model.dtype).removeprefix("torch."),
        vocabulary=vocabulary_size(model),
        context=context_length(model),
        layers=layer_count(model),
        attention=model.config._attn_implementation,
        quantization=_quantization(model),
        placement=tuple(str(device) for device in weight_devices(model)),
        weights_seed=WEIGHTS_SEED if is_random else None,
        commit=getattr(model.config, "_commit_hash", None),
        generation_defaults={
            key: value
            for key, value in model.generation_config.to_diff_dict().items()
            if key != "transformers_version" and not key.startswith("_")
        },
    )


def text_config(model: PreTrainedModel) -> PretrainedConfig:
    """The part of a model's configuration that is about the text decoder."""
    return model.config.get_text_config(decoder=True)


def vocabulary_size(model: PreTrainedModel) -> int:
    """How many token ids the model scores."""
    return int(text_config(model).vocab_size)


def context_length(model: PreTrainedModel) -> int | None:
    """The most positions that the model is made for; None where its configuration sets no limit."""
    length = getattr(text_config(model), "max_position_embeddings", None)
    return length if isinstance(length, int) and length > 0 else None


def layer_count(model: PreTrainedModel) -> int | None:
    """How many layers the decoder has; None where its configuration does not say."""
    config = text_config(model)
    return getattr(config, "num_decoder_layers", None) or getattr(config, "num_hidden_layers", None)


def key_width(model: PreTrainedModel) -> int | None:
    """How many numbers the cache of one layer holds as the keys of one token; None if that is not known."""
    config = text_config(model)
    heads = getattr(config, "num_attention_heads", None)
    size = getattr(config, "head_dim", None)
    if size is None and heads and getattr(config, "hidden_size", None):
        size = config.hidden_size // heads
    shared = getattr(config, "num_key_value_heads", None) or heads
    return shared * size if isinstance(shared, int) and isinstance(size, int) else None


def has_attention_heads(model: PreTrainedModel) -> bool:
    """Whether any layer of the model computes attention; a recurrent model has no such layer.

    RWKV is recurrent too, but computes weights that it returns as attentions, so it counts.
    """
    config = text_config(model)
    return any(getattr(config, name, None) for name in ("num_attention_heads", "attention_hidden_size"))


def has_full_attention(model: PreTrainedModel) -> bool:
    """Whether every layer attends to all previous tokens, rather than to a window, a chunk or a state."""
    config = text_config(model)
    layer_types = getattr(config, "layer_types", None)
    if layer_types is not None:
        return set(layer_types) == {"full_attention"}
    return not any(getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size"))


def has_own_settings(defaults: Mapping[str, object]) -> bool:
    """Whether a model's own generation configuration changes anything but the special tokens.

    Args:
        defaults: what it sets.
    """
    effective = {name: info.effective_default for name, info in PyTorchConfig.params.items()}
    return any(
        not same(value, effective.get(name)) and not (value is False and effective.get(name) is None)
        for name, value in defaults.items()
        if name not in SPECIAL_TOKENS
    )


def special_ids(model: PreTrainedModel) -> frozenset[int]:
    """The ids that begin, end or pad a text, according to the model's configurations."""
    return frozenset(
        _flat(
            getattr(config, name, None)
            for config in (model.generation_config, model.config, text_config(model))
            for name in SPECIAL_TOKENS
        )
    )


def weight_devices(model: PreTrainedModel) -> tuple[torch.device, ...]:
    """The devices that hold weights, in a fixed order (``meta`` for weights that wait on disk)."""
    devices = {tensor.device for tensor in model.parameters()}
    return tuple(sorted(devices, key=lambda device: (device.type, device.index or 0)))


def _quantization(model: PreTrainedModel) -> str | None:
    settings = getattr(model.config, "quantization_config", None)
    if settings is None:
        return None
    method = settings.get("quant_method") if isinstance(settings, dict) else settings.quant_method
    return str(getattr(method, "value", method))


def _flat(values: Any) -> Iterator[int]:
    for value in values:
        if isinstance(value, int):
            yield value
        elif isinstance(value, list | tuple):
            yield from _flat(value)
