"""What reached ``generate()``, as data for a record."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass

import torch
from transformers import PreTrainedModel


def describe_args(arguments: Mapping[str, object]) -> dict[str, object]:
    """The keyword arguments of a call, each as data.

    Numbers, texts and containers stay what they are. A tensor becomes its type, shape and device, such as
    ``int64[4, 17] on cpu``; a configuration object becomes what it holds; any other object becomes its class.
    """
    return {name: _describe(value) for name, value in arguments.items()}


def _describe(value: object) -> object:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case torch.Tensor():
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)} on {value.device}"
        case Mapping():
            return {str(key): _describe(item) for key, item in value.items()}
        case list() | tuple():
            return [_describe(item) for item in value]
    if isinstance(value, PreTrainedModel | type):
        return _class_name(value)
    if hasattr(value, "to_dict"):
        return _describe(value.to_dict())
    if is_dataclass(value):
        return {field.name: _describe(getattr(value, field.name)) for field in fields(value)}
    return _class_name(value)


def _class_name(value: object) -> str:
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
