"""The state of a loaded model and its tokenizers, recorded once and restored before each binding.

``generate()`` leaves things behind that change how the next call works. These are:

- the length of the last static cache: the next one is at least as long;
- the compiled call, and the configuration that it was compiled with;
- in the drafter's own generation configuration, the number of drafted tokens, which a heuristic schedule
  adapts;
- after universal assisted decoding: the drafter's pruned output head, and its repetition penalty, which was
  turned off;
- hooks that capture attentions and hidden states, on modules of transformers or torch;
- frequencies of dynamic rotary embeddings, which are those of the longest text so far;
- after an error: the number of layers of an early exit, or continuous batching's attention implementation;
- how the last text was padded and truncated, in a tokenizer's backend.

Batches add a padding token to a tokenizer that has none, and code in ``extra`` may change anything. Other
releases leave other attributes behind, so none is listed by name here. Instead every attribute of the models,
their modules, configurations and generation configurations, and of the tokenizers is recorded and restored.
Weights and buffers are not copied, because no call writes into them.
:mod:`llenergymeasure.engines.transformers.process_state` restores what a call changes outside of the model.
"""

from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

import torch
from transformers import GenerationConfig, PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.process_state import ProcessState

_QUANTIZERS = "transformers.integrations."
"""Where quantizers define their modules. Some of those prepare their weights in place at the first call, and
must not do so again, as they would if their attributes were restored."""

_CALL_ATTRIBUTES = frozenset(vars(torch.nn.Module())) - {"_parameters", "_buffers", "_modules"} | {
    "forward",
    "_compiled_call_impl",
}
"""The attributes of any module that decide how it is called: its hooks, its mode, a replaced ``forward``."""

_CONTAINERS = (dict, OrderedDict, defaultdict, list, set, deque)
"""The containers whose content is restored. Others, such as the outputs of models, may refuse changes."""


class ModelState:
    """The attributes of everything that belongs to a model, and torch's settings, as they are now."""

    def __init__(self, parts: ModelParts) -> None:
        tokenizers = [item for item in (parts.tokenizer, parts.assistant_tokenizer) if item is not None]
        self._attributes = [_Attributes(owner, names) for owner, names in _owners(parts.models)]
        self._tokenizers = [_Tokenizer(tokenizer) for tokenizer in tokenizers]
        self._process = ProcessState()

    def include(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Restore this tokenizer too, to the state that it has now."""
        self._tokenizers.append(_Tokenizer(tokenizer))

    def restore(self) -> None:
        """Restore everything, and forget what was compiled."""
        self._process.restore()
        for attributes in self._attributes:
            attributes.restore()
        for tokenizer in self._tokenizers:
            tokenizer.restore()


class _Attributes:
    """The attributes of one object: their values, and the content of the containers among them.

    Args:
        owner: the object.
        names: the attributes to record and restore; None for all.
    """

    def __init__(self, owner: object, names: frozenset[str] | None = None) -> None:
        self._owner = owner
        self._names = names
        self._values = {name: value for name, value in vars(owner).items() if names is None or name in names}
        self._contents = [(container, container.copy()) for container in _containers(self._values.values())]

    def restore(self) -> None:
        """Restore the attributes; containers in place, since other objects may refer to the same ones."""
        for container, content in self._contents:
            container.clear()
            (container.update if isinstance(container, dict | set) else container.extend)(content)
        attributes = vars(self._owner)
        for name in list(attributes) if self._names is None else self._names & attributes.keys():
            del attributes[name]
        attributes.update(self._values)


class _Tokenizer:
    """A tokenizer's attributes, and the padding and truncation that are set in its backend."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._attributes = _Attributes(tokenizer)
        self._backend: Any = getattr(tokenizer, "backend_tokenizer", None)
        if self._backend is not None:
            self._padding, self._truncation = self._backend.padding, self._backend.truncation

    def restore(self) -> None:
        """Restore the attributes, the padding and the truncation."""
        self._attributes.restore()
        if self._backend is None:
            return
        self._backend.no_padding()
        self._backend.no_truncation()
        if self._padding is not None:
            self._backend.enable_padding(**self._padding)
        if self._truncation is not None:
            self._backend.enable_truncation(**self._truncation)


def _containers(values: Iterable[object]) -> Iterator[Any]:
    """The lists, sets and mappings among the values and inside of them, each once."""
    pending: list[Any] = list(values)
    visited: set[int] = set()
    while pending:
        value = pending.pop()
        if type(value) not in (*_CONTAINERS, tuple) or id(value) in visited:
            continue
        visited.add(id(value))
        pending.extend(value.values() if isinstance(value, dict) else value)
        if not isinstance(value, tuple):
            yield value


def _owners(models: Iterable[PreTrainedModel]) -> Iterator[tuple[object, frozenset[str] | None]]:
    """The objects that a call may change, each once, with the attributes to restore (None for all)."""
    visited: set[int] = set()
    for model in models:
        for module in model.modules():
            yield module, None if module is model or _is_fully_restored(module) else _CALL_ATTRIBUTES
            for value in vars(module).values():
                if isinstance(value, PretrainedConfig | GenerationConfig):
                    yield from ((settings, None) for settings in _with_nested(value, visited))


def _is_fully_restored(module: torch.nn.Module) -> bool:
    """Whether all attributes of a module can be restored: its class is of transformers or torch."""
    defined_in = type(module).__module__
    return defined_in.startswith(("transformers", "torch.")) and not defined_in.startswith(_QUANTIZERS)


def _with_nested(settings: object, visited: set[int]) -> Iterator[object]:
    """A configuration and the objects of transformers in it, except those that were visited before."""
    if id(settings) in visited:
        return
    visited.add(id(settings))
    yield settings
    for value in vars(settings).values():
        of_transformers = type(value).__module__.startswith("transformers")
        if of_transformers and hasattr(value, "__dict__") and not isinstance(value, Enum):
            yield from _with_nested(value, visited)
