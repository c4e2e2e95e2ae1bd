"""Which settings have no effect on the work, and the fewest settings that do the same work.

A setting is dormant if it can be removed and the work stays as it is: it is set to what would hold anyway, or
a rule says that ``generate()`` ignores it. Values that ``generate()`` treats alike are judged by one of them,
their representative.
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from llenergymeasure.config.frozen import FrozenDict
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.resolution import Layers, Values, defaults_of, layers_of, model_owned, normal
from llenergymeasure.config.rules import holds, rules_of
from llenergymeasure.config.strict import identity


def dormant_settings(
    config: ParameterModel, model_defaults: Mapping[str, Any] | None, facts: Mapping[str, object]
) -> dict[str, str]:
    """The set fields whose removal leaves the work as it is, each with the reason."""
    layers = layers_of(config, model_defaults)
    work = _Work(type(config), layers, facts)
    own = [name for name in layers.here if name not in config.extra]
    reasons = ((name, work.why_dormant(name)) for name in own)
    return {name: why for name, why in reasons if why is not None}


def canonical_settings(
    config: ParameterModel, model_defaults: Mapping[str, Any] | None, facts: Mapping[str, object]
) -> dict[str, Any]:
    """The fewest settings that do the same work on a model that sets nothing itself.

    Each value is frozen already. What the model sets and the schema refuses is in ``extra``.
    """
    kind = type(config)
    layers = layers_of(config, model_defaults)
    unknown = {name: value for name, value in layers.refused.items() if name not in layers.here}
    flat = Layers(
        here={**_without(layers.model, layers.extra), **layers.here},
        model={},
        refused={},
        extra={**unknown, **layers.extra},
        knows_model=layers.knows_model,
    )
    kept = _Work(kind, flat, facts).without_dormant()
    ordered = {name: kept[name] for name in kind.params if name in kept}
    return {**ordered, "extra": FrozenDict(flat.extra)} if flat.extra else ordered


class _Work:
    """What the set fields of a configuration change about the work.

    Values are judged by the representative of all equivalent ones.
    """

    def __init__(self, kind: type[ParameterModel], layers: Layers, facts: Mapping[str, object]) -> None:
        self._kind = kind
        self._runs_code = layers.extra.get("custom_generate") is not None
        self._here = dict(layers.here) if self._runs_code else self._normal(layers.here)
        below = self._normal({**defaults_of(kind), **self._unset(layers), **layers.model})
        self._below = _without(below, layers.refused)
        self._odd = layers.refused.keys()
        self._from_model = layers.model
        self._extra, self._facts = layers.extra, {**kind.without_call, **facts}

    def _normal(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: normal(self._kind, name, value) for name, value in values.items()}

    def _unset(self, layers: Layers) -> dict[str, None]:
        return dict.fromkeys(model_owned(self._kind)) if layers.knows_model else {}

    def why_dormant(self, name: str) -> str | None:
        """Why removing a set field leaves the work as it is; None if it has an effect, or that is unknown."""
        # Custom code may read any setting. Without the field, a refused value that it overrides would hold.
        if self._runs_code or name in self._odd:
            return None
        if self._is_default(name):
            owner = "the model's own setting" if name in self._from_model else "what generate() uses"
            return f"it is {owner} anyway"
        set_here, removed = self._values(), self._values(without=name)
        for rule in rules_of(self._kind, "dormant"):
            # The rule has to say so on both sides of the removal: its condition may ask for the field itself.
            if name in rule.fields and holds(rule.when, set_here) and holds(rule.when, removed):
                return rule.message
        return None

    def without_dormant(self) -> dict[str, Any]:
        """What is set, without what is dormant.

        Settings go one at a time: where each of two is dormant because of the other, one stays.
        """
        while (name := next(self._dormant(), None)) is not None:
            del self._here[name]
        return self._here

    def _dormant(self) -> Iterator[str]:
        return (name for name in self._kind.params if name in self._here and self.why_dormant(name))

    def _is_default(self, name: str) -> bool:
        return name in self._below and identity(self._here[name]) == identity(self._below[name])

    def _values(self, without: str | None = None) -> Values:
        known = {**self._below, **_without(self._here, (without,))}
        return Values(_without(known, self._extra), {}, self._extra, self._facts)


def _without(values: Mapping[str, Any], names: Container[str | None]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
