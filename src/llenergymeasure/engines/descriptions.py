"""What an engine reports of itself, of a loaded model and of a workload, as data for a record."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEnvironment:
    """What an engine runs on.

    Args:
        name: of the engine, such as ``transformers``.
        libraries: what the engine is made of, with versions, itself first: ``{"transformers": …, "torch":
            …}``.
        packages: others that work may depend on, where they are installed: kernels, quantizers, tokenizers.
        cuda: the CUDA (or, for ROCm, HIP) release that it was built for; None for the CPU alone.
        threads: how many threads it computes with on the CPU.
    """

    name: str
    libraries: Mapping[str, str]
    packages: Mapping[str, str]
    cuda: str | None
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDevice:
    """A device that does the work.

    Args:
        name: as the engine names it, such as ``cpu`` or ``cuda:0``.
        uuid: of a GPU, as its driver writes it (``GPU-…``); None for the CPU.
    """

    name: str
    uuid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model as it ran.

    Args:
        architecture: the name of its class.
        parameters: how many weights it has, shared ones once.
        dtype: of the weights, such as ``bfloat16``.
        vocabulary: how many token ids it scores.
        context: the most positions it is made for; None where its configuration sets no limit.
        layers: of the decoder; None where its configuration does not say.
        attention: the attention implementation in use.
        quantization: the method by which the weights are quantized; None where they are not.
        placement: the devices that hold weights.
        weights_seed: of random weights; None where weights were loaded.
        commit: the Hub's commit; None for a local folder or a built-in model.
        generation_defaults: what its own generation configuration sets, which holds where a run sets nothing.
    """

    architecture: str
    parameters: int
    dtype: str
    vocabulary: int
    context: int | None
    layers: int | None
    attention: str | None
    quantization: str | None
    placement: tuple[str, ...]
    weights_seed: int | None
    commit: str | None
    generation_defaults: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """What is generated from.

    Args:
        source: in a few words: ``builtin``, a file's name, ``3 in the configuration``, ``synthetic, 128
            tokens``.
        digest: of the prompts' ids, padding left out, so that two records of one name can be distinguished.
        padding_token: what fills shorter prompts up; None where all are of one length.
        requests: prompts in all.
        lengths: tokens of the shortest and of the longest prompt.
        seed: of sampling, and of synthetic prompts.
    """

    source: str
    digest: str
    padding_token: str | None
    requests: int
    lengths: tuple[int, int]
    seed: int
