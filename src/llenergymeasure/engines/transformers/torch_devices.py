"""Devices as torch sees them: choosing one, waiting for it, identifying it."""

from collections.abc import Mapping

import torch

from llenergymeasure.config.experiment import ModelConfig
from llenergymeasure.engines.descriptions import EngineDevice
from llenergymeasure.engines.errors import DeviceMemoryError, DeviceNotPresentError, GenerationError
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line


def choose_device(name: str, place: str = "model.device") -> torch.device:
    """The device with a name of the configuration; ``auto`` is the first CUDA device, or else the CPU.

    Args:
        name: ``auto``, ``cpu``, ``cuda`` or ``cuda:<index>``.
        place: where in the configuration the name is written, for the error.

    Raises:
        DeviceNotPresentError: torch does not see that device.
    """
    if name == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type != "cuda":
        return device
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = device.index or 0
    if index >= count:
        available = "no CUDA device" if count == 0 else f"CUDA devices 0 to {count - 1}"
        raise DeviceNotPresentError(
            f"{place}: {name} is not available; torch {torch.__version__} sees {available}. "
            "Set model.device to auto or cpu, or install a torch that is built for the GPU."
        )
    return torch.device("cuda", index)


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what was queued on it; the CPU has nothing queued.

    Raises:
        DeviceMemoryError: the device ran out of memory meanwhile.
        GenerationError: something that was queued failed.
    """
    if device.type != "cuda":
        return
    try:
        torch.cuda.synchronize(device)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise DeviceMemoryError(
                f"model.device: {device} ran out of memory. Lower workload.batch_size or "
                "pytorch.max_new_tokens."
            ) from error
        raise GenerationError(
            f"model.device: what was queued on {device} failed: {one_line(error)}. To find the call, run "
            "again with CUDA_LAUNCH_BLOCKING=1."
        ) from error


def describe_device(device: torch.device) -> EngineDevice:
    """The device as a record names it."""
    return EngineDevice(name=str(device), uuid=gpu_uuid(device))


def gpu_uuid(device: torch.device) -> str | None:
    """The GPU's UUID as its driver writes it (``GPU-…``); None for the CPU."""
    if device.type != "cuda":
        return None
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


def planned_gpus(model: ModelConfig, device: str) -> tuple[str, ...]:
    """UUIDs of the GPUs that loading the model on that device may use; empty for the CPU.

    Raises:
        DeviceNotPresentError: torch does not see a device that is named.
    """
    if model.device_map is None:
        planned = [choose_device(device)]
    elif isinstance(model.device_map, Mapping):
        places = dict.fromkeys(model.device_map.values())
        # A device map may number GPUs, and may leave layers on the disk until they are needed.
        names = [f"cuda:{place}" if isinstance(place, int) else place for place in places]
        planned = [choose_device(name, "model.device_map") for name in names if name != "disk"]
    else:
        planned = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    return tuple(uuid for uuid in map(gpu_uuid, planned) if uuid is not None)
