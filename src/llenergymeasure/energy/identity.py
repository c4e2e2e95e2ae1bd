"""Which NVIDIA driver and GPUs this machine has, for a record; nothing is measured."""

from contextlib import suppress
from dataclasses import dataclass

import pynvml


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaIdentity:
    """The driver's version, and each GPU's name by its UUID. ``driver`` is None where there is no driver."""

    driver: str | None
    gpus: dict[str, str]


def nvidia_identity() -> NvidiaIdentity:
    """What the driver reports; empty where there is no driver, or where it does not answer."""
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return NvidiaIdentity(driver=None, gpus={})
    try:
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return NvidiaIdentity(
            driver=_text(pynvml.nvmlSystemGetDriverVersion()),
            gpus={_text(pynvml.nvmlDeviceGetUUID(h)): _text(pynvml.nvmlDeviceGetName(h)) for h in handles},
        )
    except pynvml.NVMLError:
        return NvidiaIdentity(driver=None, gpus={})
    finally:
        with suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


def _text(value: str | bytes) -> str:
    """Older bindings return bytes."""
    return value.decode() if isinstance(value, bytes) else value
