"""The simulated driver, built once, and a meter on virtual time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "nvml_sim")]

from simulated_nvml import Simulator, VirtualClock  # noqa: E402 - found by the path above

from llenergymeasure.energy.host import Host  # noqa: E402
from llenergymeasure.energy.meter import EnergyMeter  # noqa: E402

VIRTUAL = "clock kind=virtual start=1000 call_us=20\n"


@pytest.fixture(scope="session")
def library(nvml_library: Path) -> Path:
    return nvml_library


@pytest.fixture(scope="session")
def loaded(library: Path) -> Simulator:
    return Simulator(library)


@pytest.fixture
def simulator(loaded: Simulator) -> Simulator:
    loaded.load("")
    return loaded


@pytest.fixture
def clock(simulator: Simulator) -> VirtualClock:
    return VirtualClock(simulator)


@pytest.fixture
def open_meter(simulator: Simulator, clock: VirtualClock) -> Any:
    """Open a meter on a simulated machine in virtual time, with no CPU sensors and no environment."""
    opened: list[EnergyMeter] = []

    def open_(configuration: str, devices: object = "auto", **options: Any) -> EnergyMeter:
        simulator.load(VIRTUAL + configuration)
        options = {
            "environ": {},
            "powercap": Path("/nonexistent"),
            "host": Host(),
            "sample_hz": 0,
            "start_child": lambda *_: None,
        } | options
        meter = EnergyMeter.open(devices, clock=clock, **options)
        opened.append(meter)
        return meter

    yield open_
    for meter in opened:
        meter.close()


OpenMeter = Callable[..., EnergyMeter]
