"""Which NVIDIA driver and GPUs this machine has, for a record; nothing is measured."""

from __future__ import annotations

from dataclasses import dataclass

from llenergymeasure.energy import nvml


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaIdentity:
    """The driver's version, and each GPU's name by its UUID. ``driver`` is None where there is no driver."""

    driver: str | None
    gpus: dict[str, str]


def nvidia_identity() -> NvidiaIdentity:
    """What the driver says; empty where there is no driver or where it does not answer."""
    try:
        with nvml.session():
            return NvidiaIdentity(
                driver=nvml.driver_version(), gpus={gpu.uuid: gpu.name for gpu in nvml.gpus()}
            )
    except nvml.SensorError:
        return NvidiaIdentity(driver=None, gpus={})
