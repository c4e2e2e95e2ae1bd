"""The meter: opened once, it gives windows.

::

    with EnergyMeter.open(devices="auto") as meter:
        with meter.window("decode") as window:
            work()
    window.energy.total
"""

from __future__ import annotations

import math
import os
import warnings
import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias

from llenergymeasure.energy.clock import Clock, SystemClock
from llenergymeasure.energy.counter_spec import CounterSpec, counter_specs
from llenergymeasure.energy.errors import EnergyError, WindowError
from llenergymeasure.energy.host import Host, examine_host
from llenergymeasure.energy.load import SAMPLING
from llenergymeasure.energy.load_sampling import BEGIN_AT, HZ, RECORD
from llenergymeasure.energy.planning import smallest_window_s
from llenergymeasure.energy.sampler import SAMPLE_HZ, Recording, StartRecording, start_recording
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Setup, StartSampler
from llenergymeasure.energy.sensors import Sensors, open_sensors
from llenergymeasure.energy.window import EnergyWindow

Boundaries: TypeAlias = Literal["tick", "immediate"]
"""What a window does at its start and its end: wait for the counters to move, or not."""


PROC = "/proc"
"""The folder of processes."""


class EnergyMeter:
    """Measures the energy of stretches of work, on the GPUs and CPUs of this machine.

    Made by :meth:`open`; a context manager; not for several threads at once. Its windows report joules with a
    standard uncertainty and a bound, or the reason that there are none::

        with EnergyMeter.open(devices="auto") as meter:
            with meter.window("decode", synchronise=torch.cuda.synchronize) as window:
                work()
        print(window.energy.total)
    """

    def __init__(self, sensors: Sensors, clock: Clock, load: Recording | None = None) -> None:
        self._sensors = sensors
        self._load = load
        self._clock = clock
        self._open: list[EnergyWindow] = []
        self._closed = False
        self._pid = os.getpid()
        weakref.finalize(self, _warn_left_open, self._open, self._pid)

    @classmethod
    def open(
        cls,
        devices: str | int | Sequence[object] = "auto",
        *,
        sample_hz: float = SAMPLE_HZ,
        modelled_cpu_watts: float | None = None,
        calibration_s: float | None = None,
        environ: Mapping[str, str] | None = None,
        powercap: Path | None = None,
        counters: Sequence[CounterSpec | Mapping[str, Any]] = (),
        host: Host | None = None,
        clock: Clock | None = None,
        start: StartSampler | None = None,
        start_child: StartRecording = start_recording,
    ) -> Self:
        """Find the sensors and measure how often their counters move, which takes up to ``calibration_s``.

        Args:
            devices: ``"auto"`` (the GPUs that CUDA lets this process use; if there is no GPU, the CPU),
                ``"gpu"``, ``"cpu"``, ``"none"``, a GPU's UUID (also torch's form, or a prefix), CUDA's number
                for it, or several of these, in a sequence or with commas.
            sample_hz: how often a child process samples the conditions of GPUs; 0 for no child process, also
                none for the load of the machine and for counters that come round.
            modelled_cpu_watts: watts per busy core. The CPU is then part of the energy: by RAPL where that
                can be read, else by this model, and marked so.
            calibration_s: the longest time to spend on measuring the counters' periods; by default as long as
                that usually takes, 2.5 s at most.
            environ: the environment that ``CUDA_VISIBLE_DEVICES`` is read from; by default this process's.
            powercap: the folder of RAPL's files; by default what LLENERGYMEASURE_POWERCAP names, else
                ``/sys/class/powercap``.
            counters: counters of energy besides these: files, or commands that print a number. Each is a
                :class:`~llenergymeasure.energy.counter_spec.CounterSpec`, or a mapping of its fields.
            host: what kind of machine this is; None looks for its marks.
            clock: the clock; by default the system's.
            start: starts the sampler; by default as a child process.
            start_child: starts what reads counters in between; by default as a child process.

        Raises:
            DeviceSelectionError: a device was named that is not here, or is a MIG instance.
            EnergyError: the watts or the sampling rate are not usable numbers, or a counter is not one.
        """
        if modelled_cpu_watts is not None and not (
            math.isfinite(modelled_cpu_watts) and modelled_cpu_watts > 0
        ):
            raise EnergyError(
                f"modelled_cpu_watts is {modelled_cpu_watts!r}: give the watts of a busy core, above 0"
            )
        if not (math.isfinite(sample_hz) and sample_hz >= 0):
            raise EnergyError(f"sample_hz is {sample_hz!r}: give samples per second, 0 for none")
        clock = clock or SystemClock()
        setup = Setup(
            clock=clock,
            environ=os.environ if environ is None else environ,
            powercap=powercap,
            host=examine_host(environ=environ) if host is None else host,
            calibration_s=calibration_s,
            start_sampler=start,
            start_recording=start_child,
            counters=counter_specs(counters),
        )
        sensors = open_sensors(devices, setup, modelled_cpu_watts)
        try:
            load = None
            if sample_hz > 0:
                sensors.start_sampling(sample_hz)
                load = start_child(SAMPLING, [PROC], HZ, RECORD, BEGIN_AT)
        except BaseException:
            sensors.close()
            raise
        return cls(sensors, clock, load)

    @property
    def sensors(self) -> Sensors:
        """What is measured, and what is missing."""
        return self._sensors

    def window(
        self,
        name: str,
        *,
        synchronise: Callable[[], object] | None = None,
        boundaries: Boundaries = "tick",
        target: float | None = None,
    ) -> EnergyWindow:
        """A new window, to be entered once with ``with``.

        Args:
            name: what it is called in messages.
            synchronise: called at both ends, to wait for work that runs asynchronously.
            boundaries: ``"tick"`` waits for the counters to move at both ends (about a period each);
                ``"immediate"`` does not, and the uncertainty shows what that costs.
            target: the relative standard uncertainty that you want. A window that misses it has a finding.

        Raises:
            WindowError: the meter is closed, or an argument has a value that is not allowed.
        """
        if self._closed:
            raise WindowError(
                f"the window {name!r} cannot be opened, because its meter is closed: open another meter"
            )
        _check(boundaries, target)
        return EnergyWindow(
            name=name,
            sensors=self._sensors,
            clock=self._clock,
            load=self._load,
            synchronise=synchronise,
            aligned=boundaries == "tick",
            target=target,
            opened=self._open,
        )

    def plan_window(self, target: float = 0.005, *, boundaries: Boundaries = "tick") -> float:
        """How many seconds a window must last for this relative standard uncertainty, at steady power.

        Raises:
            WindowError: nothing here can be measured, or not that exactly, so no window is long enough.
        """
        _check(boundaries, target)
        return smallest_window_s(self._sensors.opened, target, aligned=boundaries == "tick")

    def trace(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """Every sample taken between two instants of the monotonic clock, and one more on each side."""
        return self._sensors.samples(begin_s, end_s)

    def close(self) -> None:
        """Release the sensors, and stop their samplers. Windows that are still open are lost, and say so."""
        if self._closed:
            return
        self._closed = True
        if self._pid != os.getpid():
            return  # a fork of the process that opened it: its sampler and driver are not ours to stop
        for window in list(self._open):
            window.abandon()
        try:
            self._sensors.close()
        finally:
            if self._load is not None:
                self._load.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _warn_left_open(windows: Sequence[EnergyWindow], pid: int) -> None:
    """Warn of windows that were never closed, when their meter is deleted or the process ends."""
    for window in windows if pid == os.getpid() else ():
        warnings.warn(
            f"the window {window.name!r} was left open, so its energy is lost: use it in a `with` block",
            RuntimeWarning,
            stacklevel=1,
        )


def _check(boundaries: str, target: float | None) -> None:
    """Refuse boundaries that do not exist, and a target that no window can meet."""
    if boundaries not in {"tick", "immediate"}:
        raise WindowError(f"boundaries is {boundaries!r}: write 'tick' or 'immediate'")
    if target is not None and not (math.isfinite(target) and target > 0):
        raise WindowError(f"target is {target!r}: give a relative uncertainty above 0, such as 0.005")
