"""What a run works with, and what it has seen so far."""

from dataclasses import dataclass, field
from typing import Any

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.transformers.session import FlopEstimate, Session, TokenTimes
from llenergymeasure.measurement.progress import Progress
from llenergymeasure.results.schema import Memory, Plan, WarmUp, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Apparatus:
    """What a run works with."""

    session: Session
    meter: EnergyMeter
    plan: Plan
    clock: Clock
    progress: Progress

    @property
    def has_sensors(self) -> bool:
        """Whether there is anything to read, so that idle power can be."""
        return self.meter.sensors.has_measured


@dataclass(slots=True, kw_only=True)
class Observations:
    """What a run has seen so far.

    ``plan`` has the window length that the sensors turned out to need. ``call_s`` are the calls of the timing pass, ``token_times``
    what became of its single tokens, or why that cannot be seen; ``flops`` the work that the same calls stand for, and
    ``flops_tokens`` their output. ``still_warm`` are the windows that began although a GPU was hotter than was asked for.
    """

    plan: Plan
    windows: list[Window] = field(default_factory=list)
    warmup: WarmUp | None = None
    prefill_warmup: WarmUp | None = None
    observed: dict[str, Any] = field(default_factory=dict)
    observed_prefill: dict[str, Any] = field(default_factory=dict)
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
