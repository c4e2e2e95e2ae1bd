"""What can be measured here and how well, device by device, and the hint for what cannot.

``llenergymeasure doctor`` prints it. :func:`examine` looks; the report is plain data, with a text and a JSON form.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llenergymeasure.energy.clock import Clock, SystemClock
from llenergymeasure.energy.counter import CALIBRATION_BUDGET_S
from llenergymeasure.energy.figures import Method, Scope
from llenergymeasure.energy.gpu import GpuSensor
from llenergymeasure.energy.integral import SENSOR_RELATIVE
from llenergymeasure.energy.nvml import Driver, Failure
from llenergymeasure.energy.nvml_sampler import descends_from
from llenergymeasure.energy.planning import boundary_s
from llenergymeasure.energy.rapl import POWERCAP, UPDATE_S, Zone
from llenergymeasure.energy.sensors import Sensors, Setup, open_sensors

WINDOWS_S = (1.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """One device. Uncertainties are relative standard ones of a window of 1 s and of 5 s, at steady power."""

    device: str
    name: str
    scope: Scope
    measurable: bool
    method: Method | None = None
    period_s: float | None = None
    uncertainty_1s: float | None = None
    uncertainty_5s: float | None = None
    mig: bool = False
    processes: tuple[int, ...] | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the doctor found."""

    driver_version: str | None
    devices: tuple[DeviceReport, ...]

    @property
    def measurable(self) -> bool:
        """Whether anything can be measured."""
        return any(device.measurable for device in self.devices)

    @property
    def exit_code(self) -> int:
        """0 when something can be measured, 1 when nothing can."""
        return 0 if self.measurable else 1

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"measurable": self.measurable, **asdict(self)}

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def to_text(self) -> str:
        """The report for a terminal."""
        lines = [f"NVIDIA driver: {self.driver_version or 'none'}"]
        for device in self.devices:
            lines += ["", *_lines(device)]
        verdict = "Energy can be measured here." if self.measurable else "Nothing can be measured here."
        return "\n".join([*lines, "", verdict])


def _lines(device: DeviceReport) -> list[str]:
    heading = device.device if device.name in {"", device.device} else f"{device.device} ({device.name})"
    if not device.measurable:
        lines = [f"{heading}: cannot be measured", f"  why:  {device.reason}"]
        return [*lines, f"  hint: {device.hint}"] if device.hint else lines
    lines = [f"{heading}: measured by {device.method}, scope {device.scope}"]
    if device.period_s is not None:
        lines.append(f"  the counter moves every {device.period_s * 1e3:.3g} ms")
    if device.uncertainty_1s is not None and device.uncertainty_5s is not None:
        lines.append(
            f"  standard uncertainty: {device.uncertainty_1s:.2%} of a window of 1 s, {device.uncertainty_5s:.2%} of 5 s"
        )
    if device.processes:
        lines.append(
            f"  other processes on it: {', '.join(map(str, device.processes))}; end them before measuring"
        )
    return [*lines, *(f"  note: {note}" for note in device.notes)]


def examine(
    *,
    environ: Mapping[str, str] | None = None,
    powercap: Path = POWERCAP,
    in_container: bool | None = None,
    clock: Clock | None = None,
    calibration_s: float = CALIBRATION_BUDGET_S,
) -> Report:
    """Look at every GPU that this process may use, and at the CPU. Takes up to ``calibration_s``."""
    setup = Setup(
        clock=clock or SystemClock(),
        environ=os.environ if environ is None else environ,
        powercap=powercap,
        in_container=in_container,
        calibration_s=calibration_s,
    )
    sensors = open_sensors("gpu,cpu", setup, None)
    try:
        return Report(driver_version=_version(sensors), devices=examine_sensors(sensors))
    finally:
        if sensors.driver is not None:
            sensors.driver.close()


def examine_sensors(sensors: Sensors) -> tuple[DeviceReport, ...]:
    """The same of what an open meter measures, and of what it was asked for and cannot."""
    devices = [_gpu(sensors.driver, sensor) for sensor in sensors.gpus if sensors.driver is not None]
    devices += [_zone(zone, sensors.rapl.notes) for zone in sensors.rapl.zones]
    return (*devices, *_missing(sensors))


def _version(sensors: Sensors) -> str | None:
    version = sensors.driver.call("nvmlSystemGetDriverVersion") if sensors.driver is not None else None
    return version if isinstance(version, str) else None


def _missing(sensors: Sensors) -> list[DeviceReport]:
    return [
        DeviceReport(
            device=figure.device,
            name="",
            scope=figure.scope,
            measurable=False,
            reason=figure.reason,
            hint=figure.hint,
        )
        for figure in sensors.missing
    ]


def _gpu(driver: Driver, sensor: GpuSensor) -> DeviceReport:
    gpu, counter = sensor.gpu, sensor.counter
    processes = driver.call("nvmlDeviceGetComputeRunningProcesses_v3", gpu.handle)
    notes = list(sensor.flags)
    if isinstance(processes, Failure):
        notes.append(f"who else uses the GPU is unknown: {processes.reason}")
    others = () if isinstance(processes, Failure) else _others([int(process.pid) for process in processes])
    if counter is None and not sensor.has_power:
        return DeviceReport(
            device=gpu.uuid,
            name=gpu.name,
            scope=sensor.scope,
            measurable=False,
            mig=gpu.mig,
            processes=None if isinstance(processes, Failure) else others,
            reason=sensor.why,
            hint=sensor.hint,
        )
    if counter is None:
        notes.append(f"no energy counter ({sensor.why}): power is sampled and integrated")
    elif counter.timing.stamped:
        notes.append("the driver stamps its counter's ticks, so that windows without waiting are good too")
    uncertainties = [
        SENSOR_RELATIVE if counter is None else boundary_s(counter.timing, aligned=True) / window_s
        for window_s in WINDOWS_S
    ]
    return DeviceReport(
        device=gpu.uuid,
        name=gpu.name,
        scope=sensor.scope,
        measurable=True,
        method=counter.method if counter else Method.NVML_POWER_INTEGRAL,
        period_s=counter.timing.period_s if counter else None,
        uncertainty_1s=uncertainties[0],
        uncertainty_5s=uncertainties[1],
        processes=None if isinstance(processes, Failure) else others,
        notes=tuple(notes),
    )


def _others(pids: Sequence[int]) -> tuple[int, ...]:
    """The processes that are not this one or its children."""
    return tuple(pid for pid in pids if not descends_from(pid, os.getpid()))


def _zone(zone: Zone, notes: tuple[str, ...]) -> DeviceReport:
    uncertainty_1s = UPDATE_S * (2 / 12) ** 0.5
    return DeviceReport(
        device=zone.name,
        name=str(zone.path.name),
        scope=zone.scope,
        measurable=True,
        method=Method.RAPL,
        period_s=UPDATE_S,
        uncertainty_1s=uncertainty_1s,
        uncertainty_5s=uncertainty_1s / 5,
        notes=notes if zone.scope is Scope.CPU_PACKAGE else (),
    )
