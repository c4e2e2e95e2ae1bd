"""A window's figures: from the readings at its edges, and the samples between, to joules by device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.boundaries import Begin, End, window_energy
from llenergymeasure.energy.boundary_readings import BeginReadings, EndReadings
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Measured, Method, Reading, Scope, Unavailable, WindowEnergy
from llenergymeasure.energy.gpu import GpuSensor
from llenergymeasure.energy.integral import integrate
from llenergymeasure.energy.modelled import modelled_cpu
from llenergymeasure.energy.nvml import Failure
from llenergymeasure.energy.nvml_sampler import Row
from llenergymeasure.energy.rapl import zone_figure
from llenergymeasure.energy.sources import Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A window's figures, and the counters that could not be believed."""

    energy: WindowEnergy
    faults: tuple[CounterFault, ...]


def account(sources: Sources, begin: BeginReadings, end: EndReadings, rows: Sequence[Row]) -> Account:
    """A figure for every source, and the total."""
    found: list[Figure | CounterFault] = []
    for index, sensor in enumerate(sources.gpus):
        own = [row for row in rows if row.device == index]
        found.append(_gpu_figure(sensor, begin, end, own))
    found += [
        zone_figure(zone, *pair, edges=(begin.at_s, end.at_s))
        for zone, *pair in zip(sources.rapl.zones, begin.zones, end.zones, strict=True)
    ]
    if sources.modelled_w is not None:
        found.append(modelled_cpu(end.busy_s - begin.busy_s, sources.modelled_w))
    figures = [each.figure() if isinstance(each, CounterFault) else each for each in found]
    return Account(
        energy=WindowEnergy.of([*figures, *sources.missing]),
        faults=tuple(each for each in found if isinstance(each, CounterFault)),
    )


def lost(sources: Sources, reason: str, mend: str) -> WindowEnergy:
    """The account of a window that has no end."""
    figures = [
        Unavailable(reason=reason, mend=mend, scope=sensor.scope, device=sensor.gpu.uuid)
        for sensor in sources.gpus
    ]
    figures += [
        Unavailable(reason=reason, mend=mend, scope=zone.scope, device=zone.name)
        for zone in sources.rapl.zones
    ]
    return WindowEnergy.of([*figures, *sources.missing] or [_nothing(reason, mend)])


def _nothing(reason: str, mend: str) -> Unavailable:
    return Unavailable(reason=reason, mend=mend, scope=Scope.SUM, device="window")


def _gpu_figure(
    sensor: GpuSensor, begin: BeginReadings, end: EndReadings, rows: Sequence[Row]
) -> Figure | CounterFault:
    uuid = sensor.gpu.uuid
    if sensor.counter is None:
        return (
            _integrated(sensor, begin, end, rows)
            if sensor.has_power
            else _gone(sensor, sensor.why, sensor.mend)
        )
    first, last = begin.gpus[uuid], end.gpus[uuid]
    if isinstance(first, Failure) or isinstance(last, Failure):
        failure = first if isinstance(first, Failure) else last
        if isinstance(failure, Failure):
            return _gone(sensor, failure.reason, failure.mend)
    if isinstance(first, Begin) and isinstance(last, End):
        return _counted(sensor, first, last)
    raise AssertionError("an edge is either read or failed")


def _counted(sensor: GpuSensor, begin: Begin, end: End) -> Measured | CounterFault:
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
            mend="Measure again; if it stays so, restart the driver.",
            scope=sensor.scope,
            device=sensor.gpu.uuid,
        )
    estimate = window_energy(begin, end, timing, sensor.ceiling_w)
    if estimate is None:
        return CounterFault(
            finding="counter-reset",
            reason="the energy counter went backwards, or jumped by more than the GPU can draw: it was reset, "
            "or the driver was reloaded",
            mend="Measure again.",
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


def _integrated(sensor: GpuSensor, begin: BeginReadings, end: EndReadings, rows: Sequence[Row]) -> Figure:
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


def _gone(sensor: GpuSensor, reason: str, mend: str) -> Unavailable:
    return Unavailable(reason=reason, mend=mend, scope=sensor.scope, device=sensor.gpu.uuid)
