"""The GPUs of an NVIDIA driver, as one :class:`~llenergymeasure.energy.sensor.Sensor`."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.errors import WindowError
from llenergymeasure.energy.figures import Method, Scope, Unavailable
from llenergymeasure.energy.nvml.boundaries import TICK_UNKNOWN
from llenergymeasure.energy.nvml.boundary_readings import CounterWindow, confirm
from llenergymeasure.energy.nvml.calibration import CALIBRATION_BUDGET_S
from llenergymeasure.energy.nvml.counter import FINE_S, Timing
from llenergymeasure.energy.nvml.devices import Gpu, Visible, list_gpus, named_gpu, visible_gpus
from llenergymeasure.energy.nvml.driver import Driver, Failure, open_driver
from llenergymeasure.energy.nvml.expected import expected_relative, expected_shape
from llenergymeasure.energy.nvml.gpu import MeasuredGpu, open_gpus
from llenergymeasure.energy.nvml.hints import NOT_INSTALLED, NOT_LOADED, absent_hint
from llenergymeasure.energy.nvml.users import GpuUsers, users_of
from llenergymeasure.energy.sampler import ProcessSampler, Sampler
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Device, DeviceReport, Setup, StartSampler

GPU = "gpu"
"""What GPUs are called if none is named."""
SAMPLING = "llenergymeasure.energy.nvml.sampling"
"""What the child process that samples the GPUs runs."""
ALIGNED_BOUNDARIES = 0.08
"""With aligned boundaries, the part of a period's energy that stays unknown: as found in the calibration of
docs/energy.md, whose windows end anywhere in the counter's period."""


@dataclass(slots=True, kw_only=True)
class NvmlSensor:
    """The GPUs that are measured, and their driver. Made by :func:`open_nvml`.

    ``notes`` are about GPUs that nobody asked for. ``sampler`` is None until :meth:`start_sampling`, and
    where none can be started.
    """

    driver: Driver
    gpus: tuple[MeasuredGpu, ...]
    clock: Clock
    start_sampler: StartSampler | None
    notes: tuple[str, ...] = ()
    sampler: Sampler | None = None
    is_modelled: bool = False

    @property
    def devices(self) -> list[Device]:
        """The GPUs."""
        return [Device(id=gpu.uuid, scope=gpu.scope) for gpu in self.gpus]

    def open_window(self) -> CounterWindow:
        """The GPUs' part of a new window."""
        return CounterWindow(self.gpus, self.clock, self.sampler)

    def start_sampling(self, hz: float) -> None:
        """Start a child process that samples power, temperature, clocks and who else is there."""
        start = self.start_sampler or self._start_process
        self.sampler = start([gpu.uuid for gpu in self.gpus], hz)

    def _start_process(self, uuids: Sequence[str], hz: float) -> Sampler | None:
        """The child; None where it cannot be started (then conditions are unknown)."""
        binding = getattr(self.driver.binding, "__file__", None)
        if binding is None or not sys.executable:
            return None
        try:
            return ProcessSampler(SAMPLING, [str(Path(binding)), *uuids], hz, len(uuids))
        except OSError:
            return None

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples of all GPUs between the two instants, and one more of each on either side."""
        return () if self.sampler is None else self.sampler.samples(begin_s, end_s)

    def smallest_window_s(self, target: float, *, aligned: bool) -> float | None:
        """How long a window must be for this relative standard uncertainty on every GPU.

        Raises:
            WindowError: a GPU has no counter, and integrated power stays more uncertain than that.
        """
        lengths_s = [
            boundary_s(gpu.counter.timing, aligned=aligned) / target for gpu in self.gpus if gpu.counter
        ]
        for gpu in self.gpus:
            if gpu.counter is not None or not gpu.has_power:
                continue
            expected = expected_shape(self.driver, gpu, self.clock)
            if target <= expected.stays:
                raise WindowError(
                    f"no window is long enough for {target:g}: a GPU here has no counter, and integrated power "
                    f"stays {expected.stays:.0%} uncertain"
                )
            lengths_s.append(expected.length_s(target))
        return max(lengths_s, default=None)

    def examine(self) -> list[DeviceReport]:
        """A report on each GPU."""
        reports = [_examine(self.driver, gpu, self.clock) for gpu in self.gpus]
        return [replace(report, notes=(*report.notes, *self.notes)) for report in reports]

    def close(self) -> None:
        """Wait until each counter has moved after its last window; close the driver, and stop the sampler."""
        with ExitStack() as stack:
            if self.sampler is not None:
                stack.callback(self.sampler.stop)
            stack.callback(self.driver.close)
            confirm([gpu.counter for gpu in self.gpus if gpu.counter is not None], self.clock)


def boundary_s(timing: Timing, *, aligned: bool) -> float:
    """The standard uncertainty of both boundaries together, in seconds of the window's mean power.

    Without waiting, and without stamps, each boundary is uniform over a period, whose standard deviation is
    ``period / sqrt(12)``; both together are ``sqrt(2)`` of that, and ``TICK_UNKNOWN`` times as much.
    """
    if aligned:
        return math.hypot(FINE_S, ALIGNED_BOUNDARIES * timing.period_s)
    if timing.stamped:
        return ALIGNED_BOUNDARIES * timing.period_s
    return TICK_UNKNOWN * timing.period_s / math.sqrt(6)


def open_nvml(
    setup: Setup, *, visible: bool, named: Sequence[str]
) -> tuple[NvmlSensor | None, list[Unavailable]]:
    """The visible and the named GPUs, calibrated, and a figure for what was asked for and is not there.

    Raises:
        DeviceSelectionError: a GPU was named that is not here, or cannot be measured on its own.
    """
    driver = open_driver()
    if isinstance(driver, Failure):
        is_absent = driver.code in {NOT_INSTALLED, NOT_LOADED}
        hint = absent_hint(setup.host, driver.hint) if is_absent else driver.hint
        return None, [_missing(word, driver.reason, hint) for word in (named or [GPU])]
    try:
        listed = list_gpus(driver)
        if isinstance(listed, Failure):
            driver.close()
            return None, [_missing(word, listed.reason, listed.hint) for word in (named or [GPU])]
        cards, failures = listed
        # A GPU that cannot be opened is missing only where all were asked for.
        everything = visible and "CUDA_VISIBLE_DEVICES" not in setup.environ
        missing = [_missing(GPU, failure.reason, failure.hint) for failure in failures if everything]
        notes = () if everything else tuple(f"another GPU: {failure.reason}" for failure in failures)
        chosen = [named_gpu(word, cards, setup.environ) for word in named]
        if visible:
            allowed = visible_gpus(cards, setup.environ)
            chosen += allowed.gpus
            missing += _not_visible(allowed, cards)
        unique = list({card.uuid: card for card in chosen}.values())
        budget_s = CALIBRATION_BUDGET_S if setup.calibration_s is None else setup.calibration_s
        gpus = open_gpus(driver, unique, setup.clock, budget_s)
        sensor = NvmlSensor(
            driver=driver,
            gpus=tuple(gpus),
            clock=setup.clock,
            start_sampler=setup.start_sampler,
            notes=notes,
        )
        return sensor, missing
    except BaseException:
        driver.close()
        raise


def _not_visible(allowed: Visible, cards: Sequence[Gpu]) -> list[Unavailable]:
    """A figure for what CUDA_VISIBLE_DEVICES names and is not there, or for having no GPU at all."""
    if allowed.problem:
        return [_missing(GPU, allowed.problem, allowed.hint)]
    if not cards:
        return [_missing(GPU, "the NVIDIA driver finds no GPU", "Compare with `nvidia-smi -L`.")]
    return []


def _missing(device: str, reason: str, hint: str) -> Unavailable:
    return Unavailable(reason=reason, hint=hint, scope=Scope.GPU, device=device)


def _expected(driver: Driver, gpu: MeasuredGpu, clock: Clock, length_s: float) -> float | None:
    """The relative standard uncertainty that a window of this length will have."""
    if gpu.counter is not None:
        return boundary_s(gpu.counter.timing, aligned=True) / length_s
    return expected_relative(driver, gpu, clock, length_s)


def _notes_of(users: GpuUsers) -> Iterator[str]:
    """What the doctor says of who else is there, besides those that certainly compute."""
    if not users.known:
        yield "who else uses the GPU is unknown: the driver does not list its processes"
    if users.unidentified:
        numbers = ", ".join(map(str, users.unidentified))
        yield f"processes on the GPU that are not visible from here, perhaps this one: {numbers}"
    if users.graphics:
        numbers = ", ".join(map(str, users.graphics))
        yield f"processes that draw on the GPU, such as a desktop, and whose energy is in the figures: {numbers}"


def _examine(driver: Driver, gpu: MeasuredGpu, clock: Clock) -> DeviceReport:
    counter = gpu.counter
    users = users_of(gpu.card.handle, driver.listed, os.getpid())
    notes = [*gpu.flags, *_notes_of(users)]
    others = users.foreign if users.known else None
    if counter is None and not gpu.has_power:
        return DeviceReport(
            device=gpu.uuid,
            name=gpu.card.name,
            scope=gpu.scope,
            measurable=False,
            mig=gpu.card.mig,
            processes=others,
            reason=gpu.reason,
            hint=gpu.hint,
        )
    if counter is None:
        notes.append(f"no energy counter ({gpu.reason}): power is sampled and integrated")
    elif counter.timing.stamped:
        notes.append(
            "the driver gives the times of its counter's ticks, so windows without waiting are precise too"
        )
    return DeviceReport(
        device=gpu.uuid,
        name=gpu.card.name,
        scope=gpu.scope,
        measurable=True,
        method=counter.method if counter else Method.NVML_POWER_INTEGRAL,
        period_s=counter.timing.period_s if counter else None,
        uncertainty_1s=_expected(driver, gpu, clock, 1.0),
        uncertainty_5s=_expected(driver, gpu, clock, 5.0),
        processes=others,
        notes=tuple(notes),
    )
