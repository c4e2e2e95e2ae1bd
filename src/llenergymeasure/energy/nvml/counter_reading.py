"""How a GPU's counter is read through NVML, with the power at the same time. Called when a GPU is opened."""

from __future__ import annotations

from collections.abc import Callable

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.nvml.counter import CounterSample, Read
from llenergymeasure.energy.nvml.driver import FIELD_ENERGY, FIELD_POWER_INSTANT, Driver, Failure, Handle
from llenergymeasure.energy.nvml.sampling import usage_is_instant

_FIELDS = [FIELD_ENERGY, FIELD_POWER_INSTANT]


def counter_reader(driver: Driver, handle: Handle, clock: Clock) -> tuple[Method, Read] | Failure:
    """The best way to read this GPU's counter: field 83 where it works, else the total-energy call.

    Field 83 comes with the driver's time stamp, and with the instantaneous power in the same call.
    """
    energy = driver.field(handle, FIELD_ENERGY)
    if not isinstance(energy, Failure):
        return Method.NVML_FIELD_83, _field_reader(driver, handle, clock)
    total = driver.call("nvmlDeviceGetTotalEnergyConsumption", handle)
    if isinstance(total, Failure):
        return total
    return Method.NVML_TOTAL_ENERGY, _total_reader(driver, handle, clock)


def _field_reader(driver: Driver, handle: Handle, clock: Clock) -> Read:
    """Energy, its stamp and the instantaneous power in one call."""
    fields, monotonic, wall, error = (
        driver.reader("nvmlDeviceGetFieldValues"),
        clock.monotonic,
        clock.wall,
        driver.error,
    )

    def read() -> CounterSample | Failure:
        begin_s = monotonic()
        try:
            energy, power = fields(handle, _FIELDS)
        except error as raised:
            return driver.failure(raised, "nvmlDeviceGetFieldValues")
        end_s = monotonic()
        if energy.nvmlReturn:
            return Failure(energy.nvmlReturn, "nvmlDeviceGetFieldValues, field 83")
        power_w = None if power.nvmlReturn else power.value.uiVal * 1e-3
        return CounterSample(
            energy.value.ullVal, power_w, begin_s, end_s, energy.timestamp * 1e-6 - wall() + end_s
        )

    return read


def _total_reader(driver: Driver, handle: Handle, clock: Clock) -> Read:
    """Energy from the total-energy call, power from wherever it is instantaneous."""
    total, monotonic, error = (
        driver.reader("nvmlDeviceGetTotalEnergyConsumption"),
        clock.monotonic,
        driver.error,
    )
    power_of = _power_reader(driver, handle)
    average_of = (lambda: None) if power_of is not None else _usage_reader(driver, handle)
    power_of = power_of or (lambda: None)

    def read() -> CounterSample | Failure:
        begin_s = monotonic()
        try:
            energy_mj = total(handle)
        except error as raised:
            return driver.failure(raised, "nvmlDeviceGetTotalEnergyConsumption")
        end_s = monotonic()
        return CounterSample(energy_mj, power_of(), begin_s, end_s, None, average_of())

    return read


def _power_reader(driver: Driver, handle: Handle) -> Callable[[], float | None] | None:
    """Power in watts: field 186 (instantaneous), else the power call where that is instantaneous; else None.

    An average over a second says nothing about the power at a window's boundary.
    """
    if not isinstance(driver.field(handle, FIELD_POWER_INSTANT), Failure):

        def instant() -> float | None:
            value = driver.field(handle, FIELD_POWER_INSTANT)
            return None if isinstance(value, Failure) else value.value.uiVal * 1e-3

        return instant

    capability = driver.call("nvmlDeviceGetCudaComputeCapability", handle)
    if isinstance(capability, Failure) or not usage_is_instant(capability):
        return None
    return _usage_reader(driver, handle)


def _usage_reader(driver: Driver, handle: Handle) -> Callable[[], float | None]:
    """The power call, in watts."""

    def usage() -> float | None:
        value = driver.call("nvmlDeviceGetPowerUsage", handle)
        return None if isinstance(value, Failure) else value * 1e-3

    return usage
