"""Values on their way to transformers and back: keyword arguments of ``generate()``, and objects of the real classes.

The only module of this room that imports transformers, and only when a function here needs a class of it.
"""

from collections.abc import Iterator, Mapping
from inspect import signature
from typing import Any, get_args

from pydantic.fields import FieldInfo

from llenergymeasure.config.errors import UpstreamError
from llenergymeasure.config.frozen import FrozenDict, SentTuple, thaw
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.strict import fields_of, set_fields


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


def live_defaults() -> tuple[str, dict[str, Any]]:
    """The installed release, and the effective default of every public attribute of its ``GenerationConfig``.

    Raises:
        UpstreamError: there is no transformers.
    """
    kind = real_class("GenerationConfig")
    import transformers  # noqa: PLC0415 - as above

    stated: dict[str, Any] = getattr(kind, "_get_default_generation_params", dict)()
    declared = {
        name: value
        for name, value in vars(kind()).items()
        if name[0] != "_" and name != "transformers_version"
    }
    defaults = {name: stated.get(name) if value is None else value for name, value in declared.items()}
    return transformers.__version__, defaults


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


def same(one: object, other: object) -> bool:
    """Whether two values are equal and of one type."""
    return one is other or (type(one) is type(other) and one == other)


def from_nested(value: Any, field: FieldInfo | None) -> Any:
    """The arguments that differ from their defaults, where the value is an object of a nested configuration's real class."""
    models = nested_models(field.annotation) if field else ()
    model = next((each for each in models if each.upstream == type(value).__name__), None)
    if model is None:
        return value
    arguments, fields = signature(type(value)).parameters, fields_of(model)
    return {
        name: from_nested(each, fields.get(name))
        for name, each in vars(value).items()
        if name in arguments and not same(each, arguments[name].default)
    }


def nested_models(annotation: Any) -> Iterator[type[NestedConfig]]:
    """The nested configurations that a value of a field can be."""
    if isinstance(annotation, type) and issubclass(annotation, NestedConfig):
        yield annotation
    for part in get_args(annotation):
        yield from nested_models(part)
