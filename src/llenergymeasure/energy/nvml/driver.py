"""The NVIDIA driver: calls that give a value or say why not.

Everything that pynvml can raise is turned into a :class:`Failure` here. What the codes mean follows NVML's
public documentation, in our own words. Called by the selection of devices, the meter and the doctor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

_REBOOT = "Reset the GPU (nvidia-smi --gpu-reset) or restart the machine; see dmesg for the Xid."
_REPORT = "See `nvidia-smi` and dmesg; if they say nothing, report it with the output of `llenergymeasure doctor --json`."

NOT_SUPPORTED = 3
OLD_BINDING = -1
"""Not one of NVML's codes: the module pynvml is that of another package."""

_REASONS: dict[int, tuple[str, str]] = {
    OLD_BINDING: (
        "the module pynvml comes from an old release of the package pynvml, which hides nvidia-ml-py",
        "Run: pip uninstall pynvml && pip install --force-reinstall nvidia-ml-py",
    ),
    1: ("the NVIDIA driver was shut down while in use", "Open the meter again."),
    2: ("the NVIDIA driver rejects an argument of the call", _REPORT),
    3: ("this GPU or driver does not have this sensor", ""),
    4: (
        "permission refused by the NVIDIA driver",
        "Run as a user who may read the device files (/dev/nvidia*), or ask whoever runs the machine.",
    ),
    6: ("the NVIDIA driver does not find the device", "Compare with `nvidia-smi -L`."),
    8: ("the GPU's external power is not connected", "Connect the GPU's power cables."),
    9: (
        "the NVIDIA kernel driver is not loaded",
        "Load it (modprobe nvidia), or install the driver and restart.",
    ),
    10: ("the NVIDIA driver timed out", "Try again; if this happens again, restart the machine."),
    11: ("the NVIDIA driver has an interrupt problem with the GPU", _REBOOT),
    12: (
        "NVIDIA's management library (libnvidia-ml.so.1) is not installed",
        "Install the NVIDIA driver; a container needs --gpus all, with the `utility` capability.",
    ),
    13: ("the NVIDIA driver is older than this call", "Update the NVIDIA driver."),
    14: ("the GPU's infoROM is corrupted", "Ask the vendor; the board needs service."),
    15: ("the GPU fell off the bus or is otherwise lost", _REBOOT),
    16: ("the GPU needs a reset", _REBOOT),
    17: (
        "the operating system blocked the NVIDIA driver's request",
        "See the device rules of the cgroup, and dmesg.",
    ),
    18: (
        "the NVIDIA library and the loaded kernel driver are of different versions",
        "Restart the machine: the driver was updated while it was loaded.",
    ),
    19: ("the GPU is in use by another operation", "Try again."),
    20: ("the NVIDIA driver is out of memory", "Free memory and try again."),
    21: (
        "the NVIDIA driver has no data for this sensor",
        "Try again; if this happens again, there is no such sensor.",
    ),
    25: (
        "the NVIDIA driver does not know this version of the call",
        "Update the NVIDIA driver, or nvidia-ml-py.",
    ),
    27: ("the GPU is not ready", "Try again."),
    28: ("the NVIDIA driver finds no GPU", "Compare with `nvidia-smi -L`."),
    999: ("the NVIDIA driver failed for an unknown reason", _REPORT),
}

FIELD_ENERGY = 83
FIELD_POWER_INSTANT = 186
ATTEMPTS = 3
"""How often a call is tried before it counts as failed: a driver may be busy for a moment."""

Handle: TypeAlias = Any
"""pynvml's opaque device handle."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A driver call that did not work."""

    code: int
    call: str

    @property
    def reason(self) -> str:
        """What happened, as a clause."""
        if self.code == OLD_BINDING:
            return _REASONS[OLD_BINDING][0]
        known = _REASONS.get(self.code)
        return f"{known[0] if known else 'the NVIDIA driver failed'} ({self.call}: NVML error {self.code})"

    @property
    def hint(self) -> str:
        """What to do about it; may be empty."""
        return _REASONS.get(self.code, ("", _REPORT))[1]


class Driver:
    """An initialised NVML. Made by :func:`open_driver`; :meth:`close` it."""

    def __init__(self, binding: Any) -> None:
        self.binding = binding

    def call(self, name: str, *arguments: object) -> Any:
        """What ``pynvml.<name>`` returns, or a :class:`Failure`; no failure of the driver is raised."""
        failure = Failure(code=13, call=name)
        for _ in range(ATTEMPTS):
            try:
                return getattr(self.binding, name)(*arguments)
            except self.binding.NVMLError as error:
                failure = Failure(code=_code(error), call=name)
            except (AttributeError, UnicodeDecodeError, ValueError):  # binding without it; garbled text
                return Failure(code=13, call=name)
        return failure

    def listed(self, name: str, handle: Handle) -> list[Any] | None:
        """What a call that lists something returns; None where it fails."""
        values = self.call(name, handle)
        return values if isinstance(values, list) else None

    def reader(self, name: str) -> Callable[..., Any]:
        """The bare function, for reads where microseconds matter; it raises :attr:`error`."""
        function: Callable[..., Any] = getattr(self.binding, name)
        return function

    @property
    def error(self) -> type[Exception]:
        """What a bare function raises."""
        kind: type[Exception] = self.binding.NVMLError
        return kind

    def failure(self, error: Exception, call: str) -> Failure:
        """The failure that an exception of pynvml means."""
        return Failure(code=_code(error), call=call)

    def handles(self) -> list[Handle | Failure] | Failure:
        """Every GPU of this machine in the driver's (PCI) order; a GPU that cannot be opened is a failure."""
        count = self.call("nvmlDeviceGetCount")
        if isinstance(count, Failure):
            return count
        return [self.call("nvmlDeviceGetHandleByIndex", index) for index in range(count)]

    def field(self, handle: Handle, field: int) -> Any:
        """One field value (``c_nvmlFieldValue_t``) that the driver says is good, or a :class:`Failure`."""
        values = self.call("nvmlDeviceGetFieldValues", handle, [field])
        if isinstance(values, Failure):
            return values
        code = int(values[0].nvmlReturn)
        return Failure(code=code, call=f"nvmlDeviceGetFieldValues, field {field}") if code else values[0]

    def version(self) -> str | None:
        """The driver's own version; None where it does not answer."""
        version = self.call("nvmlSystemGetDriverVersion")
        return version if isinstance(version, str) else None

    def close(self) -> None:
        """Release the driver. Whether that fails no longer matters."""
        self.call("nvmlShutdown")


def open_driver() -> Driver | Failure:
    """Load and initialise NVML."""
    try:
        import pynvml  # noqa: PLC0415 - 35 ms that only a meter with GPUs pays
    except ImportError:
        return Failure(code=12, call="import pynvml (package nvidia-ml-py)")
    driver = Driver(pynvml)
    if not hasattr(pynvml, "nvmlDeviceGetFieldValues"):
        return Failure(code=OLD_BINDING, call="import pynvml")
    answer = driver.call("nvmlInit")
    if isinstance(answer, Failure):
        return answer
    if isinstance(driver.call("nvmlSystemGetDriverVersion"), bytes):  # as its older releases give texts
        driver.close()
        return Failure(code=OLD_BINDING, call="import pynvml")
    return driver


def _code(error: Exception) -> int:
    """NVML's number; a binding newer than its driver raises one class without it."""
    return int(getattr(error, "value", 13))
