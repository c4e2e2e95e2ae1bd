"""What ``generate()`` really does: run one configuration in one world, and write down the work.

The *work trace* is the list of what was decided and done: decoding mode; logits processors and stopping criteria with their
arguments; the cache; the compile decision; how drafts are made; each forward pass with its arguments; what came back. Recording
changes nothing: each recorder calls what it stands in front of, with the same arguments, and hands on its result. A point of
transformers that is no longer there is an error, not a silently shorter trace.
"""

import copy
import difflib
import functools
import hashlib
import inspect
import logging
import signal
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, GenerationMixin
from transformers.generation.continuous_batching.continuous_api import (
    ContinuousBatchProcessor,
    ContinuousMixin,
)

from tests.fidelity.worlds import Built, World, built

SEED = 1234
SECONDS = 20.0
"""After which one call counts as hung."""
SHORT = 64
"""Numbers of a tensor that are written out; more are shown as a digest."""

Event = tuple[str, str]


class HungError(BaseException):
    """A call took too long. No ``Exception``, so that nothing on the way takes it for a failure of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened.

    Args:
        trace: what was decided and done, in order, as ``(what, how)``.
        error: the type and message of what was raised, or empty.
        place: the function of transformers that it came from, or empty.
    """

    trace: tuple[Event, ...]
    error: str = ""
    place: str = ""

    @property
    def ran(self) -> bool:
        """Whether it came to its end."""
        return not self.error

    def of(self, what: str) -> list[str]:
        """What was recorded of one kind."""
        return [how for kind, how in self.trace if kind == what]


def differences(one: Outcome, other: Outcome, most: int = 12) -> str:
    """How two outcomes differ, a line each; empty where they are equal."""
    if one == other:
        return ""
    first, second = (
        [*(f"{what}: {how}" for what, how in each.trace), *([f"raised {each.error}"] if each.error else [])]
        for each in (one, other)
    )
    lines = [
        line
        for line in difflib.unified_diff(first, second, lineterm="", n=0)
        if line[:2] not in ("--", "++", "@@")
    ]
    rest = [f"... and {len(lines) - most} more"] if len(lines) > most else []
    return "\n".join([line[:300] for line in lines[:most]] + rest)


def form(value: Any, around: tuple[int, ...] = ()) -> str:
    """A value as text: equal for equal values, whichever objects they are."""
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


def _shape(value: Any) -> str:
    """An argument of a forward pass: plain values as they are, tensors by type and shape."""
    match value:
        case torch.Tensor():
            return f"{str(value.dtype).removeprefix('torch.')}{list(value.shape)}"
        case list() | tuple():
            return "[" + ", ".join(map(_shape, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {_shape(each)}" for key, each in value.items()) + "}"
        case None | bool() | int() | float() | str():
            return repr(value)
    return type(value).__name__


def _scalars(value: Any) -> str:
    """An object by its class and its plain attributes."""
    plain = {
        name: each
        for name, each in sorted(vars(value).items())
        if each is None or isinstance(each, bool | int | float | str)
    }
    return f"{type(value).__name__}({', '.join(f'{name}={each!r}' for name, each in plain.items())})"


def cache_form(cache: Any) -> str:
    """A cache by its class, its settings and those of its layers."""
    if cache is None:
        return "None"
    inner = [cache_form(each) for each in vars(cache).values() if isinstance(each, transformers.Cache)]
    layers = [_scalars(layer) for layer in getattr(cache, "layers", ())] if not inner else []
    return " ".join([_scalars(cache), *inner, *layers])


Recorder = Callable[[list[Event], Mapping[str, Any], Any], None]


def _mode(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.append(("mode", str(result)))


def _processors(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.extend(("processor", form(each)) for each in result)


def _criteria(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.extend(("criterion", form(each)) for each in result)


def _cache(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    held = given["model_kwargs"]
    found = held.get("past_key_values", held.get("cache_params"))
    trace.append(("cache", cache_form(found)))


def _compiled(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    how = f" {form(given['generation_config'].compile_config)}" if result else ""
    trace.append(("compile", f"{bool(result)}{how}"))


def _drafts(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    trace.append(("drafts", _scalars(result)))


def _finishing(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """How beams are ended and scored; the code only asks whether ``early_stopping`` is True or ``never``."""
    stopping = given["early_stopping"]
    how = f"early_stopping={stopping if stopping in (True, 'never') else False} length_penalty={given['length_penalty']!r}"
    if ("beams", how) not in trace:
        trace.append(("beams", how))


def _batches(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """Continuous batching: how its cache is cut, and who goes first."""
    trace.append(("cache", _scalars(given["cache"])))
    trace.append(("scheduler", _scalars(given["scheduler"])))


def _requests(trace: list[Event], given: Mapping[str, Any], result: Any) -> None:
    """Continuous batching: which requests failed. It answers them with the tokens that they had."""
    trace.extend((FAILED, str(each.error)) for each in result.values() if each.error is not None)


FAILED = "failed"
"""What is recorded of a request that ``generate()`` passes over as if it had ended."""

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
    """A recorder of ours failed. No ``Exception``, so that it is never taken for what ``generate()`` did."""


class LostPointError(RuntimeError):
    """transformers no longer has a method that the trace is read from; :data:`POINTS` has to follow it."""


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
    try:
        yield
    except Exception as error:
        raise RecordingError(f"{what} cannot be recorded: {type(error).__name__}: {error}") from error


@contextmanager
def _recorders(trace: list[Event], watched: Mapping[str, torch.nn.Module]) -> Iterator[None]:
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
            del module.forward  # what is left is that of its class


_ASKED_IF_TRUE = frozenset({"output_attentions", "output_hidden_states"})
"""Arguments of a forward pass of which models only ask whether they are true: False does what None does."""


def _passing(
    forward: Callable[..., Any], trace: list[Event], part: str, module: torch.nn.Module
) -> Callable[..., Any]:
    """A forward pass that is written down first. No hook: some releases call ``forward`` past them."""

    @functools.wraps(forward)  # generate() reads its signature
    def recorded(*args: Any, **kwargs: Any) -> Any:
        with _own_fault("a forward pass"):
            named = {
                name: each for name, each in sorted(kwargs.items()) if name not in _ASKED_IF_TRUE or each
            }
            given = [*map(_shape, args), *(f"{name}={_shape(each)}" for name, each in named.items())]
            layers = getattr(module.config, "num_hidden_layers", None)
            trace.append(("forward", f"{part} layers={layers} {' '.join(given)}"))
        return forward(*args, **kwargs)

    return recorded


def _returned(trace: list[Event], result: Any) -> None:
    if isinstance(result, torch.Tensor):
        trace.append(("returned", f"{type(result).__name__} {form(result.tolist())}"))
        return
    trace.append(("returned", type(result).__name__))
    for key, each in result.items():
        trace.append((key, form(each.tolist()) if key == "sequences" else _shape(each)))


_LEFT = ("_cache", "_compiled_call", "_last_compile_config", "_previous_max_cache_length")
"""What a call leaves on a model for the next one. All else stays, such as the marks of hooks that are installed once."""


@contextmanager
def _put_back(whole: Built) -> Iterator[None]:
    """Undo what a call leaves behind on the models: settings, caches, compiled functions."""
    kept = []
    for module in whole.watched.values():
        own = copy.deepcopy(getattr(module, "generation_config", None))
        kept.append((module, vars(module.config), copy.deepcopy(vars(module.config)), own))
    try:
        yield
    finally:
        for module, config, settings, own in kept:
            for name in _LEFT:
                vars(module).pop(name, None)
            config.clear()
            config.update(settings)
            if own is not None:
                module.generation_config = own


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(_number: int, _frame: types.FrameType | None) -> None:
        raise HungError(f"still running after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _place(error: BaseException) -> str:
    """The innermost function of transformers that an error came through."""
    found, trail = "", error.__traceback__
    while trail is not None:
        code = trail.tb_frame.f_code
        if "/transformers/" in code.co_filename:
            found = f"{code.co_filename.split('/transformers/')[-1]}::{code.co_qualname}"
        trail = trail.tb_next
    return found


def _quiet() -> None:
    """No warnings, no progress bars: the trace says what happened."""
    transformers.logging.set_verbosity(transformers.logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    logging.getLogger("ContinuousBatchingLogger").setLevel(logging.CRITICAL + 1)


def run(kwargs: Mapping[str, Any], whole: Built, seconds: float = SECONDS) -> Outcome:
    """Call ``generate()`` with these arguments on those models, from a fixed seed."""
    trace: list[Event] = []
    given = copy.deepcopy(dict(kwargs))
    _quiet()
    with _put_back(whole), _recorders(trace, whole.watched), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(SEED)
        try:
            with _limited(seconds):
                result = whole.model.generate(**whole.inputs, **given)
        except (Exception, HungError) as error:  # noqa: BLE001 - whatever generate() raises is the finding
            return Outcome(tuple(trace), f"{type(error).__name__}: {error}", _place(error))
        _returned(trace, result)
    done = Outcome(tuple(trace))
    return (
        replace(done, error=failed[0], place="continuous batching") if (failed := done.of(FAILED)) else done
    )


def execute(kwargs: Mapping[str, Any], world: World, seconds: float = SECONDS) -> Outcome:
    """Call ``generate()`` with these arguments in a world.

    Args:
        kwargs: as ``PyTorchConfig.generate_kwargs()`` gives them.
        world: where.
        seconds: after which the call counts as hung.

    Raises:
        LostPointError: the installed transformers has no longer what is recorded.
    """
    return run(kwargs, built(world.name), seconds)
