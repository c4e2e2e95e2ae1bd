"""What reached ``generate()``, as data for a record."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from transformers import PreTrainedModel


def described(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a call, each as data.

    Numbers, texts and containers are what they are. A tensor is its type, shape and device, such as ``int64[4, 17] on cpu``; a
    configuration object is what it holds; of any other object only its class is told.
    """
    return {name: _described(value) for name, value in arguments.items()}


def _described(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str():
            return value
        case torch.Tensor():
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)} on {value.device}"
        case Mapping():
            return {str(key): _described(each) for key, each in value.items()}
        case list() | tuple():
            return [_described(each) for each in value]
    if isinstance(value, PreTrainedModel | type):
        return _named(value)
    if hasattr(value, "to_dict"):
        return _described(value.to_dict())
    if is_dataclass(value):
        return {field.name: _described(getattr(value, field.name)) for field in fields(value)}
    return _named(value)


def _named(value: object) -> str:
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
