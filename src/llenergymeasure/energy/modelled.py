"""CPU energy by a model: busy seconds times watts per core. Only where a caller asks for it.

It implements :class:`~llenergymeasure.energy.sensor.Sensor` like the real sensors, and everything that it
reports is marked as modelled.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Modelled, Scope
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Device, DeviceReport

DEVICE = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuModel:
    """The model with the watts of a busy core, as the caller gave them."""

    watts_per_core: float
    is_modelled: bool = True

    def open_window(self) -> CpuModelWindow:
        """The CPU's part of a new window."""
        return CpuModelWindow(self.watts_per_core)

    @property
    def devices(self) -> list[Device]:
        """The CPU."""
        return [Device(id=DEVICE, scope=Scope.CPU_CORES)]

    def start_sampling(self, hz: float) -> None:
        """There is nothing to sample."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """There are none."""
        return ()

    def smallest_window_s(self, target: float, *, aligned: bool) -> float | None:
        """A model has no uncertainty, so no window is too short for it."""
        return None

    def examine(self) -> list[DeviceReport]:
        """Nothing is measured."""
        return []

    def close(self) -> None:
        """Nothing is held."""


class CpuModelWindow:
    """The CPU over one window; a :class:`~llenergymeasure.energy.sensor.SensorWindow`."""

    def __init__(self, watts_per_core: float) -> None:
        self._watts_per_core = watts_per_core
        self._begin_s = self._end_s = 0.0

    def align(self) -> None:
        """There is nothing to wait for."""

    def read_begin(self) -> None:
        """Read the CPU time so far."""
        self._begin_s = _busy_seconds()

    def read_end(self) -> None:
        """Read the CPU time so far."""
        self._end_s = _busy_seconds()

    def request_sample(self) -> None:
        """There is nothing to sample."""

    def follow(self) -> None:
        """There is nothing to wait for."""

    def confirm(self) -> None:
        """A reading shows by itself whether it is valid."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """There are none."""
        return ()

    def figures(self, begin_s: float, end_s: float) -> list[Figure | CounterFault]:
        """The model's joules."""
        return [_modelled_cpu(self._end_s - self._begin_s, self._watts_per_core)]

    def conditions(self, begin_s: float, end_s: float) -> list[Conditions | None]:
        """There are none."""
        return []

    def findings(self, figures: Sequence[Figure], begin_s: float, end_s: float) -> list[WindowFinding]:
        """A model is not checked."""
        return []


def _busy_seconds() -> float:
    """CPU time that this process, and the children it has waited for, have used so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _modelled_cpu(busy_s: float, watts_per_core: float) -> Modelled:
    """The model's joules for ``busy_s`` seconds of one core."""
    return Modelled(
        energy_j=busy_s * watts_per_core,
        model="busy-core-seconds",
        assumptions=(
            f"each busy core draws {watts_per_core:g} W (given by the user)",
            f"{busy_s:.4g} core-seconds were busy: CPU time of this process and of children it waited for",
            "idle cores, memory and everything else draw nothing",
        ),
        scope=Scope.CPU_CORES,
        device=DEVICE,
    )
