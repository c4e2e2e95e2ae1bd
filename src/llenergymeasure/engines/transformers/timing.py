"""When each token came: a call of ``generate()`` that is watched from inside, with the arguments of any other call.

Neither a streamer nor a stopping criterion is passed: a streamer is refused with beams and copies every token to the host, and an argument more
would be another call than the one whose energy is measured. Instead two of the model's own methods are wrapped for the length of the call. The list of
criteria that ``_get_stopping_criteria`` returns notes the time whenever ``generate()`` asks it, which is once a step, right after the step's tokens; the
answer is the list's own. Where tokens are drafted, some releases also ask it about drafts, so there a step is noted when the next draft is wanted, of
what ``_get_candidate_generator`` returns. Before the time is noted the device is waited for, as ``generate()`` does at that point to read the answer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from transformers import GenerationConfig, PreTrainedModel, StoppingCriteriaList

from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.describe_args import described
from llenergymeasure.engines.transformers.generation import Generated, Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why there is no such figure."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One step's tokens were there.

    Args:
        seconds: since the call began.
        tokens: that a sequence has by then; padding of one that has ended included.
    """

    seconds: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTimes:
    """A call of ``generate()``, step by step.

    Args:
        generated: what came back.
        rows: sequences that the decoder ran at once: each beam, and each of several sequences, is one.
        arrivals: one a step.
        total_s: the length of the call.
        effective: the generation configuration that ``generate()`` resolved and worked with.
    """

    generated: Generated
    rows: int
    arrivals: tuple[Arrival, ...]
    total_s: float
    effective: dict[str, Any]

    @property
    def steps(self) -> int:
        """How many times ``generate()`` chose tokens."""
        return len(self.arrivals)

    @property
    def first_token_s(self) -> float:
        """Time to first token: from the call to the end of the first step, the prefill included."""
        return self.arrivals[0].seconds

    @property
    def between_tokens_s(self) -> tuple[float, ...]:
        """Time between tokens, one figure a step after the first: the step's seconds over its tokens, several where they are drafted."""
        return tuple(
            (after.seconds - before.seconds) / (after.tokens - before.tokens)
            for before, after in zip(self.arrivals, self.arrivals[1:], strict=False)
        )


def timed(generator: Generator, batch: Batch, synchronise: Callable[[], None]) -> TokenTimes | Missing:
    """One call for a batch, step by step.

    Args:
        generator: the model and its settings.
        batch: the prompts.
        synchronise: waits for the model's devices.

    Raises:
        GenerationError: as for any call.
        DeviceMemoryError: as for any call.
    """
    synchronise()
    with _watching(generator.loaded.model, synchronise) as watch:
        started = time.perf_counter()
        generated = generator(batch)
        synchronise()
        total = time.perf_counter() - started
    steps = watch.steps
    if not steps:
        return Missing(
            reason="generate() did not choose tokens step by step itself: continuous batching and code of custom_generate do not"
        )
    width, effective = generator.prompt_width(generated), watch.effective
    return TokenTimes(
        generated=generated,
        # generate() makes that many rows of each prompt before it begins.
        rows=batch.prompts * max(effective.get("num_beams") or 1, effective.get("num_return_sequences") or 1),
        arrivals=tuple(
            Arrival(seconds=seconds - started, tokens=length - width) for seconds, length in steps
        ),
        total_s=total,
        effective=effective,
    )


@dataclass(slots=True)
class _Watch:
    """What was noted during a call: the seconds on the monotonic clock, and how long the ids were by then.

    Args:
        asked: when the criteria were asked.
        drafting: when a draft was wanted; None where nothing is drafted.
        config: the generation configuration that the call worked with.
    """

    asked: list[tuple[float, int]] = field(default_factory=list)
    drafting: list[tuple[float, int]] | None = None
    config: GenerationConfig | None = None

    @property
    def steps(self) -> list[tuple[float, int]]:
        """The ends of the steps. Every draft but the first is wanted at the end of a step, and the last step ends with a question."""
        return self.asked if self.drafting is None else [*self.drafting[1:], *self.asked[-1:]]

    @property
    def effective(self) -> dict[str, Any]:
        """The generation configuration that the call worked with, as data; empty if it never came that far."""
        if self.config is None:
            return {}
        settings = self.config.to_dict()
        return described(
            {
                name: value
                for name, value in settings.items()
                if not name.startswith("_") and name != "transformers_version"
            }
        )


class _Watched(StoppingCriteriaList):  # type: ignore[misc]  # transformers is not read for types
    """The criteria as they are, and a note of every time they are asked."""

    def __init__(self, criteria: StoppingCriteriaList, note: Callable[[Any], None]) -> None:
        super().__init__(criteria)
        self._note = note

    def __call__(self, input_ids: Any, scores: Any, **arguments: Any) -> Any:
        stopped = super().__call__(input_ids, scores, **arguments)
        self._note(input_ids)
        return stopped


@contextmanager
def _watching(model: PreTrainedModel, synchronise: Callable[[], None]) -> Iterator[_Watch]:
    """Note the steps of the next call of the model's ``generate()``; the model is as it was when the block ends."""
    watch = _Watch()
    criteria_of, drafter_of = model._get_stopping_criteria, model._get_candidate_generator

    def note_in(notes: list[tuple[float, int]], input_ids: Any) -> None:
        synchronise()
        notes.append((time.perf_counter(), input_ids.shape[1]))

    def watched_criteria(*args: Any, **arguments: Any) -> StoppingCriteriaList:
        criteria = criteria_of(*args, **arguments)
        if watch.config is not None:  # a model that drafts for itself: the call within the call
            return criteria
        watch.config = arguments.get("generation_config", args[0] if args else None)
        return _Watched(criteria, partial(note_in, watch.asked))

    def watched_drafter(*args: Any, **arguments: Any) -> Any:
        drafter = drafter_of(*args, **arguments)
        drafts_of = drafter.get_candidates
        notes: list[tuple[float, int]] = []
        watch.drafting = notes

        def get_candidates(input_ids: Any, *args: Any, **arguments: Any) -> Any:
            note_in(notes, input_ids)
            return drafts_of(input_ids, *args, **arguments)

        drafter.get_candidates = get_candidates
        return drafter

    model._get_stopping_criteria, model._get_candidate_generator = watched_criteria, watched_drafter
    try:
        yield watch
    finally:
        del model._get_stopping_criteria, model._get_candidate_generator
