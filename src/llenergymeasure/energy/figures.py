"""The figures of a measurement: each is measured, modelled or unavailable, and always says which.

Frozen data; nothing here measures. A figure is never a bare float, and a failure is never a 0.
:class:`Measured` holds two widths: ``uncertainty_j`` is a standard uncertainty (one standard deviation, as in
the GUM), ``bound_j`` is a limit that the error does not exceed as long as the assumptions in
``docs/energy.md`` hold. Both are about the counter: its steps, and where the window's boundaries fell between
them. Neither covers the sensor's own calibration, which software cannot see.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

TOTAL = "total"
"""The ``device`` of a sum over devices."""


class Method(StrEnum):
    """How joules were obtained. A new sensor adds its own."""

    NVML_FIELD_83 = "nvml-field-83"
    NVML_TOTAL_ENERGY = "nvml-total-energy"
    NVML_POWER_INTEGRAL = "nvml-power-integral"
    RAPL = "rapl"
    COUNTER = "counter"
    SUM = "sum"


class Scope(StrEnum):
    """What the joules cover."""

    GPU = "gpu"
    MODULE = "module"
    CPU_PACKAGE = "cpu-package"
    DRAM = "dram"
    CPU_CORES = "cpu-cores"
    MACHINE = "machine"
    SUM = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One raw reading: the sensor's own value, and when it was taken, on the monotonic clock."""

    value: float
    unit: str
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Joules that a sensor counted.

    Args:
        energy_j: the energy.
        uncertainty_j: its standard uncertainty.
        bound_j: the largest error that is possible; None where nothing says how much the device can draw.
        method: how it was obtained.
        scope: what it covers.
        device: the GPU's UUID, the zone's name, or ``"total"``.
        period_s: how often the counter moves; None where there are no ticks.
        begin: the raw reading at the start; None for a sum.
        end: the raw reading at the end; None for a sum.
        flags: short remarks on how the figure came about.
        shared_uncertainty_j: the part of ``uncertainty_j`` that is the same in all windows, so that more of
            them do not reduce it: the gain of a sensor.
    """

    kind: ClassVar[str] = "measured"

    energy_j: float
    uncertainty_j: float
    bound_j: float | None
    method: Method
    scope: Scope
    device: str
    period_s: float | None = None
    begin: Reading | None = None
    end: Reading | None = None
    flags: tuple[str, ...] = ()
    shared_uncertainty_j: float = 0.0

    @property
    def relative_uncertainty(self) -> float:
        """Standard uncertainty over energy; infinite where the energy is 0."""
        return self.uncertainty_j / abs(self.energy_j) if self.energy_j else math.inf

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON takes it, with its kind."""
        return _as_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Modelled:
    """Joules from a model, with everything it assumes. Not a measurement, and without an uncertainty."""

    kind: ClassVar[str] = "modelled"

    energy_j: float
    model: str
    assumptions: tuple[str, ...]
    scope: Scope
    device: str

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON takes it, with its kind."""
        return _as_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """No joules: the reason, and a hint what to do (empty where there is none)."""

    kind: ClassVar[str] = "unavailable"

    reason: str
    hint: str
    scope: Scope
    device: str

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON takes it, with its kind."""
        return _as_json(self)


Figure: TypeAlias = Measured | Modelled | Unavailable
"""The three kinds, and there are no others; ``match`` on them, or compare ``kind``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyBreakdown:
    """The energy of one window: a figure for each device, and their total."""

    total: Figure
    devices: tuple[Figure, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON takes them."""
        return {"total": self.total.to_dict(), "devices": [figure.to_dict() for figure in self.devices]}

    @classmethod
    def of(cls, devices: Sequence[Figure]) -> EnergyBreakdown:
        """The figures with their total."""
        return cls(total=total(devices), devices=tuple(devices))


def total(figures: Sequence[Figure]) -> Figure:
    """The sum of figures, as weak as its weakest part.

    Unavailable when a part is, naming it; else modelled when a part is; else measured, with the uncertainties
    added in quadrature (the devices' counters are independent) and the bounds added as they are. A figure of
    the whole machine contains the others, so where there is one, only those of machines are added.
    """
    whole = [figure for figure in figures if figure.scope is Scope.MACHINE]
    figures = whole or figures
    missing = [figure for figure in figures if isinstance(figure, Unavailable)]
    if missing or not figures:
        return Unavailable(
            reason="; ".join(f"{part.device}: {part.reason}" for part in missing)
            or "no device was asked for",
            hint=" ".join(dict.fromkeys(part.hint for part in missing if part.hint)),
            scope=Scope.SUM,
            device=TOTAL,
        )
    energy_j = math.fsum(figure.energy_j for figure in figures if not isinstance(figure, Unavailable))
    modelled = [figure for figure in figures if isinstance(figure, Modelled)]
    measured = [figure for figure in figures if isinstance(figure, Measured)]
    if modelled:
        return Modelled(
            energy_j=energy_j,
            model=" + ".join(dict.fromkeys(part.model for part in modelled)),
            assumptions=(
                *(f"{part.device}: {assumption}" for part in modelled for assumption in part.assumptions),
                *(f"{part.device}: measured ({part.method})" for part in measured),
            ),
            scope=Scope.SUM,
            device=TOTAL,
        )
    return Measured(
        energy_j=energy_j,
        uncertainty_j=math.hypot(*(part.uncertainty_j for part in measured)),
        bound_j=_sum_or_none([part.bound_j for part in measured]),
        method=Method.SUM,
        scope=Scope.SUM,
        device=TOTAL,
        flags=tuple(dict.fromkeys(flag for part in measured for flag in part.flags)),
        shared_uncertainty_j=math.hypot(*(part.shared_uncertainty_j for part in measured)),
    )


def _sum_or_none(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) if len(known) == len(values) else None


def figure_from_dict(data: dict[str, Any]) -> Figure:
    """The figure that :meth:`to_dict` made ``data`` from; ValueError for any other data."""
    kinds: dict[str, type[Measured] | type[Modelled] | type[Unavailable]]
    kinds = {kind.kind: kind for kind in (Measured, Modelled, Unavailable)}
    values = dict(data)
    kind = kinds.get(str(values.pop("kind", None)))
    if kind is None:
        raise ValueError(
            f"not an energy figure: 'kind' is {data.get('kind')!r}, not one of {', '.join(kinds)}"
        )
    names = {field.name for field in fields(kind)}
    if not _NEEDED[kind.kind] <= set(values) <= names:
        raise ValueError(f"not a {kind.kind} energy figure: its keys are {sorted(values)}")
    values["scope"] = Scope(values["scope"])
    if kind is Modelled:
        values["assumptions"] = tuple(values["assumptions"])
    if kind is Measured:
        values["method"] = Method(values["method"])
        values["flags"] = tuple(values["flags"])
        for boundary in ("begin", "end"):
            values[boundary] = None if values[boundary] is None else Reading(**values[boundary])
    return kind(**values)


_NEEDED = {
    kind.kind: frozenset(field.name for field in fields(kind)) - {"shared_uncertainty_j"}
    for kind in (Measured, Modelled, Unavailable)
}
"""The keys that a figure has in every record; older records have no shared uncertainty."""


def _as_json(figure: Measured | Modelled | Unavailable) -> dict[str, Any]:
    """Enums become text, tuples become lists, and the kind comes first."""
    values = {
        key: str(value) if isinstance(value, StrEnum) else list(value) if isinstance(value, tuple) else value
        for key, value in asdict(figure).items()
    }
    return {"kind": figure.kind, **values}
