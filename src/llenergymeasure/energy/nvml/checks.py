"""The checks of a GPU over a window: findings with stable ids, by checks that are data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.figures import Figure, Measured, Method
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.nvml.cross_check import contradiction
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.plausible import Frozen, PowerReadings, frozen, power_readings
from llenergymeasure.energy.samples import DeviceSample

CAP_CHANGE_W = 1.0
"""Power caps that differ by no more than this are the same: drivers round them."""
THROTTLED_SHARE = 0.01
"""Throttling for no more than this part of the window moves its energy by less than windows differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceObservations:
    """What the checks are given: one GPU over one window.

    ``contradiction`` says how a counter and the power sensor contradict each other. ``readings`` are what is
    left of the readings of power, ``frozen`` says whether they are all the same. ``has_sampler`` says whether
    a sampler was started.
    """

    figure: Figure
    conditions: Conditions | None
    contradiction: str | None
    readings: PowerReadings
    frozen: Frozen | None
    length_s: float
    has_sampler: bool
    has_power: bool


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


def _graphics_process(device: DeviceObservations) -> str | None:
    conditions = device.conditions
    if conditions is None or not conditions.graphics_processes:
        return None
    return (
        f"{conditions.graphics_processes} process(es) draw on the GPU, such as a desktop or a game: what they use is "
        "in the energy. Close them, or show the desktop on another GPU"
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
    if not device.has_power:
        return None  # it never had that sensor
    return (
        f"{conditions.failed_samples} of {conditions.samples} samples of the GPU failed "
        f"(NVML error {conditions.error})"
    )


def _counter_against_power(device: DeviceObservations) -> str | None:
    stuck = device.frozen
    if stuck is not None and stuck.is_contradicted:
        return None  # the sensor shows nothing that a counter could contradict
    return device.contradiction


def _power_implausible(device: DeviceObservations) -> str | None:
    rejected = device.readings.rejected
    return f"{rejected}. They were thrown out" if rejected else None


def _power_frozen(device: DeviceObservations) -> str | None:
    stuck = device.frozen
    if stuck is None:
        return None
    rests_on_it = isinstance(device.figure, Measured) and device.figure.method is Method.NVML_POWER_INTEGRAL
    return stuck.clause if stuck.is_contradicted or rests_on_it else None


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
    DeviceCheck(id="graphics-process", invalidates=False, find=_graphics_process),
    DeviceCheck(id="thermal-throttling", invalidates=False, find=_thermal_throttling),
    DeviceCheck(id="power-cap-throttling", invalidates=False, find=_power_cap_throttling),
    DeviceCheck(id="power-cap-changed", invalidates=False, find=_power_cap_changed),
    DeviceCheck(id="counter-against-power", invalidates=True, find=_counter_against_power),
    DeviceCheck(id="power-implausible", invalidates=False, find=_power_implausible),
    DeviceCheck(id="power-frozen", invalidates=False, find=_power_frozen),
    DeviceCheck(id="sensor-lost", invalidates=False, find=_sensor_lost),
    DeviceCheck(id="sampler-stopped", invalidates=False, find=_sampler_stopped),
    DeviceCheck(id="conditions-unknown", invalidates=False, find=_conditions_unknown),
)


def check_gpu(
    gpu: MeasuredGpu,
    figure: Figure,
    samples: Sequence[DeviceSample],
    conditions: Conditions | None,
    *,
    boundaries: tuple[float, float],
    has_sampler: bool,
) -> Iterator[WindowFinding]:
    """Everything that is found on a GPU over a window.

    Args:
        gpu: the GPU.
        figure: its energy.
        samples: those of this GPU, with one more on each side of the window where there is one.
        conditions: the samples, summarised.
        boundaries: the instants of the monotonic clock that the window lies between.
        has_sampler: whether a sampler was started.
    """
    begin_s, end_s = boundaries
    readings = power_readings(samples, gpu.ceiling_w)
    device = DeviceObservations(
        figure=figure,
        conditions=conditions,
        contradiction=(
            contradiction(gpu, figure, readings.samples, begin_s, end_s)
            if isinstance(figure, Measured) and figure.method is not Method.NVML_POWER_INTEGRAL
            else None
        ),
        readings=readings,
        frozen=frozen(readings.samples),
        length_s=max(end_s - begin_s, 1e-9),
        has_sampler=has_sampler,
        has_power=gpu.has_power,
    )
    for check in CHECKS:
        message = check.find(device)
        if message is not None:
            yield WindowFinding(id=check.id, device=gpu.uuid, message=message, invalidates=check.invalidates)
