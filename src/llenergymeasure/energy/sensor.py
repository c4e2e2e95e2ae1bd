"""What every sensor can do: the protocol that NVML, RAPL and the model of the CPU implement.

A *sensor* is one way to read energy, with all the devices that it reads: the GPUs of a driver, the zones of
RAPL. A new one is a module with a :class:`Sensor` and its :class:`SensorWindow`, a member of
:class:`~llenergymeasure.energy.figures.Method`, and a line in :mod:`.sensors`, which opens it. The meter, its
windows, the doctor and the planning use this protocol and name no sensor. What only GPUs have (the sampler,
the checks of conditions) is in :class:`~llenergymeasure.energy.nvml.sensor.NvmlSensor`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Method, Scope, Unavailable
from llenergymeasure.energy.nvml_sampler import DeviceSample


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where and how to look for sensors.

    Args:
        clock: every wait and time stamp goes through it.
        environ: the environment that ``CUDA_VISIBLE_DEVICES`` is read from.
        powercap: the folder that RAPL's files are in.
        in_container: whether this is a container; None looks for the marks of one.
        calibration_s: the longest time to spend on measuring how often counters move.
    """

    clock: Clock
    environ: Mapping[str, str]
    powercap: Path
    in_container: bool | None
    calibration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """What is known of one device before it is measured.

    ``uncertainty_1s`` and ``uncertainty_5s`` are the relative standard uncertainties of a window of 1 s and
    of 5 s at steady power. ``processes`` are those of others on the device; None where that is unknown.
    ``reason`` and ``hint`` say why it is not ``measurable``, and what to do.
    """

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


class SensorWindow(Protocol):
    """One sensor over one window. The methods are called in this order, each at most once.

    At the start the sensors are read in reverse order and at the end in order, so that the first one, the
    GPUs, is read closest to the work at both ends.
    """

    def align(self) -> None:
        """With aligned boundaries, before the window starts: wait for a tick."""
        ...

    def read_begin(self) -> None:
        """Read the start of the window."""
        ...

    def read_end(self) -> None:
        """Read the end of the window."""
        ...

    def follow(self) -> None:
        """With aligned boundaries, once all sensors were read: read on until the next tick."""
        ...

    def confirm(self) -> None:
        """Before the first call of :meth:`figures`: wait until it is known that the readings were valid."""
        ...

    def figures(
        self, begin_s: float, end_s: float, samples: Sequence[DeviceSample]
    ) -> list[Figure | CounterFault]:
        """The energy of each device between the two instants, with the help of the sampler's samples."""
        ...


class Sensor(Protocol):
    """One way to read energy, open and ready. See the module for what belongs to a new one."""

    @property
    def is_modelled(self) -> bool:
        """Whether its figures come from a model instead of a measurement."""
        ...

    def open_window(self) -> SensorWindow:
        """Its part of a new window."""
        ...

    def unavailable(self, reason: str, hint: str) -> list[Unavailable]:
        """A figure for each device of a window that was lost."""
        ...

    def smallest_window_s(self, target: float, *, aligned: bool) -> float | None:
        """How long a window must be for this relative standard uncertainty; None where any length will do.

        Raises:
            WindowError: no window is long enough.
        """
        ...

    def examine(self) -> list[DeviceReport]:
        """A report on each of its devices; a sensor that measures nothing has none."""
        ...

    def close(self) -> None:
        """Give back what it holds."""
        ...
