"""The types of the generated tables: what is known of a parameter outside its field, and a rule.

The tables are modules next to this one: ``pytorch_metadata`` has what is known of each parameter,
``pytorch_rules`` the rules across them. :mod:`llenergymeasure.config.introspection` gives users both as data.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from llenergymeasure.config.conditions import Condition
from llenergymeasure.config.vocabulary import Effect, EnergyRole

PlainValue: TypeAlias = "bool | int | float | str | tuple[PlainValue, ...] | dict[str, PlainValue] | None"
"""A value that YAML can write, with tuples for lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamInfo:
    """What is known of one parameter, as data."""

    section: str
    """The title of the group of parameters that upstream documents it in."""
    type: str
    """Its type as an annotation without bounds, such as ``int | list[int] | None``."""
    description: str
    """What it does to the work; its range and the value that switches it off; what it needs; whether upstream
    will remove it.
    """
    constraints: tuple[str, ...] = ()
    """What a value has to satisfy: ``> 0``, ``[0] >= 0``, ``each >= 0``."""
    choices: tuple[PlainValue, ...] = ()
    """Every allowed value, None left out, where there are only a few; otherwise empty."""
    energy_role: EnergyRole | None = None
    """How it influences energy; None where this was not decided yet, right after an upgrade."""
    role_reason: str = ""
    """Why it has that role, in a line."""
    declared_default: PlainValue = None
    """The default that upstream declares."""
    effective_default: PlainValue = None
    """The value in effect where the caller and the model leave it unset."""
    disabled_value: PlainValue = None
    """The value that switches it off, where there is one besides None and False."""
    equivalent_values: tuple[PlainValue, ...] = ()
    """Values that upstream treats alike, since all of them switch the parameter off; the first represents
    them. Empty if there are fewer than two.
    """
    deprecation: str | None = None
    """What upstream says about its removal; None if it will stay."""
    model_owned: bool = False
    """Whether every model has its own value, so that the value in effect is unknown without the model."""
    unset_differs: bool = False
    """Whether no value of it has the same effect as leaving it unset."""
    per_prompt: bool = False
    """Whether a list has one entry for each prompt, so that a list with one entry differs from the entry
    itself."""
    tightenings: Mapping[str, str] = field(default_factory=dict)
    """What is refused although upstream accepts it, each with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """A rule across parameters.

    Args:
        id: its name in kebab-case; it stays the same from release to release.
        effect: what follows where ``when`` is true.
        fields: all parameters involved (``reject``), or those that have no effect or need something.
        when: the condition under which the rule applies.
        need: of a ``require`` rule, what must be true where ``when`` is.
        message: why, and a hint, in one clause without values.
        triggers: of a ``reject`` rule, the parameters of which at least one must be set for it to apply, as
            long as the model's own defaults are not known.
        tightening: why it is refused although some models would run it; None where all models fail.
    """

    id: str
    effect: Effect
    fields: tuple[str, ...]
    when: Condition
    message: str
    need: Condition | None = None
    triggers: tuple[str, ...] = ()
    tightening: str | None = None
