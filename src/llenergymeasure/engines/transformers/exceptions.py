"""Recognising that memory ran out, and the text of an exception on one line."""

import torch

_OUT_OF_MEMORY = (
    "DefaultCPUAllocator",
    "not enough memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)
"""Phrases in torch's messages: only its GPU allocator has an exception class of its own, not the CPU, CUDA's
driver or CUDA's libraries."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that the device or the machine ran out of memory."""
    if isinstance(error, torch.cuda.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(phrase in str(error) for phrase in _OUT_OF_MEMORY)


def one_line(error: BaseException) -> str:
    """The exception's class and text, without line breaks."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
