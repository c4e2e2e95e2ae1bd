"""One model's weights: built in, drawn at random for an architecture, or read from a folder or the Hub."""

from importlib.util import find_spec
from inspect import signature
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.quantizers import AutoQuantizationConfig

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.config.frozen import thaw
from llenergymeasure.engines.errors import ModelError
from llenergymeasure.engines.transformers.builtin import WEIGHTS_SEED, build_model
from llenergymeasure.engines.transformers.exceptions import one_line
from llenergymeasure.engines.transformers.model_source import ModelSource, load_errors


def load_weights(
    source: ModelSource, config: ModelConfig | AssistantConfig, device: torch.device, device_map: Any
) -> PreTrainedModel:
    """A model with its weights, in evaluation mode.

    Weights are read from safetensors files only, and code that comes with a model runs only if
    ``trust_remote_code`` is set.

    Args:
        source: where it comes from.
        config: how to load it.
        device: the device to load onto.
        device_map: how to spread it over devices, instead of ``device``; None to load all onto ``device``.

    Raises:
        ModelError: there is no such model, or it does not load.
        DeviceMemoryError: it does not fit.
    """
    with load_errors(source, ModelError):
        if source.is_builtin:
            model = _load_builtin(source, config, device_map).to(device)
        elif config.random_weights:
            model = _draw_random(source, config, device)
        else:
            model = _load_saved(source, config, device, device_map)
        return model.eval()


def _load_builtin(
    source: ModelSource, config: ModelConfig | AssistantConfig, device_map: Any
) -> PreTrainedModel:
    not_applicable = {
        "revision": config.revision,
        "quantization": config.quantization,
        "extra": config.extra,
        "device_map": device_map,
    }
    for key, value in not_applicable.items():
        if value:
            raise ModelError(
                f"{source.section}.{key}: {source.name} is built in and loads nothing, so it has no {key}. "
                "Remove it."
            )
    return build_model(
        source.name,
        dtype=None if config.dtype == "auto" else getattr(torch, config.dtype),
        attn_implementation=config.attn_implementation,
        place=source.place,
    )


def _draw_random(
    source: ModelSource, config: ModelConfig | AssistantConfig, device: torch.device
) -> PreTrainedModel:
    """The architecture with random weights, drawn on its device and in its final dtype."""
    unused = sorted(config.extra.keys() - source.download.keys())
    if unused:
        raise ModelError(
            f"{source.section}.extra.{unused[0]}: it is an argument for loading weights, and random_weights "
            "loads none. Remove it."
        )
    architecture = _architecture(source)
    if getattr(architecture, "quantization_config", None) is not None:
        raise ModelError(
            f"{source.section}.random_weights: {source.name} was saved quantized, and random weights cannot "
            "be. Load its weights, or name the model that it was made from."
        )
    options = _common_options(config) | {"trust_remote_code": source.trust_remote_code}
    if config.dtype == "auto":
        options.pop("dtype")
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), device:
        torch.manual_seed(WEIGHTS_SEED)
        model = _auto_class(architecture).from_config(architecture, **options)
    generation_config = _saved_generation_config(source)
    if generation_config is not None:
        model.generation_config = generation_config
    return model.to(device)


def _load_saved(
    source: ModelSource, config: ModelConfig | AssistantConfig, device: torch.device, device_map: Any
) -> PreTrainedModel:
    _require_weights(source)
    architecture = _architecture(source)
    options = _common_options(config) | source.options() | thaw(config.extra)
    if config.quantization is not None:
        options["quantization_config"] = _quantization(source, thaw(config.quantization))
    is_quantized = (
        config.quantization is not None or getattr(architecture, "quantization_config", None) is not None
    )
    if device_map is None and is_quantized and device.type == "cuda":
        # Quantized weights are made on the device, and some cannot be moved afterwards.
        device_map = {"": str(device)}
    if device_map is not None:
        _require_accelerate(source, is_quantized)
        options["device_map"] = device_map
    model = _auto_class(architecture).from_pretrained(
        source.location(ModelError), config=architecture, use_safetensors=True, **options
    )
    return model if device_map is not None or is_quantized else model.to(device)


def _common_options(config: ModelConfig | AssistantConfig) -> dict[str, Any]:
    """The arguments that loaded and random weights have in common."""
    attention = config.attn_implementation
    return {"dtype": config.dtype} | ({} if attention is None else {"attn_implementation": attention})


def _architecture(source: ModelSource) -> PretrainedConfig:
    folder = source.folder()
    if folder is not None and not (folder / "config.json").is_file():
        raise ModelError(
            f"{source.place}: the folder {source.name} has no config.json, so it holds no saved model."
        )
    return AutoConfig.from_pretrained(source.location(ModelError), **source.options())


def _saved_generation_config(source: ModelSource) -> GenerationConfig | None:
    """The model's own generation configuration; None if no file has it."""
    options = {key: value for key, value in source.options().items() if key != "trust_remote_code"}
    try:
        return GenerationConfig.from_pretrained(source.location(ModelError), **options)
    except OSError:
        return None


def _auto_class(architecture: PretrainedConfig) -> type[Any]:
    auto: type[Any] = AutoModelForSeq2SeqLM if architecture.is_encoder_decoder else AutoModelForCausalLM
    return auto


def _quantization(source: ModelSource, settings: dict[str, Any]) -> Any:
    """The object of transformers' configuration class for the quantization method."""
    place = f"{source.section}.quantization"
    try:
        quantization = AutoQuantizationConfig.from_dict(settings)
    except Exception as error:
        raise ModelError(f"{place}: transformers refuses it: {one_line(error)}") from error
    class_ = type(quantization)
    named = signature(class_.__init__).parameters.keys() - {"self", "kwargs"}
    unknown = [key for key in settings if named and key not in named and not hasattr(quantization, key)]
    if unknown:  # some classes silently drop what they do not know
        raise ModelError(f"{place}.{unknown[0]}: transformers' {class_.__name__} has no such argument.")
    return quantization


def _require_accelerate(source: ModelSource, is_quantized: bool) -> None:
    if find_spec("accelerate") is None:
        key = "quantization" if is_quantized else "device_map"
        raise ModelError(
            f"{source.section}.{key}: it needs the package accelerate, which is not installed: pip install "
            "accelerate"
        )


def _require_weights(source: ModelSource) -> None:
    """Report that a local folder has no weights, before transformers fails with a vaguer message."""
    folder = source.folder()
    if folder is not None and (folder / "config.json").is_file() and not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{source.place}: the folder {source.name} has no *.safetensors file. Other weight files can run "
            "code as they load and are not read; save the model again with save_pretrained(), or set "
            f"{source.section}.random_weights: true to measure without its weights."
        )
