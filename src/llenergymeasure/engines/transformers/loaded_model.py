"""A model in memory, bound to one configuration after another."""

import gc
from dataclasses import replace
from types import TracebackType
from typing import Self

import torch
from transformers import PreTrainedTokenizerBase

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ModelConfig, SyntheticPrompts, WorkloadConfig
from llenergymeasure.engines.errors import EngineError
from llenergymeasure.engines.prompts import Prompts
from llenergymeasure.engines.transformers.batching import batches_of
from llenergymeasure.engines.transformers.model_loader import (
    TEXT_SETTINGS,
    ModelParts,
    load_parts,
    load_tokenizer,
)
from llenergymeasure.engines.transformers.model_state import ModelState
from llenergymeasure.engines.transformers.session import TransformersSession
from llenergymeasure.engines.transformers.torch_devices import choose_device


class TransformersModel:
    """The loaded model of :mod:`llenergymeasure.engines.protocol`.

    Args:
        config: what to load.
        device: the device to load onto, in the form of ``model.device``.

    Raises:
        EngineError: the device or the model does not exist, or the model does not load, or does not fit.
    """

    def __init__(self, config: ModelConfig, device: str) -> None:
        self._config = config
        self._parts: ModelParts | None = load_parts(config, choose_device(device))
        self._state: ModelState | None = ModelState(self._parts)
        self._tokenizer: PreTrainedTokenizerBase | None = None
        """Loaded when a binding first needs it; if all bindings need it, ``_parts`` has it from the start."""
        self._session: TransformersSession | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session, free the model's memory for another model, and restore torch's settings."""
        self._end_session()
        if self._state is not None:
            self._state.restore()
        self._parts = self._state = self._tokenizer = None
        _free_memory()

    def bind(
        self, settings: BackendConfig, workload: WorkloadConfig, prompts: Prompts
    ) -> TransformersSession:
        """A session for these settings, on the model as it was loaded. The previous session ends.

        Args:
            settings: a ``PyTorchConfig``.
            workload: how many requests are made, and how they are put into batches.
            prompts: the prompts of these requests; ``workload.prompts`` only names their source.

        Raises:
            EngineError: the model is closed, or it cannot use the prompts or the settings.
            PreconditionError: (of ``config``) a parameter needs something that is not there.
            UpstreamError: (of ``config``) a setting needs another transformers.
        """
        settings = as_pytorch_config(settings)
        self._end_session()
        if self._parts is None or self._state is None:
            raise EngineError("The model is closed: load it again.")
        self._state.restore()
        _free_memory()
        parts = self._parts
        if parts.tokenizer is None and _needs_tokenizer(settings, workload, prompts):
            if self._tokenizer is None:
                self._tokenizer = load_tokenizer(self._config, parts)
                self._state.include(self._tokenizer)
            parts = replace(parts, tokenizer=self._tokenizer)
        self._session = TransformersSession(
            self._config, settings, workload, parts=parts, batches=batches_of(workload, prompts, parts)
        )
        self._session.reseed()
        return self._session

    def _end_session(self) -> None:
        if self._session is not None:
            self._session.end()
            self._session = None


def as_pytorch_config(settings: BackendConfig) -> PyTorchConfig:
    """The settings, once it is known that they are those of this engine.

    Raises:
        TypeError: they are another engine's.
    """
    if not isinstance(settings, PyTorchConfig):
        raise TypeError(f"transformers takes a PyTorchConfig, not a {type(settings).__name__}")
    return settings


def _free_memory() -> None:
    """Free the memory of objects that nothing refers to any more, on the GPU too."""
    gc.collect()  # modules refer to each other in cycles
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _needs_tokenizer(settings: PyTorchConfig, workload: WorkloadConfig, prompts: Prompts) -> bool:
    """Whether there are texts to encode, or a setting for which ``generate()`` takes the tokenizer."""
    has_texts = not isinstance(prompts, SyntheticPrompts) or workload.negative_prompts is not None
    return has_texts or any(settings.generate_kwargs().get(name) for name in TEXT_SETTINGS)
