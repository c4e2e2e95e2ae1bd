"""The device a model runs on: chosen, waited for, identified."""

import torch

from llenergymeasure.inference.errors import DeviceNotPresentError


def choose_device(wanted: str) -> torch.device:
    """The device that ``model.device`` names; ``auto`` is the first CUDA device, or the CPU where there is none.

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
            f"model.device: {wanted} is not here; torch {torch.__version__} sees {seen}. "
            "Set model.device to auto or cpu, or install a torch that is built for the GPU."
        )
    return torch.device("cuda", index)


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what was queued on it; the CPU has nothing queued."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def gpu_uuid(device: torch.device) -> str | None:
    """The GPU's UUID as its driver writes it (``GPU-…``); None for the CPU."""
    if device.type != "cuda":
        return None
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}"
