"""What a call may change outside of its model: torch's settings, and caches of transformers.

``generate()`` itself fills caches: tables of stop strings, translators between two vocabularies, compiled
functions. Compiling sets the environment variable ``TOKENIZERS_PARALLELISM``. Only code in ``extra``, or code
that comes with a model, changes torch's settings. All this is recorded after loading, and restored with the
model (:mod:`llenergymeasure.engines.transformers.model_state`).

Random numbers are not restored here: a session seeds them from the workload.
"""

import os
from collections.abc import Callable
from typing import Any

import torch
import torch._dynamo.config  # read below; transformers has loaded it
from torch._dynamo.utils import counters
from transformers.generation import candidate_generator, stopping_criteria

_PARALLELISM = "TOKENIZERS_PARALLELISM"


def _matmul_precision() -> str | None:
    """The precision of matrix products; None where torch cannot say, since its newer setting was used too."""
    try:
        return str(torch.get_float32_matmul_precision())
    except RuntimeError:
        return None


def _set_matmul_precision(precision: str | None) -> None:
    if precision is not None:
        torch.set_float32_matmul_precision(precision)


def _set_default_device(device: torch.device) -> None:
    torch.set_default_device(None if device.type == "cpu" else device)  # None adds no cost to each call


def _determinism() -> tuple[bool, bool]:
    return (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )


def _set_determinism(mode: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(mode[0], warn_only=mode[1])


def _set_cudnn_benchmark(is_on: bool) -> None:
    torch.backends.cudnn.benchmark = is_on


_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_default_device, _set_default_device),
    (torch.is_grad_enabled, torch.set_grad_enabled),
    (torch.get_num_threads, torch.set_num_threads),
    (_matmul_precision, _set_matmul_precision),
    (_determinism, _set_determinism),
    (lambda: torch.backends.cudnn.benchmark, _set_cudnn_benchmark),
    (torch.backends.cuda.flash_sdp_enabled, torch.backends.cuda.enable_flash_sdp),
    (torch.backends.cuda.mem_efficient_sdp_enabled, torch.backends.cuda.enable_mem_efficient_sdp),
    (torch.backends.cuda.math_sdp_enabled, torch.backends.cuda.enable_math_sdp),
    (torch.backends.cuda.cudnn_sdp_enabled, torch.backends.cuda.enable_cudnn_sdp),
)
"""For each setting of torch, the functions that read it and set it."""


class ProcessState:
    """The settings of torch, and the environment variable that compiling sets, as they are now."""

    def __init__(self) -> None:
        self._settings = [(read, write, read()) for read, write in _SETTINGS]
        self._dynamo = torch._dynamo.config.get_config_copy()
        self._compiled = _functions_compiled()
        self._parallelism = os.environ.get(_PARALLELISM)

    def restore(self) -> None:
        """Restore the settings, empty the caches, and forget what was compiled."""
        for read, write, value in self._settings:
            if read() != value:
                write(value)
        # Read all at once: to read a deprecated setting by itself gives a warning.
        current = torch._dynamo.config.get_config_copy()
        for name, value in self._dynamo.items():
            if current[name] != value:
                setattr(torch._dynamo.config, name, value)
        os.environ.pop(_PARALLELISM, None)
        if self._parallelism is not None:
            os.environ[_PARALLELISM] = self._parallelism
        stopping_criteria.STOP_STRING_EMBEDDING_CACHE.clear()
        candidate_generator.AssistantVocabTranslatorCache._cache.clear()
        if _functions_compiled() != self._compiled:
            torch.compiler.reset()
            self._compiled = _functions_compiled()


def _functions_compiled() -> int:
    """How many functions torch has compiled in this process, other code's included."""
    return int(counters["frames"]["total"])
