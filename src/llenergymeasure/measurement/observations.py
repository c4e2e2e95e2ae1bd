"""What a run has observed so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from llenergymeasure.engines.calls import FlopEstimate, TokenTimes
from llenergymeasure.results.schema import Memory, Plan, WarmUp, Window


@dataclass(slots=True, kw_only=True)
class Observations:
    """Filled phase by phase, so that a run that ends early keeps what it has.

    Args:
        plan: with the window length that the sensors turned out to need.
        windows: all windows, also those that were interrupted.
        warmup: of the workload; None before it ended.
        prefill_warmup: of the prefill; None where none is measured.
        observed: the arguments that reached the engine in a call.
        observed_prefill: the same of a prefill.
        memory: peaks during one pass.
        generation: the settings in effect, after the engine resolved its own; empty where that is not known.
        call_s: seconds of single calls in the timing pass.
        token_times: calls of the timing pass, step by step.
        flops: the operations of the same calls.
        flops_tokens: output tokens of those calls.
        no_call_times: why there are no times of calls: the error that one of them ended with.
        no_token_times: why there are no times of tokens.
        tokens_failed: the same, if that is an error.
        no_flops: why there is no estimate of operations.
        still_warm: names of the windows that began although a GPU was hotter than asked for.
        unsettled: kinds of the idle windows before which power had not settled.
        no_idle_after: why idle power is not known after the windows: the error that its window ended with.
    """

    plan: Plan
    windows: list[Window] = field(default_factory=list)
    warmup: WarmUp | None = None
    prefill_warmup: WarmUp | None = None
    observed: Mapping[str, object] = field(default_factory=dict)
    observed_prefill: Mapping[str, object] = field(default_factory=dict)
    memory: tuple[Memory, ...] = ()
    generation: Mapping[str, object] = field(default_factory=dict)
    call_s: list[float] = field(default_factory=list)
    token_times: list[TokenTimes] = field(default_factory=list)
    flops: list[FlopEstimate] = field(default_factory=list)
    flops_tokens: int = 0
    no_call_times: str = ""
    no_token_times: str = ""
    tokens_failed: str = ""
    no_flops: str = ""
    still_warm: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    no_idle_after: str = ""

    @property
    def work(self) -> list[Window]:
        """The workload's windows that came to their end."""
        return [window for window in self.windows if window.kind == "work" and not window.interrupted]
