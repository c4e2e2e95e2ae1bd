"""Which settings have no effect on the work, and the fewest settings that do the same work.

A setting is dormant if it can be removed and the work stays as it is: it is set to the value that would hold
anyway, or a rule says that ``generate()`` ignores it. Of several values that ``generate()`` treats alike, one
represents all (:func:`llenergymeasure.config.resolution.representative`).
"""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from llenergymeasure.config.frozen import FrozenDict
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.resolution import (
    Layers,
    Values,
    defaults_of,
    layers_of,
    model_owned,
    representative,
)
from llenergymeasure.config.rules import holds, rules_of
from llenergymeasure.config.strict import identity


def dormant_settings(
    config: ParameterModel, model_defaults: Mapping[str, Any] | None, facts: Mapping[str, object]
) -> dict[str, str]:
    """The set fields whose removal leaves the work as it is, each with the reason."""
    layers = layers_of(config, model_defaults)
    work = _Work(type(config), layers, facts)
    fields = [name for name in layers.settings if name not in config.extra]
    reasons = ((name, work.why_dormant(name)) for name in fields)
    return {name: why for name, why in reasons if why is not None}


def canonical_settings(
    config: ParameterModel, model_defaults: Mapping[str, Any] | None, facts: Mapping[str, object]
) -> dict[str, Any]:
    """The fewest settings that do the same work on a model that sets nothing itself.

    The values are frozen. A value of the model's that the schema refuses is in ``extra``.
    """
    kind = type(config)
    layers = layers_of(config, model_defaults)
    refused = {name: value for name, value in layers.refused.items() if name not in layers.settings}
    flat = Layers(
        settings={**_without(layers.model, layers.extra), **layers.settings},
        model={},
        refused={},
        extra={**refused, **layers.extra},
        knows_model=layers.knows_model,
    )
    effective = _Work(kind, flat, facts).without_dormant()
    ordered = {name: effective[name] for name in kind.params if name in effective}
    return {**ordered, "extra": FrozenDict(flat.extra)} if flat.extra else ordered


class _Work:
    """Which of the set fields of a configuration change the work.

    All values in it are representatives of the values that ``generate()`` treats like them.
    """

    def __init__(self, kind: type[ParameterModel], layers: Layers, facts: Mapping[str, object]) -> None:
        self._kind = kind
        self._runs_code = layers.extra.get("custom_generate") is not None
        self._settings = dict(layers.settings) if self._runs_code else self._represented(layers.settings)
        fallback = self._represented({**defaults_of(kind), **self._unset(layers), **layers.model})
        self._fallback = _without(fallback, layers.refused)  # what holds where a field is not set
        self._refused = layers.refused.keys()
        self._model = layers.model
        self._extra, self._facts = layers.extra, {**kind.default_facts, **facts}

    def _represented(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: representative(self._kind, name, value) for name, value in values.items()}

    def _unset(self, layers: Layers) -> dict[str, None]:
        return dict.fromkeys(model_owned(self._kind)) if layers.knows_model else {}

    def why_dormant(self, name: str) -> str | None:
        """Why removing a set field leaves the work as it is; None if it changes the work, or might."""
        # Custom code may read any setting. And the model's own value, if the schema refuses it, is not known
        # well enough to say what holds once the field that overrides it is removed.
        if self._runs_code or name in self._refused:
            return None
        if self._is_default(name):
            owner = "the model's own setting" if name in self._model else "what generate() uses"
            return f"it is {owner} anyway"
        with_field, without_field = self._values(), self._values(without=name)
        for rule in rules_of(self._kind, "dormant"):
            # The condition may depend on the field itself, so it has to hold with the field and without it.
            if name in rule.fields and holds(rule.when, with_field) and holds(rule.when, without_field):
                return rule.message
        return None

    def without_dormant(self) -> dict[str, Any]:
        """The settings without the dormant ones.

        They are removed one at a time: where each of two is dormant because of the other, one stays.
        """
        while (name := next(self._dormant(), None)) is not None:
            del self._settings[name]
        return self._settings

    def _dormant(self) -> Iterator[str]:
        return (name for name in self._kind.params if name in self._settings and self.why_dormant(name))

    def _is_default(self, name: str) -> bool:
        if name not in self._fallback:
            return False
        return identity(self._settings[name]) == identity(self._fallback[name])

    def _values(self, without: str | None = None) -> Values:
        known = {**self._fallback, **_without(self._settings, (without,))}
        return Values(_without(known, self._extra), {}, self._extra, self._facts)


def _without(values: Mapping[str, Any], names: Container[str | None]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
