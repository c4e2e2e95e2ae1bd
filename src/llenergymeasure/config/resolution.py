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
from llenergymeasure.config.vocabulary import SURROUNDINGS


class Values(dict[str, Any]):
    """The values of parameters by name, as conditions of rules ask for them.

    Besides parameters it knows the arguments of nested ones (``cache_config.nbits``; None where the parameter
    is None), keys of extra (``extra.custom_generate``; None where there is none) and facts
    (``model.vocab_size``). ``call.x`` is true where extra has an x.

    Args:
        known: what is in effect, by name; a parameter that is not among them has its value in ``below``.
        below: the values of the parameters that are not known otherwise; one that is in neither is unknown.
        extra: of the configuration.
        facts: about the model, the call, the device and the packages, as far as they are known.

    Raises:
        UnknownValueError: on looking up what is not known.
    """

    __slots__ = ("_below", "_extra", "_facts")

    def __init__(
        self,
        known: Mapping[str, Any],
        below: Mapping[str, Any],
        extra: Mapping[str, Any],
        facts: Mapping[str, object],
    ) -> None:
        super().__init__(known)
        self._below, self._extra, self._facts = below, extra, facts

    def __missing__(self, name: str) -> Any:
        if name in self._below:
            return self._below[name]
        head, dot, rest = name.partition(".")
        if head == "extra":
            return self._extra.get(rest)
        if head == "call" and self._extra.get(rest) is not None:
            return True
        if name in self._facts:
            return self._facts[name]
        if not dot or head in SURROUNDINGS:
            raise UnknownValueError(name)
        return argument(self[head], rest)


def argument(value: Any, name: str) -> Any:
    """An argument of a nested configuration, its default where it is not set; None where there is none."""
    if isinstance(value, Mapping):
        return value.get(name)
    return None if value is None else getattr(value, name, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """A configuration, taken apart over a model's defaults.

    Args:
        here: what is set on it, by upstream's names; keys of ``extra`` are among them where they say the same
            as the field would.
        model: what the model sets, as far as the schema takes it.
        refused: what the model sets and the schema refuses.
        extra: the rest of ``extra``.
        knows_model: whether the model's defaults were given at all.
    """

    here: dict[str, Any]
    model: dict[str, Any]
    refused: dict[str, Any]
    extra: dict[str, Any]
    knows_model: bool

    @property
    def unreadable(self) -> set[str]:
        """What is set to something that the schema refuses, so that its value is unknown."""
        return {*(self.refused.keys() - self.here.keys()), *self.extra}

    def over(self, kind: type[ParameterModel], facts: Mapping[str, object]) -> Values:
        """The values in effect, for a class of configurations."""
        own = dict.fromkeys(model_owned(kind)) if self.knows_model else {}
        known = {**defaults_of(kind), **own, **self.model, **self.here}
        for name in self.unreadable:
            known.pop(name, None)
        return Values(known, {}, self.extra, {**kind.without_call, **facts})


@cache
def model_owned(kind: type[ParameterModel]) -> tuple[str, ...]:
    """The parameters that every model has its own value of, unknown before the model is known."""
    return tuple(name for name, info in kind.params.items() if info.model_owned)


@cache
def defaults_of(kind: type[ParameterModel]) -> dict[str, Any]:
    """The effective defaults of the parameters that have one without the model. Shared: not to be changed."""
    return {
        name: info.effective_default
        for name, info in kind.params.items()
        if not (info.model_owned or info.unset_differs)
    }


def values_of(config: ParameterModel) -> Values:
    """The values over the engine's defaults, of a configuration that has just been built."""
    if config.extra:
        return layers_of(config, None).over(type(config), {})
    own, aliases = config.__dict__, _aliases(type(config))
    known = {name: own[name] for name in config.model_fields_set}
    if aliases:
        known = {aliases.get(name, name): value for name, value in known.items()}
    return Values(known, defaults_of(type(config)), {}, type(config).without_call)


@cache
def _aliases(kind: type[ParameterModel]) -> dict[str, str]:
    """Upstream's names of the fields that have another one in Python."""
    return {name: field.alias for name, field in kind.model_fields.items() if field.alias}


def layers_of(config: ParameterModel, model_defaults: Mapping[str, Any] | None) -> Layers:
    """Take a configuration apart over what a model's own generation configuration sets (None: not known).

    Model defaults that are not parameters stay with the model, and are left out.
    """
    kind = type(config)
    here = set_fields(config)
    extra: dict[str, Any] = dict(here.pop("extra", FrozenDict()))
    for name in [name for name in extra if name in kind.params]:
        try:
            value = conformed(kind, name, thaw(extra[name]))
        except ValidationError:
            continue
        if _sent_alike(value, extra[name]):
            here[name] = value
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
        here=here, model=model, refused=refused, extra=extra, knows_model=model_defaults is not None
    )


def _sent_alike(value: Any, raw: Any) -> bool:
    """Whether a field of that value is sent as the raw one is, which is frozen."""
    if isinstance(value, NestedConfig) and value.upstream:
        return False  # a mapping is sent as the real class from a field, and as a mapping from extra
    return identity(freeze(sent(value, lambda *made: made))) == identity(raw)  # an object is not data


def conformed(kind: type[ParameterModel], name: str, raw: Any) -> Any:
    """A single value as the field of that name holds it.

    An object of a nested configuration's upstream class is taken too.

    Raises:
        ValidationError: (pydantic's) the field does not take it.
    """
    return _adapter(kind, name).validate_python(from_nested(raw, fields_of(kind)[name]))


@cache
def _adapter(kind: type[ParameterModel], name: str) -> TypeAdapter[Any]:
    how = ConfigDict(strict=True, allow_inf_nan=False)
    return TypeAdapter(annotation_of(fields_of(kind)[name]), config=how)


def normal(kind: type[ParameterModel], name: str, value: Any) -> Any:
    """The representative of the values that ``generate()`` treats like this one."""
    simplest = _simplest(kind, name, value)
    return _representatives(kind, name).get(identity(simplest), simplest)


def _simplest(kind: type[ParameterModel], name: str, value: Any) -> Any:
    """Without nested arguments equal to their defaults, and without a list around a single value."""
    if isinstance(value, StrictModel):
        return _without_defaults(value)
    match value:
        case (str() | int() as only,) if not kind.params[name].per_prompt:
            return _as_taken(kind, name, only, otherwise=value)
    return value


def _as_taken(kind: type[ParameterModel], name: str, raw: Any, *, otherwise: Any) -> Any:
    try:
        return conformed(kind, name, raw)
    except ValidationError:
        return otherwise


def _without_defaults(model: StrictModel) -> StrictModel:
    fields = fields_of(type(model))
    kept = {}
    for name, value in set_fields(model).items():
        simple = _without_defaults(value) if isinstance(value, StrictModel) else value
        if fields[name].is_required() or identity(simple) != identity(fields[name].default):
            kept[name] = simple
    return type(model).model_validate(kept)


@cache
def _representatives(kind: type[ParameterModel], name: str) -> dict[Hashable, Any]:
    """For each value that has others like it, the first of them that the field takes."""
    equivalent = kind.params[name].equivalent_values
    values = [_simplest(kind, name, _as_taken(kind, name, raw, otherwise=_REFUSED)) for raw in equivalent]
    first = next((value for value in values if value is not _REFUSED), None)
    first_of: dict[Hashable, Any] = {}
    for value, raw in zip(values, equivalent, strict=True):
        first_of[identity(freeze(raw) if value is _REFUSED else value)] = first
    return first_of


_REFUSED = object()
