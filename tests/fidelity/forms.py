"""Values as text, for a work trace: equal for equal values, whichever objects they are."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
import transformers
from transformers import GenerationConfig

SHORT = 64
"""A tensor of at most this many numbers is written out; a larger one is shown as a digest."""


def form(value: Any, around: tuple[int, ...] = ()) -> str:
    """A value as text: equal for equal values, whichever objects they are.

    Args:
        value: anything.
        around: the ids of the objects that contain it, so that a cycle ends.
    """
    match value:
        case None | bool() | int() | float() | str():
            return repr(value)
        case torch.Tensor():
            return _of_tensor(value)
        case torch.Generator():
            return f"generator({value.initial_seed()})"
        case transformers.Cache():
            return type(value).__name__
        case torch.nn.Module() | GenerationConfig():
            return type(value).__name__
        case dict() | Mapping():
            return "{" + ", ".join(f"{key}: {form(each, around)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(form(each, around) for each in value) + "]"
        case set() | frozenset():
            return "{" + ", ".join(sorted(form(each, around) for each in value)) + "}"
    if callable(value) and hasattr(value, "__qualname__"):
        return str(value.__qualname__)
    if id(value) in around or not hasattr(value, "__dict__"):
        return type(value).__name__
    return _of_object(value, (*around, id(value)))


def is_data(value: Any) -> bool:
    """Whether :func:`form` shows all of a value: plain data, or one of upstream's objects for settings."""
    match value:
        case None | bool() | int() | float() | str():
            return True
        case list() | tuple() | set() | frozenset():
            return all(map(is_data, value))
        case Mapping():
            return all(is_data(key) and is_data(each) for key, each in value.items())
        case GenerationConfig() | torch.nn.Module() | transformers.Cache() | torch.Tensor():
            return False
    settings = getattr(value, "__dict__", None)
    is_theirs = type(value).__module__.startswith("transformers.generation")
    return is_theirs and settings is not None and is_data(settings)


_CLOCK = frozenset({"initial_timestamp"})
"""Attributes that hold the time of day."""


def _of_object(value: Any, around: tuple[int, ...]) -> str:
    inside = {name: form(each, around) for name, each in sorted(vars(value).items()) if name not in _CLOCK}
    return type(value).__name__ + "(" + ", ".join(f"{name}={each}" for name, each in inside.items()) + ")"


def _of_tensor(value: torch.Tensor) -> str:
    shape = f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
    if value.numel() <= SHORT:
        return f"{shape} {value.tolist()}"
    digest = hashlib.blake2b(value.detach().contiguous().view(torch.uint8).numpy().tobytes(), digest_size=6)
    return f"{shape} #{digest.hexdigest()}"


def shape_form(value: Any) -> str:
    """An argument of a forward pass: plain values as they are, tensors by type and shape."""
    match value:
        case torch.Tensor():
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        case list() | tuple():
            return "[" + ", ".join(map(shape_form, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {shape_form(each)}" for key, each in value.items()) + "}"
        case None | bool() | int() | float() | str():
            return repr(value)
    return type(value).__name__


def scalar_form(value: Any, asked_if_true: frozenset[str] = frozenset()) -> str:
    """An object by its class and those of its attributes that are numbers, texts, booleans or None.

    Args:
        value: the object.
        asked_if_true: attributes of which upstream only asks whether they are true, so that None is False.
    """
    plain = {
        name: bool(each) if name in asked_if_true else each
        for name, each in sorted(vars(value).items())
        if each is None or isinstance(each, bool | int | float | str)
    }
    return f"{type(value).__name__}({', '.join(f'{name}={each!r}' for name, each in plain.items())})"


def cache_form(cache: Any) -> str:
    """A cache by its class, its settings and those of its layers."""
    if cache is None:
        return "None"
    inner = [cache_form(each) for each in vars(cache).values() if isinstance(each, transformers.Cache)]
    layers = [scalar_form(layer) for layer in getattr(cache, "layers", ())] if not inner else []
    return " ".join([scalar_form(cache), *inner, *layers])
