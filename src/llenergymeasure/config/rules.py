"""Rules across parameters, applied to a configuration: what it may not combine, and what it needs.

The rules themselves are in the generated module. A rule whose condition needs an unknown value is undecided,
and reports nothing. :mod:`llenergymeasure.config.dormancy` applies the rules about what has no effect.
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
class BrokenRule:
    """A combination that ``generate()`` refuses.

    Args:
        rule: the id of the rule.
        fields: the parameters involved; those that are set come first.
        message: the values that the user gave, why they are refused, and a hint.
    """

    rule: str
    fields: tuple[str, ...]
    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class UnmetNeed(BrokenRule):
    """Parameters that need something that is missing.

    Args:
        need: what they need, as the text of a condition over facts.
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
    """The rules with an effect, in the order of the generated module."""
    return tuple(rule for rule in kind.rules if rule.effect == effect)


@cache
def _by_trigger(kind: type[ParameterModel]) -> dict[str, tuple[Rule, ...]]:
    """The rejecting rules, by the attributes (Python's names) of which one must be set for them to apply."""
    rejecting = rules_of(kind, "reject")
    triggers = {trigger for rule in rejecting for trigger in rule.triggers}
    return {
        name: tuple(rule for rule in rejecting if (field.alias or name) in rule.triggers)
        for name, field in kind.model_fields.items()
        if (field.alias or name) in triggers
    }


def broken_on_construction(config: ParameterModel) -> list[Rule]:
    """The rejecting rules that a new configuration breaks, given the engine's defaults for all else.

    Few fields trigger rules, so most configurations are done after comparing two sets of names.
    """
    rules_by_trigger = _by_trigger(type(config))
    triggers = rules_by_trigger.keys() & config.model_fields_set
    if not triggers:
        return []
    values = values_of(config)
    broken = {rule.id for name in triggers for rule in rules_by_trigger[name] if holds(rule.when, values)}
    return [rule for rule in rules_of(type(config), "reject") if rule.id in broken] if broken else []


def describe_broken(rule: Rule, given: Mapping[str, Any], by_model: Iterable[str] = ()) -> BrokenRule:
    """A broken rule with the values that break it.

    Args:
        rule: the broken rule.
        given: what the user gave, by name; only these values are shown.
        by_model: the names of what the model sets.
    """
    values = {field: _given(given, field) for field in rule.fields}
    by_user = [name for name, value in values.items() if value]
    from_model = [name for name in rule.fields if name not in by_user and name.split(".")[0] in by_model]
    unset = [name for name in rule.fields if name not in by_user and name not in from_model]
    assignments = [f"{name}={_shown(values[name][0])}" for name in by_user]
    others = [f"{_joined(unset)} unset"] if unset else []
    others += [f"{_joined(from_model)} set by the model"] if from_model else []
    start = _joined(assignments) + (", with " if assignments and others else "") + _joined(others)
    return BrokenRule(rule.id, (*by_user, *from_model, *unset), f"{start}: {rule.message}")


def _given(given: Mapping[str, Any], name: str) -> tuple[Any, ...]:
    """The value given for a parameter or for an argument of one, in a tuple; empty if none was given."""
    head, dot, rest = name.partition(".")
    if head not in given:
        return ()
    if not dot:
        return (given[head],)
    nested = given[head]
    names = nested if isinstance(nested, Mapping) else getattr(nested, "model_fields_set", ())
    return (argument(nested, rest),) if rest in names else ()


def _shown(value: Any) -> str:
    return shown(value.to_data() if isinstance(value, StrictModel) else value)


def _joined(texts: list[str]) -> str:
    """``a, b and c``."""
    *most, last = texts or [""]
    return f"{', '.join(most)} and {last}" if most else last


def broken_on_model(
    config: ParameterModel, model_defaults: Mapping[str, Any], facts: Mapping[str, object]
) -> tuple[BrokenRule, ...]:
    """The rejecting rules that a configuration breaks together with a model's own defaults."""
    layers = layers_of(config, model_defaults)
    fields = {name for name in layers.settings if name not in config.extra} | layers.model.keys()
    fields |= {"extra"} if config.extra else set()
    values = layers.in_effect(type(config), facts)
    return tuple(
        describe_broken(rule, layers.settings, layers.model)
        for rule in rules_of(type(config), "reject")
        if not fields.isdisjoint(rule.triggers or rule.fields) and holds(rule.when, values)
    )


def unmet_needs(
    config: ParameterModel, facts: Mapping[str, object], model_defaults: Mapping[str, Any] | None
) -> tuple[UnmetNeed, ...]:
    """The needs of parameters in effect that are not met; a need with an unknown fact in it is not judged."""
    layers = layers_of(config, model_defaults)
    values = layers.in_effect(type(config), facts)
    unmet = []
    for rule in rules_of(type(config), "require"):
        if rule.need is not None and holds(rule.when, values) and holds(rule.need, values) is False:
            broken = describe_broken(rule, layers.settings, layers.model)
            unmet.append(UnmetNeed(rule.id, broken.fields, broken.message, str(rule.need)))
    return tuple(unmet)
