"""A record as a table for a terminal.

A number after ``±`` is half of a 95 % interval over the windows; one after ``sensor`` is a standard
uncertainty of the sensors.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC

from llenergymeasure.results.record import Model, Record
from llenergymeasure.results.schema import (
    Difference,
    Distribution,
    Energies,
    Estimate,
    Finding,
    NoEnergy,
    Window,
)
from llenergymeasure.results.tables import Rows, count, listed, number, table


def render(record: Record) -> str:
    """The record as lines of ``label  value``, every quantity with its unit; no line break at the end."""
    return table(_rows(record))


def _rows(record: Record) -> Rows:
    yield (
        "made",
        f"{record.created.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, configuration {record.config_hash}",
    )
    if record.status != "complete":
        yield "status", f"{record.status}: the figures are over the windows so far"
    yield "model", _model(record.model)
    if record.assistant is not None:
        yield "assistant", _model(record.assistant)
    yield from listed("workload", _workload(record))
    yield from listed("settings", _settings(record))
    yield from listed("windows", _windows(record))
    yield from listed("energy", list(_energy(record)))
    if record.phases is not None:
        yield from listed("phases", list(_phases(record)))
    if record.speed is not None:
        per_call, rate = record.speed.seconds_per_call, record.speed.output_tokens_per_second
        yield "speed", f"{_estimate(rate)} output tokens/s, {_estimate(per_call)} s per call"
    yield from listed("latency", list(_timing(record)))
    yield from listed(
        "memory", [f"{peak.bytes / 2**20:,.1f} MiB, {peak.where} ({peak.method})" for peak in record.memory]
    )
    if record.flops is not None:
        per_token = record.flops.per_output_token
        yield (
            "work",
            f"{number(per_token)} FLOP per output token, estimated ({record.flops.formula})"
            if per_token is not None
            else f"no estimate of FLOPs: {record.flops.missing}",
        )
    if record.carbon is not None:
        intensity = f"{record.carbon.grams_per_kwh:g} g/kWh ({record.carbon.source})"
        yield "carbon", f"{number(record.carbon.grams_per_request)} g CO2e per request, at {intensity}"
    yield "machine", "; ".join([record.host.cpu, *(gpu.name for gpu in record.host.gpus)])
    yield "versions", _versions(record)
    if not record.valid:
        yield "INVALID", "the figures are not of this work alone; see the findings marked with !"
    yield from listed("findings", list(map(_finding, record.findings)))


def _finding(finding: Finding) -> str:
    mark = "! " if finding.invalidates else ""
    device = f"{finding.device}: " if finding.device else ""
    windows = f" (windows: {', '.join(finding.windows)})" if finding.windows else ""
    return f"{mark}{finding.id}: {device}{finding.text}{windows}"


def _model(model: Model) -> str:
    size = f"{model.parameters / 1e6:,.1f} million parameters"
    return f"{model.name} ({model.architecture}, {size}, {model.dtype}, on {model.device})"


def _workload(record: Record) -> list[str]:
    work, tokens = record.workload, record.tokens
    lines = [f"{count(work.requests, 'request')} in {count(work.batches, 'batch')}, seed {work.seed}"]
    if tokens is not None:
        lines.append(
            f"{tokens.prompt:,} tokens in, {tokens.output:,} tokens out in "
            f"{count(tokens.sequences, 'sequence')}"
        )
    return lines


def _settings(record: Record) -> list[str]:
    """What was set, with the values that reached the engine."""
    settings = record.settings
    extra = settings.get("extra")
    names = [*(name for name in settings if name != "extra"), *(extra if isinstance(extra, dict) else ())]
    lines = [
        f"{name} = {json.dumps(record.observed.get(name, settings.get(name)), ensure_ascii=False)}"
        for name in names
    ]
    return lines or [f"none: all left to the model and to {record.versions.engine}"]


def _windows(record: Record) -> list[str]:
    work = record.work
    lines = []
    if work:
        lengths = [window.length_s for window in work]
        lines.append(
            f"{len(work)} of {record.plan.windows}, {count(work[0].passes, 'pass')} of the workload each, "
            f"{min(lengths):.3g} to {max(lengths):.3g} s long"
        )
    else:
        lines.append(f"none of {record.plan.windows}")
    if record.warmup is not None:
        steady = "steady" if record.warmup.steady else "not yet steady"
        lines.append(f"after {record.warmup.seconds:.3g} s of warm-up, then {steady}")
    return lines


def _energy(record: Record) -> Iterator[str]:
    energy = record.energy
    if isinstance(energy, NoEnergy):
        yield from _no_energy(record, energy)
        return
    kind = "measured" if energy.kind == "measured" else "modelled, not measured"
    net = energy.net
    yield f"{kind} ({_methods(record.work)}), {'gross and net' if net else 'gross'}:"
    for unit, gross, above_idle in (
        ("output token", energy.gross.per_output_token, net.per_output_token if net else None),
        ("total token", energy.gross.per_total_token, net.per_total_token if net else None),
        ("request", energy.gross.per_request, net.per_request if net else None),
    ):
        if gross is not None:
            and_net = "" if above_idle is None else f" and {_estimate(above_idle)}"
            yield f"{_estimate(gross)}{and_net} J per {unit}"
    yield f"{number(energy.power_w)} W in the windows{_idle(energy)}"


def _idle(energy: Energies) -> str:
    if energy.idle is None:
        return ""
    return f", {number(energy.idle.power_w)} ± {number(energy.idle.uncertainty_w, 2)} W idle"


def _methods(windows: Sequence[Window]) -> str:
    methods = {
        getattr(figure, "method", None) or getattr(figure, "model", "nothing")
        for window in windows
        for figure in window.energy.devices
    }
    return ", ".join(sorted(map(str, methods)))


def _no_energy(record: Record, energy: NoEnergy) -> Iterator[str]:
    """Why there are no joules; device by device where several cannot be measured."""
    missing = [device for device in record.devices if not device.measurable]
    if len(missing) < 2:
        yield f"unavailable: {energy.reason}. {energy.hint}".rstrip()
        return
    yield f"unavailable, as {' and '.join(device.device for device in missing)} cannot be measured:"
    for device in missing:
        yield f"{device.device}: {device.reason}. {device.hint}".rstrip()


def _phases(record: Record) -> Iterator[str]:
    phases = record.phases
    assert phases is not None
    yield f"prefill {_estimate(phases.prefill_per_request)} J per request, gross"
    if phases.decode_per_request is None:
        yield "decode not resolved"
        return
    per_token = phases.decode_per_token
    and_per_token = f", {_difference(per_token)} J per token" if per_token else ""
    yield f"decode  {_difference(phases.decode_per_request)} J per request{and_per_token}"


def _timing(record: Record) -> Iterator[str]:
    timing = record.timing
    if timing is None:
        return
    if timing.call is not None:
        yield f"call {_distribution(timing.call)}"
    if timing.missing_calls:
        yield f"no times of calls: {timing.missing_calls}"
    if timing.first_token is not None:
        yield f"first token {_distribution(timing.first_token)}"
    if timing.between_tokens is not None:
        yield f"between tokens {_distribution(timing.between_tokens)}"
    if timing.missing:
        yield f"no times of single tokens: {timing.missing}"


def _distribution(times: Distribution) -> str:
    tail = f", 95 % within {_ms(times.p95_s)}" if times.p95_s is not None else ""
    return f"{_ms(times.median_s)} median of {times.count:,}{tail}, {_ms(times.max_s)} at most"


def _ms(seconds: float) -> str:
    return f"{number(seconds * 1e3)} ms"


def _versions(record: Record) -> str:
    versions = record.versions
    known = {
        "llenergymeasure": versions.llenergymeasure,
        **versions.libraries,
        "CUDA": versions.cuda,
        "Python": versions.python,
        "NVIDIA driver": versions.nvidia_driver,
    }
    return ", ".join(f"{name} {version}" for name, version in known.items() if version is not None)


def _estimate(estimate: Estimate) -> str:
    half = estimate.spread.half_width
    spread = "" if half is None else f" ± {number(half, 2)}"
    sensor = "" if estimate.sensor is None else f" (sensor {number(estimate.sensor, 1)})"
    return f"{number(estimate.mean)}{spread}{sensor}"


def _difference(difference: Difference) -> str:
    half = 0.5 * (difference.high - difference.low)
    sensor = "" if difference.sensor is None else f" (sensor {number(difference.sensor, 1)})"
    return f"{number(difference.mean)} ± {number(half, 2)}{sensor}"
