"""Peak memory during a block of code: of each GPU by torch's allocator, of the process by the kernel."""

import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from llenergymeasure.engines.calls import PeakMemory, PeakWatch

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


@contextmanager
def peak_memory(devices: Sequence[torch.device]) -> Iterator[PeakWatch]:
    """Measure the peaks during a block: of each CUDA device among ``devices``, and of the process.

    Weights and everything else that was there before the block count too.
    """
    gpus = [device for device in devices if device.type == "cuda"]
    for device in gpus:
        torch.cuda.reset_peak_memory_stats(device)
    was_reset = _reset_process_peak()
    watch = PeakWatch()
    yield watch
    watch.figures = (
        *(_gpu_peak(device) for device in gpus),
        _process_peak(was_reset),
    )


def _gpu_peak(device: torch.device) -> PeakMemory:
    return PeakMemory(
        bytes=torch.cuda.max_memory_allocated(device),
        where=str(device),
        method="torch.cuda.max_memory_allocated: tensors, without the allocator's reserve and the CUDA "
        "context",
    )


def _process_peak(was_reset: bool) -> PeakMemory:
    kilobytes = _high_water_mark_kb() if was_reset else None
    if kilobytes is not None:
        return PeakMemory(
            bytes=kilobytes * 1024, where="process", method="VmHWM: resident memory, reset beforehand"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return PeakMemory(
        bytes=peak if sys.platform == "darwin" else peak * 1024,
        where="process",
        method="ru_maxrss: resident memory since the process began, loading included",
    )


def _reset_process_peak() -> bool:
    """Reset the kernel's peak to what is in use now. Returns whether the kernel allowed it."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _high_water_mark_kb() -> int | None:
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), None)
