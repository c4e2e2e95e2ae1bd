"""Whether what parameters need from the model, the call, the device and the packages is there.

Rules name *facts*: ``device.type``, ``packages.hqq``, ``model.vocab_size``, ``call.batch_size``.
:func:`facts_before_loading` gives those that are known before the model is loaded, :func:`facts_of_run` all.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any

from transformers import PreTrainedModel
from transformers.generation.stopping_criteria import StopStringCriteria

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conversion import changed_attributes
from llenergymeasure.config.errors import PreconditionError, Problem
from llenergymeasure.config.experiment import ModelConfig, SyntheticPrompts, WorkloadConfig
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.counting import healed_width
from llenergymeasure.engines.transformers.model_info import (
    has_attention_heads,
    has_full_attention,
    has_own_settings,
    key_width,
    layer_count,
    text_config,
    vocabulary_size,
)
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.paged_support import takes_paged_cache
from llenergymeasure.engines.transformers.torch_devices import choose_device

_PACKAGES: Mapping[str, str] = MappingProxyType(
    {"packages.optimum_quanto": "optimum.quanto", "packages.hqq": "hqq", "packages.psutil": "psutil"}
)
"""The facts about packages, and the module that each is imported as."""


def require_met(
    config: PyTorchConfig, facts: Mapping[str, object], defaults: Mapping[str, Any] | None = None
) -> None:
    """Refuse parameters that need something that is not there, or do not go together on a loaded model.

    Args:
        config: the parameters.
        facts: facts about the model, the call, the device and the packages. A need whose fact is missing is
            not judged.
        defaults: what the model's own generation configuration sets; None before it is loaded.

    Raises:
        PreconditionError: it names every parameter whose need is not met, what it needs, and a hint.
    """
    broken = [*(() if defaults is None else config.check(defaults, facts)), *config.unmet(facts, defaults)]
    if broken:
        raise PreconditionError(
            tuple(Problem("", f"pytorch.{rule.fields[0]}", rule.message) for rule in broken)
        )


def model_defaults(model: PreTrainedModel) -> dict[str, Any]:
    """What the model's own generation configuration sets."""
    return changed_attributes(model.generation_config)


def facts_before_loading(
    model: ModelConfig, settings: PyTorchConfig, workload: WorkloadConfig
) -> dict[str, object]:
    """The facts that are known without the model, by the names that rules use.

    Raises:
        DeviceNotPresentError: ``model.device`` is not here.
        UpstreamError: (of ``config``) a setting needs another transformers.
    """
    facts: dict[str, object] = {
        "device.type": choose_device(model.device).type,
        "call.input_ids": True,
        "call.tokenizer": True,  # a binding loads it where a parameter needs it
        "call.assistant_model": model.assistant is not None,
        "call.batch_size": workload.batch_size,
    }
    if isinstance(workload.prompts, SyntheticPrompts) and not _heals(settings.generate_kwargs()):
        tokens = workload.prompts.tokens
        facts |= {"call.prompt_tokens": tokens, "call.least_prompt_tokens": tokens}
    return facts | {name: _is_installed(package) for name, package in _PACKAGES.items()}


def facts_of_run(
    model: ModelConfig,
    settings: PyTorchConfig,
    workload: WorkloadConfig,
    *,
    parts: ModelParts,
    batches: Sequence[Batch],
) -> dict[str, object]:
    """All facts, once the model is loaded and the prompts are encoded."""
    loaded = parts.model
    defaults = model_defaults(loaded)
    in_effect = {**defaults, **settings.generate_kwargs()}
    widths = [batch.width for batch in batches]
    if _heals(in_effect) and parts.tokenizer is not None and not parts.is_encoder_decoder:
        widths = [healed_width(parts.tokenizer, batch.input_ids) for batch in batches]
    width = key_width(loaded)
    return {
        **facts_before_loading(model, settings, workload),
        **stop_string_facts(parts.tokenizer, in_effect.get("stop_strings")),
        **({} if width is None else {"model.key_width": width}),
        **_paged_facts(loaded, in_effect),
        "device.type": parts.device.type,
        "call.tokenizer": parts.tokenizer is not None,
        "call.prompt_tokens": max(widths),
        "call.least_prompt_tokens": min(widths),
        "model.encoder_decoder": parts.is_encoder_decoder,
        "model.vocab_size": vocabulary_size(loaded),
        "model.layers": layer_count(loaded),
        "model.mtp": bool(getattr(text_config(loaded), "num_mtp_layers", None)),
        "model.stateful": bool(getattr(loaded, "_is_stateful", False)),
        "model.class_name": type(loaded).__name__,
        "model.attention": loaded.config._attn_implementation,
        "model.attention_heads": has_attention_heads(loaded),
        "model.full_attention": has_full_attention(loaded),
        "model.own_settings": has_own_settings(defaults),
        "model.dflash_assistant": bool(_of_assistant(parts, "target_layer_ids")),
    }


def stop_string_facts(tokenizer: Any, stop_strings: Any) -> dict[str, object]:
    """Whether a tokenizer has tokens for these stop strings; empty where there is no tokenizer, or no texts.

    To find out, transformers' tables of the texts are made. They stay in its cache for the calls that follow.
    """
    texts = [stop_strings] if isinstance(stop_strings, str) else stop_strings or ()
    if tokenizer is None or not texts or not all(isinstance(text, str) for text in texts):
        return {}
    try:
        StopStringCriteria(tokenizer, list(texts))
    except ValueError:
        return {"call.stop_strings_spelled": False}
    return {"call.stop_strings_spelled": True}


def _paged_facts(model: PreTrainedModel, settings: Mapping[str, Any]) -> dict[str, object]:
    """Whether the model works with continuous batching, if that is asked for and the answer is known."""
    if settings.get("cache_implementation") != "paged":
        return {}
    answer = takes_paged_cache(model)
    return {} if answer is None else {"model.paged_cache": answer}


def _heals(settings: Mapping[str, Any]) -> bool:
    """Whether token healing tokenizes the prompts again, which continuous batching does not do."""
    return bool(settings.get("token_healing")) and settings.get("cache_implementation") != "paged"


def _of_assistant(parts: ModelParts, name: str) -> object:
    """An attribute of the assistant's configuration; None without an assistant or such an attribute."""
    return None if parts.assistant is None else getattr(parts.assistant.config, name, None)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # its parent package is not installed
        return False
