"""To and from transformers' own ``GenerationConfig``, as an object and as the file that it is saved in.

A ``GenerationConfig`` does not show what was set to its default, as opposed to unset, or what belongs to
``extra``. An object that is made here therefore carries that along, in an attribute of its own that is
copied, saved and loaded with it. What it says about an attribute counts as long as the attribute has the
value that it was made with.
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
"""The attribute that remembers what would otherwise be lost."""

FILE = "generation_config.json"
"""What transformers calls the file in a model's folder."""

_TOKENS = re.compile(r"\(\d+,( ?\d+,?)*\)")
_TOKEN = re.compile(r"\d+")

Fields = Mapping[str, FieldInfo]
"""The fields of our class, by upstream's names."""


class LossyConversionWarning(UserWarning):
    """The target of a conversion cannot hold, or will not act on, everything that the source says."""


def to_real(settings: Mapping[str, Any], fields: Fields) -> Any:
    """The real ``GenerationConfig`` with what was set.

    Raises:
        UpstreamError: the class is missing, or refuses the values.

    Warns:
        LossyConversionWarning: a None was set; the object remembers it, but ``generate()`` will not act on it
            there.
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
    fresh, held = vars(type(real)()), vars(real)
    extra = [name for name in settings.get("extra", {}) if name in held]
    memory = {
        "alike": {
            name: held[name]
            for name in (*settings, *extra)
            if name in fresh and same(held[name], fresh[name])
        },
        "nested": {
            name: value.to_data()
            for name, value in settings.items()
            if isinstance(value, NestedConfig) and value.to_data() != from_nested(held[name], fields[name])
        },
        "extra": extra,
    }
    if any(memory.values()):
        setattr(real, MEMORY, memory)
    return real


def _arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What was set, as the constructor takes it."""
    extra: dict[str, Any] = thaw(settings.get("extra", FrozenDict()))
    fields = {name: value for name, value in settings.items() if name != "extra"}
    return {name: sent(value, real_object) for name, value in fields.items()} | extra


def from_real(real: Any, fields: Fields, *, keep_unknown: bool) -> dict[str, Any]:
    """What a real ``GenerationConfig`` says, as data to validate.

    That is every attribute that differs from a fresh one.

    Where a fresh one has no defaults of its own, that is everything that is not None; else, what differs from
    the declared default.

    Args:
        real: the object.
        fields: of our class.
        keep_unknown: put attributes that are not fields into ``extra``, instead of leaving them out.

    Raises:
        TypeError: ``real`` is something else.

    Warns:
        LossyConversionWarning: an attribute is left out.
    """
    kind = real_class("GenerationConfig")
    if not isinstance(real, kind):
        raise TypeError(f"this takes a GenerationConfig, not an object of the type {type(real).__qualname__}")
    memory = _Memory(vars(real).get(MEMORY))
    said = stated(real) | {
        name: vars(real)[name]
        for name in memory.alike
        if name in vars(real) and same(vars(real)[name], vars(kind()).get(name))
    }
    for name in said.keys() & fields.keys():
        remembered = memory.nested.get(name)
        believed = remembered is not None and _makes(remembered, fields[name], said[name])
        said[name] = remembered if believed else from_nested(said[name], fields[name])
    extra = {name: vars(real)[name] for name in memory.extra if name in vars(real)}
    return _settings(said, extra, fields, keep_unknown=keep_unknown)


def stated(real: Any) -> dict[str, Any]:
    """The public attributes of a ``GenerationConfig`` that differ from a fresh one."""
    fresh = vars(type(real)())
    return {
        name: value
        for name, value in vars(real).items()
        if _is_public(name) and not same(value, fresh.get(name))
    }


def from_file(path: Path, fields: Fields, *, keep_unknown: bool) -> dict[str, Any]:
    """What a saved ``GenerationConfig`` says, as data to validate. A null means "not set".

    Args:
        path: of the file, or of the folder that it is in.
        fields: of our class.
        keep_unknown: put keys that are not fields into ``extra``, instead of leaving them out.

    Raises:
        DocumentError: there is no such file, or it is no mapping in JSON.

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
    said = {name: value for name, value in data.items() if _is_public(name) and value is not None}
    said = {**memory.alike, **said}
    for name in said.keys() & fields.keys():
        shortest = _without_defaults(_with_lists_for_keys(said[name]), fields[name])
        remembered = memory.nested.get(name)
        believed = remembered is not None and _without_defaults(remembered, fields[name]) == shortest
        said[name] = remembered if believed else shortest
    extra = {name: {**said, **data}[name] for name in memory.extra if name in {*said, *data}}
    return _settings(said, extra, fields, keep_unknown=keep_unknown)


def _with_lists_for_keys(value: Any) -> Any:
    """A mapping whose keys were sequences of tokens, which JSON made ``"(5, 6)"`` of, as a list of pairs."""
    if not isinstance(value, dict) or not value or not all(_TOKENS.fullmatch(key) for key in value):
        return value
    return [[[int(token) for token in _TOKEN.findall(key)], item] for key, item in value.items()]


class _Memory:
    """What an object or a file remembers; nothing if it was edited into another form."""

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


def _settings(
    said: Mapping[str, Any], extra: dict[str, Any], fields: Fields, *, keep_unknown: bool
) -> dict[str, Any]:
    """Fields and extra, with what is unknown in extra or nowhere."""
    unknown = {name: value for name, value in said.items() if name not in fields and name not in extra}
    if unknown and not keep_unknown:
        warnings.warn(
            f"left out {', '.join(unknown)}: not parameters here; keep_unknown=True puts them into extra.",
            LossyConversionWarning,
            stacklevel=4,
        )
    known = {name: value for name, value in said.items() if name in fields and name not in extra}
    more = {**(unknown if keep_unknown else {}), **extra}
    return known | ({"extra": more} if more else {})


def _makes(data: Any, field: FieldInfo, held: object) -> bool:
    """Whether a nested configuration of that data is sent as an object like the one that is held."""
    for model in nested_models(field.annotation):
        if model.upstream == type(held).__name__:
            try:
                return bool(vars(sent(model.model_validate(data), real_object)) == vars(held))
            except (ValidationError, OpaqueValueError):
                return False
    return False


def _without_defaults(data: Any, field: FieldInfo) -> Any:
    """A nested configuration as a file has it, without the arguments that are equal to their defaults."""
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
