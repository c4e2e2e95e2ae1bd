"""What torch's exceptions mean, and the text of an exception on one line."""

import torch

_OUT_OF_MEMORY = (
    "DefaultCPUAllocator",
    "not enough memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)
"""What torch says where it has no exception class for it: of the CPU, and of CUDA's driver and libraries."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device or the machine ran out of memory; torch has a class for its GPU allocator only."""
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(mark in str(error) for mark in _OUT_OF_MEMORY)


def one_line(error: BaseException) -> str:
    """The exception's class and text, without line breaks."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
