"""A second engine, without a model: a call takes a known time, and draws a known power meanwhile.

It implements the same protocol as the engine for transformers, which mypy checks. On the simulated driver's
clock a whole measurement takes milliseconds; on the system's clock ``measure()`` itself runs through it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Annotated, ClassVar, Self

from pydantic import Field

from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.experiment import ExperimentConfig, ModelConfig, WorkloadConfig
from llenergymeasure.energy.clock import Clock, SystemClock
from llenergymeasure.engines.calls import (
    Arrival,
    FlopEstimate,
    Missing,
    PeakMemory,
    PeakWatch,
    TokenCounts,
    TokenTimes,
)
from llenergymeasure.engines.descriptions import EngineDevice, EngineEnvironment, ModelFacts, WorkloadFacts
from llenergymeasure.engines.errors import PromptError
from llenergymeasure.engines.prompts import Prompts, describe_prompts
from llenergymeasure.engines.protocol import Engine

REQUESTS, PROMPT, OUTPUT = 4, 10, 32

CPU = EngineDevice(name="cpu", uuid=None)
FACTS = ModelFacts(
    architecture="Simulated",
    parameters=1_000_000,
    dtype="bfloat16",
    vocabulary=100,
    context=None,
    layers=None,
    attention=None,
    quantization=None,
    placement=("cuda:0",),
    weights_seed=0,
    commit=None,
    generation_defaults={},
)
WORKLOAD = WorkloadFacts(
    source="builtin",
    digest="0" * 16,
    padding_token=None,
    requests=REQUESTS,
    lengths=(PROMPT, PROMPT),
    seed=0,
)
ENVIRONMENT = EngineEnvironment(
    name="simulated", libraries={"simulated": "1.0"}, packages={}, cuda=None, threads=1
)


@dataclass
class Work:
    """What the work is like: time and power of a call, and how both change as time passes.

    ``factor`` gives, for each call, the number that its power above idle is multiplied by; ``stretch`` that
    of its time. ``on_call`` and ``on_wait`` get the number of each call and of each wait for the device, to
    fail there; ``on_prefill`` gives the number that the time of a prefill is multiplied by.
    """

    call_s: float = 0.5
    busy_w: float = 240.0
    prefill_s: float = 0.05
    tokens: int | Callable[[int], int] = OUTPUT
    factor: Callable[[float], float] = lambda at_s: 1.0
    stretch: Callable[[float], float] = lambda at_s: 1.0
    on_call: Callable[[int], None] = lambda number: None
    on_prefill: Callable[[int], float] = lambda number: 1.0
    on_wait: Callable[[int], None] = lambda number: None


class SimulatedSettings(BackendConfig):
    """The settings of this engine: one, which is the number of tokens."""

    engine: ClassVar[str] = "simulated"
    engine_version: ClassVar[str] = "1.0"

    new_tokens: Annotated[int, Field(ge=0)] = OUTPUT


class SimulatedExperiment(ExperimentConfig):
    """An experiment with the settings of this engine, and without those of the other."""

    pytorch: ClassVar[None] = None  # type: ignore[misc]
    simulated: SimulatedSettings = Field(default_factory=SimulatedSettings)


@dataclass
class SimulatedSession:
    """Two batches; a call waits on the clock, and sets the power above idle for that time."""

    clock: Clock
    set_power_w: Callable[[float], None]
    work: Work
    settings: BackendConfig = field(default_factory=SimulatedSettings)
    devices: tuple[EngineDevice, ...] = (CPU,)
    batches: tuple[int, ...] = (0, 1)
    workload: WorkloadFacts = WORKLOAD
    facts: ModelFacts = FACTS
    assistant_facts: ModelFacts | None = None
    no_token_times: str = ""
    calls: int = 0
    prefills: int = 0
    waits: int = 0

    def reseed(self) -> None:
        """Nothing is drawn at random."""

    def synchronise(self) -> None:
        self.waits += 1
        self.work.on_wait(self.waits)

    def call(self, batch: int) -> int:
        self.work.on_call(self.calls)
        self.calls += 1
        self._draw(self.work.call_s)
        tokens = self.work.tokens
        return tokens if isinstance(tokens, int) else tokens(self.calls)

    def prefill(self, batch: int) -> int:
        self.prefills += 1
        self._draw(self.work.prefill_s * self.work.on_prefill(self.prefills))
        return 1

    def _draw(self, length_s: float) -> None:
        at_s = self.clock.monotonic()
        self.set_power_w(self.work.busy_w * self.work.factor(at_s))
        self.clock.sleep(length_s * self.work.stretch(at_s))
        self.set_power_w(0.0)

    def count(self, output: int) -> TokenCounts:
        rows = REQUESTS // len(self.batches)
        return TokenCounts(
            prompts=rows, sequences=rows, prompt_tokens=rows * PROMPT, output_tokens=rows * output
        )

    def observed(self, output: int) -> dict[str, object]:
        return {"new_tokens": OUTPUT}

    def time_tokens(self, batch: int) -> TokenTimes | Missing:
        if self.no_token_times:
            return Missing(reason=self.no_token_times)
        begin_s = self.clock.monotonic()
        counts = self.count(self.call(batch))
        total_s = self.clock.monotonic() - begin_s
        return TokenTimes(
            counts=counts,
            padded_width=PROMPT,
            rows=counts.sequences,
            arrivals=tuple(
                Arrival(seconds=total_s * step / OUTPUT, tokens=step) for step in range(1, OUTPUT + 1)
            ),
            total_s=total_s,
            is_drafted=False,
            effective={"new_tokens": OUTPUT},
        )

    def flops(self, times: TokenTimes) -> FlopEstimate | Missing:
        return FlopEstimate(flops=1e9 * times.counts.output_tokens, formula="1e9 per output token")

    @contextmanager
    def _watch(self) -> Iterator[PeakWatch]:
        watch = PeakWatch()
        yield watch
        watch.figures = (PeakMemory(bytes=2**20, where="process", method="simulated"),)

    def peak_memory(self) -> AbstractContextManager[PeakWatch]:
        return self._watch()

    def dormant(self) -> dict[str, str]:
        return {}

    def canonical(self) -> BackendConfig:
        return self.settings


@dataclass
class SimulatedModel:
    """Loaded in no time; a binding starts with no calls behind it."""

    clock: Clock
    set_power_w: Callable[[float], None]
    work: Work

    def bind(self, settings: BackendConfig, workload: WorkloadConfig, prompts: Prompts) -> SimulatedSession:
        return SimulatedSession(self.clock, self.set_power_w, self.work, settings)

    def close(self) -> None:
        """There is nothing to free."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass
class SimulatedEngine:
    """The engine of the section ``simulated``."""

    clock: Clock = field(default_factory=SystemClock)
    set_power_w: Callable[[float], None] = lambda watts: None
    work: Work = field(default_factory=Work)

    def require_packages(self) -> None:
        """It needs none."""

    def environment(self) -> EngineEnvironment:
        return ENVIRONMENT

    @contextmanager
    def _messages(self) -> Iterator[list[str]]:
        yield ["this is a simulation"]

    def messages(self) -> AbstractContextManager[list[str]]:
        return self._messages()

    def gpus(self, model: ModelConfig, device: str) -> tuple[str, ...]:
        return ()

    def check(self, model: ModelConfig, settings: BackendConfig, workload: WorkloadConfig) -> None:
        if describe_prompts(workload.prompts) != "builtin":
            raise PromptError("workload.prompts: a simulation reads no prompts.")

    def load(self, model: ModelConfig, device: str) -> SimulatedModel:
        return SimulatedModel(self.clock, self.set_power_w, self.work)


ENGINE: Engine = SimulatedEngine(work=Work(call_s=0.002, prefill_s=0.001))
"""On the system's clock, and fast."""
