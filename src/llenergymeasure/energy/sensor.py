"""What every sensor can do: the protocol that all of them implement, and that the rest of the package uses.

A *sensor* is one way to read energy, with all the devices that it reads: the GPUs of a driver, the zones of
RAPL. A new one is a module with a :class:`Sensor` and its :class:`SensorWindow`, a member of
:class:`~llenergymeasure.energy.figures.Method`, and a line in :mod:`.sensors`, which opens it. The meter, its
windows, the doctor and the planning know this protocol and no sensor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.counter_spec import CounterSpec
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Method, Scope
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.host import Host
from llenergymeasure.energy.sampler import Sampler, StartRecording, start_recording
from llenergymeasure.energy.samples import DeviceSample

StartSampler: TypeAlias = Callable[[Sequence[str], float], Sampler | None]
"""Starts a sampler of devices, named by their ids, at so many samples per second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where and how to look for sensors.

    Args:
        clock: every wait and time stamp goes through it.
        environ: the environment that ``CUDA_VISIBLE_DEVICES`` is read from.
        powercap: the folder that RAPL's files are in; None for the usual one.
        host: what kind of machine this is.
        calibration_s: the longest time to spend on measuring how often counters move; None for as long as
            that usually takes.
        start_sampler: starts the sampler of devices whose conditions change; None for a child process.
        start_recording: starts the child process that reads counters in between.
        counters: those that the user names.
    """

    clock: Clock
    environ: Mapping[str, str]
    host: Host
    powercap: Path | None = None
    calibration_s: float | None = None
    start_sampler: StartSampler | None = None
    start_recording: StartRecording = start_recording
    counters: tuple[CounterSpec, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One device that a sensor reads: its name in figures, and what its joules cover."""

    id: str
    scope: Scope


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
    """One sensor over one window. The methods are called in this order; those up to ``follow`` once.

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

    def request_sample(self) -> None:
        """Right after the start, and right after the end: request a sample of the conditions."""
        ...

    def follow(self) -> None:
        """With aligned boundaries, once all sensors were read: read on until the next tick."""
        ...

    def confirm(self) -> None:
        """Before the first call of :meth:`figures`: wait until it is known that the readings were valid."""
        ...

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples of its devices between the two instants, and one more on each side."""
        ...

    def figures(self, begin_s: float, end_s: float) -> list[Figure | CounterFault]:
        """The energy of each device between the two instants."""
        ...

    def conditions(self, begin_s: float, end_s: float) -> list[Conditions | None]:
        """The conditions on each device, None where they are unknown; empty if its devices have none."""
        ...

    def findings(self, figures: Sequence[Figure], begin_s: float, end_s: float) -> list[WindowFinding]:
        """What is wrong with these figures of its devices."""
        ...


class Sensor(Protocol):
    """One way to read energy, open and ready. See the module for what belongs to a new one."""

    @property
    def is_modelled(self) -> bool:
        """Whether its figures come from a model instead of a measurement."""
        ...

    @property
    def devices(self) -> Sequence[Device]:
        """What it reads, in the order of its figures."""
        ...

    def open_window(self) -> SensorWindow:
        """Its part of a new window."""
        ...

    def start_sampling(self, hz: float) -> None:
        """Begin to sample the conditions of its devices so often; nothing where they have none."""
        ...

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples between the two instants, and one more on each side."""
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
