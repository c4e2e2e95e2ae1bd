"""From a run to its record."""

import math
from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, JsonValue

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.sensors import identify_machine
from llenergymeasure.engines.descriptions import ModelFacts
from llenergymeasure.measurement.checks import check_run
from llenergymeasure.measurement.environment import git_revision, host
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.redaction import home_folders, redact_mapping, redact_text, short_hash
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.measurement.run_summary import RunSummary, summarise_run
from llenergymeasure.measurement.summaries import carbon, distribution
from llenergymeasure.results.record import Model, Record, Workload
from llenergymeasure.results.schema import CallTiming, Finding, Flops, Tokens
from llenergymeasure.results.trace_file import Trace


def assemble(
    context: RunContext,
    observations: Observations,
    begin_s: float,
    *,
    interrupted: bool = False,
    failure: str = "",
) -> Record:
    """The record of a run.

    Args:
        context: what the run worked with.
        observations: what it observed.
        begin_s: when it began, on the context's clock.
        interrupted: whether an interrupt ended it.
        failure: why it ended early; empty if it did not.
    """
    homes, machine = home_folders(), identify_machine()
    session, config = context.session, context.config
    summary = summarise_run(context, observations, machine, interrupted=interrupted, failure=failure)
    end_s = context.clock.monotonic()
    return Record(
        status="interrupted" if interrupted else "failed" if failure else "complete",
        created=datetime.now(UTC),
        seconds=end_s - begin_s,
        config=context.declared,
        config_hash=short_hash(context.declared),
        section=config.engine_section,
        effective=_effective(config, homes),
        generation=_generation(observations, homes),
        canonical=redact_mapping(session.canonical().to_data(), homes),
        observed=redact_mapping(observations.observed, homes),
        observed_prefill=redact_mapping(observations.observed_prefill, homes),
        bypassed=config.engine_settings.bypassed,
        versions=summary.versions,
        host=host(machine, context.environment.threads),
        git=git_revision(),
        model=_model(config.model.name, session.facts, context, homes),
        assistant=_assistant(context, homes),
        workload=_workload(context, homes),
        devices=context.devices,
        plan=observations.plan,
        warmup=observations.warmup,
        prefill_warmup=observations.prefill_warmup,
        windows=tuple(observations.windows),
        tokens=_tokens_per_pass(observations),
        energy=summary.energy,
        speed=summary.speed,
        phases=summary.phases,
        timing=_timing(observations, homes),
        memory=observations.memory,
        flops=_flops(observations),
        carbon=carbon(summary.energy, config.measurement.carbon),
        findings=_findings(summary, homes),
        trace=_trace(context, begin_s, end_s),
    )


def _findings(summary: RunSummary, homes: Collection[Path]) -> tuple[Finding, ...]:
    return tuple(
        finding.model_copy(update={"text": redact_text(finding.text, homes)})
        for finding in check_run(summary)
    )


def _effective(config: ExperimentConfig, homes: Collection[Path]) -> dict[str, JsonValue]:
    """The configuration with its defaults; of the engine's settings only those that were set and are sent."""
    sections = {name: _with_defaults(getattr(config, name)) for name in ("model", "workload", "measurement")}
    return redact_mapping({**sections, config.engine_section: config.engine_settings.to_data()}, homes)


def _with_defaults(model: BaseModel) -> dict[str, object]:
    return {name: _plain(getattr(model, name)) for name in type(model).model_fields}


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return _with_defaults(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _generation(observations: Observations, homes: Collection[Path]) -> dict[str, JsonValue]:
    return redact_mapping(observations.generation, homes)


def _assistant(context: RunContext, homes: Collection[Path]) -> Model | None:
    config, facts = context.config.model.assistant, context.session.assistant_facts
    return None if config is None or facts is None else _model(config.name, facts, context, homes)


def _model(name: str, facts: ModelFacts, context: RunContext, homes: Collection[Path]) -> Model:
    data = redact_mapping({**asdict(facts), "name": name}, homes)
    return Model.model_validate({**data, "device": context.session.devices[0].name})


def _workload(context: RunContext, homes: Collection[Path]) -> Workload:
    facts = context.session.workload
    shortest, longest = facts.lengths
    return Workload(
        prompts=redact_text(facts.source, homes),
        prompts_digest=facts.digest,
        requests=facts.requests,
        batch_size=context.config.workload.batch_size,
        batches=len(context.session.batches),
        shortest_prompt=shortest,
        longest_prompt=longest,
        seed=facts.seed,
        padding_token=facts.padding_token,
    )


def _tokens_per_pass(observations: Observations) -> Tokens | None:
    """The tokens of one pass, from the first window."""
    for window in observations.work:
        if window.tokens is not None:
            return Tokens(
                requests=window.tokens.requests // window.passes,
                sequences=window.tokens.sequences // window.passes,
                prompt=window.tokens.prompt // window.passes,
                output=window.tokens.output // window.passes,
            )
    return None


def _timing(observations: Observations, homes: Collection[Path]) -> CallTiming | None:
    if not observations.call_s and not observations.no_call_times:
        return None
    return CallTiming(
        call=distribution(observations.call_s),
        missing_calls=redact_text(observations.no_call_times, homes),
        first_token=distribution([times.first_token_s for times in observations.token_times]),
        between_tokens=distribution(
            [gap_s for times in observations.token_times for gap_s in times.between_tokens_s]
        ),
        missing=redact_text(observations.no_token_times, homes),
    )


def _flops(observations: Observations) -> Flops | None:
    """The estimate per output token of the timed calls."""
    if observations.flops and observations.flops_tokens:
        total = math.fsum(estimate.flops for estimate in observations.flops)
        return Flops(
            per_output_token=total / observations.flops_tokens,
            formula=observations.flops[0].formula,
            missing="",
        )
    nothing = "not one token was generated" if observations.flops else ""
    missing = nothing or observations.no_flops or observations.no_token_times
    return Flops(per_output_token=None, formula="", missing=missing) if missing else None


def _trace(context: RunContext, begin_s: float, end_s: float) -> Trace | None:
    samples = context.meter.trace(begin_s, end_s)
    return Trace(samples, [device.id for device in context.meter.sensors.devices]) if samples else None
