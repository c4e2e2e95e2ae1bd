"""What is known of a parameter beside its field: the shape of ``PARAMS`` in the generated module, and the energy roles."""

from typing import Literal, TypeAlias, TypedDict

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | dict[str, Value] | None"
"""A value in the form that YAML can write; lists are tuples."""

EnergyRole = Literal["length", "decoding", "batching", "cache", "compile", "speculation", "output", "none"]

ENERGY_ROLES: dict[EnergyRole, str] = {
    "length": "how many tokens are generated",
    "decoding": "the work per token",
    "batching": "how many sequences run at once",
    "cache": "the memory traffic of keys and values",
    "compile": "how the forward pass is compiled",
    "speculation": "how tokens are drafted and verified",
    "output": "which extra tensors are computed and kept",
    "none": "no effect on the work",
}
"""What each role is about, in the order in which they are listed. Every role but ``none`` changes the energy."""


class ParamFacts(TypedDict):
    """Facts about one parameter, as plain data."""

    section: str
    """The group that it stands in upstream, under our title."""
    type: str
    """In annotation syntax, bounds left out: ``int | list[int] | None``."""
    constraints: tuple[str, ...]
    """What a value has to satisfy: ``> 0``, ``[0] >= 0``, ``each >= 0``."""
    choices: tuple[Value, ...]
    """Every allowed value, None left out, where there are only a few; otherwise empty."""
    energy_role: EnergyRole | None
    """None only until a person has given one, right after an upgrade."""
    role_reason: str
    """Why that role, in a line."""
    declared_default: Value
    """What ``GenerationConfig.__init__`` says."""
    effective_default: Value
    """What ``generate()`` works with where neither the caller nor the model set it."""
    off: Value
    """The value that switches it off, where there is one besides None and False."""
    deprecation: str | None
    """What upstream says of its end."""
    requires: tuple[str, ...]
    """What it needs: ``device:cuda``, ``package:hqq``, ``model:encoder-decoder``."""
    tightenings: tuple[tuple[str, str], ...]
    """What is refused although upstream takes it, each with the reason."""
    sources: tuple[str, ...]
    """The definitions in transformers' source that the facts come from."""
    test_values: tuple[Value, ...]
    """Valid values: both sides of each boundary that are inside, each choice, the default and away from it."""
    context: dict[str, Value]
    """The other settings under which its values take effect."""
