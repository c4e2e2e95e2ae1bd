"""What settings need and the machine may not have: devices, packages, kinds of models."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
import transformers

from tests.fidelity.scenarios import release


@dataclass(frozen=True, slots=True)
class Need:
    """Something that some settings need.

    Args:
        what: a device, a package, or a kind of model.
        applies: whether these arguments of ``generate()`` need it.
        is_here: whether this machine has it.
        reason: why the settings cannot be tried without it.
    """

    what: str
    applies: Callable[[Mapping[str, Any]], bool]
    is_here: Callable[[], bool]
    reason: str


OFFLOADED = ("offloaded", "offloaded_static", "offloaded_hybrid", "offloaded_hybrid_chunked")


def _accelerator() -> bool:
    return bool(torch.accelerator.is_available())


def _quantizes(given: Mapping[str, Any], backend: str) -> bool:
    if given.get("cache_implementation") != "quantized" or given.get("use_cache") is False:
        return False
    config = given.get("cache_config")
    named = config.get("backend", "quanto") if isinstance(config, Mapping) else "quanto"
    return str(named).lower() == backend


def _batching(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of continuous batching, where it is on."""
    config = given.get("continuous_batching_config")
    return config if isinstance(config, Mapping) and given.get("cache_implementation") == "paged" else {}


NEEDS: tuple[Need, ...] = (
    Need(
        "device:cuda",
        lambda given: given.get("cache_implementation") in OFFLOADED and given.get("use_cache") is not False,
        _accelerator,
        "keys and values are moved between an accelerator and the CPU",
    ),
    Need(
        "package:optimum-quanto",
        lambda given: _quantizes(given, "quanto"),
        lambda: find_spec("optimum") is not None,
        "this backend of the quantized cache is in that package",
    ),
    Need(
        "package:hqq",
        lambda given: _quantizes(given, "hqq"),
        lambda: find_spec("hqq") is not None,
        "this backend of the quantized cache is in that package",
    ),
    Need(
        "code from the Hub",
        lambda given: "custom_generate" in given.get("extra", {}),
        lambda: False,
        "the decoding mode is no longer part of transformers",
    ),
    Need(
        "model:dflash",
        lambda given: given.get("speculation_type") == "dflash",
        lambda: False,
        "it takes a drafting model that was trained for it",
    ),
    Need(
        "device:cuda, for continuous batching",
        lambda given: given.get("cache_implementation") == "paged",
        lambda: _accelerator() or release(transformers.__version__) >= (5, 13),
        "its cache takes what memory an accelerator has free",
    ),
    Need(
        "device:cuda, for a cache of unlimited size",
        lambda given: (
            given.get("cache_implementation") == "paged"
            and not {"num_blocks", "max_batch_tokens"} <= _batching(given).keys()
        ),
        _accelerator,
        "left to itself, continuous batching takes all memory there is",
    ),
    Need(
        "device:cuda, to work on two batches at once",
        lambda given: bool(_batching(given).get("use_async_batching")),
        _accelerator,
        "batches are prepared on a stream of an accelerator",
    ),
    Need(
        "device:cuda, to offload to the CPU",
        lambda given: _batching(given).get("cpu_offload_space", 0) != 0,
        _accelerator,
        "memory is pinned for copies from an accelerator",
    ),
    Need(
        "device:cuda, to compile",
        lambda given: any(
            _batching(given).get(name) not in (None, 0, False)
            for name in (
                "varlen_compile_config",
                "decode_compile_config",
                "default_compile_level",
                "use_default_compile_configs",
            )
        ),
        _accelerator,
        "compiling each shape on a CPU takes longer than a call may",
    ),
)
"""What a call cannot be tried without."""

NEEDED_FOR_EFFECT: tuple[Need, ...] = (
    Need(
        "device:accelerator",
        lambda given: bool({"compile_config", "disable_compile"} & given.keys()),
        _accelerator,
        "nothing is compiled elsewhere: read from the gate, GenerationMixin._valid_auto_compile_criteria",
    ),
)
"""What a call runs without, although a setting has no effect then."""


def missing(given: Mapping[str, Any], needs: tuple[Need, ...] = NEEDS) -> Need | None:
    """The first thing that these arguments need and that is not here; None if all of it is."""
    return next((need for need in needs if need.applies(given) and not need.is_here()), None)
