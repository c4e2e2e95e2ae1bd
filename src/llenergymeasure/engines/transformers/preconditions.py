"""Whether the parameters of a run have what they need, before anything is spent on it; and which of them change nothing in it."""

from collections.abc import Mapping
from typing import Any

from transformers import PreTrainedModel

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conversion import stated
from llenergymeasure.config.errors import PreconditionError, Problem


def model_defaults(model: PreTrainedModel) -> dict[str, Any]:
    """What the model's own generation configuration sets."""
    return stated(model.generation_config)


def require_met(
    config: PyTorchConfig, facts: Mapping[str, object], defaults: Mapping[str, Any] | None = None
) -> None:
    """Refuse parameters that need what is not there and, once the model is known, that do not go together on it.

    Args:
        config: the parameters.
        facts: what is known of the model, the call, the device and the packages. What no fact tells is not judged.
        defaults: what the model's own generation configuration sets; None before it is loaded.

    Raises:
        PreconditionError: naming every parameter that is in the way, what it needs, and the mend.
    """
    broken = [*(() if defaults is None else config.check(defaults, facts)), *config.unmet(facts, defaults)]
    if broken:
        raise PreconditionError(
            tuple(Problem("", f"pytorch.{found.fields[0]}", found.message) for found in broken)
        )
