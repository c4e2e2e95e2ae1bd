"""Measuring when each token is available, in a call of ``generate()`` with the same arguments as any other.

No streamer and no stopping criterion is passed. A streamer is refused with beams and copies every token to
the host, and an additional argument would make the call differ from the one whose energy is measured. Instead
two of the model's own methods are wrapped during the call:

- ``_get_stopping_criteria`` returns the list of stopping criteria. The wrapped list notes the time whenever
  ``generate()`` evaluates it, which is once per step, right after the step's tokens; its result is unchanged.
- ``_get_candidate_generator`` returns the object that drafts tokens. Where tokens are drafted, some releases
  also evaluate the criteria on drafts, so there a step ends when the next draft is requested.

The device is synchronised before the time is noted, as ``generate()`` does at that point itself to read the
result.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from transformers import GenerationConfig, PreTrainedModel, StoppingCriteriaList

from llenergymeasure.engines.calls import Arrival, Missing, TokenTimes
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.describe_args import describe_args
from llenergymeasure.engines.transformers.generation import Generated, Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedCall:
    """A call that was timed: its result, and the times."""

    generated: Generated
    times: TokenTimes | Missing


def time_call(generator: Generator, batch: Batch, synchronise: Callable[[], None]) -> TimedCall:
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
    with _watching(generator.parts.model, synchronise) as watch:
        begin_s = time.perf_counter()
        generated = generator(batch)
        synchronise()
        total_s = time.perf_counter() - begin_s
    return TimedCall(generated=generated, times=_times(generator, generated, watch, begin_s, total_s))


def _times(
    generator: Generator, generated: Generated, watch: "_Watch", begin_s: float, total_s: float
) -> TokenTimes | Missing:
    if not watch.steps or watch.config is None:
        return Missing(
            reason="generate() did not choose the tokens step by step itself: continuous batching and code of "
            "custom_generate do not"
        )
    width, config = generator.prompt_width(generated), watch.config
    return TokenTimes(
        counts=generator.count(generated),
        padded_width=generated.batch.width,
        # generate() repeats each prompt that many times before it begins.
        rows=generated.batch.prompts * max(config.num_beams or 1, config.num_return_sequences or 1),
        arrivals=tuple(
            Arrival(seconds=at_s - begin_s, tokens=length - width) for at_s, length in watch.steps
        ),
        total_s=total_s,
        is_drafted=watch.drafts_requested is not None,
        effective=_public_settings(config),
    )


def _public_settings(config: GenerationConfig) -> dict[str, object]:
    """A generation configuration as data, without its private attributes."""
    return describe_args(
        {
            name: value
            for name, value in config.to_dict().items()
            if not name.startswith("_") and name != "transformers_version"
        }
    )


@dataclass(slots=True)
class _Watch:
    """What was noted during a call: times on the monotonic clock, with the length of the ids at that time.

    Args:
        criteria_evaluated: when the stopping criteria were evaluated.
        drafts_requested: when a draft was requested; None if nothing is drafted.
        config: the generation configuration in effect; None if the call never got to its stopping criteria.
    """

    criteria_evaluated: list[tuple[float, int]] = field(default_factory=list)
    drafts_requested: list[tuple[float, int]] | None = None
    config: GenerationConfig | None = None

    @property
    def steps(self) -> list[tuple[float, int]]:
        """The ends of the steps.

        Every draft but the first is requested at the end of a step; at the end of the last step only the
        criteria are evaluated.
        """
        if self.drafts_requested is None:
            return self.criteria_evaluated
        return [*self.drafts_requested[1:], *self.criteria_evaluated[-1:]]


class _WatchedCriteria(StoppingCriteriaList):  # type: ignore[misc]  # transformers is not read for types
    """The same criteria, with a note taken each time that they are evaluated."""

    def __init__(self, criteria: StoppingCriteriaList, note: Callable[[Any], None]) -> None:
        super().__init__(criteria)
        self._note = note

    def __call__(self, input_ids: Any, scores: Any, **arguments: Any) -> Any:
        stopped = super().__call__(input_ids, scores, **arguments)
        self._note(input_ids)
        return stopped


@contextmanager
def _watching(model: PreTrainedModel, synchronise: Callable[[], None]) -> Iterator[_Watch]:
    """Note the steps of the next call of ``generate()``; at the end of the block the model is as it was."""
    watch = _Watch()
    get_criteria, get_drafter = model._get_stopping_criteria, model._get_candidate_generator

    def note_in(notes: list[tuple[float, int]], input_ids: Any) -> None:
        synchronise()
        notes.append((time.perf_counter(), input_ids.shape[1]))

    def watched_criteria(*args: Any, **arguments: Any) -> StoppingCriteriaList:
        criteria = get_criteria(*args, **arguments)
        if watch.config is not None:  # a nested call, by a model that drafts for itself
            return criteria
        watch.config = arguments.get("generation_config", args[0] if args else None)
        return _WatchedCriteria(criteria, partial(note_in, watch.criteria_evaluated))

    def watched_drafter(*args: Any, **arguments: Any) -> Any:
        drafter = get_drafter(*args, **arguments)
        get_candidates = drafter.get_candidates
        notes: list[tuple[float, int]] = []
        watch.drafts_requested = notes

        def watched_candidates(input_ids: Any, *args: Any, **arguments: Any) -> Any:
            note_in(notes, input_ids)
            return get_candidates(input_ids, *args, **arguments)

        drafter.get_candidates = watched_candidates
        return drafter

    model._get_stopping_criteria, model._get_candidate_generator = watched_criteria, watched_drafter
    try:
        yield watch
    finally:
        del model._get_stopping_criteria, model._get_candidate_generator
