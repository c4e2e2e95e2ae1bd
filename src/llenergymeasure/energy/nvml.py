"""NVIDIA's management library as the meter needs it: which GPUs there are, and each one's energy counter.

Every call goes through nvidia-ml-py. A driver that fails raises :class:`SensorError`, which carries the reason and the
mend that an ``Unavailable`` figure shows; the library's own exceptions do not leave this module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import pynvml

T = TypeVar("T")

_MENDS: dict[str, str] = {
    "NVMLError_LibraryNotFound": "Run where an NVIDIA GPU and its driver are; a container gets them with --gpus all.",
    "NVMLError_DriverNotLoaded": "Load the NVIDIA driver (nvidia-smi shows whether it answers).",
    "NVMLError_NoPermission": "Ask the administrator for access to the GPU's device files.",
    "NVMLError_NotSupported": "Use a GPU of the Volta generation or newer, which has the counter.",
    "NVMLError_FunctionNotFound": "Update the NVIDIA driver: this one is older than the function.",
    "NVMLError_GpuIsLost": "Reset the GPU or restart the machine; the GPU has fallen off the bus.",
    "NVMLError_LibRmVersionMismatch": "Restart the machine: the driver's library and its kernel module differ in version.",
}
"""What to do about an error, by the binding's name of it."""


class SensorError(Exception):
    """The driver did not give a value: ``reason`` says why, ``mend`` what helps."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(f"{reason}. {mend}".rstrip())
        self.reason = reason
        self.mend = mend


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One GPU: its UUID (``GPU-…``), its name, its index in the driver's order, and the driver's handle to it."""

    uuid: str
    name: str
    index: int
    handle: Any


def start() -> None:
    """Load and start the driver's library; each call needs one :func:`stop`.

    Raises:
        SensorError: there is no library, or it does not start.
    """
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError_LibraryNotFound as error:
        reason = "there is no NVIDIA driver library (libnvidia-ml.so.1) here"
        raise SensorError(reason, _mend(error)) from error
    except pynvml.NVMLError as error:
        raise SensorError(f"the NVIDIA driver does not start ({_text(error)})", _mend(error)) from error


def stop() -> None:
    """Let go of the library; a driver that refuses is left alone, as there is nothing more to read."""
    try:
        pynvml.nvmlShutdown()
    except pynvml.NVMLError:
        return


def gpus() -> tuple[Gpu, ...]:
    """Every GPU that the driver lists, while the library is started; SensorError if one does not answer."""
    count = _ask("the number of GPUs", pynvml.nvmlDeviceGetCount)
    return tuple(_gpu(index) for index in range(count))


def partitioned(gpu: Gpu) -> bool:
    """Whether the GPU is cut into MIG instances, whose shares of its one counter are not known."""
    try:
        current, _pending = pynvml.nvmlDeviceGetMigMode(gpu.handle)
    except (pynvml.NVMLError_NotSupported, pynvml.NVMLError_FunctionNotFound):
        return False
    except pynvml.NVMLError as error:
        raise _failed("its MIG mode", error) from error
    return bool(current == pynvml.NVML_DEVICE_MIG_ENABLE)


def energy_mj(gpu: Gpu) -> int:
    """Millijoules that the GPU has used since its driver was loaded; SensorError if it does not say."""
    return int(_ask("its energy counter", lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(gpu.handle)))


def _gpu(index: int) -> Gpu:
    handle = _ask(f"GPU {index}", lambda: pynvml.nvmlDeviceGetHandleByIndex(index))
    return Gpu(
        uuid=_plain(_ask(f"the UUID of GPU {index}", lambda: pynvml.nvmlDeviceGetUUID(handle))),
        name=_plain(_ask(f"the name of GPU {index}", lambda: pynvml.nvmlDeviceGetName(handle))),
        index=index,
        handle=handle,
    )


def _ask(what: str, call: Callable[[], T]) -> T:
    try:
        return call()
    except pynvml.NVMLError as error:
        raise _failed(what, error) from error


def _failed(what: str, error: Exception) -> SensorError:
    return SensorError(f"the NVIDIA driver does not give {what} ({_text(error)})", _mend(error))


def _mend(error: Exception) -> str:
    return _MENDS.get(
        type(error).__name__, "See whether nvidia-smi works here; if it does not, mend the driver first."
    )


def _text(error: Exception) -> str:
    """The driver's words, or the error's name where the driver has none."""
    return str(error) or type(error).__name__


def _plain(text: str | bytes) -> str:
    """Older bindings return bytes."""
    return text.decode() if isinstance(text, bytes) else text
