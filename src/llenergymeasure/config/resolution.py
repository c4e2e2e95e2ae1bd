"""The value in effect of each parameter: set here, or the model's own, or the engine's default.

The layers, upper to lower: what a configuration sets (``extra`` included, where it names a parameter), what
the model's own generation configuration sets, and the effective default. None is a value in the first layer,
and means "not set" in the second.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from llenergymeasure.config.annotations import annotation_of, fields_of
from llenergymeasure.config.conditions import UnknownValueError
from llenergymeasure.config.frozen import FrozenDict, freeze, thaw
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.parameter_model import ParameterModel
from llenergymeasure.config.sending import from_nested, sent
from llenergymeasure.config.strict import StrictModel, identity, set_fields
from llenergymeasure.config.vocabulary import FACT_PREFIXES


class Values(dict[str, Any]):
    """The values that the conditions of rules look up by name.

    These are parameters; arguments of nested configurations (``cache_config.nbits``; None where the parameter
    is None); keys of ``extra`` (``extra.custom_generate``; None where it has no such key); and facts
    (``model.vocab_size``). ``call.x`` is true where ``extra`` has an ``x``.

    Args:
        known: values of parameters.
        fallback: values of the parameters that are not in ``known``. It is not copied, so that the table of
            defaults can be shared. A parameter that is in neither is unknown.
        extra: the configuration's ``extra``.
        facts: about the model, the call, the device and the packages, as far as they are known.

    Raises:
        UnknownValueError: when a value is looked up that is not known.
    """

    __slots__ = ("_extra", "_facts", "_fallback")

    def __init__(
        self,
        known: Mapping[str, Any],
        fallback: Mapping[str, Any],
        extra: Mapping[str, Any],
        facts: Mapping[str, object],
    ) -> None:
        super().__init__(known)
        self._fallback, self._extra, self._facts = fallback, extra, facts

    def __missing__(self, name: str) -> Any:
        if name in self._fallback:
            return self._fallback[name]
        head, dot, rest = name.partition(".")
        if head == "extra":
            return self._extra.get(rest)
        if head == "call" and self._extra.get(rest) is not None:
            return True
        if name in self._facts:
            return self._facts[name]
        if not dot or head in FACT_PREFIXES:
            raise UnknownValueError(name)
        return argument(self[head], rest)


def argument(value: Any, name: str) -> Any:
    """An argument of a nested configuration, or its default if it is not set; None if it is unknown."""
    if isinstance(value, Mapping):
        return value.get(name)
    return None if value is None else getattr(value, name, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What a configuration and a model set, kept apart.

    Args:
        settings: what the configuration sets, by upstream's names; also what is in ``extra``, if setting the
            field of that name would send the same.
        model: what the model sets and the schema accepts.
        refused: what the model sets and the schema refuses.
        extra: the rest of ``extra``.
        knows_model: whether the model's defaults were given at all.
    """

    settings: dict[str, Any]
    model: dict[str, Any]
    refused: dict[str, Any]
    extra: dict[str, Any]
    knows_model: bool

    @property
    def unreadable(self) -> set[str]:
        """The parameters in effect whose value the schema refuses, so that rules cannot use it."""
        return {*(self.refused.keys() - self.settings.keys()), *self.extra}

    def in_effect(self, kind: type[ParameterModel], facts: Mapping[str, object]) -> Values:
        """The values in effect: these layers over the defaults of the configuration class."""
        own = dict.fromkeys(model_owned(kind)) if self.knows_model else {}
        known = {**defaults_of(kind), **own, **self.model, **self.settings}
        for name in self.unreadable:
            known.pop(name, None)
        return Values(known, {}, self.extra, {**kind.default_facts, **facts})


@cache
def model_owned(kind: type[ParameterModel]) -> tuple[str, ...]:
    """The parameters that every model has its own value of, so that they are unknown without the model."""
    return tuple(name for name, info in kind.params.items() if info.model_owned)


@cache
def defaults_of(kind: type[ParameterModel]) -> dict[str, Any]:
    """The effective defaults that do not depend on the model. Callers share the mapping: do not change it."""
    return {
        name: info.effective_default
        for name, info in kind.params.items()
        if not (info.model_owned or info.unset_differs)
    }


def values_of(config: ParameterModel) -> Values:
    """The values in effect as far as they are known without a model: settings over the engine's defaults.

    It runs each time that a configuration is built, so it avoids :func:`layers_of` where it can.
    """
    if config.extra:
        return layers_of(config, None).in_effect(type(config), {})
    attributes, aliases = config.__dict__, _aliases(type(config))
    known = {name: attributes[name] for name in config.model_fields_set}
    if aliases:
        known = {aliases.get(name, name): value for name, value in known.items()}
    return Values(known, defaults_of(type(config)), {}, type(config).default_facts)


@cache
def _aliases(kind: type[ParameterModel]) -> dict[str, str]:
    """Upstream's names of the fields that have another name in Python."""
    return {name: field.alias for name, field in kind.model_fields.items() if field.alias}


def layers_of(config: ParameterModel, model_defaults: Mapping[str, Any] | None) -> Layers:
    """What a configuration sets, and what a model's own generation configuration sets.

    Args:
        config: the configuration.
        model_defaults: what the model sets; None if that is not known. Names that are not parameters are
            left out, since rules do not use them.
    """
    kind = type(config)
    settings = set_fields(config)
    extra: dict[str, Any] = dict(settings.pop("extra", FrozenDict()))
    for name in [name for name in extra if name in kind.params]:
        try:
            value = conformed(kind, name, thaw(extra[name]))
        except ValidationError:
            continue
        if _sent_alike(value, extra[name]):
            settings[name] = value
            del extra[name]
    model, refused = {}, {}
    for name, raw in (model_defaults or {}).items():
        if raw is None or name not in kind.params:
            continue
        try:
            model[name] = conformed(kind, name, raw)
        except ValidationError:
            refused[name] = freeze(raw)
    return Layers(
        settings=settings, model=model, refused=refused, extra=extra, knows_model=model_defaults is not None
    )


def _sent_alike(value: Any, raw: Any) -> bool:
    """Whether a field with ``value`` sends the same as ``extra`` with the frozen value ``raw``."""
    if isinstance(value, NestedConfig) and value.upstream:
        return False  # a mapping is sent as the real class from a field, and as a mapping from extra
    # Nested objects become pairs of class and arguments, which are equal to nothing that was in extra.
    return identity(freeze(sent(value, lambda *made: made))) == identity(raw)


def conformed(kind: type[ParameterModel], name: str, raw: Any) -> Any:
    """A value in the form in which the field of that name holds it.

    An object of the upstream class of a nested configuration is accepted too.

    Raises:
        ValidationError: (pydantic's) the field does not take it.
    """
    return _adapter(kind, name).validate_python(from_nested(raw, fields_of(kind)[name]))


@cache
def _adapter(kind: type[ParameterModel], name: str) -> TypeAdapter[Any]:
    how = ConfigDict(strict=True, allow_inf_nan=False)
    return TypeAdapter(annotation_of(fields_of(kind)[name]), config=how)


def representative(kind: type[ParameterModel], name: str, value: Any) -> Any:
    """One value for all values of a parameter that ``generate()`` treats like this one."""
    simplest = _simplified(kind, name, value)
    return _representatives(kind, name).get(identity(simplest), simplest)


def _simplified(kind: type[ParameterModel], name: str, value: Any) -> Any:
    """The value without nested arguments equal to their defaults, and without a list around a single item."""
    if isinstance(value, StrictModel):
        return _without_defaults(value)
    match value:
        case (str() | int() as only,) if not kind.params[name].per_prompt:
            return _conformed_or(kind, name, only, otherwise=value)
    return value


def _conformed_or(kind: type[ParameterModel], name: str, raw: Any, *, otherwise: Any) -> Any:
    """The value as :func:`conformed` gives it, or ``otherwise`` if the field refuses it."""
    try:
        return conformed(kind, name, raw)
    except ValidationError:
        return otherwise


def _without_defaults(model: StrictModel) -> StrictModel:
    fields = fields_of(type(model))
    arguments = {}
    for name, value in set_fields(model).items():
        simple = _without_defaults(value) if isinstance(value, StrictModel) else value
        if fields[name].is_required() or identity(simple) != identity(fields[name].default):
            arguments[name] = simple
    return type(model).model_validate(arguments)


@cache
def _representatives(kind: type[ParameterModel], name: str) -> dict[Hashable, Any]:
    """By the identity of each equivalent value of a parameter: the first of them that the field accepts."""
    equivalent = kind.params[name].equivalent_values
    values = [
        _simplified(kind, name, _conformed_or(kind, name, raw, otherwise=_REFUSED)) for raw in equivalent
    ]
    first = next((value for value in values if value is not _REFUSED), None)
    return {
        identity(freeze(raw) if value is _REFUSED else value): first
        for value, raw in zip(values, equivalent, strict=True)
    }


_REFUSED = object()
"""Stands for a value that the field refuses: None may be a value."""
