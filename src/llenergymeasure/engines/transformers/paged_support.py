"""Whether a model's forward pass can work with the cache of continuous batching.

That cache is not one of transformers' ``Cache`` classes: it has no ``get_seq_length()``, and its ``update()``
needs the arguments of the batch. Newer releases pass it to models as ``cache``, like any other cache,
and a model that asks it for more fails with the first batch. No attribute says which models do, so the
forward pass is tried here, without weights.
"""

import copy
import warnings
from typing import Any

import torch
from transformers import PreTrainedModel

_TOKENS = 2
"""The length of the prompt in the trial."""


def takes_paged_cache(model: PreTrainedModel) -> bool | None:
    """Whether one batch of continuous batching passes through the model.

    The pass is made by a second model of the same class and configuration on the device ``meta``, which holds
    shapes and no numbers: it needs no memory, and leaves nothing behind on the loaded model.

    Returns:
        False if the model's code fails with this cache, or never writes to it. None if the answer is not
        known: this release has no such cache, or the model reads numbers, which ``meta`` does not have.
    """
    try:
        from transformers.generation.continuous_batching.cache import PagedAttentionCache  # noqa: PLC0415 - not in every release
    except ImportError:
        return None
    updates: list[int] = []

    class Pages(PagedAttentionCache):  # type: ignore[misc]  # transformers is not typed
        """A cache without pages. It has the methods of the real one."""

        def __init__(self) -> None:
            pass

        def update(
            self, key_states: torch.Tensor, value_states: torch.Tensor, layer_idx: int, kwargs: dict[str, Any]
        ) -> tuple[torch.Tensor, torch.Tensor]:
            """Read the arguments that the real method reads; return the new states, as nothing is cached."""
            for name in ("cu_seq_lens_k", "max_length_k", "read_index", "write_index"):
                kwargs[name]
            updates.append(layer_idx)
            return key_states, value_states

    try:
        with torch.device("meta"), torch.no_grad(), warnings.catch_warnings(action="ignore"):
            meta_model = _without_weights(model)
            meta_model(**_batch(meta_model, Pages()))
    except RuntimeError:  # torch's: an operation is not possible without numbers
        return None
    except Exception:  # noqa: BLE001 - whatever the model's own code raises
        return False
    return bool(updates)


def _without_weights(model: PreTrainedModel) -> PreTrainedModel:
    """The same model without its weights, with an attention that continuous batching works with."""
    meta_model: PreTrainedModel = type(model)(copy.deepcopy(model.config)).eval()
    is_eager = "eager" in model.config._attn_implementation
    meta_model.set_attn_implementation("paged|eager" if is_eager else "sdpa")
    return meta_model


def _batch(model: PreTrainedModel, cache: object) -> dict[str, Any]:
    """The arguments that continuous batching passes to a model for one request that is not cached yet."""
    layer_types = set(getattr(model.config.get_text_config(), "layer_types", None) or ["full_attention"])
    mask = torch.zeros(1, 1, _TOKENS, _TOKENS)
    bounds = torch.zeros(2, dtype=torch.int32)
    indices = torch.zeros(_TOKENS, dtype=torch.long)
    return {
        "input_ids": indices[None],
        "position_ids": indices[None],
        "attention_mask": dict.fromkeys(layer_types, mask) if len(layer_types) > 1 else mask,
        "cache": cache,
        "use_cache": False,
        "cu_seq_lens_q": bounds,
        "cu_seq_lens_k": dict.fromkeys(layer_types, bounds),
        "max_length_q": _TOKENS,
        "max_length_k": dict.fromkeys(layer_types, _TOKENS),
        "read_index": [indices[:0] for _ in layer_types],
        "write_index": [indices for _ in layer_types],
        "logits_indices": indices[:1],
        "logits_processor_args": indices[:0],
        "block_table": None,
        "is_causal": False,
    }
