"""What a record says about a loaded model."""

from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedModel

from llenergymeasure.inference.builtin import PREFIX, WEIGHTS_SEED


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model as it ran.

    Args:
        architecture: the name of its class.
        parameters: how many weights it has, shared ones once.
        dtype: of the weights, such as ``bfloat16``.
        vocabulary: how many token ids it scores.
        attention: the attention implementation in use.
        weights_seed: of random weights; None where weights were loaded.
        commit: the Hub's commit; None for a local folder or a built-in model.
        generation_defaults: what its own generation configuration sets, and what therefore holds where a run sets nothing.
    """

    architecture: str
    parameters: int
    dtype: str
    vocabulary: int
    attention: str | None
    weights_seed: int | None
    commit: str | None
    generation_defaults: dict[str, Any]


def model_facts(model: PreTrainedModel, name: str) -> ModelFacts:
    """The facts of a model that was loaded under that name."""
    text = model.config.get_text_config(decoder=True)
    return ModelFacts(
        architecture=type(model).__name__,
        parameters=model.num_parameters(),
        dtype=str(model.dtype).removeprefix("torch."),
        vocabulary=text.vocab_size,
        attention=model.config._attn_implementation,
        weights_seed=WEIGHTS_SEED if name.startswith(PREFIX) else None,
        commit=getattr(model.config, "_commit_hash", None),
        generation_defaults={
            key: value
            for key, value in model.generation_config.to_diff_dict().items()
            if key != "transformers_version" and not key.startswith("_")
        },
    )
