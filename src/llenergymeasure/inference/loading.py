"""Loading what a configuration names: built in, a local folder, or a model of the Hub.

Weights are read from safetensors files only, and code that comes with a model runs only if ``trust_remote_code`` is set.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from llenergymeasure.config.experiment import ModelConfig
from llenergymeasure.inference.builtin import PREFIX, build_model, build_tokenizer, builtin_shape
from llenergymeasure.inference.errors import DeviceMemoryError, InferenceError, ModelError, TokenizerError
from llenergymeasure.inference.failures import is_out_of_memory, one_line
from llenergymeasure.inference.paths import expanded


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedModel:
    """A model on its device, with its tokenizer.

    ``assistant`` drafts for it in assisted decoding; ``assistant_tokenizer`` is set only where the configuration names
    one, since ``generate()`` takes it only where the two vocabularies differ.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    device: torch.device
    assistant: PreTrainedModel | None = None
    assistant_tokenizer: PreTrainedTokenizerBase | None = None

    @property
    def is_encoder_decoder(self) -> bool:
        """Whether prompts go to an encoder, and outputs begin anew in the decoder."""
        return bool(self.model.config.is_encoder_decoder)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One model or tokenizer to load: where in the configuration it is named, and by what."""

    place: str
    name: str
    revision: str | None
    trust_remote_code: bool

    @property
    def is_builtin(self) -> bool:
        return self.name.startswith(PREFIX)

    def location(self, error: type[InferenceError]) -> str:
        """The local folder or the Hub id; ``error`` is raised for a path where no folder is."""
        path = expanded(self.name, self.place, error)
        if path.is_dir():
            return str(path)
        if self.name.startswith(("/", ".", "~")) or self.name.count("/") > 1:
            raise error(
                f"{self.place}: there is no folder {self.name}. Name one that holds a saved model, "
                f"a model of the Hub (owner/name), or {PREFIX}llama."
            )
        return self.name

    @property
    def mend(self) -> str:
        """What helps most often, where transformers' words may not be enough."""
        if self.is_builtin or expanded(self.name, self.place, ModelError).is_dir():
            return ""
        return " (See to the spelling, the network and, for a gated model of the Hub, 'hf auth login'.)"

    def options(self) -> dict[str, Any]:
        """The arguments that every ``from_pretrained`` takes."""
        return {"revision": self.revision or "main", "trust_remote_code": self.trust_remote_code}


def load_model(config: ModelConfig, device: torch.device) -> LoadedModel:
    """Load the model, its tokenizer, and its assistant if it has one.

    Raises:
        ModelError: no such model, or it does not load.
        TokenizerError: no such tokenizer, or it does not load.
        DeviceMemoryError: it does not fit.
    """
    trust = config.trust_remote_code
    source = _Source(place="model.name", name=config.name, revision=config.revision, trust_remote_code=trust)
    model = _load(source, device, dtype=config.dtype, attn_implementation=config.attn_implementation)
    tokenizer = _load_tokenizer(_tokenizer_source(source, "model.tokenizer", config.tokenizer))
    tokenizer.padding_side = "right" if model.config.is_encoder_decoder else "left"
    if config.assistant is None:
        return LoadedModel(model=model, tokenizer=tokenizer, device=device)
    helper = config.assistant
    source = _Source(
        place="model.assistant.name", name=helper.name, revision=helper.revision, trust_remote_code=trust
    )
    own = None
    if helper.tokenizer is not None:
        own = _load_tokenizer(_tokenizer_source(source, "model.assistant.tokenizer", helper.tokenizer))
    assistant = _load(source, device, dtype=helper.dtype, attn_implementation=None)
    return LoadedModel(
        model=model, tokenizer=tokenizer, device=device, assistant=assistant, assistant_tokenizer=own
    )


def _load(
    source: _Source, device: torch.device, *, dtype: str, attn_implementation: str | None
) -> PreTrainedModel:
    with _explained(source, ModelError):
        if source.is_builtin:
            if source.revision is not None:
                raise ModelError(
                    f"{source.place.removesuffix('name')}revision: {source.name} is built in and has no revisions. Remove it."
                )
            wanted = None if dtype == "auto" else getattr(torch, dtype)
            model = build_model(
                source.name, dtype=wanted, attn_implementation=attn_implementation, place=source.place
            )
            return model.to(device)
        location = source.location(ModelError)
        _require_weights(source, Path(location))
        config = AutoConfig.from_pretrained(location, **source.options())
        auto_class = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
        attention = {} if attn_implementation is None else {"attn_implementation": attn_implementation}
        model = auto_class.from_pretrained(
            location, config=config, dtype=dtype, use_safetensors=True, **attention, **source.options()
        )
        return model.to(device).eval()


def _load_tokenizer(source: _Source) -> PreTrainedTokenizerBase:
    if source.is_builtin:
        builtin_shape(source.name, source.place)
        return build_tokenizer()  # all of them share one
    with _explained(source, TokenizerError, "the tokenizer of "):
        return AutoTokenizer.from_pretrained(source.location(TokenizerError), **source.options())


def _tokenizer_source(model: _Source, place: str, name: str | None) -> _Source:
    """The tokenizer that is named, or else the model's own; a revision is the model's alone."""
    if name is None:
        return model
    return _Source(place=place, name=name, revision=None, trust_remote_code=model.trust_remote_code)


def _require_weights(source: _Source, folder: Path) -> None:
    """Say what a local folder lacks before transformers guesses."""
    if not folder.is_dir():
        return
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"{source.place}: the folder {source.name} has no config.json, so it holds no saved model."
        )
    if not any(folder.glob("*.safetensors")):
        raise ModelError(
            f"{source.place}: the folder {source.name} has no *.safetensors file. Other weight files can run code as "
            "they load and are not read; save the model again with save_pretrained()."
        )


@contextmanager
def _explained(source: _Source, error_class: type[InferenceError], what: str = "") -> Iterator[None]:
    """Whatever transformers, torch or the network raise, as one error that names the place; ``what`` of it failed."""
    try:
        yield
    except InferenceError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise DeviceMemoryError(
                f"{source.place}: {source.name} does not fit into memory. Use a smaller model, or dtype bfloat16."
            ) from error
        raise error_class(
            f"{source.place}: {what}{source.name} cannot be loaded: {one_line(error)}{source.mend}"
        ) from error
