"""A loaded model with the settings and the workload of one configuration, as a measurement uses it."""

import json
import random
from contextlib import AbstractContextManager
from hashlib import sha256

import numpy
import torch

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.experiment import ModelConfig, WorkloadConfig
from llenergymeasure.engines.calls import FlopEstimate, Missing, PeakWatch, TokenCounts, TokenTimes
from llenergymeasure.engines.descriptions import EngineDevice, ModelFacts, WorkloadFacts
from llenergymeasure.engines.errors import EngineError
from llenergymeasure.engines.prompts import describe_prompts
from llenergymeasure.engines.transformers.batching import Batch
from llenergymeasure.engines.transformers.describe_args import describe_args
from llenergymeasure.engines.transformers.flops import estimate_flops
from llenergymeasure.engines.transformers.generation import Generated, Generator
from llenergymeasure.engines.transformers.memory import peak_memory
from llenergymeasure.engines.transformers.model_info import model_facts, weight_devices
from llenergymeasure.engines.transformers.model_loader import ModelParts
from llenergymeasure.engines.transformers.requirements import facts_of_run, model_defaults, require_met
from llenergymeasure.engines.transformers.timing import time_call
from llenergymeasure.engines.transformers.torch_devices import describe_device, synchronise


class TransformersSession:
    """The session of :mod:`llenergymeasure.engines.protocol`; a loaded model makes one by ``bind()``.

    Args:
        model: the section of the configuration that the model was loaded from.
        settings: the parameters of ``generate()``.
        workload: the section of the configuration with the workload.
        parts: the model, and what belongs to it.
        batches: the workload's prompts.

    Raises:
        GenerationError: a setting is one that only the run gives, or code that may not run.
        PreconditionError: (of ``config``) a parameter needs something that is not there.
        UpstreamError: (of ``config``) a setting needs another transformers.
    """

    def __init__(
        self,
        model: ModelConfig,
        settings: PyTorchConfig,
        workload: WorkloadConfig,
        *,
        parts: ModelParts,
        batches: tuple[Batch, ...],
    ) -> None:
        self._config = model
        self._settings = settings
        self._generator: Generator | None = Generator(
            parts, settings.generate_kwargs(), trust_remote_code=model.trust_remote_code
        )
        self.batches = batches
        self.workload = _describe_workload(workload, parts, batches)
        self._torch_devices = _devices(parts)
        # Only once, since it takes time: it may tokenize the prompts again, and try a paged cache.
        self._rule_facts = facts_of_run(model, settings, workload, parts=parts, batches=batches)
        require_met(settings, self._rule_facts, model_defaults(parts.model))

    def end(self) -> None:
        """Drop the reference to the model; the session cannot be used afterwards."""
        self._generator = None
        self.batches = ()

    @property
    def devices(self) -> tuple[EngineDevice, ...]:
        """The devices that hold weights; the first one takes the prompts."""
        return tuple(map(describe_device, self._torch_devices))

    @property
    def facts(self) -> ModelFacts:
        """The model as it runs."""
        return model_facts(self._parts.model, self._config.name, random_weights=self._config.random_weights)

    @property
    def assistant_facts(self) -> ModelFacts | None:
        """The assistant as it runs; None without an assistant."""
        config, assistant = self._config.assistant, self._parts.assistant
        if config is None or assistant is None:
            return None
        return model_facts(assistant, config.name, random_weights=config.random_weights)

    def reseed(self) -> None:
        """Reset the random numbers to the workload's seed, so that sampling repeats itself.

        ``generate()`` uses torch's generator; code in ``extra`` may use Python's or numpy's.
        """
        torch.manual_seed(self.workload.seed)
        random.seed(self.workload.seed)
        numpy.random.seed(self.workload.seed % 2**32)

    def synchronise(self) -> None:
        """Wait until every device of the model has done what was queued on it."""
        for device in self._torch_devices:
            synchronise(device)

    def call(self, batch: Batch) -> Generated:
        """Generate for one batch, with exactly the settings of the configuration.

        Work may still be queued on a device when this returns.

        Raises:
            GenerationError: ``generate()`` raised; its words are in the message.
            DeviceMemoryError: a device ran out of memory.
        """
        return self._live_generator(batch)

    def prefill(self, batch: Batch) -> Generated:
        """The same call for one new token: ``max_new_tokens=1`` replaces all settings of length.

        A static cache is then only as long as the prompt, so less memory is allocated than in a whole call.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        return self._live_generator.prefill(batch)

    def count(self, output: Generated) -> TokenCounts:
        """The tokens that went in and came out; waits for the device."""
        return self._live_generator.count(output)

    def observed(self, output: Generated) -> dict[str, object]:
        """The arguments that reached ``generate()`` in the call that returned this output, as data."""
        return describe_args(output.arguments)

    def time_tokens(self, batch: Batch) -> TokenTimes | Missing:
        """One call, timed step by step from inside, with the same arguments as any other call.

        Raises:
            GenerationError: as for a call.
            DeviceMemoryError: as for a call.
        """
        return time_call(self._live_generator, batch, self.synchronise).times

    def flops(self, times: TokenTimes) -> FlopEstimate | Missing:
        """The floating-point operations of a call that was timed, by formula."""
        return estimate_flops(self._parts.model, times)

    def peak_memory(self) -> AbstractContextManager[PeakWatch]:
        """Measure the most memory in use during a block, on each GPU of the model and of the process."""
        return peak_memory(self._torch_devices)

    def dormant(self) -> dict[str, str]:
        """The set parameters that do not change the work of this session, each with the reason."""
        return self._settings.dormant(model_defaults(self._parts.model), facts=self._rule_facts)

    def canonical(self) -> PyTorchConfig:
        """The fewest settings for the same work; they do not depend on the model's own defaults."""
        return self._settings.canonical(model_defaults(self._parts.model), facts=self._rule_facts)

    def rule_facts(self) -> dict[str, object]:
        """The facts of the run that rules across parameters need, by the names that the rules use."""
        return dict(self._rule_facts)

    @property
    def _live_generator(self) -> Generator:
        if self._generator is None:
            raise EngineError(
                "The session has ended: its model was closed, or bound to another configuration."
            )
        return self._generator

    @property
    def _parts(self) -> ModelParts:
        return self._live_generator.parts


def _describe_workload(
    workload: WorkloadConfig, parts: ModelParts, batches: tuple[Batch, ...]
) -> WorkloadFacts:
    lengths = [length for batch in batches for length in batch.attention_mask.sum(dim=1).tolist()]
    rows = [
        ids[mask.bool()].tolist()
        for batch in batches
        for ids, mask in zip(batch.input_ids, batch.attention_mask, strict=True)
    ]
    is_padded = min(lengths) < max(lengths)
    return WorkloadFacts(
        source=describe_prompts(workload.prompts),
        digest=sha256(json.dumps(rows).encode()).hexdigest()[:16],
        padding_token=parts.tokenizer.pad_token if is_padded and parts.tokenizer is not None else None,
        requests=workload.requests,
        lengths=(min(lengths), max(lengths)),
        seed=workload.seed,
    )


def _devices(parts: ModelParts) -> tuple[torch.device, ...]:
    """The devices that do the work: the one that takes the prompts, and those that hold weights.

    Weights that wait on disk are on the device ``meta``, which computes nothing.
    """
    holding = (device for model in parts.models for device in weight_devices(model))
    return tuple(dict.fromkeys(device for device in (parts.device, *holding) if device.type != "meta"))
