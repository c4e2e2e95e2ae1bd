"""What differs between two records in configuration and conditions, and warnings against comparing them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import JsonValue

from llenergymeasure.energy.figures import Measured, Unavailable
from llenergymeasure.results.per_window import with_energy
from llenergymeasure.results.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A setting or a condition that differs; a value of None is not set, or not known."""

    path: str
    base: JsonValue
    other: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonWarning:
    """Why two records are not, or not fully, comparable. An ``id`` stays the same from version to version."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensPerRequest:
    """The mean numbers of tokens that went in and came out for one request."""

    prompt: float
    output: float


def tokens_per_request(record: Record) -> TokensPerRequest | None:
    """The tokens of a record's completed windows; None where there is none."""
    tokens = [window.tokens for window in record.work if window.tokens is not None]
    asked = sum(each.requests for each in tokens)
    if not asked:
        return None
    return TokensPerRequest(
        prompt=sum(each.prompt for each in tokens) / asked, output=sum(each.output for each in tokens) / asked
    )


def same_sensors(base: Record, other: Record) -> bool:
    """Whether the joules of both are of the same devices, by the same methods.

    A sensor's gain is then the same in both, and cancels in their ratio.
    """
    return _measured_devices(base) == _measured_devices(other) and _methods(base) == _methods(other)


def configuration(record: Record) -> dict[str, JsonValue]:
    """The settings with every default in its place, and what the engine made of its own, by path."""
    return {
        **dict(_flat(record.effective)),
        **{f"generation.{path}": value for path, value in _flat(record.generation)},
    }


def conditions(record: Record) -> dict[str, JsonValue]:
    """The conditions of the run, by path; measured ones are rounded, so that only clear differences count."""
    sampled = [device for window in record.work for device in window.conditions if device is not None]
    limits = sorted({round(device.limit_w.mean) for device in sampled if device.limit_w})
    clocks = [device.sm_mhz.mean for device in sampled if device.sm_mhz]
    temperatures = [device.temperature_c.mean for device in sampled if device.temperature_c]
    return {
        **{f"versions.{path}": value for path, value in _flat(record.versions.model_dump(mode="json"))},
        **{f"host.{path}": value for path, value in _flat(record.host.model_dump(mode="json"))},
        "git.commit": record.git.commit if record.git else None,
        "git.modified": record.git.modified if record.git else None,
        "devices": [device.device for device in record.devices if device.measurable],
        "model.commit": record.model.commit,
        "workload.prompts_digest": record.workload.prompts_digest,
        "power_limit_w": list(limits),
        "sm_clock_mhz": round(fmean(clocks), -1) if clocks else None,
        "temperature_c": round(fmean(temperatures)) if temperatures else None,
    }


def _flat(data: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, JsonValue]]:
    """The values of nested mappings, each with its dotted path."""
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def changes(base: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> Iterator[Change]:
    """The paths at which the two differ."""
    for path in dict.fromkeys([*base, *other]):
        before, after = base.get(path), other.get(path)
        if json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
            yield Change(path=path, base=before, other=after)


def warnings(base: Record, other: Record) -> Iterator[ComparisonWarning]:
    """The reasons against comparing the two."""
    for name, record in (("base", base), ("other", other)):
        if not record.valid:
            ids = sorted({finding.id for finding in record.findings if finding.invalidates})
            yield ComparisonWarning(
                id="invalid", text=f"The {name} record is invalid ({', '.join(ids)}): see its findings."
            )
        if record.plan.quick:
            yield ComparisonWarning(
                id="quick", text=f"The {name} record is of a quick run, which is not for publication."
            )
    yield from _warn_if_different(
        "other-device",
        "The joules are of different devices",
        _measured_devices(base),
        _measured_devices(other),
    )
    yield from _warn_if_different(
        "other-sensor", "The joules were obtained in different ways", _methods(base), _methods(other)
    )
    yield from _warn_if_different(
        "other-driver", "The NVIDIA driver differs", base.versions.nvidia_driver, other.versions.nvidia_driver
    )
    yield from _warn_if_different("other-model", "The model differs", _model(base), _model(other))
    yield from _warn_if_different("other-workload", "The workload differs", _workload(base), _workload(other))
    yield from _other_length(base, other)
    if _work(base) == _work(other):
        yield ComparisonWarning(
            id="same-configuration",
            text="Both configurations ask for the same work, so a difference is due to conditions or chance.",
        )


def _other_length(base: Record, other: Record) -> Iterator[ComparisonWarning]:
    """The two generated different numbers of tokens per request, over which the prompt's cost is spread."""
    before, after = tokens_per_request(base), tokens_per_request(other)
    if before is None or after is None or before.output == after.output:
        return
    yield ComparisonWarning(
        id="other-length",
        text=f"A request has {before.output:.6g} output tokens in the base and {after.output:.6g} in the other. "
        "The cost of the prompt is spread over them, so energy per token falls with their number by itself: "
        "compare energy per request too, or fix max_new_tokens and min_new_tokens.",
    )


def _warn_if_different(
    id_: str, text: str, base: str | None, other: str | None
) -> Iterator[ComparisonWarning]:
    if base != other:
        yield ComparisonWarning(id=id_, text=f"{text}: {base or 'none'} and {other or 'none'}.")


def _measured_devices(record: Record) -> str:
    measurable = [device for device in record.devices if device.measurable]
    return ", ".join(f"{device.name} ({device.device})" for device in measurable)


def _methods(record: Record) -> str:
    """How the joules of the windows were obtained: the methods, or "modelled"."""
    figures = [figure for window in with_energy(record.windows, "work") for figure in window.energy.devices]
    methods = {
        str(figure.method) if isinstance(figure, Measured) else "modelled"
        for figure in figures
        if not isinstance(figure, Unavailable)
    }
    return ", ".join(sorted(methods))


def _model(record: Record) -> str:
    model = record.model
    return " ".join(filter(None, (model.name, model.commit, f"({model.parameters:,} parameters)")))


def _workload(record: Record) -> str:
    work = record.workload
    return f"{work.requests} requests, prompts {work.prompts_digest}"


def _work(record: Record) -> Sequence[JsonValue]:
    """What decides the work: the model, the workload, and the canonical settings of the engine."""
    return [record.effective.get("model"), record.effective.get("workload"), record.canonical]
