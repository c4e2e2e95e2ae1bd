"""One GPU as the meter uses it: its counter, what it is a counter of, and the most power it can draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.counter import CALIBRATION_BUDGET_S, Counter, Read, calibrate, counter_reader
from llenergymeasure.energy.devices import MIG_HINT, Gpu
from llenergymeasure.energy.figures import Method, Scope
from llenergymeasure.energy.nvml import Driver, Failure

CEILING_MARGIN = 1.2
"""Mean power over a few milliseconds stays under the board's highest limit times this."""
UNKNOWN_CEILING_W = 2000.0
WHOLE_MODULE = ("GH200", "GB200")
"""On these the counter covers the module: CPU and memory too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuSensor:
    """A GPU and the best of its energy sensors.

    ``counter`` is None where there is none that can be used: then ``why`` and ``hint`` say why, and
    ``has_power`` whether its power can be integrated instead.
    """

    gpu: Gpu
    scope: Scope
    ceiling_w: float
    counter: Counter | None
    why: str = ""
    hint: str = ""
    has_power: bool = False
    flags: tuple[str, ...] = ()


def open_gpu_sensors(
    driver: Driver, gpus: Sequence[Gpu], clock: Clock, budget_s: float = CALIBRATION_BUDGET_S
) -> list[GpuSensor]:
    """Find each GPU's sensor and measure the counters' periods, all at once, in at most ``budget_s``."""
    readers: dict[str, tuple[Method, Read]] = {}
    failures: dict[str, Failure] = {}
    for gpu in gpus:
        if gpu.mig:
            continue
        reader = counter_reader(driver, gpu.handle, clock)
        if isinstance(reader, Failure):
            failures[gpu.uuid] = reader
        else:
            readers[gpu.uuid] = reader
    counters = dict(zip(readers, calibrate(list(readers.values()), clock, budget_s), strict=True))
    return [_sensor(driver, gpu, counters.get(gpu.uuid), failures.get(gpu.uuid), budget_s) for gpu in gpus]


def _sensor(
    driver: Driver, gpu: Gpu, counter: Counter | Failure | None, failure: Failure | None, budget_s: float
) -> GpuSensor:
    ceiling_w, flags = _ceiling_w(driver, gpu)
    scope = Scope.MODULE if any(part in gpu.name for part in WHOLE_MODULE) else Scope.GPU
    if gpu.mig:
        return GpuSensor(
            gpu=gpu,
            scope=scope,
            ceiling_w=ceiling_w,
            counter=None,
            why="the GPU is in MIG mode",
            hint=MIG_HINT,
        )
    if isinstance(counter, Counter):
        return GpuSensor(gpu=gpu, scope=scope, ceiling_w=ceiling_w, counter=counter, flags=flags)
    failure = counter if isinstance(counter, Failure) else failure
    why = failure.reason if failure else f"the energy counter did not move steadily within {budget_s:g} s"
    hint = failure.hint if failure else "Look whether `nvidia-smi -q -d POWER` shows a sensor that works."
    power = driver.call("nvmlDeviceGetPowerUsage", gpu.handle)
    return GpuSensor(
        gpu=gpu,
        scope=scope,
        ceiling_w=ceiling_w,
        counter=None,
        why=why,
        hint=hint,
        has_power=not isinstance(power, Failure),
        flags=flags,
    )


def _ceiling_w(driver: Driver, gpu: Gpu) -> tuple[float, tuple[str, ...]]:
    """The most power the board can draw, for the hard bounds."""
    limits = driver.call("nvmlDeviceGetPowerManagementLimitConstraints", gpu.handle)
    if not isinstance(limits, Failure) and limits[1] > 0:
        return CEILING_MARGIN * limits[1] * 1e-3, ()
    limit = driver.call("nvmlDeviceGetEnforcedPowerLimit", gpu.handle)
    if not isinstance(limit, Failure) and limit > 0:
        return CEILING_MARGIN * limit * 1e-3, ()
    return UNKNOWN_CEILING_W, ("power-ceiling-assumed",)
