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
        call_s: seconds of single calls in the timing pass.
        token_times: calls of the timing pass, step by step.
        flops: the operations of the same calls.
        flops_tokens: output tokens of those calls.
        no_token_times: why there are no times of tokens.
        no_flops: why there is no estimate of operations.
        still_warm: names of the windows that began although a GPU was hotter than asked for.
    """

    plan: Plan
    windows: list[Window] = field(default_factory=list)
    warmup: WarmUp | None = None
    prefill_warmup: WarmUp | None = None
    observed: Mapping[str, object] = field(default_factory=dict)
    observed_prefill: Mapping[str, object] = field(default_factory=dict)
    memory: tuple[Memory, ...] = ()
    call_s: list[float] = field(default_factory=list)
    token_times: list[TokenTimes] = field(default_factory=list)
    flops: list[FlopEstimate] = field(default_factory=list)
    flops_tokens: int = 0
    no_token_times: str = ""
    no_flops: str = ""
    still_warm: list[str] = field(default_factory=list)

    @property
    def work(self) -> list[Window]:
        """The workload's windows that came to their end."""
        return [window for window in self.windows if window.kind == "work" and not window.interrupted]
