"""The facts that preconditions of parameters speak of: ``device.type``, ``packages.hqq``, ``model.vocab_size``, ``call.batch_size``.

What is known before the model is loaded is told by :func:`facts_before_loading`, the rest by :func:`facts_of_run`.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from transformers.generation.stopping_criteria import StopStringCriteria

from llenergymeasure.config.experiment import ExperimentConfig, SyntheticPrompts
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.counting import healed_width
from llenergymeasure.engines.transformers.devices import choose_device
from llenergymeasure.engines.transformers.loading import LoadedModel
from llenergymeasure.engines.transformers.model_info import (
    has_attention_heads,
    has_full_attention,
    has_own_settings,
    key_width,
    layer_count,
    text_config,
    vocabulary_size,
)
from llenergymeasure.engines.transformers.preconditions import model_defaults

_PACKAGES: Mapping[str, str] = MappingProxyType(
    {"packages.optimum_quanto": "optimum.quanto", "packages.hqq": "hqq", "packages.psutil": "psutil"}
)


def facts_before_loading(config: ExperimentConfig) -> dict[str, object]:
    """What is known without the model, by the names that rules use.

    Raises:
        DeviceNotPresentError: ``model.device`` is not here.
    """
    prompts = config.workload.prompts
    facts: dict[str, object] = {
        "device.type": choose_device(config.model.device).type,
        "call.input_ids": True,
        "call.tokenizer": True,  # a run loads it where a parameter needs it
        "call.assistant_model": config.model.assistant is not None,
        "call.batch_size": config.workload.batch_size,
    }
    if isinstance(prompts, SyntheticPrompts) and not _heals(config.pytorch.generate_kwargs()):
        facts |= {"call.prompt_tokens": prompts.tokens, "call.least_prompt_tokens": prompts.tokens}
    return facts | {name: _is_installed(package) for name, package in _PACKAGES.items()}


def facts_of_run(
    config: ExperimentConfig, loaded: LoadedModel, batches: tuple[Batch, ...]
) -> dict[str, object]:
    """All of them, once the model is loaded and its prompts are tokens."""
    model = loaded.model
    defaults = model_defaults(model)
    settings = {**defaults, **config.pytorch.generate_kwargs()}
    widths = [batch.width for batch in batches]
    if _heals(settings) and loaded.tokenizer is not None and not loaded.is_encoder_decoder:
        widths = [healed_width(loaded.tokenizer, batch.input_ids) for batch in batches]
    width = key_width(model)
    return {
        **facts_before_loading(config),
        **spelling(loaded.tokenizer, settings.get("stop_strings")),
        **({} if width is None else {"model.key_width": width}),
        "device.type": loaded.device.type,
        "call.tokenizer": loaded.tokenizer is not None,
        "call.prompt_tokens": max(widths),
        "call.least_prompt_tokens": min(widths),
        "model.encoder_decoder": loaded.is_encoder_decoder,
        "model.vocab_size": vocabulary_size(model),
        "model.layers": layer_count(model),
        "model.mtp": bool(getattr(text_config(model), "num_mtp_layers", None)),
        "model.stateful": bool(getattr(model, "_is_stateful", False)),
        "model.class_name": type(model).__name__,
        "model.attention": model.config._attn_implementation,
        "model.attention_heads": has_attention_heads(model),
        "model.full_attention": has_full_attention(model),
        "model.own_settings": has_own_settings(defaults),
        "model.dflash_assistant": bool(_of_assistant(loaded, "target_layer_ids")),
    }


def _heals(settings: Mapping[str, Any]) -> bool:
    """Whether prompts are spelled anew, which continuous batching does not do."""
    return bool(settings.get("token_healing")) and settings.get("cache_implementation") != "paged"


def spelling(tokenizer: Any, stop_strings: Any) -> dict[str, object]:
    """Whether a tokenizer has tokens for these stop strings; nothing where there is no tokenizer, or no texts.

    What ``generate()`` makes of the texts is made here; it is kept there for the calls that follow.
    """
    texts = [stop_strings] if isinstance(stop_strings, str) else stop_strings or ()
    if tokenizer is None or not texts or not all(isinstance(text, str) for text in texts):
        return {}
    try:
        StopStringCriteria(tokenizer, list(texts))
    except ValueError:
        return {"call.stop_strings_spelled": False}
    return {"call.stop_strings_spelled": True}


def _of_assistant(loaded: LoadedModel, name: str) -> object:
    """A value of the assistant's configuration; None where there is no assistant, or no such value."""
    return None if loaded.assistant is None else getattr(loaded.assistant.config, name, None)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # the package around it is not there
        return False
