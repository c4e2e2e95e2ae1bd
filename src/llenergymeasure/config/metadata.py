"""What is known of parameters outside their fields: the shapes of the generated tables.

The tables are modules next to this one: ``pytorch_metadata`` has what is known of each parameter,
``pytorch_rules`` the rules across them. Users and programs read both through
:mod:`llenergymeasure.config.introspection`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from llenergymeasure.config.conditions import Condition
from llenergymeasure.config.vocabulary import Effect, EnergyRole

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | dict[str, Value] | None"
"""A value in the form that YAML can write; lists are tuples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamInfo:
    """What is known of one parameter, as data."""

    section: str
    """Its group upstream, under our title."""
    type: str
    """In annotation syntax, bounds left out: ``int | list[int] | None``."""
    description: str
    """What it does to the work; its range and the value that switches it off; what it needs; what upstream
    says about its removal.
    """
    constraints: tuple[str, ...] = ()
    """What a value has to satisfy: ``> 0``, ``[0] >= 0``, ``each >= 0``."""
    choices: tuple[Value, ...] = ()
    """Every allowed value, None left out, where there are only a few; otherwise empty."""
    energy_role: EnergyRole | None = None
    """None only until one is decided, right after an upgrade."""
    role_reason: str = ""
    """Why that role, in a line."""
    declared_default: Value = None
    """What upstream declares."""
    effective_default: Value = None
    """The value in effect where the caller and the model leave it unset."""
    disabled_value: Value = None
    """The value that switches it off, where there is one besides None and False."""
    equivalent_values: tuple[Value, ...] = ()
    """Values that upstream treats like the first of them, which switches the parameter off; empty if there
    are no two.
    """
    deprecation: str | None = None
    """What upstream says about its removal."""
    model_owned: bool = False
    """Whether every model has its own value: where it is not set, it is not known without the model."""
    unset_differs: bool = False
    """Whether no value of it has the same effect as leaving it unset."""
    per_prompt: bool = False
    """Whether a list has one entry for each prompt, so that a list with one entry differs from the entry
    itself."""
    tightenings: Mapping[str, str] = field(default_factory=dict)
    """What is refused although upstream takes it, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """What holds across parameters.

    Args:
        id: stable, in kebab-case.
        effect: what follows while ``when`` is true.
        fields: the parameters involved (``reject``), or those that the rule is about.
        when: the condition.
        need: of a ``require`` rule: what has to be true while ``when`` is.
        message: why, and the hint, in one clause without values.
        triggers: of a ``reject`` rule: it cannot fire over the engine's defaults where none of these is set.
        tightening: why it is refused although some model would run it; None where every model fails.
    """

    id: str
    effect: Effect
    fields: tuple[str, ...]
    when: Condition
    message: str
    need: Condition | None = None
    triggers: tuple[str, ...] = ()
    tightening: str | None = None
