"""Conversion to and from transformers' own ``GenerationConfig``, as an object and as the file it is saved in.

A ``GenerationConfig`` does not show whether an attribute was set to its default or left unset, nor what was
in ``extra``. The objects made here therefore remember both, in an attribute of their own (:data:`MEMORY`)
that is copied, saved and loaded with them. An entry in it is ignored once the attribute that it is about has
been changed.

"Real" means of transformers, as opposed to our configuration class. :mod:`.generation_config` has the methods
that users call.
"""

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.documents import read
from llenergymeasure.config.errors import DocumentError, OpaqueValueError
from llenergymeasure.config.frozen import FrozenDict, thaw
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.phrasing import shown
from llenergymeasure.config.sending import from_nested, nested_models, same, sent
from llenergymeasure.config.transformers_bridge import real_class, real_object

MEMORY = "_llenergymeasure"
"""The attribute that remembers what would otherwise be lost.

It is a mapping: ``alike`` has the attributes that were set to their default, ``nested`` the data of nested
configurations whose object does not show all that was set, ``extra`` the names of what was in ``extra``.
"""

FILE = "generation_config.json"
"""The name of the file in a model's folder."""

_TOKENS = re.compile(r"\(\d+,( ?\d+,?)*\)")
_TOKEN = re.compile(r"\d+")

Fields = Mapping[str, FieldInfo]
"""The fields of a configuration class, by upstream's names."""


class LossyConversionWarning(UserWarning):
    """The target of a conversion cannot hold, or will not act on, everything that the source says."""


def to_real(settings: Mapping[str, Any], fields: Fields) -> Any:
    """A real ``GenerationConfig`` with what was set.

    Args:
        settings: what was set, by upstream's names, ``extra`` included.
        fields: the fields of the configuration's class.

    Raises:
        UpstreamError: the class is missing, or refuses the values.

    Warns:
        LossyConversionWarning: a None was set. The object remembers it, but ``generate()`` takes it for
            unset.
    """
    nones = [name for name, value in settings.items() if value is None]
    if nones:
        warnings.warn(
            f"a GenerationConfig cannot tell a None that was set from one that was not: {', '.join(nones)} may fall back to "
            "the model's own setting. generate(**config.generate_kwargs()) follows the configuration.",
            LossyConversionWarning,
            stacklevel=3,
        )
    real = real_object("GenerationConfig", _arguments(settings))
    memory = _to_remember(real, settings, fields)
    if any(memory.values()):
        setattr(real, MEMORY, memory)
    return real


def _to_remember(real: Any, settings: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """What was set and cannot be seen on the object, in the form of :data:`MEMORY`."""
    defaults, attributes = vars(type(real)()), vars(real)
    extra = [name for name in settings.get("extra", {}) if name in attributes]
    return {
        "alike": {
            name: attributes[name]
            for name in (*settings, *extra)
            if name in defaults and same(attributes[name], defaults[name])
        },
        "nested": {
            name: value.to_data()
            for name, value in settings.items()
            if isinstance(value, NestedConfig)
            and value.to_data() != from_nested(attributes[name], fields[name])
        },
        "extra": extra,
    }


def _arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was set, as arguments for the constructor."""
    extra: dict[str, Any] = thaw(settings.get("extra", FrozenDict()))
    fields = {name: value for name, value in settings.items() if name != "extra"}
    return {name: sent(value, real_object) for name, value in fields.items()} | extra


def from_real(real: Any, fields: Fields, *, keep_unknown: bool) -> dict[str, Any]:
    """What a real ``GenerationConfig`` sets, as data to validate.

    That is every attribute that differs from a new object's, and what the object remembers (see the module).
    Attributes of a new object are None in newer releases, and the declared defaults in older ones.

    Args:
        real: the object.
        fields: the fields of the configuration class to build.
        keep_unknown: put attributes that are not fields into ``extra``, instead of leaving them out.

    Raises:
        TypeError: ``real`` is not a ``GenerationConfig``.
        UpstreamError: transformers is not installed.

    Warns:
        LossyConversionWarning: an attribute is left out.
    """
    kind = real_class("GenerationConfig")
    if not isinstance(real, kind):
        raise TypeError(f"this takes a GenerationConfig, not an object of the type {type(real).__qualname__}")
    memory, attributes, defaults = _Memory(vars(real).get(MEMORY)), vars(real), vars(kind())
    values = changed_attributes(real) | {
        name: attributes[name]
        for name in memory.alike
        if name in attributes and same(attributes[name], defaults.get(name))
    }
    for name in values.keys() & fields.keys():
        remembered = memory.nested.get(name)
        is_unchanged = remembered is not None and _makes(remembered, fields[name], values[name])
        values[name] = remembered if is_unchanged else from_nested(values[name], fields[name])
    extra = {name: attributes[name] for name in memory.extra if name in attributes}
    return _as_settings(values, extra, fields, keep_unknown=keep_unknown)


def changed_attributes(real: Any) -> dict[str, Any]:
    """The public attributes of a ``GenerationConfig`` that differ from those of a new object."""
    defaults = vars(type(real)())
    return {
        name: value
        for name, value in vars(real).items()
        if _is_public(name) and not same(value, defaults.get(name))
    }


def from_file(path: Path, fields: Fields, *, keep_unknown: bool) -> dict[str, Any]:
    """What a saved ``GenerationConfig`` sets, as data to validate. A null means "not set".

    Args:
        path: the file, or the folder that it is in.
        fields: the fields of the configuration class to build.
        keep_unknown: put keys that are not fields into ``extra``, instead of leaving them out.

    Raises:
        DocumentError: there is no such file, or it is not a mapping in JSON.

    Warns:
        LossyConversionWarning: a key is left out.
    """
    file = path / FILE if path.is_dir() else path
    data = read(file).data
    if not isinstance(data, dict):
        raise DocumentError(
            f"{file}: has to be a mapping, as save_pretrained() writes it; it is {shown(data)}."
        )
    memory = _Memory(data.get(MEMORY))
    saved = {name: value for name, value in data.items() if _is_public(name) and value is not None}
    values = {**memory.alike, **saved}
    for name in values.keys() & fields.keys():
        shortest = _without_defaults(_with_lists_for_keys(values[name]), fields[name])
        remembered = memory.nested.get(name)
        is_unchanged = remembered is not None and _without_defaults(remembered, fields[name]) == shortest
        values[name] = remembered if is_unchanged else shortest
    extra = {name: {**values, **data}[name] for name in memory.extra if name in {*values, *data}}
    return _as_settings(values, extra, fields, keep_unknown=keep_unknown)


def _with_lists_for_keys(value: Any) -> Any:
    """A list of pairs, for a mapping whose keys are tuples of tokens: JSON has them as text, ``"(5, 6)"``."""
    if not isinstance(value, dict) or not value or not all(_TOKENS.fullmatch(key) for key in value):
        return value
    return [[[int(token) for token in _TOKEN.findall(key)], item] for key, item in value.items()]


class _Memory:
    """The parts of :data:`MEMORY` in an object or a file; a part in an unexpected form is empty."""

    def __init__(self, raw: object) -> None:
        parts = raw if isinstance(raw, dict) else {}
        alike, nested, extra = parts.get("alike"), parts.get("nested"), parts.get("extra")
        self.alike: dict[str, Any] = alike if isinstance(alike, dict) else {}
        self.nested: dict[str, Any] = nested if isinstance(nested, dict) else {}
        self.extra: list[str] = (
            [name for name in extra if isinstance(name, str)] if isinstance(extra, list) else []
        )


def _is_public(name: str) -> bool:
    return not name.startswith("_") and name != "transformers_version"


def _as_settings(
    values: Mapping[str, Any], extra: dict[str, Any], fields: Fields, *, keep_unknown: bool
) -> dict[str, Any]:
    """Settings, with the values of unknown names in ``extra`` or, with a warning, left out."""
    unknown = {name: value for name, value in values.items() if name not in fields and name not in extra}
    if unknown and not keep_unknown:
        warnings.warn(
            f"left out {', '.join(unknown)}: not parameters here; keep_unknown=True puts them into extra.",
            LossyConversionWarning,
            stacklevel=4,
        )
    known = {name: value for name, value in values.items() if name in fields and name not in extra}
    more = {**(unknown if keep_unknown else {}), **extra}
    return known | ({"extra": more} if more else {})


def _makes(data: Any, field: FieldInfo, real: object) -> bool:
    """Whether a nested configuration with that data is sent as an object equal to this one of upstream's."""
    for model in nested_models(field.annotation):
        if model.upstream == type(real).__name__:
            try:
                return bool(vars(sent(model.model_validate(data), real_object)) == vars(real))
            except (ValidationError, OpaqueValueError):
                return False
    return False


def _without_defaults(data: Any, field: FieldInfo) -> Any:
    """The data of a nested configuration in a file, without the arguments that have their default value."""
    models = tuple(nested_models(field.annotation))
    if not models or not isinstance(data, dict):
        return data
    model = max(models, key=lambda kind: len(fields_of(kind).keys() & data.keys()))
    if not model.upstream:
        return data  # a dictionary upstream, which holds only what was set
    fields = fields_of(model)
    shortest = {
        name: _without_defaults(value, fields[name]) if name in fields else value
        for name, value in data.items()
        if not name.startswith("_")
    }
    return {name: value for name, value in shortest.items() if not _is_default(value, fields.get(name))}


def _is_default(value: object, field: FieldInfo | None) -> bool:
    return field is not None and not field.is_required() and same(value, field.default)
