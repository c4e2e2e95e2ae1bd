"""From what a caller asks for to what will be measured: which sensors are opened, or the reason for none.

The one module that knows every sensor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from llenergymeasure.energy.cumulative.named import open_named
from llenergymeasure.energy.cumulative.sensor import CounterSensor
from llenergymeasure.energy.figures import Scope, Unavailable
from llenergymeasure.energy.modelled import CpuModel
from llenergymeasure.energy.nvml.identity import nvidia_identity
from llenergymeasure.energy.nvml.sensor import GPU, NvmlSensor, open_nvml
from llenergymeasure.energy.rapl.zones import find_counters, powercap_folder
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Device, Sensor, Setup

AUTO, CPU, NONE = "auto", "cpu", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """What a meter measures.

    Args:
        opened: the sensors that have a device, GPUs first: that is the order of the figures.
        missing: figures that are unavailable from the start.
        drivers: the version of each driver that was looked for, by its name; None where it is not there.
    """

    opened: tuple[Sensor, ...]
    missing: tuple[Unavailable, ...]
    drivers: Mapping[str, str | None]

    @property
    def devices(self) -> tuple[Device, ...]:
        """Everything that is measured, in the order of the figures and of the samples' numbers."""
        return tuple(device for sensor in self.opened for device in sensor.devices)

    @property
    def has_measured(self) -> bool:
        """Whether anything is measured, and not only modelled."""
        return any(not sensor.is_modelled for sensor in self.opened)

    @property
    def has_modelled(self) -> bool:
        """Whether a figure comes from a model."""
        return any(sensor.is_modelled for sensor in self.opened)

    def start_sampling(self, hz: float) -> None:
        """Begin to sample conditions so often, where devices have some."""
        for sensor in self.opened:
            sensor.start_sampling(hz)

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples of all devices between two instants, and one more on each side."""
        return numbered([(len(sensor.devices), sensor.samples(begin_s, end_s)) for sensor in self.opened])

    def close(self) -> None:
        """Give back what the sensors hold; one that fails does not keep the others open."""
        with ExitStack() as stack:
            for sensor in reversed(self.opened):
                stack.callback(sensor.close)


def numbered(of_sensors: Sequence[tuple[int, Sequence[DeviceSample]]]) -> Sequence[DeviceSample]:
    """The samples of several sensors, each with its number of devices, with numbers among all devices."""
    first = 0
    samples: list[DeviceSample] = []
    for devices, own in of_sensors:
        samples += [sample._replace(device=first + sample.device) for sample in own] if first else own
        first += devices
    return samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The GPUs of this machine, measured or not, by their ids, and their driver's version."""

    gpu_driver: str | None
    gpus: Mapping[str, str]


def identify_machine() -> Machine:
    """What the drivers report, for a record; nothing is measured. Empty where there is no driver."""
    nvidia = nvidia_identity()
    return Machine(gpu_driver=nvidia.driver, gpus=nvidia.gpus)


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
    opened: list[Sensor] = []
    missing: list[Unavailable] = []
    drivers: dict[str, str | None] = {}
    try:
        if auto or GPU in requested or named:
            nvml, missing = open_nvml(setup, visible=auto or GPU in requested, named=named)
            drivers["NVIDIA driver"] = None if nvml is None else nvml.driver.version()
            opened += _with_devices(nvml)
        cpu_wanted = CPU in requested or modelled_cpu_watts is not None or (auto and not opened)
        cpu, cpu_missing = _open_cpu(setup, modelled_cpu_watts) if cpu_wanted else (None, [])
        if auto and GPU not in requested and not named and not opened and cpu is not None:
            missing = []  # a GPU was not asked for explicitly, and there is another sensor
        opened += [] if cpu is None else [cpu]
        named_counters, counters_missing = open_named(setup)
        opened += [] if named_counters is None else [named_counters]
    except BaseException:
        for sensor in opened:
            sensor.close()
        raise
    return Sensors(opened=tuple(opened), missing=(*missing, *cpu_missing, *counters_missing), drivers=drivers)


def _with_devices(nvml: NvmlSensor | None) -> list[NvmlSensor]:
    """The sensor, unless it has no GPU; then it is closed."""
    if nvml is None or nvml.gpus:
        return [] if nvml is None else [nvml]
    nvml.close()
    return []


def _open_cpu(
    setup: Setup, modelled_cpu_watts: float | None
) -> tuple[CounterSensor | CpuModel | None, Sequence[Unavailable]]:
    """RAPL if it can be read; otherwise the model if its watts were given; otherwise why neither is open."""
    powercap = setup.powercap or powercap_folder(setup.environ)
    rapl = find_counters(powercap, setup.clock, setup.host)
    if rapl.counters:
        sensor = CounterSensor(
            counters=rapl.counters, clock=setup.clock, start_recording=setup.start_recording
        )
        return sensor, rapl.missing
    if modelled_cpu_watts is not None:
        return CpuModel(watts_per_core=modelled_cpu_watts), rapl.missing
    return None, [
        Unavailable(reason=rapl.reason, hint=rapl.hint, scope=Scope.CPU_PACKAGE, device=CPU),
        *rapl.missing,
    ]
