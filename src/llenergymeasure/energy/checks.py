"""The checks of a window: findings with stable ids, by checks that are data.

A finding that *invalidates* says that the window's figures are not those of the work alone, or that the
counter cannot be trusted. The window is still kept. Ids are never reused. What is checked of a whole
run, over many windows, is in :mod:`llenergymeasure.measurement`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import EnergyBreakdown, Figure, Measured, Method
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.integral import integrate
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.planning import Resolution
from llenergymeasure.energy.uncertainty import EnergyEstimate

CAP_CHANGE_W = 1.0
"""Power caps that differ by no more than this are the same: drivers round them."""
THROTTLED_SHARE = 0.01
"""Throttling for no more than this part of the window moves its energy by less than windows differ."""
CROSS_CHECK_SIGMAS = 4.0
"""Counter and integrated power may differ by this many of their joint standard uncertainties. With normal
errors that is exceeded by chance once in 16,000 windows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFinding:
    """What a check found on a device of a window, and whether it invalidates the window.

    ``device`` is None where the finding is about the window as a whole.
    """

    id: str
    device: str | None
    message: str
    invalidates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceObservations:
    """What the checks are given: one GPU over one window.

    ``integrated`` is the energy by sampled power, to compare with the figure; or, as a clause, why it is
    missing. ``has_sampler`` says whether a sampler was started.
    """

    figure: Figure
    conditions: Conditions | None
    integrated: EnergyEstimate | str
    length_s: float
    has_sampler: bool


CheckFunction: TypeAlias = Callable[[DeviceObservations], str | None]
"""Gives the finding's message, or None if it found nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCheck:
    """One thing to check on each GPU."""

    id: str
    invalidates: bool
    find: CheckFunction


def _foreign_process(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None or not conditions.foreign_processes:
        return None
    return (
        f"{conditions.foreign_processes} other process(es) used the GPU, among them {conditions.foreign_pid}: "
        "end them, or measure elsewhere"
    )


def _unidentified_process(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None:
        return None
    if not conditions.processes_known:
        return "whether other processes used the GPU is unknown: the driver does not list its processes"
    if not conditions.unidentified_processes:
        return None
    return (
        f"whether other processes used the GPU is unknown: {conditions.unidentified_processes} of the processes on it "
        "cannot be seen from here, and this one is not among those that can (as in a container)"
    )


def _thermal_throttling(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None:
        return None
    sampled = conditions.thermal_samples / conditions.samples
    share = max(sampled, (conditions.thermal_violation_s or 0.0) / device.length_s)
    if share <= THROTTLED_SHARE:
        return None
    hottest = conditions.temperature_c
    degrees = f" (up to {hottest.high:.0f} degrees Celsius)" if hottest else ""
    return f"heat throttled the clocks {share:.0%} of the time{degrees}"


def _power_cap_throttling(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None:
        return None
    sampled = conditions.power_cap_samples / conditions.samples
    share = max(sampled, (conditions.power_violation_s or 0.0) / device.length_s)
    return f"the power cap throttled the clocks {share:.0%} of the time" if share > THROTTLED_SHARE else None


def _power_cap_changed(device: DeviceObservations) -> str | None:
    limit = device.conditions.limit_w if device.conditions else None
    if limit is None or limit.high - limit.low <= CAP_CHANGE_W:
        return None
    return f"the power cap changed during the window, between {limit.low:.0f} and {limit.high:.0f} W"


def _sensor_lost(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None or conditions.error is None or conditions.failed_samples == 0:
        return None
    return (
        f"{conditions.failed_samples} of {conditions.samples} samples of the GPU failed "
        f"(NVML error {conditions.error})"
    )


def _counter_against_power(device: DeviceObservations) -> str | None:
    figure, other = device.figure, device.integrated
    if not isinstance(figure, Measured) or not isinstance(other, EnergyEstimate):
        return None
    if figure.method is Method.NVML_POWER_INTEGRAL:
        return None  # the figure is the integral
    allowed_j = CROSS_CHECK_SIGMAS * math.hypot(figure.uncertainty_j, other.uncertainty_j)
    if abs(figure.energy_j - other.energy_j) <= allowed_j:
        return None
    return (
        f"the counter says {figure.energy_j:.4g} J, power integrated over the window {other.energy_j:.4g} J: "
        "they differ by more than their uncertainties allow"
    )


def _sampler_stopped(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None or not conditions.unsampled_s:
        return None
    return (
        f"for {conditions.unsampled_s:.2g} s of the window no sample of the GPU was taken: "
        "the conditions during that time are unknown"
    )


def _conditions_unknown(device: DeviceObservations) -> str | None:
    if not device.has_sampler or device.conditions is not None:
        return None
    return "no sample of the GPU was taken during the window: the conditions are unknown"


CHECKS: tuple[DeviceCheck, ...] = (
    DeviceCheck(id="foreign-process", invalidates=True, find=_foreign_process),
    DeviceCheck(id="unidentified-process", invalidates=False, find=_unidentified_process),
    DeviceCheck(id="thermal-throttling", invalidates=True, find=_thermal_throttling),
    DeviceCheck(id="power-cap-throttling", invalidates=True, find=_power_cap_throttling),
    DeviceCheck(id="power-cap-changed", invalidates=True, find=_power_cap_changed),
    DeviceCheck(id="counter-against-power", invalidates=True, find=_counter_against_power),
    DeviceCheck(id="sensor-lost", invalidates=True, find=_sensor_lost),
    DeviceCheck(id="sampler-stopped", invalidates=False, find=_sampler_stopped),
    DeviceCheck(id="conditions-unknown", invalidates=False, find=_conditions_unknown),
)


def check_window(
    gpus: Sequence[MeasuredGpu],
    energy: EnergyBreakdown,
    *,
    faults: Sequence[CounterFault],
    conditions: Sequence[Conditions | None],
    trace: Sequence[DeviceSample],
    boundaries: tuple[float, float],
    resolution: Resolution | None,
    interrupted: str,
    has_sampler: bool,
) -> tuple[WindowFinding, ...]:
    """All findings of a window.

    Args:
        gpus: the GPUs, in the order of the first figures of ``energy`` and of ``conditions``.
        energy: the window's figures.
        faults: the counters that could not be trusted.
        conditions: those of each GPU.
        trace: the samples of all GPUs.
        boundaries: the instants of the monotonic clock that the window lies between.
        resolution: whether the window was long enough, where that is known.
        interrupted: the name of the exception that the work ended with, or empty.
        has_sampler: whether a sampler was started.
    """
    begin_s, end_s = boundaries
    findings: list[WindowFinding] = []
    for index, gpu in enumerate(gpus):
        own = [sample for sample in trace if sample.device == index]
        device = DeviceObservations(
            figure=energy.devices[index],
            conditions=conditions[index],
            integrated=integrate(own, begin_s, end_s, gpu.ceiling_w),
            length_s=max(end_s - begin_s, 1e-9),
            has_sampler=has_sampler,
        )
        findings += [
            WindowFinding(id=check.id, device=gpu.uuid, message=message, invalidates=check.invalidates)
            for check in CHECKS
            if (message := check.find(device)) is not None
        ]
    findings += [
        WindowFinding(id=fault.finding, device=fault.device, message=fault.reason, invalidates=True)
        for fault in faults
    ]
    findings += _of_the_whole_window(energy, resolution, interrupted)
    return tuple(findings)


def _of_the_whole_window(
    energy: EnergyBreakdown, resolution: Resolution | None, interrupted: str
) -> Iterator[WindowFinding]:
    """The findings that are not about a single device."""
    device = energy.total.device
    if interrupted:
        message = f"the work ended with {interrupted}; the energy is that up to there"
        yield WindowFinding(id="interrupted", device=device, message=message, invalidates=True)
    if resolution is not None and not resolution.met:
        message = (
            f"the window lasted {resolution.length_s:.3g} s, and a relative uncertainty of {resolution.target:.2g} "
            f"takes {resolution.smallest_window_s:.3g} s: repeat the work inside the window"
        )
        yield WindowFinding(id="under-resolution", device=device, message=message, invalidates=True)
