"""Loading the model, the tokenizer and the assistant of a configuration. :mod:`.weights` loads one model."""

from dataclasses import dataclass, replace

import torch
from transformers import AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from llenergymeasure.config.experiment import AssistantConfig, ModelConfig
from llenergymeasure.config.frozen import thaw
from llenergymeasure.engines.errors import TokenizerError
from llenergymeasure.engines.transformers.builtin import build_tokenizer, builtin_shape
from llenergymeasure.engines.transformers.model_source import ModelSource, load_errors
from llenergymeasure.engines.transformers.weights import load_weights

TEXT_SETTINGS = ("stop_strings", "token_healing")
"""Settings for which ``generate()`` needs the tokenizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParts:
    """A model on its device, with what belongs to it.

    Args:
        model: the model, in evaluation mode.
        tokenizer: the model's tokenizer; None if nothing in the run needs one.
        device: the device that takes the prompts.
        assistant: the model that drafts tokens in assisted generation.
        assistant_tokenizer: the assistant's tokenizer. It is set only if the configuration names one, since
            ``generate()`` accepts it only if the two vocabularies differ.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase | None
    device: torch.device
    assistant: PreTrainedModel | None = None
    assistant_tokenizer: PreTrainedTokenizerBase | None = None

    @property
    def is_encoder_decoder(self) -> bool:
        """Whether prompts go to an encoder, so that outputs do not begin with them."""
        return bool(self.model.config.is_encoder_decoder)

    @property
    def models(self) -> tuple[PreTrainedModel, ...]:
        """The model, and its assistant if there is one."""
        return (self.model,) if self.assistant is None else (self.model, self.assistant)


def load_parts(config: ModelConfig, device: torch.device) -> ModelParts:
    """Load the model, and its assistant if it has one.

    The tokenizer is loaded where the configuration names one, or where the model's own generation settings or
    the assistant need it; :func:`load_tokenizer` loads it for texts.

    Args:
        config: what to load.
        device: the device to load onto; ``device_map`` overrides it.

    Raises:
        ModelError: the model does not exist, or does not load.
        TokenizerError: there is no such tokenizer, or it does not load.
        DeviceMemoryError: it does not fit.
    """
    source = ModelSource.of(config, "model", trust_remote_code=config.trust_remote_code)
    model = load_weights(source, config, device, thaw(config.device_map))
    if config.device_map is not None:
        device = model.device
    parts = ModelParts(model=model, tokenizer=None, device=device)
    if _always_needs_tokenizer(config, model):
        parts = replace(parts, tokenizer=load_tokenizer(config, parts))
    if config.assistant is None:
        return parts
    return _with_assistant(parts, config.assistant, trust_remote_code=config.trust_remote_code)


def _with_assistant(parts: ModelParts, config: AssistantConfig, *, trust_remote_code: bool) -> ModelParts:
    source = ModelSource.of(config, "model.assistant", trust_remote_code=trust_remote_code)
    tokenizer = None if config.tokenizer is None else _load_tokenizer(source.of_tokenizer(config.tokenizer))
    assistant = load_weights(source, config, parts.device, None)
    return replace(parts, assistant=assistant, assistant_tokenizer=tokenizer)


def load_tokenizer(config: ModelConfig, parts: ModelParts) -> PreTrainedTokenizerBase:
    """The tokenizer of a loaded model, set to pad on the side that this kind of model needs.

    Raises:
        TokenizerError: there is no such tokenizer, or it does not load.
    """
    source = ModelSource.of(config, "model", trust_remote_code=config.trust_remote_code)
    tokenizer = _load_tokenizer(source.of_tokenizer(config.tokenizer))
    tokenizer.padding_side = "right" if parts.is_encoder_decoder else "left"
    return tokenizer


def _always_needs_tokenizer(config: ModelConfig, model: PreTrainedModel) -> bool:
    """Whether every run of this model needs its tokenizer, for any workload and settings."""
    if config.tokenizer is not None or (
        config.assistant is not None and config.assistant.tokenizer is not None
    ):
        return True
    return any(getattr(model.generation_config, name, None) for name in TEXT_SETTINGS)


def _load_tokenizer(source: ModelSource) -> PreTrainedTokenizerBase:
    if source.is_builtin:
        builtin_shape(source.name, source.place)
        return build_tokenizer()  # one for all built-in models
    with load_errors(source, TokenizerError, "the tokenizer of "):
        tokenizer = AutoTokenizer.from_pretrained(source.location(TokenizerError), **source.options())
    folder = source.folder()
    files = {"tokenizer.json", "tokenizer_config.json", *type(tokenizer).vocab_files_names.values()}
    if folder is not None and not any((folder / name).is_file() for name in files):
        # Some releases return an empty tokenizer instead of failing.
        raise TokenizerError(
            f"{source.place}: the tokenizer of {source.name} cannot be loaded: the folder has no tokenizer "
            "file."
        )
    return tokenizer
