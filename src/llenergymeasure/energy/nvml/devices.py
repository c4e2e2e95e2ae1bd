"""Which GPUs are meant: names, indices and ``CUDA_VISIBLE_DEVICES``, resolved to UUIDs.

CUDA and the driver number GPUs differently: CUDA after ``CUDA_VISIBLE_DEVICES`` and, by default, the fastest
first; the driver always by PCI address. Only a UUID means the same to both, so everything here ends in UUIDs,
and an index whose meaning cannot be known is refused rather than guessed.

The rules for ``CUDA_VISIBLE_DEVICES`` are those of the CUDA programming guide: the list ends at the first
entry that is not a device, and a device named twice leaves none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llenergymeasure.energy.errors import DeviceSelectionError
from llenergymeasure.energy.nvml.driver import Driver, Failure, Handle

MIG_HINT = (
    "Turn MIG off (nvidia-smi -mig 0) or measure on a whole GPU: "
    "the energy counter is the card's, and cannot be split between instances."
)


_WHOLE_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""As torch writes it: without what says whether it is of a GPU or of an instance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    """One physical GPU, as the driver lists it."""

    index: int
    uuid: str
    name: str
    mig: bool
    handle: Handle


@dataclass(frozen=True, slots=True)
class Visible:
    """The GPUs that CUDA would let this process use.

    ``problem`` says why that is not all that was named. ``ordered`` says whether they are known to be in
    CUDA's order, so that a number means one of them.
    """

    gpus: tuple[Gpu, ...]
    problem: str = ""
    hint: str = ""
    ordered: bool = True


_UNKNOWN_ORDER = Visible(
    (),
    "CUDA numbers these GPUs fastest first, the driver by PCI address, and they are of different models",
    "Set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name GPUs by UUID (nvidia-smi -L).",
    ordered=False,
)


def list_gpus(driver: Driver) -> tuple[list[Gpu], list[Failure]] | Failure:
    """Every GPU, and the failures of those that do not even report their UUID."""
    handles = driver.handles()
    if isinstance(handles, Failure):
        return handles
    gpus, failures = [], []
    for index, handle in enumerate(handles):
        uuid = handle if isinstance(handle, Failure) else driver.call("nvmlDeviceGetUUID", handle)
        if isinstance(uuid, Failure):
            failures.append(Failure(code=uuid.code, call=f"{uuid.call}, GPU {index}"))
            continue
        name = driver.call("nvmlDeviceGetName", handle)
        mode = driver.call("nvmlDeviceGetMigMode", handle)
        gpus.append(
            Gpu(
                index=index,
                uuid=uuid,
                name="GPU of unknown name" if isinstance(name, Failure) else name,
                mig=not isinstance(mode, Failure) and mode[0] == 1,
                handle=handle,
            )
        )
    return gpus, failures


def visible_gpus(gpus: Sequence[Gpu], environ: Mapping[str, str]) -> Visible:
    """What ``CUDA_VISIBLE_DEVICES`` and ``CUDA_DEVICE_ORDER`` leave of the machine's GPUs."""
    wanted = environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return Visible(tuple(gpus), ordered=_order_is_known(gpus, environ))
    setting = f"CUDA_VISIBLE_DEVICES={wanted}"
    if not wanted.strip():
        return Visible((), f"{setting} hides every GPU", "Unset CUDA_VISIBLE_DEVICES, or name a GPU in it.")
    chosen: list[Gpu] = []
    indices = 0
    for entry in (part.strip() for part in wanted.split(",")):
        if entry.upper().startswith("MIG"):
            return Visible((), f"{setting} names a MIG instance ({entry})", MIG_HINT)
        number = re.match(r"\+?\d+", entry)
        gpu = _by_uuid(entry, gpus) if entry.upper().startswith("GPU-") else None
        if number is not None and int(number[0]) < len(gpus):
            gpu, indices = gpus[int(number[0])], indices + 1
        if gpu is None:
            ended = chosen and re.match(r"-\d+", entry)  # a negative number ends the list on purpose
            problem = "" if ended else f"{setting}: {entry!r} is not a GPU of this machine"
            return _checked(chosen, gpus, indices, environ, problem)
        if gpu in chosen:
            mixed = 0 < indices <= len(chosen)
            # A number and a UUID name the same GPU only if the numbers' order is known.
            if mixed and not _order_is_known(gpus, environ):
                return _UNKNOWN_ORDER
            return Visible((), f"{setting} names a GPU twice, which hides them all", "Name each GPU once.")
        chosen.append(gpu)
    return _checked(chosen, gpus, indices, environ, "")


def _checked(
    chosen: list[Gpu], gpus: Sequence[Gpu], indices: int, environ: Mapping[str, str], problem: str
) -> Visible:
    """The choice, unless it depends on an order that only CUDA knows.

    ``indices`` is how many of the choices are numbers. Where the numbers name every GPU, their order does not
    matter.
    """
    ordered = indices == 0 or _order_is_known(gpus, environ)
    if not ordered and indices < len(gpus):
        return _UNKNOWN_ORDER
    hint = f"The GPUs here: {describe(gpus)}." if problem else ""
    return Visible(tuple(chosen), problem, hint, ordered)


def _order_is_known(gpus: Sequence[Gpu], environ: Mapping[str, str]) -> bool:
    """Whether CUDA numbers the GPUs as the driver does: it is set to, or all GPUs are alike."""
    return environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({gpu.name for gpu in gpus}) <= 1


def _by_uuid(text: str, gpus: Sequence[Gpu]) -> Gpu | None:
    """The one GPU whose UUID begins like this; the ``GPU-`` may be missing, as in torch's form."""
    prefix = text if text[:4].upper() == "GPU-" else f"GPU-{text}"
    matches = [gpu for gpu in gpus if gpu.uuid.lower().startswith(prefix.lower())]
    return matches[0] if len(matches) == 1 and len(prefix) > 4 else None


def named_gpu(name: str, gpus: Sequence[Gpu], environ: Mapping[str, str]) -> Gpu:
    """The GPU that a caller names: by UUID (or a prefix, or torch's form), or by the number CUDA gives it.

    Raises:
        DeviceSelectionError: no GPU has that name, several have it, or it is a MIG instance.
    """
    if name.upper().startswith("MIG"):
        raise DeviceSelectionError(f"{name} is a MIG instance, which has no energy counter. {MIG_HINT}")
    if re.fullmatch(r"\d+", name):
        visible = visible_gpus(gpus, environ)
        if not visible.ordered:
            raise DeviceSelectionError(
                f"GPU {name} could be another card to CUDA than to the driver, since they are of different models: "
                f"set CUDA_DEVICE_ORDER=PCI_BUS_ID, or name it by UUID: {describe(gpus)}"
            )
        if int(name) >= len(visible.gpus):
            why = f" ({visible.problem})" if visible.problem else ""
            raise DeviceSelectionError(
                f"there is no GPU {name} among those that this process may use{why}: {describe(visible.gpus)}"
            )
        return visible.gpus[int(name)]
    gpu = _by_uuid(name, gpus)
    if gpu is None and _WHOLE_UUID.fullmatch(name) and any(gpu.mig for gpu in gpus):
        raise DeviceSelectionError(
            f"no whole GPU has the UUID {name}, and a GPU here is in MIG mode: it is an instance, which has no "
            f"energy counter. {MIG_HINT}"
        )
    if gpu is None:
        raise DeviceSelectionError(
            f"no single GPU here is called {name!r}; those that are here: {describe(gpus)}"
        )
    return gpu


def describe(gpus: Sequence[Gpu]) -> str:
    """The GPUs in a line."""
    return ", ".join(f"{gpu.uuid} ({gpu.name})" for gpu in gpus) or "none"
