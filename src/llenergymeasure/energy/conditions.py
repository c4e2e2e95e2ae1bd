"""The conditions that a GPU worked under during a window: what the sampler saw, summed up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .probe import Row
from .sampler import SamplerCost

THERMAL_REASONS = 0x20 | 0x40
"""NVML's clock event bits for thermal slowdown, by software and by hardware."""
POWER_REASONS = 0x4 | 0x80
"""The same for the power cap, and the power brake."""
SLOWDOWN_REASON = 0x8
"""Hardware slowdown, which is for heat or for power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The least, the mean and the most of what was seen."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """One device over one window. None stands for what the driver did not tell.

    Powers are in watts, temperatures in degrees Celsius, clocks in megahertz. ``thermal_looks`` and
    ``power_looks`` are how many looks saw the clocks held down for heat or for the power cap; the violation times
    are the driver's own account of the same, in seconds.
    """

    device: str
    looks: int
    failed_looks: int
    power_w: Range | None
    average_power_w: Range | None
    temperature_c: Range | None
    sm_mhz: Range | None
    memory_mhz: Range | None
    limit_w: Range | None
    reasons: int | None
    thermal_looks: int
    power_looks: int
    thermal_violation_s: float | None
    power_violation_s: float | None
    foreign_processes: int
    foreign_pid: int | None
    unidentified_processes: int
    error: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def conditions(device: str, rows: Sequence[Row], begin_s: float, end_s: float) -> Conditions | None:
    """What the rows of one device say about the time between two instants; None where nobody looked."""
    inside = [row for row in rows if begin_s <= row.begin_s <= end_s]
    if not inside:
        return None
    told = [row for row in inside if row.reasons_known]
    counted = [row for row in rows if row.violations_known]
    seen = 0
    for row in told:
        seen |= row.reasons
    foreign = [row for row in inside if row.foreign]
    return Conditions(
        device=device,
        looks=len(inside),
        failed_looks=sum(1 for row in inside if row.code),
        power_w=_range([row.power_w for row in inside]),
        average_power_w=_range([row.average_w for row in inside]),
        temperature_c=_range([row.temperature_c for row in inside]),
        sm_mhz=_range([row.sm_mhz for row in inside]),
        memory_mhz=_range([row.memory_mhz for row in inside]),
        limit_w=_range([row.limit_w for row in inside]),
        reasons=seen if told else None,
        thermal_looks=sum(1 for row in told if _thermal(row.reasons)),
        power_looks=sum(1 for row in told if row.reasons & POWER_REASONS),
        thermal_violation_s=_passed([row.thermal_violation_ns for row in counted]),
        power_violation_s=_passed([row.power_violation_ns for row in counted]),
        foreign_processes=max(row.foreign for row in inside),
        foreign_pid=foreign[0].foreign_pid if foreign else None,
        unidentified_processes=max(row.unidentified for row in inside),
        error=next((row.code for row in reversed(inside) if row.code), None),
    )


def _thermal(reasons: int) -> bool:
    """Held down for heat: said so, or slowed by hardware without the power brake."""
    return bool(reasons & THERMAL_REASONS) or bool(reasons & SLOWDOWN_REASON and not reasons & POWER_REASONS)


def _range(values: Sequence[float]) -> Range | None:
    known = [value for value in values if not math.isnan(value)]
    return Range(low=min(known), mean=math.fsum(known) / len(known), high=max(known)) if known else None


def _passed(nanoseconds: Sequence[int]) -> float | None:
    return (nanoseconds[-1] - nanoseconds[0]) * 1e-9 if len(nanoseconds) > 1 else None


def sampler_cost(rows: Sequence[Row]) -> SamplerCost | None:
    """The sampler's own cost over these rows; None when there are too few to tell."""
    looks = [row for row in rows if row.device == 0]
    if len(looks) < 2:
        return None
    late = sorted(row.late_s for row in looks)
    return SamplerCost(
        cpu_s=looks[-1].cpu_s - looks[0].cpu_s,
        wall_s=looks[-1].begin_s - looks[0].begin_s,
        samples=len(looks),
        median_late_s=late[len(late) // 2],
    )
