"""From what a run saw to its record. Needs torch, for what it says about itself."""

import math
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pydantic import BaseModel, JsonValue

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.identity import nvidia_identity
from llenergymeasure.engines.transformers.model_info import ModelFacts
from llenergymeasure.measurement.environment import git_revision, host, versions
from llenergymeasure.measurement.findings import findings
from llenergymeasure.measurement.redaction import home_folders, plain_mapping, short_hash, told
from llenergymeasure.measurement.run_context import Observations
from llenergymeasure.measurement.run_summary import Evidence
from llenergymeasure.measurement.summaries import carbon, distribution, energies, phases, speed
from llenergymeasure.results.record import Model, Record, Workload
from llenergymeasure.results.schema import Energies, Flops, NoEnergy, Timing, Tokens
from llenergymeasure.results.trace import Trace

if TYPE_CHECKING:
    from llenergymeasure.measurement.run import Run


def assemble(
    run: "Run", seen: Observations, begin_s: float, *, interrupted: bool = False, failure: str = ""
) -> Record:
    """The record of a run that began at ``begin_s`` on its clock, and ended as it did."""
    homes, nvidia = home_folders(), nvidia_identity()
    session, config = run.session, run.config
    used, energy, fast = (
        versions(nvidia, torch.version.cuda or torch.version.hip),
        _energy(run, seen),
        speed(seen.windows),
    )
    apart = None if run.uncovered else phases(seen.windows)
    end_s = run.clock.monotonic()
    evidence = Evidence(
        seen=seen,
        devices=run.devices,
        energy=energy,
        speed=fast,
        phases=apart,
        versions=used,
        messages=run.messages,
        worked_on=str(session.device),
        gpus=session.gpu_uuids,
        uncovered=run.uncovered,
        dormant=session.dormant(),
        interrupted=interrupted,
        failure=failure,
    )
    helper = config.model.assistant
    return Record(
        status="interrupted" if interrupted else "failed" if failure else "complete",
        created=datetime.now(UTC),
        seconds=end_s - begin_s,
        config=run.declared,
        config_hash=short_hash(run.declared),
        effective=_effective(config, homes),
        generation=plain_mapping(seen.token_times[0].effective, homes) if seen.token_times else {},
        canonical=plain_mapping(session.canonical().to_data(), homes),
        observed=plain_mapping(seen.observed, homes),
        observed_prefill=plain_mapping(seen.observed_prefill, homes),
        bypassed=tuple(config.pytorch.bypassed),
        versions=used,
        host=host(nvidia, torch.get_num_threads()),
        git=git_revision(),
        model=_model(config.model.name, session.facts, str(session.device), homes),
        assistant=None
        if helper is None or session.assistant_facts is None
        else _model(helper.name, session.assistant_facts, str(session.device), homes),
        workload=_workload(run, homes),
        devices=run.devices,
        plan=seen.plan,
        warmup=seen.warmup,
        prefill_warmup=seen.prefill_warmup,
        windows=tuple(seen.windows),
        tokens=_a_pass(seen),
        energy=energy,
        speed=fast,
        phases=apart,
        timing=_timing(seen),
        memory=seen.memory,
        flops=_flops(seen),
        carbon=carbon(energy, config.measurement.carbon),
        findings=tuple(
            found.model_copy(update={"text": told(found.text, homes)}) for found in findings(evidence)
        ),
        trace=_trace(run, begin_s, end_s),
    )


def _energy(run: "Run", seen: Observations) -> Energies | NoEnergy:
    """The joules of the work; none where the joules in the windows are not those of the devices that did it."""
    found = energies(seen.windows)
    if not run.uncovered or isinstance(found, NoEnergy):
        return found
    return NoEnergy(
        reason=f"the model ran on {' and '.join(run.uncovered)}, which is not measured",
        hint="See measurement.devices and `llenergymeasure doctor`.",
    )


def _effective(config: ExperimentConfig, homes: Collection[Path]) -> dict[str, JsonValue]:
    """The configuration with its defaults; of ``generate()``'s parameters only those that were set reach it."""
    sections = {name: _with_defaults(getattr(config, name)) for name in ("model", "workload", "measurement")}
    return plain_mapping({**sections, "pytorch": config.pytorch.to_data()}, homes)


def _with_defaults(model: BaseModel) -> dict[str, object]:
    values = {name: getattr(model, name) for name in type(model).model_fields}
    return {
        name: _with_defaults(value) if isinstance(value, BaseModel) else value
        for name, value in values.items()
    }


def _model(name: str, facts: ModelFacts, device: str, homes: Collection[Path]) -> Model:
    return Model(device=device, **(plain_mapping({**asdict(facts), "name": name}, homes)))


def _workload(run: "Run", homes: Collection[Path]) -> Workload:
    session, work = run.session, run.config.workload
    shortest, longest = session.workload.lengths
    return Workload(
        prompts=told(session.workload.source, homes),
        prompts_digest=session.workload.digest,
        requests=session.workload.requests,
        batch_size=work.batch_size,
        batches=len(session.batches),
        shortest_prompt=shortest,
        longest_prompt=longest,
        seed=session.workload.seed,
        padding_token=session.workload.padding_token,
    )


def _a_pass(seen: Observations) -> Tokens | None:
    """The tokens of one pass, from the first window."""
    for window in seen.windows:
        if window.kind == "work" and window.tokens is not None:
            tokens = window.tokens
            return Tokens(
                requests=tokens.requests // window.passes,
                sequences=tokens.sequences // window.passes,
                prompt=tokens.prompt // window.passes,
                output=tokens.output // window.passes,
            )
    return None


def _timing(seen: Observations) -> Timing | None:
    call = distribution(seen.call_s)
    if call is None:
        return None
    return Timing(
        call=call,
        first_token=distribution([times.first_token_s for times in seen.token_times]),
        between_tokens=distribution(
            [gap_s for times in seen.token_times for gap_s in times.between_tokens_s]
        ),
        missing=seen.no_token_times,
    )


def _flops(seen: Observations) -> Flops | None:
    """The estimate over the output tokens of the calls that it is of."""
    if seen.flops and seen.flops_tokens:
        total = math.fsum(estimate.flops for estimate in seen.flops)
        return Flops(per_output_token=total / seen.flops_tokens, formula=seen.flops[0].formula, missing="")
    missing = "not one token was generated" if seen.flops else seen.no_flops or seen.no_token_times
    return Flops(per_output_token=None, formula="", missing=missing) if missing else None


def _trace(run: "Run", begin_s: float, end_s: float) -> Trace | None:
    rows = run.meter.trace(begin_s, end_s)
    return Trace(rows, [gpu.uuid for gpu in run.meter.sensors.gpus]) if rows else None
