"""A record as a table that a person reads in a terminal."""

import json
from collections.abc import Iterator
from datetime import UTC

from llenergymeasure.energy.figures import Figure, Measured, Modelled, Unavailable
from llenergymeasure.results.record import Energy, Model, Record

_LABEL_WIDTH = 14


def render(record: Record) -> str:
    """The record as lines of ``label  value``, each quantity with its unit; ends without a line break."""
    return "\n".join(f"{label:<{_LABEL_WIDTH}}{value}".rstrip() for label, value in _rows(record))


def _rows(record: Record) -> Iterator[tuple[str, str]]:
    tokens, work = record.tokens, record.workload
    yield (
        "made",
        f"{record.created.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, configuration {record.config_hash}",
    )
    yield "model", _model(record.model)
    if record.assistant is not None:
        yield "assistant", _model(record.assistant)
    amount = f"{_count(work.requests, 'request')} in {_count(work.batches, 'batch')}"
    yield "workload", f"{amount}, seed {work.seed}; warm-up {work.warmup_batches}"
    for index, (key, value) in enumerate(record.generate_kwargs.items()):
        yield "" if index else "settings", f"{key} = {json.dumps(value, ensure_ascii=False)}"
    if not record.generate_kwargs:
        yield "settings", "none: all left to the model and to transformers"
    yield "tokens in", f"{tokens.prompt:,}"
    yield "tokens out", f"{tokens.output:,} in {_count(tokens.sequences, 'sequence')}"
    yield "time", f"{record.seconds:.3f} s"
    yield "speed", f"{record.output_tokens_per_second:,.1f} output tokens/s"
    devices = record.energy.devices
    yield "energy", _energy(record.energy)
    if len(devices) > 1:
        for figure in devices:
            yield "", f"{figure.device}: {_figure(figure)}"
    per_token = record.energy_per_output_token
    if per_token is not None:
        spread = f"± {per_token.uncertainty_j:.2g} (at most {per_token.bound_j:.2g})"
        yield "", f"{per_token.energy_j:.4g} {spread} J per output token"
    yield "machine", "; ".join([record.host.cpu, *(gpu.name for gpu in record.host.gpus)])
    yield "versions", _versions(record)
    if not record.valid:
        yield "INVALID", "the energy does not stand for this work alone; see the findings marked with !"
    for index, finding in enumerate(record.findings):
        yield "" if index else "findings", f"{'! ' if finding.spoils else ''}{finding.id}: {finding.text}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 'es' if what.endswith('ch') else 's'}"


def _model(model: Model) -> str:
    size = f"{model.parameters / 1e6:,.1f} million parameters"
    return f"{model.name} ({model.architecture}, {size}, {model.dtype}, on {model.device})"


def _energy(energy: Energy) -> str:
    """The total; where it is the devices' own lines that say why there is none, only that."""
    if len(energy.devices) == 1:
        return _figure(energy.devices[0])
    missing = [figure.device for figure in energy.devices if isinstance(figure, Unavailable)]
    return (
        f"unavailable, as {' and '.join(missing)} cannot be measured:" if missing else _figure(energy.total)
    )


def _figure(figure: Figure) -> str:
    if isinstance(figure, Measured):
        spread = f"± {figure.uncertainty_j:.2g} (at most {figure.bound_j:.2g})"
        return f"{figure.energy_j:.4g} {spread} J, measured ({figure.method})"
    if isinstance(figure, Modelled):
        return f"{figure.energy_j:.4g} J, modelled, not measured ({figure.model})"
    return f"unavailable: {figure.reason}. {figure.mend}".rstrip()


def _versions(record: Record) -> str:
    versions = record.versions
    known = {
        "llenergymeasure": versions.llenergymeasure,
        "transformers": versions.transformers,
        "torch": versions.torch,
        "Python": versions.python,
        "NVIDIA driver": versions.nvidia_driver,
    }
    return ", ".join(f"{name} {version}" for name, version in known.items() if version is not None)
