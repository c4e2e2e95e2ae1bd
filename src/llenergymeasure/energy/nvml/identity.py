"""Which NVIDIA driver and GPUs this machine has, for a record; nothing is measured."""

from dataclasses import dataclass

from llenergymeasure.energy.nvml.devices import list_gpus
from llenergymeasure.energy.nvml.driver import Failure, open_driver


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaIdentity:
    """The driver's version, and each GPU's name by its UUID. ``driver`` is None where there is no driver."""

    driver: str | None
    gpus: dict[str, str]


def nvidia_identity() -> NvidiaIdentity:
    """What the driver reports; empty where there is no driver, or where it does not answer."""
    driver = open_driver()
    if isinstance(driver, Failure):
        return NvidiaIdentity(driver=None, gpus={})
    try:
        listed = list_gpus(driver)
        gpus = [] if isinstance(listed, Failure) else listed[0]
        return NvidiaIdentity(driver=driver.version(), gpus={gpu.uuid: gpu.name for gpu in gpus})
    finally:
        driver.close()
