"""Between configurations and transformers: keyword arguments of ``generate()``, and the real ``GenerationConfig``.

The only module of this room that imports transformers, and only when a function here needs a class of it.
"""

import warnings
from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any, get_args

from pydantic.fields import FieldInfo

from llenergymeasure.config.errors import UpstreamError
from llenergymeasure.config.frozen import FrozenDict, SentTuple, thaw
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.strict import fields_of, set_fields


class LossyConversionWarning(UserWarning):
    """The target of a conversion cannot hold, or will not act on, everything that the source says."""


def real_class(name: str) -> Any:
    """A class of the installed transformers.

    Raises:
        UpstreamError: there is no transformers, or it has no such class.
    """
    try:
        import transformers  # noqa: PLC0415 - heavy, and most configurations never need it
    except ImportError as error:
        raise UpstreamError(
            f"transformers is needed to build its {name}: pip install 'llenergymeasure[run]'"
        ) from error
    found = getattr(transformers, name, None)
    if found is None:
        raise UpstreamError(f"the installed transformers {transformers.__version__} has no class {name}")
    return found


def real_object(name: str, arguments: Mapping[str, Any]) -> Any:
    """An object of a class of the installed transformers.

    Raises:
        UpstreamError: the class cannot be had, or does not take the arguments; transformers' own words are in the message.
    """
    kind = real_class(name)
    try:
        return kind(**arguments)
    except ImportError as error:  # a class that stands in for one that needs torch
        raise UpstreamError(
            f"torch is needed to build transformers' {name}: pip install 'llenergymeasure[run]'"
        ) from error
    except (TypeError, ValueError) as error:
        raise UpstreamError(f"transformers refuses these values of {name}: {error}") from error


def sent(value: Any) -> Any:
    """A field's value as ``generate()`` takes it: lists for sequences, real classes for nested configurations.

    Raises:
        UpstreamError: an object of a real class cannot be had.
    """
    match value:
        case NestedConfig():
            arguments = {name: sent(each) for name, each in set_fields(value).items()}
            return real_object(value.upstream, arguments) if value.upstream else arguments
        case SentTuple():
            return tuple(map(sent, value))
        case tuple():
            return [sent(each) for each in value]
        case FrozenDict():
            return {key: sent(each) for key, each in value.items()}
    return value


def generate_kwargs(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments for what was set, ``extra`` merged in; every container is a fresh one."""
    extra: dict[str, Any] = thaw(fields.get("extra", FrozenDict()))
    return {name: sent(value) for name, value in fields.items() if name != "extra"} | extra


def to_real(fields: Mapping[str, Any]) -> Any:
    """The real ``GenerationConfig`` with what was set.

    Raises:
        UpstreamError: it cannot be had, or refuses the values.

    Warns:
        LossyConversionWarning: a None was set; the object holds it, but ``generate()`` will not act on it there.
    """
    nones = [name for name, value in fields.items() if value is None]
    if nones:
        warnings.warn(
            f"a GenerationConfig cannot tell a None that was set from one that was not: {', '.join(nones)} may fall back to "
            "the model's own setting. generate(**config.generate_kwargs()) does as the configuration says.",
            LossyConversionWarning,
            stacklevel=3,
        )
    return real_object("GenerationConfig", generate_kwargs(fields))


def from_real(real: Any, fields: Mapping[str, FieldInfo], *, keep_unknown: bool) -> dict[str, Any]:
    """What a real ``GenerationConfig`` says, as data to validate: every attribute that a fresh one does not have so.

    Since 5.0 that is whatever is not None; before, what differs from the declared default.

    Args:
        real: the object.
        fields: of our class, by upstream's names.
        keep_unknown: put attributes that are no field into ``extra``, instead of leaving them out.

    Raises:
        TypeError: ``real`` is something else.

    Warns:
        LossyConversionWarning: an attribute is left out.
    """
    kind = real_class("GenerationConfig")
    if not isinstance(real, kind):
        raise TypeError(f"this takes a GenerationConfig, not an object of the type {type(real).__qualname__}")
    fresh = vars(kind())
    said = {
        name: value
        for name, value in vars(real).items()
        if not name.startswith("_") and name != "transformers_version" and not _same(value, fresh.get(name))
    }
    unknown = {name: value for name, value in said.items() if name not in fields}
    if unknown and not keep_unknown:
        warnings.warn(
            f"left out {', '.join(unknown)}: no parameter here; keep_unknown=True puts such into extra.",
            LossyConversionWarning,
            stacklevel=3,
        )
    known = {name: from_nested(value, fields[name]) for name, value in said.items() if name in fields}
    return known | ({"extra": unknown} if unknown and keep_unknown else {})


def _same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def from_nested(value: Any, field: FieldInfo | None) -> Any:
    """The arguments that differ from their defaults, where the value is an object of a nested configuration's real class."""
    models = _nested_models(field.annotation) if field else ()
    model = next((each for each in models if each.upstream == type(value).__name__), None)
    if model is None:
        return value
    arguments, fields = signature(type(value)).parameters, fields_of(model)
    return {
        name: from_nested(each, fields.get(name))
        for name, each in vars(value).items()
        if name in arguments and not _same(each, arguments[name].default)
    }


def _nested_models(annotation: Any) -> Iterator[type[NestedConfig]]:
    if isinstance(annotation, type) and issubclass(annotation, NestedConfig):
        yield annotation
    for part in get_args(annotation):
        yield from _nested_models(part)
