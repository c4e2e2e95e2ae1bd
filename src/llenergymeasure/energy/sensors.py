"""From what a caller asks for to what will be measured: GPUs, CPU zones, a model, or a reason for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.counter import CALIBRATION_BUDGET_S
from llenergymeasure.energy.devices import Gpu, Visible, list_gpus, named_gpu, visible_gpus
from llenergymeasure.energy.figures import Scope, Unavailable
from llenergymeasure.energy.gpu import GpuSensor, open_gpu_sensors
from llenergymeasure.energy.nvml import Driver, Failure, open_driver
from llenergymeasure.energy.rapl import POWERCAP, Rapl, find_zones

AUTO, GPU, CPU, NONE = "auto", "gpu", "cpu", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Where and how to look for sensors; the defaults are this machine's."""

    clock: Clock
    environ: Mapping[str, str]
    powercap: Path = POWERCAP
    in_container: bool | None = None
    calibration_s: float = CALIBRATION_BUDGET_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """What a meter measures: the driver, where one is used, and figures that are unavailable from the start."""

    driver: Driver | None
    gpus: tuple[GpuSensor, ...]
    rapl: Rapl
    modelled_w: float | None
    missing: tuple[Unavailable, ...]


def wanted_devices(devices: str | int | Sequence[object]) -> list[str]:
    """The caller's words as a list: a text with commas, one index, or a sequence of names, indices and UUIDs."""
    parts = (
        devices.split(",") if isinstance(devices, str) else [devices] if isinstance(devices, int) else devices
    )
    return list(dict.fromkeys(str(part).strip() for part in parts if str(part).strip()))


def open_sensors(
    devices: str | int | Sequence[object], setup: Setup, modelled_cpu_watts: float | None
) -> Sensors:
    """Find and calibrate what was asked for.

    Raises:
        DeviceSelectionError: a GPU was named that is not here, or cannot be measured on its own.

    """
    wanted = wanted_devices(devices)
    auto = AUTO in wanted
    named = [word for word in wanted if word not in {AUTO, GPU, CPU, NONE}]
    missing: list[Unavailable] = []
    driver: Driver | None = None
    sensors: list[GpuSensor] = []
    if auto or GPU in wanted or named:
        driver, sensors, missing = _open_gpus(auto or GPU in wanted, named, setup)
    gpu_wanted = GPU in wanted or bool(named)
    cpu_wanted = CPU in wanted or modelled_cpu_watts is not None or (auto and not sensors)
    rapl = (
        find_zones(setup.powercap, setup.clock, in_container=setup.in_container)
        if cpu_wanted
        else Rapl(zones=())
    )
    modelled_w = modelled_cpu_watts if cpu_wanted and not rapl.zones else None
    if auto and not gpu_wanted and not sensors and (rapl.zones or modelled_w is not None):
        missing = []  # nobody asked for a GPU as such, and there is something else
    if cpu_wanted and not rapl.zones and modelled_w is None:
        missing.append(Unavailable(reason=rapl.reason, hint=rapl.hint, scope=Scope.CPU_PACKAGE, device=CPU))
    missing += rapl.missing
    return Sensors(
        driver=driver, gpus=tuple(sensors), rapl=rapl, modelled_w=modelled_w, missing=tuple(missing)
    )


def _open_gpus(
    visible: bool, named: Sequence[str], setup: Setup
) -> tuple[Driver | None, list[GpuSensor], list[Unavailable]]:
    """The sensors of the visible and the named GPUs, and what is missing."""
    driver = open_driver()
    if isinstance(driver, Failure):
        return None, [], [_missing(word, driver.reason, driver.hint) for word in (named or [GPU])]
    try:
        listed = list_gpus(driver)
        if isinstance(listed, Failure):
            driver.close()
            return None, [], [_missing(word, listed.reason, listed.hint) for word in (named or [GPU])]
        gpus, failures = listed
        missing = [_missing(GPU, failure.reason, failure.hint) for failure in failures]
        chosen = [named_gpu(word, gpus, setup.environ) for word in named]
        if visible:
            allowed = visible_gpus(gpus, setup.environ)
            chosen += allowed.gpus
            missing += _problem(allowed, gpus)
        unique = list({gpu.uuid: gpu for gpu in chosen}.values())
        return driver, open_gpu_sensors(driver, unique, setup.clock, setup.calibration_s), missing
    except BaseException:
        driver.close()
        raise


def _problem(allowed: Visible, gpus: Sequence[Gpu]) -> list[Unavailable]:
    """What there is to say when not every GPU that CUDA_VISIBLE_DEVICES names can be used, or there is none."""
    if allowed.problem:
        return [_missing(GPU, allowed.problem, allowed.hint)]
    if not gpus:
        return [_missing(GPU, "the NVIDIA driver finds no GPU", "Compare with `nvidia-smi -L`.")]
    return []


def _missing(device: str, reason: str, hint: str) -> Unavailable:
    return Unavailable(reason=reason, hint=hint, scope=Scope.GPU, device=device)
