"""What an engine reports about itself, a loaded model and a workload, as data for a record."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEnvironment:
    """The software that an engine runs with.

    Args:
        name: the engine's name, such as ``transformers``.
        libraries: the versions of the engine and of the libraries it is built on, the engine first:
            ``{"transformers": …, "torch": …}``.
        packages: the versions of other installed packages that the work may depend on: kernels, quantizers,
            tokenizers.
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
        uuid: a GPU's UUID, as its driver writes it (``GPU-…``); None for the CPU.
    """

    name: str
    uuid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """A model as it ran.

    Args:
        architecture: the name of its class.
        parameters: how many weights it has; shared ones count once.
        dtype: the type of the weights, such as ``bfloat16``.
        vocabulary: how many token ids it scores.
        context: the most positions it is made for; None where its configuration sets no limit.
        layers: how many layers the decoder has; None where its configuration does not say.
        attention: the attention implementation in use.
        quantization: the method by which the weights are quantized; None where they are not.
        placement: the devices that hold weights.
        weights_seed: the seed of random weights; None where weights were loaded.
        commit: the Hub's commit; None for a local folder or a built-in model.
        generation_defaults: what its own generation configuration sets; it applies where a run sets nothing.
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
    """The prompts of a run.

    Args:
        source: where they come from, in a few words: ``builtin``, a file's name, ``3 in the configuration``,
            ``synthetic, 128 tokens``.
        digest: a digest of the prompts' token ids without padding. It differs if a file of the same name has
            other content.
        padding_token: what shorter prompts are filled up with; None where all have the same length.
        requests: how many prompts are answered in all.
        lengths: tokens of the shortest and of the longest prompt.
        seed: the seed of sampling and of synthetic prompts.
    """

    source: str
    digest: str
    padding_token: str | None
    requests: int
    lengths: tuple[int, int]
    seed: int
