"""Rules across parameters, applied to a configuration: what it may not combine, and what it needs.

The rules themselves are in the generated module. They are looked up by the fields that are set; one that
needs something unknown is undecided, and says nothing. What has no effect is the subject of
:mod:`llenergymeasure.config.dormancy`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from llenergymeasure.config.conditions import Condition, UnknownValueError
from llenergymeasure.config.metadata import Rule
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.phrasing import shown
from llenergymeasure.config.resolution import Values, argument, layers_of, values_of
from llenergymeasure.config.strict import StrictModel
from llenergymeasure.config.vocabulary import Effect


@dataclass(frozen=True, slots=True)
class Broken:
    """A combination that ``generate()`` refuses.

    Args:
        rule: its id.
        fields: the parameters involved; those that are set come first.
        message: their values as far as the user gave them, why, and the hint.
    """

    rule: str
    fields: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Unmet(Broken):
    """Parameters that need what is not there.

    Args:
        need: what they need, as a condition over facts.
    """

    need: str


def holds(condition: Condition, values: Values) -> bool | None:
    """Whether a condition is true; None where it needs something that is not known."""
    try:
        return condition.holds(values)
    except UnknownValueError:
        return None


@cache
def rules_of(kind: type[ParameterModel], effect: Effect) -> tuple[Rule, ...]:
    """The rules with that effect, in their order."""
    return tuple(rule for rule in kind.rules if rule.effect == effect)


@cache
def _by_trigger(kind: type[ParameterModel]) -> dict[str, tuple[Rule, ...]]:
    """The rejecting rules by the names of Python's attributes that have to be set for them to fire."""
    rejecting = rules_of(kind, "reject")
    triggers = {trigger for rule in rejecting for trigger in rule.triggers}
    return {
        name: tuple(rule for rule in rejecting if (field.alias or name) in rule.triggers)
        for name, field in kind.model_fields.items()
        if (field.alias or name) in triggers
    }


def broken_at_once(config: ParameterModel) -> list[Rule]:
    """The rejecting rules that a new configuration breaks over the engine's defaults."""
    table = _by_trigger(type(config))
    chosen = config.model_fields_set
    if table.keys().isdisjoint(chosen):
        return []
    values = values_of(config)
    broken = {rule.id for name in table.keys() & chosen for rule in table[name] if holds(rule.when, values)}
    return [rule for rule in rules_of(type(config), "reject") if rule.id in broken] if broken else []


def sentence(rule: Rule, given: Mapping[str, Any], by_model: Iterable[str] = ()) -> Broken:
    """What a rule says about a configuration.

    Args:
        rule: that is broken.
        given: what the user gave, by name; only these values are shown.
        by_model: the names of what the model sets.
    """
    theirs = {field: _given(given, field) for field in rule.fields}
    shown_here = [name for name, values in theirs.items() if values]
    from_model = [name for name in rule.fields if name not in shown_here and name.split(".")[0] in by_model]
    unset = [name for name in rule.fields if name not in shown_here and name not in from_model]
    about = [f"{name}={_shown(theirs[name][0])}" for name in shown_here]
    others = [f"{_listed(unset)} unset"] if unset else []
    others += [f"{_listed(from_model)} set by the model"] if from_model else []
    start = _listed(about) + (", with " if about and others else "") + _listed(others)
    return Broken(rule.id, (*shown_here, *from_model, *unset), f"{start}: {rule.message}")


def _given(given: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """The value that was given under a name, which may be dotted; empty if there is none."""
    head, dot, rest = name.partition(".")
    if head not in given:
        return ()
    if not dot:
        return (given[head],)
    inner = given[head]
    chosen = inner if isinstance(inner, Mapping) else getattr(inner, "model_fields_set", ())
    return (argument(inner, rest),) if rest in chosen else ()


def _shown(value: Any) -> str:
    return shown(value.to_data() if isinstance(value, StrictModel) else value)


def _listed(texts: list[str]) -> str:
    """``a, b and c``."""
    *most, last = texts or [""]
    return f"{', '.join(most)} and {last}" if most else last


def broken_over(
    config: ParameterModel, model_defaults: Mapping[str, Any], facts: Mapping[str, object]
) -> tuple[Broken, ...]:
    """The rejecting rules that are broken over a model's defaults."""
    layers = layers_of(config, model_defaults)
    fields = {name for name in layers.here if name not in config.extra} | layers.model.keys()
    fields |= {"extra"} if config.extra else set()
    values = layers.over(type(config), facts)
    return tuple(
        sentence(rule, layers.here, layers.model)
        for rule in rules_of(type(config), "reject")
        if not fields.isdisjoint(rule.triggers or rule.fields) and holds(rule.when, values)
    )


def unmet_needs(
    config: ParameterModel, facts: Mapping[str, object], model_defaults: Mapping[str, Any] | None
) -> tuple[Unmet, ...]:
    """The requiring rules whose parameters take effect and whose need is not met."""
    layers = layers_of(config, model_defaults)
    values = layers.over(type(config), facts)
    unmet = []
    for rule in rules_of(type(config), "require"):
        if rule.need is not None and holds(rule.when, values) and holds(rule.need, values) is False:
            broken = sentence(rule, layers.here, layers.model)
            unmet.append(Unmet(rule.id, broken.fields, broken.message, str(rule.need)))
    return tuple(unmet)
