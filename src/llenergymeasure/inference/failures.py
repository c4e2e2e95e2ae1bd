"""What other people's exceptions mean, and their words on one line."""

import torch

_CPU_MARKS = ("DefaultCPUAllocator", "not enough memory")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device or the machine ran out of memory; torch has a class of its own for GPUs only."""
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in _CPU_MARKS)


def one_line(error: BaseException) -> str:
    """The exception's class and text, without line breaks."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
