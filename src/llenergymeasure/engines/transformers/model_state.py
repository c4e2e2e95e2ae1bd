"""The state of a loaded model and its tokenizers, recorded once and put back before each binding.

``generate()`` leaves things behind that change how the next call works. In transformers 5.23.0 these are:

- the length of the last static cache, which the next one is at least as long as;
- the compiled call, and the configuration that it was compiled with;
- in the drafter's own generation configuration, the number of drafted tokens, which a heuristic schedule
  adapts;
- of universal assisted decoding: the drafter's pruned output head, its repetition penalty (which is turned
  off), and the translator between the two vocabularies, in a cache by tokenizers;
- hooks that capture attentions and hidden states;
- frequencies of dynamic rotary embeddings, which are those of the longest text so far;
- after an error: the number of layers of an early exit, or continuous batching's attention implementation;
- the tables of stop strings, in a cache; the environment variable ``TOKENIZERS_PARALLELISM``.

Batches add a padding token to a tokenizer that has none. Other releases leave other attributes, so none is
listed by name here: every attribute of the models, their modules, configurations and generation
configurations, and of the tokenizers is recorded, and put back.
"""

import gc
import os
from collections.abc import Iterator
from typing import Any

import torch
from transformers import GenerationConfig, PretrainedConfig, PreTrainedModel
from transformers.generation import candidate_generator, stopping_criteria

from llenergymeasure.engines.transformers.model_loader import ModelParts

_COMPILED = "_compiled_call"
"""The attribute that holds a model's compiled call."""
_PARALLELISM = "TOKENIZERS_PARALLELISM"
"""The environment variable that compiling sets for the whole process."""
_FOREIGN = "transformers.integrations."
"""Modules of quantizers; some prepare their weights in place at the first call, and must do so once."""


class ModelState:
    """The attributes of everything that belongs to a model, as they are now.

    Weights are not copied: no call changes them.
    """

    def __init__(self, parts: ModelParts) -> None:
        self._models = parts.models
        self._attributes = [_Attributes(owner) for owner in _owners(parts)]
        self._parallelism = os.environ.get(_PARALLELISM)

    def include(self, owner: object) -> None:
        """Put this object's attributes back too, to what they are now."""
        self._attributes.append(_Attributes(owner))

    def restore(self) -> None:
        """Put everything back, forget what was compiled, and free the memory that this leaves."""
        was_compiled = any(_COMPILED in vars(model) for model in self._models)
        for attributes in self._attributes:
            attributes.restore()
        stopping_criteria.STOP_STRING_EMBEDDING_CACHE.clear()
        candidate_generator.AssistantVocabTranslatorCache._cache.clear()
        os.environ.pop(_PARALLELISM, None)
        if self._parallelism is not None:
            os.environ[_PARALLELISM] = self._parallelism
        if was_compiled:
            torch.compiler.reset()
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


class _Attributes:
    """The attributes of one object: their values, and what those hold that are lists, sets or mappings."""

    def __init__(self, owner: object) -> None:
        self._owner = owner
        self._values = dict(vars(owner))
        self._contents = {
            name: value.copy() for name, value in self._values.items() if isinstance(value, dict | list | set)
        }

    def restore(self) -> None:
        """Put the attributes back in place, since others may hold the same list or mapping."""
        for name, content in self._contents.items():
            value: Any = self._values[name]
            value.clear()
            (value.extend if isinstance(value, list) else value.update)(content)
        attributes = vars(self._owner)
        attributes.clear()
        attributes.update(self._values)


def _owners(parts: ModelParts) -> Iterator[object]:
    """The objects whose attributes a call may change, each once."""
    owners = {id(owner): owner for model in parts.models for owner in _of_model(model)}
    for tokenizer in (parts.tokenizer, parts.assistant_tokenizer):
        if tokenizer is not None:
            owners[id(tokenizer)] = tokenizer
    yield from owners.values()


def _of_model(model: PreTrainedModel) -> Iterator[object]:
    for module in model.modules():
        kind = type(module).__module__
        if module is model or (kind.startswith("transformers") and not kind.startswith(_FOREIGN)):
            yield module
    yield from _with_parts(model.config)
    yield model.generation_config


def _with_parts(config: PretrainedConfig) -> Iterator[object]:
    """A configuration, and the configurations in it."""
    yield config
    for value in vars(config).values():
        if isinstance(value, PretrainedConfig | GenerationConfig):
            yield from _with_parts(value)
