"""One experiment, from its configuration to its record."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.identity import nvidia_identity
from llenergymeasure.inference.packages import require_packages
from llenergymeasure.measure.plain import home_folders, plain_mapping, short_hash, without_home
from llenergymeasure.measure.progress import Progress, Silent
from llenergymeasure.measure.surroundings import host, versions
from llenergymeasure.results.record import Energy, Model, Record, Tokens, Workload, per_output_token

if TYPE_CHECKING:
    from llenergymeasure.inference.facts import ModelFacts


def run_experiment(config: ExperimentConfig, *, progress: Progress | None = None) -> Record:
    """Run the experiment here, once, and say what it took. Nothing is written to disk.

    Args:
        config: what to run.
        progress: is told how far the run is, and closed at its end, however it ends.

    Raises:
        InferenceError: no torch (or a broken one), no model, no prompts, settings that ``generate()`` refuses, no memory left.
        EnergyError: the configuration measures a GPU that is not here.
        ConfigError: ``extra`` holds an object that no record can hold, or a setting needs another transformers.
    """
    require_packages()
    homes = home_folders()
    # Whatever cannot be recorded is found out before the run, not after it.
    declared = plain_mapping(config.to_data(), homes)
    settings = config.pytorch.generate_kwargs()
    sent = plain_mapping(settings, homes)
    # torch and transformers load with these, so not before it is known that they are there.
    from llenergymeasure.measure.execution import execute  # noqa: PLC0415 - see above
    from llenergymeasure.measure.findings import findings  # noqa: PLC0415 - see above

    told = progress or Silent()
    try:
        outcome = execute(config, settings, told)
    finally:
        told.close()

    nvidia = nvidia_identity()
    used = versions(nvidia)
    work, helper = config.workload, config.model.assistant
    return Record(
        created=datetime.now(UTC),
        config=declared,
        config_hash=short_hash(declared),
        generate_kwargs=sent,
        bypassed=tuple(config.pytorch.bypassed),
        versions=used,
        host=host(nvidia, outcome.threads),
        model=_model(config.model.name, outcome.facts, outcome.device, homes),
        assistant=None
        if helper is None or outcome.assistant is None
        else _model(helper.name, outcome.assistant, outcome.device, homes),
        workload=Workload(
            prompts=without_home(_named(work.prompts), homes),
            prompts_digest=outcome.prompts_digest,
            requests=work.requests,
            batches=outcome.batches,
            warmup_batches=config.measurement.warmup_batches,
            seed=work.seed,
            padding_token=outcome.padding_token,
        ),
        tokens=Tokens(
            prompt=outcome.counts.prompt_tokens,
            output=outcome.counts.output_tokens,
            sequences=outcome.counts.sequences,
        ),
        seconds=outcome.seconds,
        energy=Energy.of(outcome.energy),
        energy_per_output_token=per_output_token(outcome.energy.total, outcome.counts.output_tokens)
        if outcome.covered
        else None,
        findings=tuple(
            found.model_copy(update={"text": without_home(found.text, homes)})
            for found in findings(outcome, used)
        ),
    )


def _model(name: str, facts: "ModelFacts", device: str, homes: Collection[Path]) -> Model:
    return Model(device=device, **(plain_mapping({**asdict(facts), "name": name}, homes)))


def _named(prompts: str | tuple[str, ...]) -> str:
    """Where the prompts came from, in a few words."""
    return prompts if isinstance(prompts, str) else f"{len(prompts)} in the configuration"
