"""From what a caller asks for to what will be measured: which sensors are opened, or the reason for none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from llenergymeasure.energy.figures import Scope, Unavailable
from llenergymeasure.energy.modelled import CpuModel
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.sensor import GPU, NvmlSensor, open_nvml
from llenergymeasure.energy.rapl.sensor import RaplSensor
from llenergymeasure.energy.rapl.zones import find_zones
from llenergymeasure.energy.sensor import Sensor, Setup

AUTO, CPU, NONE = "auto", "cpu", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """What a meter measures.

    Args:
        nvml: the sensor of the GPUs, which are sampled and checked too; None without a driver.
        others: the other sensors.
        missing: figures that are unavailable from the start.
    """

    nvml: NvmlSensor | None
    others: tuple[Sensor, ...]
    missing: tuple[Unavailable, ...]

    @property
    def opened(self) -> tuple[Sensor, ...]:
        """The sensors that have a device, GPUs first: that is the order of the figures."""
        return self.others if self.nvml is None or not self.nvml.gpus else (self.nvml, *self.others)

    @property
    def gpus(self) -> tuple[MeasuredGpu, ...]:
        """The GPUs, in the order of the figures and of the sampler's numbers."""
        return () if self.nvml is None else self.nvml.gpus

    @property
    def has_measured(self) -> bool:
        """Whether anything is measured, and not only modelled."""
        return any(not sensor.is_modelled for sensor in self.opened)

    @property
    def has_modelled(self) -> bool:
        """Whether a figure comes from a model."""
        return any(sensor.is_modelled for sensor in self.opened)

    def close(self) -> None:
        """Give back what the sensors hold; one that fails does not keep the others open."""
        with ExitStack() as stack:
            for sensor in (self.nvml, *self.others):
                if sensor is not None:
                    stack.callback(sensor.close)


def _requested_devices(devices: str | int | Sequence[object]) -> list[str]:
    """The caller's devices as a list: from a text with commas, one index, or a sequence of these."""
    parts = (
        devices.split(",") if isinstance(devices, str) else [devices] if isinstance(devices, int) else devices
    )
    return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))


def open_sensors(
    devices: str | int | Sequence[object], setup: Setup, modelled_cpu_watts: float | None
) -> Sensors:
    """Find and calibrate what was asked for.

    Raises:
        DeviceSelectionError: a GPU was named that is not here, or cannot be measured on its own.
    """
    requested = _requested_devices(devices)
    auto = AUTO in requested
    named = [word for word in requested if word not in {AUTO, GPU, CPU, NONE}]
    nvml: NvmlSensor | None = None
    missing: list[Unavailable] = []
    if auto or GPU in requested or named:
        nvml, missing = open_nvml(setup, visible=auto or GPU in requested, named=named)
    has_gpus = nvml is not None and bool(nvml.gpus)
    cpu_wanted = CPU in requested or modelled_cpu_watts is not None or (auto and not has_gpus)
    cpu, cpu_missing = _open_cpu(setup, modelled_cpu_watts) if cpu_wanted else (None, [])
    if auto and GPU not in requested and not named and not has_gpus and cpu is not None:
        missing = []  # a GPU was not asked for explicitly, and there is another sensor
    return Sensors(
        nvml=nvml,
        others=() if cpu is None else (cpu,),
        missing=(*missing, *cpu_missing),
    )


def _open_cpu(
    setup: Setup, modelled_cpu_watts: float | None
) -> tuple[RaplSensor | CpuModel | None, Sequence[Unavailable]]:
    """RAPL if it can be read; otherwise the model if its watts were given; otherwise why neither is open."""
    rapl = find_zones(setup.powercap, setup.clock, in_container=setup.in_container)
    if rapl.zones:
        return RaplSensor(zones=rapl.zones, notes=rapl.notes, clock=setup.clock), rapl.missing
    if modelled_cpu_watts is not None:
        return CpuModel(watts_per_core=modelled_cpu_watts), rapl.missing
    return None, [
        Unavailable(reason=rapl.reason, hint=rapl.hint, scope=Scope.CPU_PACKAGE, device=CPU),
        *rapl.missing,
    ]
