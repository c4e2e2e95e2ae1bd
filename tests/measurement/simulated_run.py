"""The whole protocol in milliseconds: work that draws known power on the simulated driver, in virtual time.

Only the engine and the driver are simulated; meter, protocol, statistics and record are the real ones.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulated_engine import ENVIRONMENT, OUTPUT, REQUESTS, SimulatedExperiment, SimulatedSession, Work
from simulated_nvml import Simulator, VirtualClock

from llenergymeasure.energy.host import Host
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.descriptions import EngineDevice
from llenergymeasure.measurement.progress import Progress, Silent
from llenergymeasure.measurement.run import devices_before, record_run
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.results.record import Record

__all__ = ["CARD", "OUTPUT", "REQUESTS", "UUID", "Bench", "Work", "noise", "simulate"]

UUID = "GPU-simulated"
VIRTUAL = "clock kind=virtual start=1000 call_us=20\n"
CARD = f"device uuid={UUID} name=Card period_ms=50 limit_w=500 sensor_period_ms=20\ncurve watts=60\n"
"""A card that draws 60 W while it idles."""


def gpus(*uuids: str) -> tuple[EngineDevice, ...]:
    """GPUs that hold the model."""
    return tuple(EngineDevice(name=f"cuda:{index}", uuid=uuid) for index, uuid in enumerate(uuids))


class Bench:
    """A simulated GPU with the model on it and an open meter; :meth:`record` measures, as often as needed."""

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
        self.clock = VirtualClock(simulator)
        self.config = SimulatedExperiment.model_validate(
            {"model": {"name": "none"}, "measurement": {"devices": "auto", **measurement}}
        )
        self.session = SimulatedSession(
            self.clock,
            simulator.set_level,
            work or Work(),
            settings=self.config.engine_settings,
            devices=gpus(UUID),
            no_token_times="nothing to see in a simulation",
        )
        options: dict[str, Any] = {
            "environ": {},
            "powercap": Path("/nonexistent"),
            "host": Host(),
            "start_child": lambda *_: None,
        }
        options |= {"sample_hz": 0} if start is None else {"sample_hz": 10, "start": start(self.clock)}
        devices = self.config.measurement.devices
        self.meter = EnergyMeter.open((UUID,) if devices == "auto" else devices, clock=self.clock, **options)

    def record(self, work: Work | None = None, progress: Progress | None = None) -> Record:
        self.session.work = work or self.session.work
        return record_run(
            RunContext(
                config=self.config,
                declared=self.config.to_data(),
                environment=ENVIRONMENT,
                session=self.session,
                meter=self.meter,
                clock=self.clock,
                progress=progress or Silent(),
                devices=devices_before(self.meter),
                messages=(),
            )
        )

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.meter.close()


def simulate(simulator: Simulator, work: Work | None = None, **options: Any) -> Record:
    """One record of that work."""
    with Bench(simulator, work, **options) as bench:
        return bench.record()


def noise(seed: int, sd: float) -> Callable[[float], float]:
    """A factor around 1, drawn again for each call."""
    draw = random.Random(seed)
    return lambda at_s: draw.gauss(1.0, sd)
