"""The energy meter: counters read at both ends of a window.

::

    with EnergyMeter.open(devices="auto") as meter:
        with meter.window("run", synchronise=finish_queued_work) as window:
            work()
    window.energy.total  # Measured | Unavailable

It reads each GPU's total-energy counter (``nvmlDeviceGetTotalEnergyConsumption``) as the window begins and as it ends. The
counter moves in steps, so each read is up to one step late; what that may cost stands beside the joules. A driver that
is absent or fails never raises here: the figure is ``Unavailable``, and says why.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Literal, TypeAlias

from llenergymeasure.energy import nvml
from llenergymeasure.energy.errors import DeviceSelectionError, WindowError
from llenergymeasure.energy.figures import Figure, Measured, Method, Reading, Scope, Unavailable, WindowEnergy

PERIOD_S = 0.1
"""How often the counter is taken to move. Cards from Ampere on were seen to step about every 100 ms, older ones faster."""

Devices: TypeAlias = Literal["auto", "none", "cpu"] | Sequence[str | int]
"""``auto``: every GPU that the driver lists. ``none``: nothing. ``cpu``: not readable yet. Or UUIDs and indices."""


class EnergyMeter:
    """Counters that are ready to be read; use it as a context manager, or close it."""

    def __init__(self, gpus: Sequence[nvml.Gpu], missing: Sequence[Unavailable]) -> None:
        self._gpus = tuple(gpus)
        self._missing = tuple(missing)
        self._open = True

    @classmethod
    def open(cls, devices: Devices = "auto") -> EnergyMeter:
        """A meter of the devices.

        Raises:
            DeviceSelectionError: a UUID or index that the driver does not list.
        """
        if devices == "none":
            return cls(
                (), (_gpu_unavailable("energy was not asked for", "Set measurement.devices to auto."),)
            )
        if devices == "cpu":
            reason = "the CPU's energy counters are not read by this version"
            return cls((), (_unavailable("cpu", reason, "Measure a GPU.", Scope.CPU_PACKAGE),))
        try:
            nvml.start()
        except nvml.SensorError as error:
            return cls((), (_gpu_unavailable(error.reason, error.mend),))
        try:
            present = nvml.gpus()
        except nvml.SensorError as error:
            nvml.stop()
            return cls((), (_gpu_unavailable(error.reason, error.mend),))
        try:
            chosen = present if isinstance(devices, str) else _choose(devices, present)
        except DeviceSelectionError:
            nvml.stop()
            raise
        if not chosen:
            nvml.stop()
            return cls(
                (), (_gpu_unavailable("the NVIDIA driver lists no GPU", "See whether nvidia-smi shows one."),)
            )
        return cls(chosen, ())

    def window(self, name: str, *, synchronise: Callable[[], None] | None = None) -> Window:
        """A window to enter once; ``synchronise`` waits for queued work and is called before each end is read.

        Raises:
            WindowError: the meter is closed.
        """
        if not self._open:
            raise WindowError(
                f"The window {name!r} was opened after its meter was closed; open the meter around it."
            )
        return Window(name, self._gpus, self._missing, synchronise)

    def close(self) -> None:
        """Let go of the driver; a second call does nothing."""
        if self._open and self._gpus:
            nvml.stop()
        self._open = False

    def __enter__(self) -> EnergyMeter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Window:
    """What happens between two instants; made by :meth:`EnergyMeter.window`."""

    def __init__(
        self,
        name: str,
        gpus: Sequence[nvml.Gpu],
        missing: Sequence[Unavailable],
        synchronise: Callable[[], None] | None,
    ) -> None:
        self.name = name
        self._gpus = tuple(gpus)
        self._missing = tuple(missing)
        self._synchronise = synchronise
        self._begin: tuple[Reading | Unavailable, ...] | None = None
        self._energy: WindowEnergy | None = None

    @property
    def energy(self) -> WindowEnergy:
        """The figures, once the window has ended.

        Raises:
            WindowError: it has not ended yet.
        """
        if self._energy is None:
            raise WindowError(f"The energy of the window {self.name!r} was asked for before it ended.")
        return self._energy

    def __enter__(self) -> Window:
        if self._begin is not None:
            raise WindowError(f"The window {self.name!r} was entered twice; make another one.")
        self._wait()
        self._begin = tuple(map(_read, self._gpus))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._begin is not None
        if kind is not None:
            self._energy = WindowEnergy.of([_gpu_unavailable(f"the window ended in {kind.__name__}", "")])
            return
        self._wait()
        figures = [
            _figure(gpu, begin, _read(gpu)) for gpu, begin in zip(self._gpus, self._begin, strict=True)
        ]
        self._energy = WindowEnergy.of([*figures, *self._missing])

    def _wait(self) -> None:
        if self._synchronise is not None:
            self._synchronise()


def _choose(wanted: Sequence[str | int], present: Sequence[nvml.Gpu]) -> tuple[nvml.Gpu, ...]:
    """The GPUs asked for, each once, in the order asked."""
    by_name: dict[str, nvml.Gpu] = {name: gpu for gpu in present for name in (gpu.uuid, str(gpu.index))}
    unknown = [str(name) for name in wanted if str(name) not in by_name]
    if unknown:
        there = ", ".join(f"{gpu.index} ({gpu.uuid}, {gpu.name})" for gpu in present) or "none"
        raise DeviceSelectionError(f"There is no GPU {', '.join(unknown)} here; the driver lists: {there}.")
    return tuple({by_name[str(name)].uuid: by_name[str(name)] for name in wanted}.values())


def _read(gpu: nvml.Gpu) -> Reading | Unavailable:
    """The counter now, timed at the middle of the call."""
    try:
        if nvml.partitioned(gpu):
            reason = "it is cut into MIG instances, and its counter is of the whole card"
            return _unavailable(gpu.uuid, reason, "Turn MIG off, or use a whole GPU.")
        before = time.monotonic()
        value = nvml.energy_mj(gpu)
        return Reading(value=value, unit="mJ", at_s=(before + time.monotonic()) / 2)
    except nvml.SensorError as error:
        return _unavailable(gpu.uuid, error.reason, error.mend)


def _figure(gpu: nvml.Gpu, begin: Reading | Unavailable, end: Reading | Unavailable) -> Figure:
    """The joules between two reads of one counter.

    Each read is up to one period old. At a steady power P over a window of W seconds the counter therefore says at
    least P (W - T) and at most P (W + T): the true value is within T / (W - T) of what it says. Over all phases and
    window lengths the standard deviation is T / (sqrt(6) W).
    """
    if isinstance(begin, Unavailable):
        return begin
    if isinstance(end, Unavailable):
        return end
    seconds = end.at_s - begin.at_s
    energy_j = (end.value - begin.value) / 1000
    if energy_j < 0:
        return _unavailable(
            gpu.uuid, "its energy counter went backwards", "Repeat the run; the driver was reset in it."
        )
    if seconds <= PERIOD_S or energy_j == 0:
        reason = f"the run took {seconds:.3f} s, too short for a counter that moves about every {PERIOD_S} s"
        return _unavailable(gpu.uuid, reason, "Make it longer: more requests, or more new tokens.")
    return Measured(
        energy_j=energy_j,
        uncertainty_j=energy_j * PERIOD_S / (math.sqrt(6) * seconds),
        bound_j=energy_j * PERIOD_S / (seconds - PERIOD_S),
        method=Method.NVML_TOTAL_ENERGY,
        scope=Scope.GPU,
        device=gpu.uuid,
        period_s=PERIOD_S,
        begin=begin,
        end=end,
        flags=("counter period assumed, not measured", "steady power assumed at the edges"),
    )


def _unavailable(device: str, reason: str, mend: str, scope: Scope = Scope.GPU) -> Unavailable:
    return Unavailable(reason=reason, mend=mend, scope=scope, device=device)


def _gpu_unavailable(reason: str, mend: str) -> Unavailable:
    """No GPU can be named: the figure stands for all of them."""
    return _unavailable("gpu", reason, mend)
