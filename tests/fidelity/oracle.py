"""Runs one configuration in one scenario through ``generate()``, and records the work that it does.

The *work trace* is the list of what was decided and done: decoding mode; logits processors and stopping
criteria with their arguments; the cache; the compile decision; how drafts are made; each forward pass with
its arguments; what came back.
"""

import copy
import difflib
import logging
import signal
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import transformers

from tests.fidelity.archive import Call, digest
from tests.fidelity.forms import form
from tests.fidelity.memory import CURRENT, key_of
from tests.fidelity.reached import Watch
from tests.fidelity.recorders import (
    FAILED,
    UNANSWERED,
    Event,
    SilentRecorderError,
    recorders,
    silent_recorder,
    write_returned,
)
from tests.fidelity.scenarios import Built, Scenario, built, entered_while_built

SEED = 1234
SECONDS = 20.0
"""After which one call counts as hung."""


class HungError(BaseException):
    """A call took too long. It is no ``Exception``, so that no code in between handles it as its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call did.

    Args:
        trace: what was decided and done, in order, as ``(what, how)``; empty where the call was remembered.
        error: the type and message of what was raised, or empty.
        place: the function of transformers that it came from, or empty.
        work: a digest of the trace, by which outcomes are compared.
    """

    trace: tuple[Event, ...] = field(compare=False)
    error: str = ""
    place: str = ""
    work: str = ""

    def __post_init__(self) -> None:
        if not self.work:
            text = "\n".join(f"{what}: {how}" for what, how in self.trace)
            object.__setattr__(self, "work", digest(text))

    @property
    def ran(self) -> bool:
        """Whether it ended normally."""
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


_LEFT = ("_cache", "_compiled_call", "_last_compile_config", "_previous_max_cache_length")
"""Attributes that a call leaves on a model and that change the next call. Others are kept, such as the marks
of hooks that are installed once."""


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


def run(kwargs: Mapping[str, object], whole: Built, seconds: float = SECONDS) -> Outcome:
    """Call ``generate()`` with these arguments on those models, from a fixed seed."""
    trace: list[Event] = []
    given = copy.deepcopy(dict(kwargs))
    _quiet()
    with _put_back(whole), recorders(trace, whole.watched), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(SEED)
        try:
            with _limited(seconds):
                result = whole.model.generate(**whole.inputs, **given)
        except (Exception, HungError) as error:  # noqa: BLE001 - whatever generate() raises is the finding
            return Outcome(tuple(trace), f"{type(error).__name__}: {error}", _place(error))
        write_returned(trace, result)
    done = Outcome(tuple(trace))
    failed = done.of(FAILED)
    if failed:
        return Outcome(done.trace, failed[0], "continuous batching")
    place = silent_recorder(done.trace, batching=kwargs.get("cache_implementation") == "paged")
    if place is not None:
        raise SilentRecorderError(
            f"transformers {transformers.__version__}: nothing was recorded by {place} of {form(kwargs)}"
        )
    return done


def _answered(kwargs: Mapping[str, object], scenario: Scenario, seconds: float) -> Outcome:
    """What a call does; tried twice if a thread of continuous batching ended early, as on a busy machine."""
    outcome = run(kwargs, built(scenario.name), seconds)
    return run(kwargs, built(scenario.name), seconds) if outcome.error == UNANSWERED else outcome


def execute(kwargs: Mapping[str, object], scenario: Scenario, seconds: float = SECONDS) -> Outcome:
    """Call ``generate()`` with these arguments in a scenario.

    Args:
        kwargs: as ``PyTorchConfig.generate_kwargs()`` gives them.
        scenario: the model and inputs to call it with.
        seconds: after which the call counts as hung.

    Raises:
        LostPointError: the installed transformers no longer has a method that is recorded.
        SilentRecorderError: a recorder that has to record something did not.
    """
    memory, key = CURRENT.get(), key_of(scenario.name, kwargs)
    if memory is None or key is None:
        return _answered(kwargs, scenario, seconds)
    known = memory.recall(key)
    if known is not None:
        return Outcome((), known.error, known.place, known.work)
    watch = Watch()
    with watch.on():
        outcome = _answered(kwargs, scenario, seconds)
    if not outcome.error.startswith(HungError.__name__):
        functions = watch.functions | entered_while_built()
        memory.remember(
            key, Call(outcome.work, outcome.error, outcome.place, functions, memory.plan.run or 0)
        )
    return outcome
