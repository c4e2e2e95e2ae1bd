"""What an engine reports about a call: tokens, times, operations and memory, as data.

Engines create these objects, and :mod:`llenergymeasure.measurement` reads them. Nothing here imports an
engine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Why a figure could not be determined."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCounts:
    """Tokens of one or more batches.

    Args:
        prompts: how many prompts were given.
        sequences: how many sequences were returned (``num_return_sequences`` per prompt).
        prompt_tokens: tokens of all prompts, without padding.
        output_tokens: tokens of all returned sequences, without padding.
    """

    prompts: int
    sequences: int
    prompt_tokens: int
    output_tokens: int

    def __add__(self, other: "TokenCounts") -> "TokenCounts":
        return TokenCounts(
            prompts=self.prompts + other.prompts,
            sequences=self.sequences + other.sequences,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The moment at which the tokens of one step were available.

    Args:
        seconds: the time since the call began.
        tokens: how many output tokens each sequence has by then; one that has ended is filled up with
            padding.
    """

    seconds: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTimes:
    """The times of one call, step by step.

    Args:
        counts: the tokens that went in and came out.
        padded_width: tokens of the longest prompt, to which the others are padded.
        rows: how many sequences the decoder ran at once, counting each beam and each returned sequence.
        arrivals: one per step, at least one.
        total_s: the length of the call.
        is_drafted: whether tokens were drafted, by another model or in another way.
        effective: the settings in effect, after the engine resolved its own and the model's defaults.
    """

    counts: TokenCounts
    padded_width: int
    rows: int
    arrivals: tuple[Arrival, ...]
    total_s: float
    is_drafted: bool
    effective: Mapping[str, object]

    @property
    def steps(self) -> int:
        """How many times tokens were chosen."""
        return len(self.arrivals)

    @property
    def first_token_s(self) -> float:
        """Time to first token: from the start of the call to the end of the first step, prefill included."""
        return self.arrivals[0].seconds

    @property
    def between_tokens_s(self) -> tuple[float, ...]:
        """Time between tokens, one figure per step after the first.

        It is the length of the step divided by its tokens, of which there are several if tokens are drafted.
        """
        return tuple(
            (after.seconds - before.seconds) / (after.tokens - before.tokens)
            for before, after in zip(self.arrivals, self.arrivals[1:], strict=False)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlopEstimate:
    """Floating-point operations of one call, and the formula by which they were estimated."""

    flops: float
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """The most memory in use at once.

    Args:
        bytes: how much.
        where: a device as the engine names it, or ``process`` for the resident memory of this process.
        method: which counter it is from, and over which time.
    """

    bytes: int
    where: str
    method: str


@dataclass(slots=True)
class PeakWatch:
    """The peaks during a block of code; ``figures`` is empty until the block ends."""

    figures: tuple[PeakMemory, ...] = field(default=())
