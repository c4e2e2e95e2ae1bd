"""Values as an engine takes them: sequences as lists, nested configurations as upstream's objects.

How such an object is made depends on the engine, so a function for it is passed in; for transformers it is
in :mod:`llenergymeasure.config.transformers_bridge`.
"""

from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any, get_args

from pydantic.fields import FieldInfo

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.frozen import FrozenDict, SentTuple
from llenergymeasure.config.nested import NestedConfig
from llenergymeasure.config.strict import set_fields

MakeObject = Callable[[str, dict[str, Any]], Any]
"""Makes an object of the upstream class of that name from its arguments."""


def sent(value: Any, make: MakeObject) -> Any:
    """A field's value as the engine takes it; every container is a new one.

    Args:
        value: the value of a field.
        make: makes the object for a nested configuration that upstream has a class for.
    """
    match value:
        case NestedConfig():
            arguments = {name: sent(item, make) for name, item in set_fields(value).items()}
            return make(value.upstream, arguments) if value.upstream else arguments
        case SentTuple():
            return tuple(sent(item, make) for item in value)
        case tuple():
            return [sent(item, make) for item in value]
        case FrozenDict():
            return {key: sent(item, make) for key, item in value.items()}
    return value


def same(one: object, other: object) -> bool:
    """Whether two values are equal and have the same type."""
    return one is other or (type(one) is type(other) and one == other)


def from_nested(value: Any, field: FieldInfo | None) -> Any:
    """The data of a nested configuration, from an object of upstream's class for it: what is not a default.

    A value that is not such an object is returned as it is.
    """
    models = nested_models(field.annotation) if field else ()
    model = next((model for model in models if model.upstream == type(value).__name__), None)
    if model is None:
        return value
    arguments, fields = signature(type(value)).parameters, fields_of(model)
    return {
        name: from_nested(item, fields.get(name))
        for name, item in vars(value).items()
        if name in arguments and not same(item, arguments[name].default)
    }


def nested_models(annotation: Any) -> Iterator[type[NestedConfig]]:
    """The nested configuration classes in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, NestedConfig):
        yield annotation
    for part in get_args(annotation):
        yield from nested_models(part)
