"""A window's figures: from the readings at its boundaries, and the samples between, to joules by device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.boundaries import CounterBegin, CounterEnd, window_energy
from llenergymeasure.energy.boundary_readings import BeginReadings, EndReadings
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import (
    EnergyBreakdown,
    Figure,
    Measured,
    Method,
    Reading,
    Scope,
    Unavailable,
)
from llenergymeasure.energy.gpu import GpuSensor
from llenergymeasure.energy.integral import integrate
from llenergymeasure.energy.modelled import modelled_cpu
from llenergymeasure.energy.nvml import Failure
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.rapl import zone_figure
from llenergymeasure.energy.sensors import Sensors


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """A window's figures, and the counters that could not be believed."""

    energy: EnergyBreakdown
    faults: tuple[CounterFault, ...]


def attribute(
    sensors: Sensors, begin: BeginReadings, end: EndReadings, rows: Sequence[DeviceSample]
) -> Attribution:
    """A figure for every source, and the total."""
    found: list[Figure | CounterFault] = []
    for index, sensor in enumerate(sensors.gpus):
        own = [row for row in rows if row.device == index]
        found.append(_gpu_figure(sensor, begin, end, own))
    found += [
        zone_figure(zone, *pair, boundaries=(begin.at_s, end.at_s))
        for zone, *pair in zip(sensors.rapl.zones, begin.zones, end.zones, strict=True)
    ]
    if sensors.modelled_w is not None:
        found.append(modelled_cpu(end.busy_s - begin.busy_s, sensors.modelled_w))
    figures = [each.figure() if isinstance(each, CounterFault) else each for each in found]
    return Attribution(
        energy=EnergyBreakdown.of([*figures, *sensors.missing]),
        faults=tuple(each for each in found if isinstance(each, CounterFault)),
    )


def lost(sensors: Sensors, reason: str, hint: str) -> EnergyBreakdown:
    """The account of a window that has no end."""
    figures = [
        Unavailable(reason=reason, hint=hint, scope=sensor.scope, device=sensor.gpu.uuid)
        for sensor in sensors.gpus
    ]
    figures += [
        Unavailable(reason=reason, hint=hint, scope=zone.scope, device=zone.name)
        for zone in sensors.rapl.zones
    ]
    return EnergyBreakdown.of([*figures, *sensors.missing] or [_nothing(reason, hint)])


def _nothing(reason: str, hint: str) -> Unavailable:
    return Unavailable(reason=reason, hint=hint, scope=Scope.SUM, device="window")


def _gpu_figure(
    sensor: GpuSensor, begin: BeginReadings, end: EndReadings, rows: Sequence[DeviceSample]
) -> Figure | CounterFault:
    uuid = sensor.gpu.uuid
    if sensor.counter is None:
        return (
            _integrated(sensor, begin, end, rows)
            if sensor.has_power
            else _gone(sensor, sensor.why, sensor.hint)
        )
    first, last = begin.gpus[uuid], end.gpus[uuid]
    if isinstance(first, Failure) or isinstance(last, Failure):
        failure = first if isinstance(first, Failure) else last
        if isinstance(failure, Failure):
            return _gone(sensor, failure.reason, failure.hint)
    if isinstance(first, CounterBegin) and isinstance(last, CounterEnd):
        return _counted(sensor, first, last)
    raise AssertionError("an boundary is either read or failed")


def _counted(sensor: GpuSensor, begin: CounterBegin, end: CounterEnd) -> Measured | CounterFault:
    counter = sensor.counter
    assert counter is not None
    timing = counter.timing
    last = end.tick_sample or end.sample
    unmoved = last.energy_mj == begin.sample.energy_mj
    long = last.end_s - begin.sample.begin_s > timing.standstill_s
    if (unmoved and long) or (end.tick is None if end.waited else end.moved_on is False):
        return CounterFault(
            finding="counter-stuck",
            reason="the energy counter stood still",
            hint="Measure again; if it stays so, restart the driver.",
            scope=sensor.scope,
            device=sensor.gpu.uuid,
        )
    estimate = window_energy(begin, end, timing, sensor.ceiling_w)
    if estimate is None:
        return CounterFault(
            finding="counter-reset",
            reason="the energy counter went backwards, or jumped by more than the GPU can draw: it was reset, "
            "or the driver was reloaded",
            hint="Measure again.",
            scope=sensor.scope,
            device=sensor.gpu.uuid,
        )
    unconfirmed = () if end.waited or end.moved_on else ("counter-unconfirmed",)
    return Measured(
        energy_j=estimate.energy_j,
        uncertainty_j=estimate.uncertainty_j,
        bound_j=estimate.bound_j,
        method=counter.method,
        scope=sensor.scope,
        device=sensor.gpu.uuid,
        period_s=timing.period_s,
        begin=Reading(value=begin.sample.energy_mj, unit="mJ", at_s=begin.sample.end_s),
        end=Reading(value=last.energy_mj, unit="mJ", at_s=last.end_s),
        flags=(*sensor.flags, *estimate.flags, *unconfirmed),
    )


def _integrated(
    sensor: GpuSensor, begin: BeginReadings, end: EndReadings, rows: Sequence[DeviceSample]
) -> Figure:
    """By sampled power, for want of a counter."""
    estimate = integrate(rows, begin.at_s, end.at_s, sensor.ceiling_w)
    if isinstance(estimate, str):
        failed = next((row.code for row in rows if row.code), 0)
        why = Failure(failed, "reading power").reason if failed else estimate
        return _gone(sensor, f"{sensor.why}; and {why}", "Use a longer window, or a higher sample_hz.")
    return Measured(
        energy_j=estimate.energy_j,
        uncertainty_j=estimate.uncertainty_j,
        bound_j=estimate.bound_j,
        method=Method.NVML_POWER_INTEGRAL,
        scope=sensor.scope,
        device=sensor.gpu.uuid,
        begin=Reading(value=rows[0].power_w, unit="W", at_s=rows[0].begin_s),
        end=Reading(value=rows[-1].power_w, unit="W", at_s=rows[-1].begin_s),
        flags=(*sensor.flags, *estimate.flags),
    )


def _gone(sensor: GpuSensor, reason: str, hint: str) -> Unavailable:
    return Unavailable(reason=reason, hint=hint, scope=sensor.scope, device=sensor.gpu.uuid)
