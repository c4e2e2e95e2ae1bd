"""Rules across parameters, put to a configuration: what it may not combine, what has no effect, what it needs.

The rules themselves are in the generated module. They are looked up by the fields that are set; one that asks for what is not
known is undecided, and says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from llenergymeasure.config.facts import Condition, Effect, Rule, UnknownValueError, Value
from llenergymeasure.config.frozen import FrozenDict
from llenergymeasure.config.strict import StrictModel, identity
from llenergymeasure.config.values import (
    MODELS_OWN,
    Layers,
    Values,
    argument,
    defaults_of,
    layers_of,
    normal,
    values_of,
)
from llenergymeasure.config.words import shown

if TYPE_CHECKING:
    from llenergymeasure.config.base import BackendConfig

_UNSET_IS_NO_VALUE = "max_length"
"""Unset it counts new tokens; set to the same number it counts the prompt too."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A combination that ``generate()`` refuses.

    Args:
        rule: its id.
        fields: the parameters involved; those that are set come first.
        message: their values as far as the user gave them, why, and the mend.
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
    """Whether a condition is true; None where it asks for what is not known."""
    try:
        return bool(condition(values))
    except UnknownValueError:
        return None


@cache
def rules_of(kind: type["BackendConfig"], effect: Effect) -> tuple[Rule, ...]:
    """The rules with that effect, in their order."""
    return tuple(rule for rule in kind.rules if rule.effect == effect)


@cache
def _by_trigger(kind: type["BackendConfig"]) -> dict[str, tuple[Rule, ...]]:
    """The rejecting rules by the names of Python's attributes that have to be set for them to fire."""
    rejecting = rules_of(kind, "reject")
    triggers = {trigger for rule in rejecting for trigger in rule.triggers}
    return {
        name: tuple(rule for rule in rejecting if (field.alias or name) in rule.triggers)
        for name, field in kind.model_fields.items()
        if (field.alias or name) in triggers
    }


def broken_at_once(config: "BackendConfig") -> list[Rule]:
    """The rejecting rules that a new configuration breaks over transformers' defaults."""
    table = _by_trigger(type(config))
    chosen = config.model_fields_set
    if table.keys().isdisjoint(chosen):
        return []
    values = values_of(config)
    found = {rule.id for name in table.keys() & chosen for rule in table[name] if holds(rule.when, values)}
    return [rule for rule in rules_of(type(config), "reject") if rule.id in found] if found else []


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
    """The value that was given under a name, dotted where it is an argument of a nested one; empty if there is none."""
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
    config: "BackendConfig", model_defaults: Mapping[str, Any], facts: Mapping[str, Value]
) -> tuple[Broken, ...]:
    """The rejecting rules that are broken over a model's defaults."""
    layers = layers_of(config, model_defaults)
    fields = {name for name in layers.here if name not in config.extra} | layers.model.keys()
    values = layers.over(defaults_of(type(config)), facts)
    return tuple(
        sentence(rule, layers.here, layers.model)
        for rule in rules_of(type(config), "reject")
        if not fields.isdisjoint(rule.triggers or rule.fields) and holds(rule.when, values)
    )


def unmet_needs(
    config: "BackendConfig", facts: Mapping[str, Value], model_defaults: Mapping[str, Any] | None
) -> tuple[Unmet, ...]:
    """The requiring rules whose parameters take effect and whose need is not met."""
    layers = layers_of(config, model_defaults)
    values = layers.over(defaults_of(type(config)), facts)
    found = []
    for rule in rules_of(type(config), "require"):
        if rule.need is not None and holds(rule.when, values) and holds(rule.need, values) is False:
            said = sentence(rule, layers.here, layers.model)
            found.append(Unmet(rule.id, said.fields, said.message, rule.need_text))
    return tuple(found)


def dormant_settings(
    config: "BackendConfig", model_defaults: Mapping[str, Any] | None, facts: Mapping[str, Value]
) -> dict[str, str]:
    """The set fields whose removal leaves the work as it is, each with why."""
    layers = layers_of(config, model_defaults)
    work = _Work(type(config), layers, facts)
    own = [name for name in layers.here if name not in config.extra]
    reasons = ((name, work.why_dormant(name)) for name in own)
    return {name: why for name, why in reasons if why is not None}


def canonical_settings(
    config: "BackendConfig", model_defaults: Mapping[str, Any] | None, facts: Mapping[str, Value]
) -> dict[str, Any]:
    """What a configuration that does the same work sets, on a model whose own generation configuration says nothing.

    Each value is frozen already. What the model sets and the schema refuses is in ``extra``.
    """
    kind = type(config)
    layers = layers_of(config, model_defaults)
    flat = Layers(
        here={**layers.model, **layers.here},
        model={},
        refused={},
        extra={**layers.refused, **layers.extra},
        knows_model=layers.knows_model,
    )
    kept = _Work(kind, flat, facts).without_dormant()
    ordered = {name: kept[name] for name in kind.params if name in kept}
    return {**ordered, "extra": FrozenDict(flat.extra)} if flat.extra else ordered


class _Work:
    """What the set fields of a configuration change about the work; values are judged by those that stand for them."""

    def __init__(self, kind: type["BackendConfig"], layers: Layers, facts: Mapping[str, Value]) -> None:
        self._kind = kind
        self._runs_code = layers.extra.get("custom_generate") is not None
        self._here = dict(layers.here) if self._runs_code else self._normal(layers.here)
        self._below = self._normal({**defaults_of(kind), **self._unset(layers), **layers.model})
        self._unusable = {*layers.refused, *layers.extra}
        self._from_model = layers.model
        self._extra, self._facts = layers.extra, facts

    def _normal(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: normal(self._kind, name, value) for name, value in values.items()}

    def _unset(self, layers: Layers) -> dict[str, None]:
        return dict.fromkeys(MODELS_OWN & self._kind.params.keys()) if layers.knows_model else {}

    def why_dormant(self, name: str) -> str | None:
        """Why removing a set field leaves the work as it is; None if it does not, or nobody knows."""
        if self._runs_code:  # which may look at anything
            return None
        if self._is_default(name):
            owner = "the model's own setting" if name in self._from_model else "what generate() works with"
            return f"it is {owner} anyway"
        set_here, removed = self._values(), self._values(without=name)
        for rule in rules_of(self._kind, "dormant"):
            # The rule has to say so on both sides of the removal: its condition may ask for the field itself.
            if name in rule.fields and holds(rule.when, set_here) and holds(rule.when, removed):
                return rule.message
        return None

    def without_dormant(self) -> dict[str, Any]:
        """What is set, without what is dormant. One by one: of two that excuse each other, one has to stay."""
        while (found := next(self._dormant(), None)) is not None:
            del self._here[found]
        return self._here

    def _dormant(self) -> Iterator[str]:
        return (name for name in self._kind.params if name in self._here and self.why_dormant(name))

    def _is_default(self, name: str) -> bool:
        if name not in self._below or (name == _UNSET_IS_NO_VALUE and name not in self._from_model):
            return False
        return identity(self._here[name]) == identity(self._below[name])

    def _values(self, without: str | None = None) -> Values:
        known = {**self._below, **{name: value for name, value in self._here.items() if name != without}}
        for name in self._unusable:
            known.pop(name, None)
        return Values(known, {}, self._extra, self._facts)
