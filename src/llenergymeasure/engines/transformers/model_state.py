"""The state of a loaded model and its tokenizers, recorded once and put back before each binding.

``generate()`` leaves things behind that change how the next call works. These are:

- the length of the last static cache, which the next one is at least as long as;
- the compiled call, and the configuration that it was compiled with;
- in the drafter's own generation configuration, the number of drafted tokens, which a heuristic schedule
  adapts;
- of universal assisted decoding: the drafter's pruned output head, and its repetition penalty (which is
  turned off);
- hooks that capture attentions and hidden states, on modules of transformers' or of torch's;
- frequencies of dynamic rotary embeddings, which are those of the longest text so far;
- after an error: the number of layers of an early exit, or continuous batching's attention implementation;
- how the last text was padded and truncated, in a tokenizer's backend.

Batches add a padding token to a tokenizer that has none, and what stands in ``extra`` may do anything. Other
releases leave other attributes, so none is listed by name here: every attribute of the models, their modules,
configurations and generation configurations, and of the tokenizers is recorded, and put back. Weights and
buffers are not copied: no call writes into them. What a call changes in the process is the subject of
:mod:`llenergymeasure.engines.transformers.process_state`.
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
"""Modules of quantizers; some prepare their weights in place at the first call, and must do so once."""
_CALL = frozenset(vars(torch.nn.Module())) - {"_parameters", "_buffers", "_modules"} | {
    "forward",
    "_compiled_call_impl",
}
"""The attributes of any module that decide how it is called: its hooks, its mode, and what replaces it."""

_CONTAINERS = (dict, OrderedDict, defaultdict, list, set, deque)
"""What is put back in place. Others, such as the outputs of models, may refuse changes."""


class ModelState:
    """The attributes of everything that belongs to a model, and torch's settings, as they are now."""

    def __init__(self, parts: ModelParts) -> None:
        tokenizers = [item for item in (parts.tokenizer, parts.assistant_tokenizer) if item is not None]
        self._attributes = [_Attributes(owner, names) for owner, names in _owners(parts.models)]
        self._tokenizers = [_Tokenizer(tokenizer) for tokenizer in tokenizers]
        self._process = ProcessState()

    def include(self, tokenizer: PreTrainedTokenizerBase) -> None:
        """Put this tokenizer back too, to what it is now."""
        self._tokenizers.append(_Tokenizer(tokenizer))

    def restore(self) -> None:
        """Put everything back, and forget what was compiled."""
        self._process.restore()
        for attributes in self._attributes:
            attributes.restore()
        for tokenizer in self._tokenizers:
            tokenizer.restore()


class _Attributes:
    """The attributes of one object: their values, and what the containers among them hold.

    Args:
        owner: of the attributes.
        names: the attributes that count; None for all.
    """

    def __init__(self, owner: object, names: frozenset[str] | None = None) -> None:
        self._owner = owner
        self._names = names
        self._values = {name: value for name, value in vars(owner).items() if names is None or name in names}
        self._contents = [(container, container.copy()) for container in _containers(self._values.values())]

    def restore(self) -> None:
        """Put the attributes back in place, since others may hold the same list or mapping."""
        for container, content in self._contents:
            container.clear()
            (container.update if isinstance(container, dict | set) else container.extend)(content)
        attributes = vars(self._owner)
        for name in list(attributes) if self._names is None else self._names & attributes.keys():
            del attributes[name]
        attributes.update(self._values)


class _Tokenizer:
    """A tokenizer's attributes, and how its backend pads and truncates: as the last text wanted it."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._attributes = _Attributes(tokenizer)
        self._backend: Any = getattr(tokenizer, "backend_tokenizer", None)
        if self._backend is not None:
            self._padding, self._truncation = self._backend.padding, self._backend.truncation

    def restore(self) -> None:
        """Put both back."""
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
    waiting: list[Any] = list(values)
    known: set[int] = set()
    while waiting:
        value = waiting.pop()
        if type(value) not in (*_CONTAINERS, tuple) or id(value) in known:
            continue
        known.add(id(value))
        waiting.extend(value.values() if isinstance(value, dict) else value)
        if not isinstance(value, tuple):
            yield value


def _owners(models: Iterable[PreTrainedModel]) -> Iterator[tuple[object, frozenset[str] | None]]:
    """The objects that a call may change, each once, with the names of the attributes that it may change."""
    known: set[int] = set()
    for model in models:
        for module in model.modules():
            yield module, None if module is model or _is_ours_to_reset(module) else _CALL
            for value in vars(module).values():
                if isinstance(value, PretrainedConfig | GenerationConfig):
                    yield from ((settings, None) for settings in _with_parts(value, known))


def _is_ours_to_reset(module: torch.nn.Module) -> bool:
    """Whether every attribute of a module may be put back: it is of transformers, or of torch."""
    kind = type(module).__module__
    return kind.startswith(("transformers", "torch.")) and not kind.startswith(_QUANTIZERS)


def _with_parts(settings: object, known: set[int]) -> Iterator[object]:
    """A configuration, and the objects of transformers in it, without those that are known already."""
    if id(settings) in known:
        return
    known.add(id(settings))
    yield settings
    for value in vars(settings).values():
        of_transformers = type(value).__module__.startswith("transformers")
        if of_transformers and hasattr(value, "__dict__") and not isinstance(value, Enum):
            yield from _with_parts(value, known)
