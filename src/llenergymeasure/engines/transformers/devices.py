"""The device a model runs on: chosen, waited for, identified."""

from collections.abc import Mapping

import torch

from llenergymeasure.config.experiment import ModelConfig
from llenergymeasure.engines.transformers.errors import (
    DeviceMemoryError,
    DeviceNotPresentError,
    GenerationError,
)
from llenergymeasure.engines.transformers.exceptions import is_out_of_memory, one_line


def choose_device(wanted: str, place: str = "model.device") -> torch.device:
    """The device that is named at ``place``; ``auto`` is the first CUDA device, or the CPU where there is none.

    Raises:
        DeviceNotPresentError: torch does not see that device.
    """
    if wanted == "auto":
        return torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
    device = torch.device(wanted)
    if device.type != "cuda":
        return device
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    index = device.index or 0
    if index >= count:
        seen = "no CUDA device" if count == 0 else f"CUDA devices 0 to {count - 1}"
        raise DeviceNotPresentError(
            f"{place}: {wanted} is not here; torch {torch.__version__} sees {seen}. "
            f"Set model.device to auto or cpu, or install a torch that is built for the GPU."
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
                f"model.device: {device} ran out of memory. Lower workload.batch_size or pytorch.max_new_tokens."
            ) from error
        raise GenerationError(
            f"model.device: what was queued on {device} failed: {one_line(error)}. To see which call it was, run again with "
            "CUDA_LAUNCH_BLOCKING=1."
        ) from error


def gpu_uuid(device: torch.device) -> str | None:
    """The GPU's UUID as its driver writes it (``GPU-…``); None for the CPU."""
    if device.type != "cuda":
        return None
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"


def planned_gpus(config: ModelConfig) -> tuple[str, ...]:
    """UUIDs of the GPUs that loading the model may use, before it is loaded; empty for the CPU.

    Raises:
        DeviceNotPresentError: torch does not see a device that is named.
    """
    if config.device_map is None:
        wanted = [choose_device(config.device)]
    elif isinstance(config.device_map, Mapping):
        named = dict.fromkeys(config.device_map.values())
        # A number is that of a GPU; a model's layers may also wait on disk.
        texts = [f"cuda:{name}" if isinstance(name, int) else name for name in named]
        wanted = [choose_device(text, "model.device_map") for text in texts if text != "disk"]
    else:
        wanted = [torch.device("cuda", index) for index in range(torch.cuda.device_count())]
    return tuple(uuid for device in wanted if (uuid := gpu_uuid(device)) is not None)
