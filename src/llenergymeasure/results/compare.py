"""Two records side by side: ratios with intervals, what differs, and whether they may be compared at all.

The first record is the base. A ratio's interval and its test are Welch's, on the logarithms of the windows' values, so that
the interval leaves 1 out exactly where the test finds a difference at 5 %. Both are about the spread within each run: what
changes from one day, or one card, to the next is in neither.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pydantic import JsonValue

from llenergymeasure.energy.figures import Measured, Unavailable
from llenergymeasure.results.observed import Energies
from llenergymeasure.results.record import Record
from llenergymeasure.results.statistics import Ratio, ratio_of_means
from llenergymeasure.results.values import Unit, amount, joules_per, output, requests, with_energy

TEST = "Welch's t-test on logarithms, 95 %"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One quantity of two records; ``ratio`` is other over base, None where ``why`` says so."""

    name: str
    unit: str
    base: float | None
    other: float | None
    ratio: Ratio | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something of the configuration or the conditions that differs; None stands for not set, or not known."""

    path: str
    base: JsonValue
    other: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Why two records are not comparable, or not quite; ids are stable."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything about two records; the answer is about the first quantity that has a ratio."""

    quantities: tuple[Compared, ...]
    configuration: tuple[Changed, ...]
    conditions: tuple[Changed, ...]
    warnings: tuple[Warned, ...]

    @property
    def headline(self) -> Compared | None:
        """The quantity that the answer is about: energy, or time where energy is not known; None where nothing can be compared."""
        return next((compared for compared in self.quantities if compared.ratio is not None), None)

    @property
    def distinguishable(self) -> bool | None:
        """Whether the headline differs; None where there is none."""
        return (
            None
            if self.headline is None or self.headline.ratio is None
            else self.headline.ratio.distinguishable
        )


@dataclass(frozen=True, slots=True)
class _Values:
    """A quantity's windows in one record, and the relative uncertainty that they share."""

    numbers: list[float]
    shared: float = 0.0


def compare(base: Record, other: Record) -> Comparison:
    """The other record against the base."""
    return Comparison(
        quantities=tuple(_compared(*quantity, base, other) for quantity in _QUANTITIES),
        configuration=tuple(_changes(_configuration(base), _configuration(other))),
        conditions=tuple(_changes(_conditions(base), _conditions(other))),
        warnings=tuple(_warnings(base, other)),
    )


# ---------------------------------------------------------------- quantities


def _gross(unit: Unit) -> Callable[[Record], _Values | None]:
    def values(record: Record) -> _Values | None:
        windows = with_energy(record.windows, "work")
        if not isinstance(record.energy, Energies) or not all(amount(window, unit) for window in windows):
            return None
        return _Values(joules_per(windows, unit))

    return values


def _net(unit: Unit) -> Callable[[Record], _Values | None]:
    def values(record: Record) -> _Values | None:
        energy, windows = record.energy, with_energy(record.windows, "work")
        if not isinstance(energy, Energies) or energy.idle is None:
            return None
        if not all(amount(window, unit) for window in windows):
            return None
        numbers = joules_per(windows, unit, energy.idle.power_w)
        seconds = fmean(window.length_s / amount(window, unit) for window in windows)
        mean = fmean(numbers)
        return _Values(numbers, energy.idle.uncertainty_w * seconds / mean if mean > 0 else 0.0)

    return values


def _rate(record: Record) -> _Values | None:
    rates = [amount(window, output) / window.length_s for window in record.work]
    return _Values(rates) if rates and all(rates) else None


def _seconds(record: Record) -> _Values | None:
    seconds = [window.length_s / amount(window, requests) for window in record.work]
    return _Values(seconds) if seconds else None


_QUANTITIES: tuple[tuple[str, str, Callable[[Record], _Values | None]], ...] = (
    ("gross energy per output token", "J", _gross(output)),
    ("net energy per output token", "J", _net(output)),
    ("gross energy per request", "J", _gross(requests)),
    ("net energy per request", "J", _net(requests)),
    ("time per request", "s", _seconds),
    ("output tokens per second", "1/s", _rate),
)


def _compared(
    name: str, unit: str, values: Callable[[Record], _Values | None], base: Record, other: Record
) -> Compared:
    under, over = values(base), values(other)
    ratio, why = None, ""
    if under is None or over is None:
        why = f"not known of {'both' if under is over else 'the base' if under is None else 'the other'}"
    else:
        ratio = ratio_of_means(over.numbers, under.numbers, extra_over=over.shared, extra_under=under.shared)
        why = "" if ratio else "one window only, or a value that is not above 0"
    return Compared(
        name=name,
        unit=unit,
        base=fmean(under.numbers) if under else None,
        other=fmean(over.numbers) if over else None,
        ratio=ratio,
        why=why,
    )


# ---------------------------------------------------------------- what differs


def _configuration(record: Record) -> dict[str, JsonValue]:
    """What was asked for, and what ``generate()`` made of it, by path."""
    return {
        **dict(_flat(record.effective)),
        **{f"generation.{path}": value for path, value in _flat(record.generation)},
    }


def _conditions(record: Record) -> dict[str, JsonValue]:
    """What the run happened under, by path; measured conditions rounded to what matters."""
    seen = [found for window in record.work for found in window.conditions if found is not None]
    limits = sorted({round(found.limit_w.mean) for found in seen if found.limit_w})
    clocks = [found.sm_mhz.mean for found in seen if found.sm_mhz]
    heat = [found.temperature_c.mean for found in seen if found.temperature_c]
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
        "temperature_c": round(fmean(heat)) if heat else None,
    }


def _flat(data: Mapping[str, JsonValue], prefix: str = "") -> Iterator[tuple[str, JsonValue]]:
    for key, value in data.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _changes(base: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> Iterator[Changed]:
    for path in dict.fromkeys([*base, *other]):
        before, after = base.get(path), other.get(path)
        if json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
            yield Changed(path=path, base=before, other=after)


# ---------------------------------------------------------------- whether it may be compared


def _warnings(base: Record, other: Record) -> Iterator[Warned]:
    for name, record in (("base", base), ("other", other)):
        if not record.valid:
            ids = sorted({finding.id for finding in record.findings if finding.spoils})
            yield Warned(
                id="invalid", text=f"The {name} record is invalid ({', '.join(ids)}): see its findings."
            )
        if record.plan.quick:
            yield Warned(id="quick", text=f"The {name} record is of a quick run, which is not to be cited.")
    yield from _other(
        "other-device", "The joules are of different devices", _measured(base), _measured(other)
    )
    yield from _other(
        "other-sensor", "The joules were obtained in different ways", _methods(base), _methods(other)
    )
    yield from _other(
        "other-driver", "The NVIDIA driver differs", base.versions.nvidia_driver, other.versions.nvidia_driver
    )
    yield from _other("other-model", "The model differs", _model(base), _model(other))
    yield from _other("other-workload", "The workload differs", _workload(base), _workload(other))
    if _work(base) == _work(other):
        yield Warned(
            id="same-configuration",
            text="Both ask generate() for the same work, so a difference is one of conditions or chance.",
        )


def _other(id_: str, text: str, base: str | None, other: str | None) -> Iterator[Warned]:
    if base != other:
        yield Warned(id=id_, text=f"{text}: {base or 'none'} and {other or 'none'}.")


def _measured(record: Record) -> str:
    known = [device for device in record.devices if device.measurable]
    return ", ".join(f"{device.name} ({device.device})" for device in known)


def _methods(record: Record) -> str:
    """How the joules of the windows were obtained; a model is named as one."""
    figures = [figure for window in with_energy(record.windows, "work") for figure in window.energy.devices]
    found = {
        str(figure.method) if isinstance(figure, Measured) else "modelled"
        for figure in figures
        if not isinstance(figure, Unavailable)
    }
    return ", ".join(sorted(found))


def _model(record: Record) -> str:
    model = record.model
    return " ".join(filter(None, (model.name, model.commit, f"({model.parameters:,} parameters)")))


def _workload(record: Record) -> str:
    work = record.workload
    return f"{work.requests} requests, prompts {work.prompts_digest}"


def _work(record: Record) -> Sequence[JsonValue]:
    """What decides the work: the model, the workload, and the canonical parameters of ``generate()``."""
    return [record.effective.get("model"), record.effective.get("workload"), record.canonical]
