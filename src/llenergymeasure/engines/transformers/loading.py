"""Loading what a configuration names: built in, a local folder, a model of the Hub; or its architecture with random weights.

Weights are read from safetensors files only, and code that comes with a model runs only if ``trust_remote_code`` is set.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from inspect import signature
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.quantizers import AutoQuantizationConfig

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.config.frozen import thaw
from llenergymeasure.engines.transformers.builtin import (
    WEIGHTS_SEED,
    build_model,
    build_tokenizer,
    builtin_shape,
)
from llenergymeasure.engines.transformers.errors import ModelError, TokenizerError
from llenergymeasure.engines.transformers.exceptions import one_line
from llenergymeasure.engines.transformers.model_source import Source, explained

TEXT_SETTINGS = ("stop_strings", "token_healing")
"""Settings for which ``generate()`` needs the tokenizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model on its device, with its tokenizer.

    Args:
        model: in evaluation mode.
        tokenizer: None where nothing in the run needs one.
        device: the one that takes the prompts.
        assistant: drafts for the model in assisted decoding.
        assistant_tokenizer: set only where the configuration names one, since ``generate()`` takes it only where the two
            vocabularies differ.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase | None
    device: torch.device
    assistant: PreTrainedModel | None = None
    assistant_tokenizer: PreTrainedTokenizerBase | None = None

    @property
    def is_encoder_decoder(self) -> bool:
        """Whether prompts go to an encoder, and outputs begin anew in the decoder."""
        return bool(self.model.config.is_encoder_decoder)


def load_model(config: ModelConfig, device: torch.device, *, needs_tokenizer: bool = True) -> LoadedModel:
    """Load the model, its tokenizer, and its assistant if it has one.

    Args:
        config: what to load.
        device: where to; ``device_map`` overrules it.
        needs_tokenizer: whether the run has texts to make tokens of. A tokenizer is loaded all the same if the configuration names
            one or the model's own generation settings need one.

    Raises:
        ModelError: no such model, or it does not load.
        TokenizerError: no such tokenizer, or it does not load.
        DeviceMemoryError: it does not fit.
    """
    source = Source.of(config, "model", trust_remote_code=config.trust_remote_code)
    model = _load(source, config, device, thaw(config.device_map))
    if config.device_map is not None:
        device = model.device
    own = model.generation_config
    needs_tokenizer |= bool(config.tokenizer or any(getattr(own, name, None) for name in TEXT_SETTINGS))
    tokenizer = None
    if needs_tokenizer or (config.assistant is not None and config.assistant.tokenizer is not None):
        tokenizer = _load_tokenizer(source.of_tokenizer("model", config.tokenizer))
        tokenizer.padding_side = "right" if model.config.is_encoder_decoder else "left"
    if config.assistant is None:
        return LoadedModel(model=model, tokenizer=tokenizer, device=device)
    helper = config.assistant
    source = Source.of(helper, "model.assistant", trust_remote_code=config.trust_remote_code)
    assistant_tokenizer = None
    if helper.tokenizer is not None:
        assistant_tokenizer = _load_tokenizer(source.of_tokenizer("model.assistant", helper.tokenizer))
    return LoadedModel(
        model=model,
        tokenizer=tokenizer,
        device=device,
        assistant=_load(source, helper, device, None),
        assistant_tokenizer=assistant_tokenizer,
    )


def _load(
    source: Source, wanted: ModelConfig | AssistantConfig, device: torch.device, device_map: Any
) -> PreTrainedModel:
    with explained(source, ModelError):
        if source.is_builtin:
            model = _built_in(source, wanted, device_map).to(device)
        elif wanted.random_weights:
            model = _drawn(source, wanted, device)
        else:
            model = _saved(source, wanted, device, device_map)
        return model.eval()


def _built_in(source: Source, wanted: ModelConfig | AssistantConfig, device_map: Any) -> PreTrainedModel:
    asked = {
        "revision": wanted.revision,
        "quantization": wanted.quantization,
        "extra": wanted.extra,
        "device_map": device_map,
    }
    for key, value in asked.items():
        if value:
            raise ModelError(
                f"{source.section}.{key}: {source.name} is built in and loads nothing, so it has no {key}. Remove it."
            )
    return build_model(
        source.name,
        dtype=None if wanted.dtype == "auto" else getattr(torch, wanted.dtype),
        attn_implementation=wanted.attn_implementation,
        place=source.place,
    )


def _drawn(source: Source, wanted: ModelConfig | AssistantConfig, device: torch.device) -> PreTrainedModel:
    """The architecture with random weights, drawn where they stay and in the dtype that they keep."""
    idle = sorted(wanted.extra.keys() - source.download.keys())
    if idle:
        raise ModelError(
            f"{source.section}.extra.{idle[0]}: it is an argument for loading weights, and random_weights loads none. Remove it."
        )
    config = _configuration(source)
    if getattr(config, "quantization_config", None) is not None:
        raise ModelError(
            f"{source.section}.random_weights: {source.name} was saved quantized, and random weights cannot be. Load its weights, "
            "or name the model that it was made from."
        )
    options = _settings_of(wanted) | {"trust_remote_code": source.trust_remote_code}
    if wanted.dtype == "auto":
        options.pop("dtype")
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []), device:
        torch.manual_seed(WEIGHTS_SEED)
        model = _auto_class(config).from_config(config, **options)
    own = _generation_config(source)
    if own is not None:
        model.generation_config = own
    return model.to(device)


def _saved(
    source: Source, wanted: ModelConfig | AssistantConfig, device: torch.device, device_map: Any
) -> PreTrainedModel:
    _require_weights(source)
    config = _configuration(source)
    options = _settings_of(wanted) | source.options() | thaw(wanted.extra)
    if wanted.quantization is not None:
        options["quantization_config"] = _quantization(source, thaw(wanted.quantization))
    is_quantized = wanted.quantization is not None or getattr(config, "quantization_config", None) is not None
    if device_map is None and is_quantized and device.type == "cuda":
        device_map = {
            "": str(device)
        }  # quantized weights are made on the device, and some cannot be moved afterwards
    if device_map is not None:
        _require_accelerate(source, is_quantized)
        options["device_map"] = device_map
    model = _auto_class(config).from_pretrained(
        source.location(ModelError), config=config, use_safetensors=True, **options
    )
    return model if device_map is not None or is_quantized else model.to(device)


def _settings_of(wanted: ModelConfig | AssistantConfig) -> dict[str, Any]:
    attention = wanted.attn_implementation
    return {"dtype": wanted.dtype} | ({} if attention is None else {"attn_implementation": attention})


def _configuration(source: Source) -> PretrainedConfig:
    folder = source.folder()
    if folder is not None and not (folder / "config.json").is_file():
        raise ModelError(
            f"{source.place}: the folder {source.name} has no config.json, so it holds no saved model."
        )
    return AutoConfig.from_pretrained(source.location(ModelError), **source.options())


def _generation_config(source: Source) -> GenerationConfig | None:
    """What was saved of the model's own generation settings, where there is such a file."""
    options = {key: value for key, value in source.options().items() if key != "trust_remote_code"}
    try:
        return GenerationConfig.from_pretrained(source.location(ModelError), **options)
    except OSError:
        return None


def _auto_class(config: PretrainedConfig) -> type[Any]:
    kind: type[Any] = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    return kind


def _quantization(source: Source, settings: dict[str, Any]) -> Any:
    """The configuration object that transformers has for the method."""
    place = f"{source.section}.quantization"
    try:
        made = AutoQuantizationConfig.from_dict(settings)
    except Exception as error:
        raise ModelError(f"{place}: transformers does not take it: {one_line(error)}") from error
    named = signature(type(made).__init__).parameters.keys() - {"self", "kwargs"}
    unknown = [key for key in settings if named and key not in named and not hasattr(made, key)]
    if unknown:  # some of its classes drop what they do not know
        raise ModelError(f"{place}.{unknown[0]}: transformers' {type(made).__name__} has no such argument.")
    return made


def _require_accelerate(source: Source, is_quantized: bool) -> None:
    if find_spec("accelerate") is None:
        key = "quantization" if is_quantized else "device_map"
        raise ModelError(
            f"{source.section}.{key}: it needs the package accelerate, which is not installed: pip install accelerate"
        )


def _load_tokenizer(source: Source) -> PreTrainedTokenizerBase:
    if source.is_builtin:
        builtin_shape(source.name, source.place)
        return build_tokenizer()  # all of them share one
    with explained(source, TokenizerError, "the tokenizer of "):
        tokenizer = AutoTokenizer.from_pretrained(source.location(TokenizerError), **source.options())
    folder = source.folder()
    files = {"tokenizer.json", "tokenizer_config.json", *type(tokenizer).vocab_files_names.values()}
    if folder is not None and not any((folder / name).is_file() for name in files):
        # Some releases make an empty tokenizer out of nothing.
        raise TokenizerError(
            f"{source.place}: the tokenizer of {source.name} cannot be loaded: the folder has no file of a tokenizer."
        )
    return tokenizer


def _require_weights(source: Source) -> None:
    """Say what a local folder lacks before transformers guesses."""
    folder = source.folder()
    if folder is not None and (folder / "config.json").is_file() and not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{source.place}: the folder {source.name} has no *.safetensors file. Other weight files can run code as "
            "they load and are not read; save the model again with save_pretrained(), or set "
            f"{source.section}.random_weights: true to measure without its weights."
        )
