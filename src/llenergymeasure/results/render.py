"""A record, and a comparison of two, as tables that a person reads in a terminal.

``±`` is half of a 95 % interval over the windows; ``sensor`` stands before one standard uncertainty of the sensors.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC

from llenergymeasure.results.compare import TEST, Changed, Compared, Comparison
from llenergymeasure.results.observed import (
    Difference,
    Distribution,
    Energies,
    Estimate,
    NoEnergy,
    Window,
)
from llenergymeasure.results.record import Model, Record

_LABEL_WIDTH = 14
DIGITS = 4
"""Of a quantity; its uncertainty has fewer."""
Rows = Iterator[tuple[str, str]]


def render(record: Record) -> str:
    """The record as lines of ``label  value``, each quantity with its unit; ends without a line break."""
    return _table(_rows(record))


def render_comparison(comparison: Comparison) -> str:
    """The comparison: the answer first, then the ratios, what differs, and what speaks against comparing."""
    return _table(_comparison_rows(comparison))


def _table(rows: Rows) -> str:
    return "\n".join(f"{label:<{_LABEL_WIDTH}}{value}".rstrip() for label, value in rows)


def _listed(label: str, lines: Sequence[str]) -> Rows:
    """The label once, then the lines under one another."""
    for index, line in enumerate(lines):
        yield "" if index else label, line


# ---------------------------------------------------------------- a record


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
    yield from _listed("workload", _workload(record))
    yield from _listed("settings", _settings(record))
    yield from _listed("windows", _windows(record))
    yield from _listed("energy", list(_energy(record)))
    if record.phases is not None:
        yield from _listed("phases", list(_phases(record)))
    if record.speed is not None:
        per_call, rate = record.speed.seconds_per_call, record.speed.output_tokens_per_second
        yield "speed", f"{_estimate(rate)} output tokens/s, {_estimate(per_call)} s per call"
    yield from _listed("latency", list(_timing(record)))
    yield from _listed(
        "memory", [f"{peak.bytes / 2**20:,.1f} MiB, {peak.where} ({peak.method})" for peak in record.memory]
    )
    if record.flops is not None:
        per_token = record.flops.per_output_token
        yield (
            "work",
            f"{_number(per_token)} FLOP per output token, estimated ({record.flops.formula})"
            if per_token is not None
            else f"no estimate of FLOPs: {record.flops.missing}",
        )
    if record.carbon is not None:
        intensity = f"{record.carbon.grams_per_kwh:g} g/kWh ({record.carbon.source})"
        yield "carbon", f"{_number(record.carbon.grams_per_request)} g CO2e per request, at {intensity}"
    yield "machine", "; ".join([record.host.cpu, *(gpu.name for gpu in record.host.gpus)])
    yield "versions", _versions(record)
    if not record.valid:
        yield "INVALID", "the figures do not stand for this work alone; see the findings marked with !"
    yield from _listed(
        "findings",
        [f"{'! ' if finding.spoils else ''}{finding.id}: {finding.text}" for finding in record.findings],
    )


def _model(model: Model) -> str:
    size = f"{model.parameters / 1e6:,.1f} million parameters"
    return f"{model.name} ({model.architecture}, {size}, {model.dtype}, on {model.device})"


def _workload(record: Record) -> list[str]:
    work, tokens = record.workload, record.tokens
    lines = [f"{_count(work.requests, 'request')} in {_count(work.batches, 'batch')}, seed {work.seed}"]
    if tokens is not None:
        lines.append(
            f"{tokens.prompt:,} tokens in, {tokens.output:,} tokens out in {_count(tokens.sequences, 'sequence')}"
        )
    return lines


def _settings(record: Record) -> list[str]:
    """What was set, with the values that reached ``generate()``."""
    declared = record.config.get("pytorch")
    names = declared if isinstance(declared, dict) else {}
    extra = names.get("extra")
    keys = [*(name for name in names if name != "extra"), *(extra if isinstance(extra, dict) else ())]
    told = [
        f"{key} = {json.dumps(record.observed.get(key, names.get(key)), ensure_ascii=False)}" for key in keys
    ]
    return told or ["none: all left to the model and to transformers"]


def _windows(record: Record) -> list[str]:
    work = record.work
    lines = []
    if work:
        lengths = [window.length_s for window in work]
        lines.append(
            f"{len(work)} of {record.plan.windows}, {_count(work[0].passes, 'pass')} of the workload each, "
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
    for unit, gross, less in (
        ("output token", energy.gross.per_output_token, net.per_output_token if net else None),
        ("total token", energy.gross.per_total_token, net.per_total_token if net else None),
        ("request", energy.gross.per_request, net.per_request if net else None),
    ):
        if gross is not None:
            beside = "" if less is None else f" and {_estimate(less)}"
            yield f"{_estimate(gross)}{beside} J per {unit}"
    yield f"{_number(energy.power_w)} W in the windows{_idle(energy)}"


def _idle(energy: Energies) -> str:
    if energy.idle is None:
        return ""
    return f", {_number(energy.idle.power_w)} ± {_number(energy.idle.uncertainty_w, 2)} W idle"


def _methods(windows: Sequence[Window]) -> str:
    methods = {
        getattr(figure, "method", None) or getattr(figure, "model", "nothing")
        for window in windows
        for figure in window.energy.devices
    }
    return ", ".join(sorted(map(str, methods)))


def _no_energy(record: Record, energy: NoEnergy) -> Iterator[str]:
    """Why there are no joules; device by device where that is what the devices say."""
    missing = [device for device in record.devices if not device.measurable]
    if len(missing) < 2:
        yield f"unavailable: {energy.reason}. {energy.mend}".rstrip()
        return
    yield f"unavailable, as {' and '.join(device.device for device in missing)} cannot be measured:"
    for device in missing:
        yield f"{device.device}: {device.reason}. {device.mend}".rstrip()


def _phases(record: Record) -> Iterator[str]:
    phases = record.phases
    assert phases is not None
    yield f"prefill {_estimate(phases.prefill_per_request)} J per request, gross"
    if phases.decode_per_request is None:
        yield "decode not resolved"
        return
    per_token = phases.decode_per_token
    beside = f", {_difference(per_token)} J per token" if per_token else ""
    yield f"decode  {_difference(phases.decode_per_request)} J per request{beside}"


def _timing(record: Record) -> Iterator[str]:
    timing = record.timing
    if timing is None:
        return
    yield f"call {_distribution(timing.call)}"
    if timing.first_token is not None:
        yield f"first token {_distribution(timing.first_token)}"
    if timing.between_tokens is not None:
        yield f"between tokens {_distribution(timing.between_tokens)}"
    if timing.missing:
        yield f"no times of single tokens: {timing.missing}"


def _distribution(times: Distribution) -> str:
    tail = f", 95 % within {_ms(times.p95_s)}" if times.p95_s is not None else ""
    return f"{_ms(times.median_s)} median of {times.count:,}{tail}, {_ms(times.most_s)} at most"


def _ms(seconds: float) -> str:
    return f"{_number(seconds * 1e3)} ms"


def _versions(record: Record) -> str:
    versions = record.versions
    known = {
        "llenergymeasure": versions.llenergymeasure,
        "transformers": versions.transformers,
        "torch": versions.torch,
        "CUDA": versions.cuda,
        "Python": versions.python,
        "NVIDIA driver": versions.nvidia_driver,
    }
    return ", ".join(f"{name} {version}" for name, version in known.items() if version is not None)


# ---------------------------------------------------------------- a comparison


def _comparison_rows(comparison: Comparison) -> Rows:
    yield "answer", _answer(comparison)
    for compared in comparison.quantities:
        if compared.base is not None or compared.other is not None:
            yield from _listed("", [_compared(compared)])
    yield "test", f"{TEST}; the spread within each run only"
    yield from _listed("settings", [_changed(change) for change in comparison.configuration] or ["the same"])
    yield from _listed("conditions", [_changed(change) for change in comparison.conditions] or ["the same"])
    yield from _listed("WARNING", [f"{warned.id}: {warned.text}" for warned in comparison.warnings])


def _answer(comparison: Comparison) -> str:
    known = comparison.headline
    if known is None or known.ratio is None:
        return "not comparable: no quantity is known of both"
    ratio = known.ratio
    if not ratio.distinguishable:
        return f"no difference in {known.name} can be told (p = {ratio.p:.2g})"
    by = abs(ratio.value - 1)
    word = "more" if ratio.value > 1 else "less"
    return f"{by:.1%} {word} {known.name} than the base (p = {ratio.p:.2g})"


def _compared(compared: Compared) -> str:
    base, other = (
        "unknown" if value is None else f"{_number(value)} {compared.unit}"
        for value in (compared.base, compared.other)
    )
    ratio = compared.ratio
    told = f"{ratio.value:.4g} times ({ratio.low:.4g} to {ratio.high:.4g})" if ratio else compared.why
    return f"{compared.name + ':':<30} {told}; {base} -> {other}"


def _changed(change: Changed) -> str:
    before, after = (
        json.dumps(value, ensure_ascii=False) if value is not None else "not set"
        for value in (change.base, change.other)
    )
    return f"{change.path}: {before} -> {after}"


# ---------------------------------------------------------------- numbers


def _estimate(estimate: Estimate) -> str:
    half = estimate.spread.half_width
    spread = "" if half is None else f" ± {_number(half, 2)}"
    sensor = "" if estimate.sensor is None else f" (sensor {_number(estimate.sensor, 1)})"
    return f"{_number(estimate.mean)}{spread}{sensor}"


def _difference(difference: Difference) -> str:
    half = 0.5 * (difference.high - difference.low)
    sensor = "" if difference.sensor is None else f" (sensor {_number(difference.sensor, 1)})"
    return f"{_number(difference.mean)} ± {_number(half, 2)}{sensor}"


def _number(value: float, digits: int = DIGITS) -> str:
    """So many significant digits, all before the point, and no exponent where that reads well."""
    if digits == DIGITS and value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.{DIGITS - 1}e}"
    return f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 'es' if what.endswith(('ch', 'ss')) else 's'}"
