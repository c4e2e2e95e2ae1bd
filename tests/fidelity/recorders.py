"""Recorders: wrappers around the methods in which ``generate()`` decides something; they add it to the trace.

Recording changes nothing: a wrapper calls the method with the same arguments and returns its result. A method
that transformers no longer has is an error, not a silently shorter trace.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
import transformers
from transformers import Cache, GenerationConfig, GenerationMixin
from transformers.generation.continuous_batching.continuous_api import (
    ContinuousBatchProcessor,
    ContinuousMixin,
)

from tests.fidelity.forms import cache_form, form, scalar_form, shape_form

Event = tuple[str, str]
"""What was decided or done, and how."""

Recorder = Callable[[list[Event], Mapping[str, Any], Any], None]


def _mode(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.append(("mode", str(result)))


def _processors(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.extend(("processor", form(each)) for each in result)


def _criteria(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.extend(("criterion", form(each)) for each in result)


def _cache(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """The cache is found by its class, since its name differs between releases and models."""
    held = given["model_kwargs"]
    caches = [each for each in held.values() if isinstance(each, Cache)]
    trace.append(("cache", cache_form(caches[0] if caches else held.get("cache_params"))))


def _compiled(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    how = f" {form(given['generation_config'].compile_config)}" if result else ""
    trace.append(("compile", f"{bool(result)}{how}"))


def _drafts(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.append(("drafts", scalar_form(result, asked_if_true=frozenset({"do_sample"}))))


def _finishing(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """How beams are ended and scored; the code only asks whether ``early_stopping`` is True or ``never``."""
    stopping = given["early_stopping"]
    how = f"early_stopping={stopping if stopping in (True, 'never') else False} length_penalty={given['length_penalty']!r}"
    if ("beams", how) not in trace:
        trace.append(("beams", how))


def _batches(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """Continuous batching: how its cache is divided, and which requests go first."""
    trace.append(("cache", scalar_form(given["cache"])))
    trace.append(("scheduler", scalar_form(given["scheduler"])))


def _requests(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """Continuous batching: which requests failed, and whether its thread ended before each had an answer.

    Its method returns normally in both cases, with the tokens that there were.
    """
    trace.extend((FAILED, str(each.error)) for each in result.values() if each.error is not None)
    if len(result) < len(given["inputs"]):
        trace.append((FAILED, UNANSWERED))


UNANSWERED = "its thread ended before each request had an answer"
FAILED = "failed"
"""The kind of event of a request that failed, although ``generate()`` returned as if it had ended."""

POINTS: tuple[tuple[type, str, Recorder], ...] = (
    (GenerationConfig, "get_generation_mode", _mode),
    (GenerationMixin, "_get_logits_processor", _processors),
    (GenerationMixin, "_get_stopping_criteria", _criteria),
    (GenerationMixin, "_prepare_cache_for_generation", _cache),
    (GenerationMixin, "_valid_auto_compile_criteria", _compiled),
    (GenerationMixin, "_get_candidate_generator", _drafts),
    (GenerationMixin, "_check_early_stop_heuristic", _finishing),
    (ContinuousBatchProcessor, "__init__", _batches),
    (ContinuousMixin, "generate_batch", _requests),
)
"""What is recorded, by the method that decides it."""


class RecordingError(BaseException):
    """A recorder failed. It is no ``Exception``, so that it never counts as a failure of ``generate()``."""


class SilentRecorderError(RuntimeError):
    """A call ran, and something that every such call decides was not recorded.

    transformers decides it elsewhere, or keeps it under another name, so traces would be equal where the work
    is not.
    """


class LostPointError(RuntimeError):
    """transformers no longer has a method that is recorded; :data:`POINTS` has to be corrected."""


_CANNOT_DO_WITHOUT: Mapping[str, Mapping[str, str]] = {
    "decoding": {
        "mode": "GenerationConfig.get_generation_mode",
        "criterion": "GenerationMixin._get_stopping_criteria",
        "cache": "GenerationMixin._prepare_cache_for_generation",
        "forward": "the forward pass of the model",
        "returned": "what generate() returns",
    },
    "batching": {
        "cache": "ContinuousBatchProcessor.__init__",
        "scheduler": "ContinuousBatchProcessor.__init__",
        "forward": "the forward pass of the model",
        "returned": "what generate() returns",
    },
    "beams": {"beams": "GenerationMixin._check_early_stop_heuristic"},
    "assisted": {"drafts": "GenerationMixin._get_candidate_generator"},
}
"""What every call of a kind that comes to its end decides or does, with the place where it is recorded."""


def silent_recorder(trace: Sequence[Event], *, batching: bool) -> str | None:
    """The place of a recorder that recorded nothing in a call that ran; None if all recorded something.

    Args:
        trace: of the call.
        batching: whether it was continuous batching, where other things are decided.
    """
    kinds = ["batching" if batching else "decoding"]
    if not batching:
        modes = " ".join(how.lower() for kind, how in trace if kind == "mode")
        kinds += [kind for kind, word in (("beams", "beam_s"), ("assisted", "assisted")) if word in modes]
    recorded = {kind for kind, _ in trace}
    for kind in kinds:
        for what, place in _CANNOT_DO_WITHOUT[kind].items():
            if what not in recorded:
                return f"{place} (nothing of kind {what!r})"
    if ("cache", "None") in trace and _has_unprepared_cache(trace):
        return f"{_CANNOT_DO_WITHOUT['decoding']['cache']} (no cache, and forward passes are given one)"
    return None


def _has_unprepared_cache(trace: Sequence[Event]) -> bool:
    """Whether a forward pass is given a cache before any was prepared.

    A call may call ``generate()`` itself, as token healing does, with a cache where it has none of its own.
    """
    for kind, how in trace:
        if kind == "cache" and how != "None":
            return False
        if kind == "forward" and _GIVEN_CACHE.search(how):
            return True
    return False


_GIVEN_CACHE = re.compile(r"^model .*=\w+Cache\b")


def _recording(function: Callable[..., Any], recorder: Recorder, trace: list[Event]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    def recorded(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        with _own_fault(function.__qualname__):
            recorder(trace, signature.bind(*args, **kwargs).arguments, result)
        return result

    return recorded


@contextmanager
def _own_fault(what: str) -> Iterator[None]:
    """Turn an exception of a recorder into a :class:`RecordingError`."""
    try:
        yield
    except Exception as error:
        raise RecordingError(f"{what} cannot be recorded: {type(error).__name__}: {error}") from error


@contextmanager
def recorders(trace: list[Event], watched: Mapping[str, torch.nn.Module]) -> Iterator[None]:
    """Record what the methods in :data:`POINTS` decide, and each forward pass.

    Args:
        trace: the list that the events are added to.
        watched: the modules whose forward passes are recorded, by their role.

    Raises:
        LostPointError: the installed transformers no longer has one of these methods.
    """
    before = []
    for owner, name, _ in POINTS:
        if name not in vars(owner):
            raise LostPointError(f"transformers {transformers.__version__} has no {owner.__name__}.{name}")
    for part, module in watched.items():
        module.forward = _passing(module.forward, trace, part, module)
    try:
        for owner, name, recorder in POINTS:
            held = vars(owner)[name]
            before.append((owner, name, held))
            plain = held.__func__ if isinstance(held, staticmethod) else held
            recorded = _recording(plain, recorder, trace)
            setattr(owner, name, staticmethod(recorded) if isinstance(held, staticmethod) else recorded)
        yield
    finally:
        for owner, name, held in before:
            setattr(owner, name, held)
        for module in watched.values():
            del module.forward  # so that the method of its class is found again


_ASKED_IF_TRUE = frozenset({"output_attentions", "output_hidden_states"})
"""Arguments of a forward pass for which False does the same as None: models only test their truth."""


def _passing(
    forward: Callable[..., Any], trace: list[Event], part: str, module: torch.nn.Module
) -> Callable[..., Any]:
    """A forward pass that is recorded first. Not by a hook: some releases call ``forward`` without hooks."""

    @functools.wraps(forward)  # generate() reads its signature
    def recorded(*args: Any, **kwargs: Any) -> Any:
        with _own_fault("a forward pass"):
            named = {
                name: each for name, each in sorted(kwargs.items()) if name not in _ASKED_IF_TRUE or each
            }
            given = [*map(shape_form, args), *(f"{name}={shape_form(each)}" for name, each in named.items())]
            layers = getattr(module.config, "num_hidden_layers", None)
            trace.append(("forward", f"{part} layers={layers} {' '.join(given)}"))
        return forward(*args, **kwargs)

    return recorded


def write_returned(trace: list[Event], result: Any) -> None:
    """Record what ``generate()`` returns: tokens as they are, everything else by its shape."""
    if isinstance(result, torch.Tensor):
        trace.append(("returned", f"{type(result).__name__} {form(result.tolist())}"))
        return
    trace.append(("returned", type(result).__name__))
    for key, each in result.items():
        trace.append((key, form(each.tolist()) if key == "sequences" else shape_form(each)))
