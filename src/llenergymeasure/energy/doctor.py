"""What can be measured here and how well, device by device, with a hint for what cannot.

``llenergymeasure doctor`` prints it. :func:`examine` opens the sensors and asks them; the report is plain
data, with a text and a JSON form.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from llenergymeasure.energy.clock import Clock, SystemClock
from llenergymeasure.energy.host import Host, examine_host
from llenergymeasure.energy.sensor import DeviceReport, Setup
from llenergymeasure.energy.sensors import Sensors, open_sensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the doctor found on this machine.

    ``drivers`` has the version of each driver that was looked for, by its name; None where it is not there.
    """

    drivers: Mapping[str, str | None]
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
        """The report as JSON takes it."""
        return {"measurable": self.measurable, **asdict(self)}

    def to_json(self) -> str:
        """The report as JSON text."""
        return json.dumps(self.to_dict(), indent=2)

    def to_text(self) -> str:
        """The report for a terminal."""
        lines = [f"{name}: {version or 'none'}" for name, version in self.drivers.items()]
        for device in self.devices:
            lines += ["", *_lines(device)]
        conclusion = "Energy can be measured here." if self.measurable else "Nothing can be measured here."
        return "\n".join([*lines, "", conclusion])


def _lines(device: DeviceReport) -> list[str]:
    heading = device.device if device.name in {"", device.device} else f"{device.device} ({device.name})"
    if not device.measurable:
        lines = [f"{heading}: cannot be measured", f"  reason: {device.reason}"]
        return [*lines, f"  hint:   {device.hint}"] if device.hint else lines
    lines = [f"{heading}: measured by {device.method}, scope {device.scope}"]
    if device.period_s is not None:
        lines.append(f"  the counter moves every {device.period_s * 1e3:.3g} ms")
    if device.uncertainty_1s is not None and device.uncertainty_5s is not None:
        lines.append(
            f"  standard uncertainty: {device.uncertainty_1s:.2%} of a window of 1 s, "
            f"{device.uncertainty_5s:.2%} of 5 s"
        )
    if device.processes:
        others = ", ".join(map(str, device.processes))
        lines.append(f"  other processes on it: {others}; end them before measuring")
    return [*lines, *(f"  note: {note}" for note in device.notes)]


def examine(
    *,
    environ: Mapping[str, str] | None = None,
    powercap: Path | None = None,
    host: Host | None = None,
    clock: Clock | None = None,
    calibration_s: float | None = None,
) -> Report:
    """Examine every GPU that this process may use, and the CPU. Takes up to ``calibration_s``."""
    setup = Setup(
        clock=clock or SystemClock(),
        environ=os.environ if environ is None else environ,
        powercap=powercap,
        host=examine_host(environ=environ) if host is None else host,
        calibration_s=calibration_s,
    )
    sensors = open_sensors("gpu,cpu", setup, None)
    try:
        return Report(drivers=sensors.drivers, devices=examine_sensors(sensors))
    finally:
        sensors.close()


def examine_sensors(sensors: Sensors) -> tuple[DeviceReport, ...]:
    """A report on what an open meter measures, and on what it was asked for and cannot."""
    missing = [
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
    return (*(report for sensor in sensors.opened for report in sensor.examine()), *missing)
