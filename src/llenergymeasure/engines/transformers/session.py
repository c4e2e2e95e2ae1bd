"""A model that is loaded and ready to generate: what a measurement protocol needs of this room, in one object.

The hot path is :meth:`Session.call`; everything else (counting, timing, peak memory) is asked outside of the energy windows.
"""

import gc
import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

import torch

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.experiment import ExperimentConfig, SyntheticPrompts
from llenergymeasure.engines.transformers.batching import Batch, make_batches, make_synthetic_batches
from llenergymeasure.engines.transformers.counting import TokenCounts
from llenergymeasure.engines.transformers.describe_args import described
from llenergymeasure.engines.transformers.devices import choose_device, gpu_uuid, synchronise
from llenergymeasure.engines.transformers.flops import FlopEstimate, estimate
from llenergymeasure.engines.transformers.generation import Generated, Generator
from llenergymeasure.engines.transformers.loading import TEXT_SETTINGS, LoadedModel, load_model
from llenergymeasure.engines.transformers.memory import PeakWatch, peak_memory
from llenergymeasure.engines.transformers.model_info import ModelFacts, model_facts, weight_devices
from llenergymeasure.engines.transformers.preconditions import model_defaults, require_met
from llenergymeasure.engines.transformers.prompts import read_prompts
from llenergymeasure.engines.transformers.requirements import facts_before_loading, facts_of_run
from llenergymeasure.engines.transformers.timing import Missing, TokenTimes, timed

__all__ = ["FlopEstimate", "Missing", "Session", "TokenTimes", "WorkloadFacts", "load_session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadFacts:
    """What is generated from.

    Args:
        source: in a few words: ``builtin``, a file's name, ``3 in the configuration``, ``synthetic, 128 tokens``.
        digest: of the prompts' ids, padding left out, so that two records of one name can be told apart.
        padding_token: what filled shorter prompts up; None where all are of one length.
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


class Session:
    """A loaded model, its batches and its settings; :func:`load_session` makes one."""

    def __init__(
        self,
        config: ExperimentConfig,
        loaded: LoadedModel,
        batches: tuple[Batch, ...],
        generator: Generator,
    ) -> None:
        self._config = config
        self._loaded = loaded
        self._generator = generator
        self.batches = batches
        self.workload = _workload(config, loaded, batches)
        self._devices = _devices(loaded)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the model, so that its memory can be used by another; the session is of no use afterwards."""
        del self._loaded, self._generator, self.batches
        gc.collect()  # modules refer to each other in circles
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @property
    def device(self) -> torch.device:
        """The device that takes the prompts."""
        return self._loaded.device

    @property
    def gpu_uuids(self) -> tuple[str, ...]:
        """The GPUs that hold weights, as their driver names them; empty on the CPU."""
        return tuple(uuid for device in self._devices if (uuid := gpu_uuid(device)) is not None)

    @property
    def facts(self) -> ModelFacts:
        """The model as it runs."""
        wanted = self._config.model
        return model_facts(self._loaded.model, wanted.name, random_weights=wanted.random_weights)

    @property
    def assistant_facts(self) -> ModelFacts | None:
        """The assistant as it runs; None where there is none."""
        wanted = self._config.model.assistant
        if wanted is None or self._loaded.assistant is None:
            return None
        return model_facts(self._loaded.assistant, wanted.name, random_weights=wanted.random_weights)

    def reseed(self) -> None:
        """Set torch's random numbers back to the workload's seed, so that what follows samples as it did the time before."""
        torch.manual_seed(self.workload.seed)

    def synchronise(self) -> None:
        """Wait until every device of the model has done what was queued on it."""
        for device in self._devices:
            synchronise(device)

    def call(self, batch: Batch) -> Generated:
        """Generate for one batch, with exactly the settings of the configuration. Work may still be queued when this returns.

        Raises:
            GenerationError: ``generate()`` raised; its words are in the message.
            DeviceMemoryError: a device ran out of memory.
        """
        return self._generator(batch)

    def prefill(self, batch: Batch) -> Generated:
        """The same with one new token: ``max_new_tokens=1`` in place of the settings of length.

        A static cache is then as long as the prompt only, so its allocation is not that of the whole call.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        return self._generator.prefill(batch)

    def count(self, generated: Generated) -> TokenCounts:
        """The tokens that went in and came out; waits for the device."""
        return self._generator.count(generated)

    def observed(self, generated: Generated) -> dict[str, Any]:
        """What reached ``generate()`` in that very call, as data; see :func:`~llenergymeasure.engines.transformers.describe_args.described`."""
        return described(generated.arguments)

    def time_tokens(self, batch: Batch) -> TokenTimes | Missing:
        """One call, timed step by step from inside; what reaches ``generate()`` is what reaches it in every other call.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        return timed(self._generator, batch, self.synchronise)

    def flops(self, times: TokenTimes) -> FlopEstimate | Missing:
        """The floating-point operations of a call that was timed, by formula; see :mod:`llenergymeasure.engines.transformers.flops`."""
        return estimate(self._loaded.model, times)

    def peak_memory(self) -> AbstractContextManager[PeakWatch]:
        """Around a call: the most memory in use meanwhile, on each GPU of the model and of the process."""
        return peak_memory(self._devices)

    def call_facts(self) -> dict[str, object]:
        """What preconditions of parameters ask of the run, by the names that rules use."""
        return facts_of_run(self._config, self._loaded, self.batches)

    def dormant(self) -> dict[str, str]:
        """The parameters that are set and change nothing about this run's work, each with why."""
        return self._config.pytorch.dormant(model_defaults(self._loaded.model), facts=self.call_facts())

    def canonical(self) -> PyTorchConfig:
        """The parameters that say the same work on any model: the model's own defaults resolved, what changes nothing left out."""
        return self._config.pytorch.canonical(model_defaults(self._loaded.model), facts=self.call_facts())


def load_session(config: ExperimentConfig) -> Session:
    """Read the prompts, load the model, make the batches.

    Raises:
        InferenceError: the model, the prompts or the settings do not do; see ``inference.errors``.
        PreconditionError: (of ``config``) a parameter needs what is not there: found before the model is loaded where that can be.
        UpstreamError: (of ``config``) a setting needs another transformers.
    """
    require_met(config.pytorch, facts_before_loading(config))
    texts = _texts(config)
    settings = config.pytorch.generate_kwargs()
    device = choose_device(config.model.device)
    loaded = load_model(config.model, device, needs_tokenizer=_needs_tokenizer(config, settings))
    generator = Generator(loaded, settings, trust_remote_code=config.model.trust_remote_code)
    session = Session(config, loaded, _batches(config, texts, loaded), generator)
    require_met(config.pytorch, session.call_facts(), model_defaults(loaded.model))
    return session


def _texts(config: ExperimentConfig) -> tuple[str, ...] | None:
    """The prompts; None where they are synthetic."""
    prompts = config.workload.prompts
    return None if isinstance(prompts, SyntheticPrompts) else read_prompts(prompts)


def _needs_tokenizer(config: ExperimentConfig, settings: Mapping[str, Any]) -> bool:
    work = config.workload
    has_texts = not isinstance(work.prompts, SyntheticPrompts) or work.negative_prompts is not None
    return has_texts or any(settings.get(name) for name in TEXT_SETTINGS)


def _batches(
    config: ExperimentConfig, texts: tuple[str, ...] | None, loaded: LoadedModel
) -> tuple[Batch, ...]:
    work = config.workload
    if isinstance(work.prompts, SyntheticPrompts):
        return make_synthetic_batches(
            work.prompts.tokens,
            requests=work.requests,
            batch_size=work.batch_size,
            seed=work.seed,
            loaded=loaded,
            negative_prompts=work.negative_prompts,
        )
    return make_batches(
        texts or (),
        requests=work.requests,
        batch_size=work.batch_size,
        loaded=loaded,
        negative_prompts=work.negative_prompts,
    )


def _workload(config: ExperimentConfig, loaded: LoadedModel, batches: tuple[Batch, ...]) -> WorkloadFacts:
    work = config.workload
    lengths = [length for batch in batches for length in batch.attention_mask.sum(dim=1).tolist()]
    rows = [
        ids[mask.bool()].tolist()
        for batch in batches
        for ids, mask in zip(batch.input_ids, batch.attention_mask, strict=True)
    ]
    is_padded = min(lengths) < max(lengths) and loaded.tokenizer is not None
    return WorkloadFacts(
        source=_source(work.prompts),
        digest=sha256(json.dumps(rows).encode()).hexdigest()[:16],
        padding_token=loaded.tokenizer.pad_token if is_padded and loaded.tokenizer is not None else None,
        requests=work.requests,
        lengths=(min(lengths), max(lengths)),
        seed=work.seed,
    )


def _source(prompts: str | tuple[str, ...] | SyntheticPrompts) -> str:
    """Where the prompts came from, in a few words."""
    match prompts:
        case SyntheticPrompts():
            return f"synthetic, {prompts.tokens} tokens"
        case str():
            return prompts
    return f"{len(prompts)} in the configuration"


def _devices(loaded: LoadedModel) -> tuple[torch.device, ...]:
    """The devices that do the work: those of the weights, the assistant's too."""
    models = [loaded.model] + ([] if loaded.assistant is None else [loaded.assistant])
    found = dict.fromkeys(device for model in models for device in weight_devices(model))
    return tuple(device for device in found if device.type != "meta")
