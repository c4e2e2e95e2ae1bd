"""From the readings at a window's boundaries, and the samples between, to the joules of a GPU."""

from __future__ import annotations

from collections.abc import Sequence

from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Measured, Method, Reading, Unavailable
from llenergymeasure.energy.nvml.boundaries import window_energy
from llenergymeasure.energy.nvml.boundary_power import SENSOR_RELATIVE
from llenergymeasure.energy.nvml.counter import Counter, CounterBegin, CounterEnd
from llenergymeasure.energy.nvml.driver import Failure
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.integral import integrate
from llenergymeasure.energy.samples import DeviceSample


def gpu_figure(
    gpu: MeasuredGpu,
    begin: CounterBegin | Failure,
    end: CounterEnd | Failure,
    *,
    boundaries: tuple[float, float],
    samples: Sequence[DeviceSample],
) -> Figure | CounterFault:
    """The energy of one GPU: by its counter, or by sampled power, or the reason that neither is possible.

    Args:
        gpu: the GPU.
        begin: what was read at the start of the window.
        end: what was read at its end.
        boundaries: the two instants of the monotonic clock that the window lies between.
        samples: those of this GPU, with one more on each side of the window where there is one.
    """
    if gpu.counter is None:
        return _integrated(gpu, boundaries, samples) if gpu.has_power else _unavailable(gpu, gpu)
    for reading in (begin, end):
        if isinstance(reading, Failure):
            return _unavailable(gpu, reading)
    assert isinstance(begin, CounterBegin)
    assert isinstance(end, CounterEnd)
    return _counted(gpu, gpu.counter, begin, end)


def _counted(
    gpu: MeasuredGpu, counter: Counter, begin: CounterBegin, end: CounterEnd
) -> Measured | CounterFault:
    """The energy by the counter, or the fault that its readings show."""
    last = end.tick_sample or end.sample
    if _stood_still(counter, begin, end, waited_s=last.end_s - begin.sample.begin_s):
        return CounterFault(
            finding="counter-stuck",
            reason="the energy counter stood still",
            hint="Measure again; if this happens again, restart the driver.",
            scope=gpu.scope,
            device=gpu.uuid,
        )
    estimate = window_energy(begin, end, counter.timing, gpu.ceiling_w)
    if estimate is None:
        return CounterFault(
            finding="counter-reset",
            reason="the energy counter went backwards, or jumped by more than the GPU can draw: it was reset, "
            "or the driver was reloaded",
            hint="Measure again.",
            scope=gpu.scope,
            device=gpu.uuid,
        )
    unconfirmed = () if end.waited or end.moved_on else ("counter-unconfirmed",)
    return Measured(
        energy_j=estimate.energy_j,
        uncertainty_j=estimate.uncertainty_j,
        bound_j=estimate.bound_j,
        method=counter.method,
        scope=gpu.scope,
        device=gpu.uuid,
        period_s=counter.timing.period_s,
        begin=Reading(value=begin.sample.energy_mj, unit="mJ", at_s=begin.sample.end_s),
        end=Reading(value=last.energy_mj, unit="mJ", at_s=last.end_s),
        flags=(*gpu.flags, *estimate.flags, *unconfirmed),
    )


def _stood_still(counter: Counter, begin: CounterBegin, end: CounterEnd, *, waited_s: float) -> bool:
    """Whether the counter stopped: no step in a long window, or none after it where one was waited for."""
    last = end.tick_sample or end.sample
    if last.energy_mj == begin.sample.energy_mj and waited_s > counter.timing.standstill_s:
        return True
    return end.tick is None if end.waited else end.moved_on is False


def _integrated(
    gpu: MeasuredGpu, boundaries: tuple[float, float], samples: Sequence[DeviceSample]
) -> Measured | Unavailable:
    """The energy by sampled power, where there is no counter."""
    estimate = integrate(samples, *boundaries, gpu.ceiling_w)
    if isinstance(estimate, str):
        failed = next((sample.code for sample in samples if sample.code), 0)
        reason = Failure(failed, "reading power").reason if failed else estimate
        hint = "Use a longer window, or a higher sample_hz."
        return Unavailable(reason=f"{gpu.reason}; and {reason}", hint=hint, scope=gpu.scope, device=gpu.uuid)
    return Measured(
        energy_j=estimate.energy_j,
        uncertainty_j=estimate.uncertainty_j,
        bound_j=estimate.bound_j,
        method=Method.NVML_POWER_INTEGRAL,
        scope=gpu.scope,
        device=gpu.uuid,
        begin=Reading(value=samples[0].power_w, unit="W", at_s=samples[0].begin_s),
        end=Reading(value=samples[-1].power_w, unit="W", at_s=samples[-1].begin_s),
        flags=(*gpu.flags, *estimate.flags),
        shared_uncertainty_j=SENSOR_RELATIVE * estimate.energy_j,
    )


def _unavailable(gpu: MeasuredGpu, cause: MeasuredGpu | Failure) -> Unavailable:
    return Unavailable(reason=cause.reason, hint=cause.hint, scope=gpu.scope, device=gpu.uuid)
