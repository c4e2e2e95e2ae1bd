"""What an engine reports of a call: tokens, times, operations and memory, as data.

Engines make these, the measurement protocol reads them. Nothing here imports an engine.
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
        sequences: how many sequences came back (``num_return_sequences`` per prompt).
        prompt_tokens: without padding, each prompt once.
        output_tokens: in all returned sequences, without padding.
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
        seconds: since the call began.
        tokens: that a sequence has by then, padding of a sequence that has ended included.
    """

    seconds: float
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTimes:
    """A call, step by step.

    Args:
        counts: the tokens that went in and came out.
        padded_width: tokens of the longest prompt, to which the others are padded.
        rows: sequences that the decoder ran at once: each beam, and each of several sequences, is one.
        arrivals: one per step, at least one.
        total_s: the length of the call.
        is_drafted: whether tokens were drafted, by another model or in another way.
        effective: the settings that the engine resolved and worked with, as data.
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
        """Time to first token: from the call to the end of the first step, the prefill included."""
        return self.arrivals[0].seconds

    @property
    def between_tokens_s(self) -> tuple[float, ...]:
        """Time between tokens, one figure per step after the first.

        It is the step's seconds over its tokens; a step has several where tokens are drafted.
        """
        return tuple(
            (after.seconds - before.seconds) / (after.tokens - before.tokens)
            for before, after in zip(self.arrivals, self.arrivals[1:], strict=False)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FlopEstimate:
    """Floating-point operations of one call, and the formula that they come from."""

    flops: float
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakMemory:
    """The most memory in use at once.

    Args:
        bytes: how much.
        where: a device as the engine names it, or ``process`` for the resident memory of this process.
        method: who counted, and over which time.
    """

    bytes: int
    where: str
    method: str


@dataclass(slots=True)
class PeakWatch:
    """``figures`` is filled when the watched block ends."""

    figures: tuple[PeakMemory, ...] = field(default=())
