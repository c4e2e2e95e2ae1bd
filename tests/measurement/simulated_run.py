"""A model whose work draws known power on the simulated driver, in virtual time: the whole protocol in milliseconds.

The fake stands where the model would: at the outermost edge, in the place of :class:`Session`. Meter, protocol, statistics
and record are the real ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from simulated_nvml import Simulator, VirtualClock

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.transformers.counting import TokenCounts
from llenergymeasure.engines.transformers.model_info import ModelFacts
from llenergymeasure.engines.transformers.session import Missing
from llenergymeasure.measurement.progress import Progress, Silent
from llenergymeasure.measurement.run import Run, devices_before
from llenergymeasure.results.record import Record

UUID = "GPU-simulated"
VIRTUAL = "clock kind=virtual start=1000 call_us=20\n"
CARD = f"device uuid={UUID} name=Card period_ms=50 limit_w=500 sensor_period_ms=20\ncurve watts=60\n"
"""A card that draws 60 W while it idles."""
REQUESTS, PROMPT, OUTPUT = 4, 10, 32


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


@dataclass
class Work:
    """What the work is like: time and power of a call, and how both change as time passes.

    ``factor`` gives, for each call, what its power above idle is multiplied by; ``stretch`` what its time is. ``on_call`` and
    ``on_wait`` are told the number of each call and of each wait for the device, to fail there; ``on_prefill`` gives what the time
    of a prefill is multiplied by.
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


@dataclass
class SimulatedSession:
    """The place of a session: two batches; a call sleeps, and the card draws more meanwhile."""

    simulator: Simulator
    clock: VirtualClock
    work: Work
    gpu_uuids: tuple[str, ...] = (UUID,)
    batches: tuple[int, ...] = (0, 1)
    device: str = "cuda:0"
    assistant_facts: None = None
    calls: int = 0
    prefills: int = 0
    waits: int = 0
    facts: ModelFacts = FACTS

    def __post_init__(self) -> None:
        self.workload = SimpleNamespace(
            source="builtin", digest="0" * 16, padding_token=None, requests=REQUESTS, lengths=(10, 10), seed=0
        )

    def reseed(self) -> None: ...

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
        self.simulator.set_level(self.work.busy_w * self.work.factor(at_s))
        self.clock.sleep(length_s * self.work.stretch(at_s))
        self.simulator.set_level(0.0)

    def count(self, generated: int) -> TokenCounts:
        rows = REQUESTS // len(self.batches)
        return TokenCounts(
            prompts=rows, sequences=rows, prompt_tokens=rows * PROMPT, output_tokens=rows * generated
        )

    def observed(self, generated: int) -> dict[str, Any]:
        return {"max_new_tokens": OUTPUT}

    def dormant(self) -> dict[str, str]:
        return {}

    def canonical(self) -> PyTorchConfig:
        return PyTorchConfig()

    @contextmanager
    def peak_memory(self) -> Iterator[Any]:
        yield SimpleNamespace(figures=())

    def time_tokens(self, batch: int) -> Missing:
        return Missing(reason="nothing to see in a simulation")


class Bench:
    """A simulated card with the model on it and a meter open; :meth:`record` measures, as often as one likes."""

    def __init__(
        self,
        simulator: Simulator,
        work: Work | None = None,
        *,
        card: str = CARD,
        start: Any = None,
        **measurement: Any,
    ) -> None:
        simulator.load(VIRTUAL + card)
        self.simulator = simulator
        self.clock = VirtualClock(simulator)
        self.config = ExperimentConfig.model_validate(
            {"model": {"name": "builtin:llama"}, "measurement": {"devices": "auto", **measurement}}
        )
        self.session = SimulatedSession(simulator, self.clock, work or Work())
        options: dict[str, Any] = {"environ": {}, "powercap": Path("/nonexistent"), "in_container": False}
        options |= {"sample_hz": 0} if start is None else {"sample_hz": 10, "start": start(self.clock)}
        wanted = self.config.measurement.devices
        self.meter = EnergyMeter.open((UUID,) if wanted == "auto" else wanted, clock=self.clock, **options)

    def record(self, work: Work | None = None, progress: Progress | None = None) -> Record:
        self.session.work = work or self.session.work
        run = Run(
            config=self.config,
            declared=self.config.to_data(),
            session=self.session,
            meter=self.meter,
            clock=self.clock,
            devices=devices_before(self.meter),
            messages=(),
        )
        return run.record(progress or Silent())

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.meter.close()


def simulate(simulator: Simulator, work: Work | None = None, **options: Any) -> Record:
    """One record of that work."""
    with Bench(simulator, work, **options) as bench:
        return bench.record()


def noise(seed: int, sd: float) -> Callable[[float], float]:
    """A factor around 1, drawn anew for each call."""
    draw = random.Random(seed)
    return lambda at_s: draw.gauss(1.0, sd)
