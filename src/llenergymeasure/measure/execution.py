"""The measured run itself: load, warm up, generate inside an energy window. Needs torch and transformers."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from hashlib import sha256
from itertools import cycle, islice
from operator import add
from typing import Any

import torch

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.figures import Figure, Scope, Unavailable, WindowEnergy
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.energy.verdict import Verdict
from llenergymeasure.inference.batching import Batch, make_batches
from llenergymeasure.inference.counting import TokenCounts
from llenergymeasure.inference.devices import choose_device, gpu_uuid, synchronise
from llenergymeasure.inference.facts import ModelFacts, model_facts
from llenergymeasure.inference.generation import Generated, Generator
from llenergymeasure.inference.loading import load_model
from llenergymeasure.inference.messages import collected
from llenergymeasure.inference.prompts import read_prompts
from llenergymeasure.measure.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run gave.

    Args:
        prompts_digest: of the texts, so that two records of one file name can be told apart.
        threads: that torch computes with on the CPU.
        seconds: from the first call to the end of the last one's work, on a monotonic clock.
        covered: whether the joules include those of the device that the model ran on.
        verdict: what the meter has to say against its window.
        messages: what transformers said meanwhile.
    """

    facts: ModelFacts
    assistant: ModelFacts | None
    device: str
    padding_token: str | None
    prompts_digest: str
    threads: int
    batches: int
    counts: TokenCounts
    seconds: float
    energy: WindowEnergy
    covered: bool
    verdict: Verdict
    messages: tuple[str, ...]


def execute(config: ExperimentConfig, settings: Mapping[str, Any], progress: Progress) -> Outcome:
    """Run the configuration once, after its warm-up, with these keyword arguments for ``generate()``.

    Raises:
        InferenceError: the model, the prompts or the settings do not do; see ``inference.errors``.
        EnergyError: ``measurement.devices`` names a GPU that is not here.
    """
    prompts = read_prompts(config.workload.prompts)
    device = choose_device(config.model.device)
    with collected() as messages, _meter(config, device) as meter:
        progress.step(f"loading {config.model.name}", 0, 0)
        loaded = load_model(config.model, device)
        batches = make_batches(
            prompts, requests=config.workload.requests, batch_size=config.workload.batch_size, loaded=loaded
        )
        generator = Generator(loaded, settings, trust_remote_code=config.model.trust_remote_code)
        seed = config.workload.seed
        warmup = list(islice(cycle(batches), config.measurement.warmup_batches))
        _generate("warming up, batch", warmup, generator, seed, progress)
        with meter.window("run", synchronise=partial(synchronise, device)) as window:
            started = time.perf_counter()
            generated = _generate("measuring, batch", batches, generator, seed, progress)
            synchronise(device)
            seconds = time.perf_counter() - started
        counts = reduce(add, map(generator.count, generated))
    helper = config.model.assistant
    return Outcome(
        facts=model_facts(loaded.model, config.model.name),
        assistant=model_facts(loaded.assistant, helper.name) if helper is not None else None,
        device=str(device),
        padding_token=loaded.tokenizer.pad_token,
        prompts_digest=_digest(prompts),
        threads=torch.get_num_threads(),
        batches=len(batches),
        counts=counts,
        seconds=seconds,
        energy=window.energy,
        covered=_covers(window.energy.devices, device),
        verdict=window.verdict,
        messages=tuple(messages),
    )


def _generate(
    stage: str, batches: Sequence[Batch], generator: Generator, seed: int, progress: Progress
) -> list[Generated]:
    """Every batch once, sampling from the seed, so that the run does not depend on the length of its warm-up."""
    torch.manual_seed(seed)
    generated = []
    for number, batch in enumerate(batches, start=1):
        progress.step(stage, number, len(batches))
        generated.append(generator(batch))
    return generated


def _digest(prompts: Sequence[str]) -> str:
    return sha256(json.dumps(prompts).encode()).hexdigest()[:16]


def _meter(config: ExperimentConfig, device: torch.device) -> EnergyMeter:
    return EnergyMeter.open(
        devices=_devices(config, device), modelled_cpu_watts=config.measurement.modelled_cpu_watts
    )


def _devices(config: ExperimentConfig, device: torch.device) -> str | Sequence[str | int]:
    """``auto`` is the GPU that the model runs on; for a model on the CPU, whatever there is to read."""
    wanted = config.measurement.devices
    uuid = gpu_uuid(device)
    return (uuid,) if wanted == "auto" and uuid is not None else wanted


def _covers(figures: Sequence[Figure], device: torch.device) -> bool:
    """Whether one of the figures is of the device that did the work."""
    known = [figure for figure in figures if not isinstance(figure, Unavailable)]
    if device.type == "cuda":
        return gpu_uuid(device) in {figure.device for figure in known}
    return any(figure.scope in {Scope.CPU_PACKAGE, Scope.CPU_CORES} for figure in known)
