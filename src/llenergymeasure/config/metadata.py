"""What is known of parameters beside their fields: the shapes of ``PARAMS`` and ``RULES`` in the generated module, and the energy roles.

The conditions of rules are Python functions there. They ask a lookup for values by name (:mod:`llenergymeasure.config.rules` has
it), and use :func:`subset`, :func:`highest`, :func:`lowest` and :func:`length`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypedDict

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
    alike: tuple[Value, ...]
    """Values that ``generate()`` treats like the first of them, which switches the parameter off; empty if there are no two."""
    requires: tuple[str, ...]
    """What it needs of the model, the call, the device or the packages, where it takes effect: one text for each."""
    tightenings: tuple[tuple[str, str], ...]
    """What is refused although upstream takes it, each with the reason."""
    sources: tuple[str, ...]
    """The definitions in transformers' source that the facts come from."""
    test_values: tuple[Value, ...]
    """Valid values: both sides of each boundary that are inside, each choice, the default and away from it."""
    context: dict[str, Value]
    """The other settings under which its values take effect."""


Effect = Literal["reject", "dormant", "require"]
"""What a rule says while its condition holds: ``generate()`` would refuse the combination; none of the fields changes the work;
the fields need what the rule's ``need`` states."""

Condition = Callable[[Mapping[str, Any]], bool]
"""A condition over a lookup of values by name; where it asks for one that is not known, the lookup raises :class:`UnknownValueError`."""


class UnknownValueError(KeyError):
    """A condition asked for a value that is not known: the rule is then undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What holds across parameters.

    Args:
        id: stable, in kebab-case.
        effect: what follows while ``when`` is true.
        fields: the parameters involved (``reject``), or those that the rule is about.
        when: the condition.
        need: of a ``require`` rule: what has to be true while ``when`` is.
        text: ``when`` for people.
        need_text: ``need`` for people.
        message: why, and the mend, in one clause without values.
        triggers: of a ``reject`` rule: it cannot fire over transformers' defaults where none of these is set.
        tightening: why it is refused although some model would run it; None where every model fails.
        sources: the definitions in transformers' source that it restates.
    """

    id: str
    effect: Effect
    fields: tuple[str, ...]
    when: Condition
    text: str
    message: str
    need: Condition | None = None
    need_text: str = ""
    triggers: tuple[str, ...] = ()
    tightening: str | None = None
    sources: tuple[str, ...] = ()


def subset(tokens: int | tuple[int, ...] | None, among: int | tuple[int, ...] | None) -> bool:
    """Whether there are tokens, and every one of them is among the others; a number counts as a list of one."""
    first, others = _listed(tokens), _listed(among)
    return bool(first) and set(first) <= set(others)


def _listed(tokens: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if tokens is None:
        return ()
    return (tokens,) if isinstance(tokens, int) else tuple(tokens)


def highest(value: object) -> int:
    """The largest whole number anywhere inside of a value, such as a token id; -1 if there is none."""
    return max(_numbers(value), default=-1)


def lowest(value: object) -> int:
    """The smallest whole number anywhere inside of a value; 0 if there is none."""
    return min(_numbers(value), default=0)


def length(value: object) -> int:
    """How many entries a list has; 0 of anything else."""
    return len(value) if isinstance(value, list | tuple) else 0


def _numbers(value: object) -> Iterator[int]:
    if isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, Mapping):
        yield from _numbers((*value, *value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _numbers(each)
