"""The conditions that a GPU worked under during a window: what the sampler saw, summed up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from llenergymeasure.energy.integral import is_gap, longest_gap
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.sampler import SamplerCost

THERMAL_REASONS = 0x20 | 0x40
"""NVML's clock event bits for thermal slowdown, by software and by hardware."""
POWER_REASONS = 0x4 | 0x80
"""The same for the power cap, and the power brake."""
SLOWDOWN_REASON = 0x8
"""Hardware slowdown, which is for heat or for power."""


REQUEST_ANSWER_S = 0.05
"""A look that was asked for comes within this, unless the sampler is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The least, the mean and the most of what was seen."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """One device over one window. None stands for what the driver did not tell.

    Powers are in watts, temperatures in degrees Celsius, clocks in megahertz. ``thermal_samples`` and
    ``power_cap_samples`` are how many looks saw the clocks held down for heat or for the power cap; the violation times
    are the driver's own account of the same, in seconds.
    """

    device: str
    samples: int
    failed_samples: int
    unsampled_s: float
    power_w: Range | None
    power_is_instant: bool
    average_power_w: Range | None
    temperature_c: Range | None
    sm_mhz: Range | None
    memory_mhz: Range | None
    limit_w: Range | None
    reasons: int | None
    thermal_samples: int
    power_cap_samples: int
    thermal_violation_s: float | None
    power_violation_s: float | None
    processes_known: bool
    foreign_processes: int
    foreign_pid: int | None
    unidentified_processes: int
    error: int | None

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def conditions(device: str, rows: Sequence[DeviceSample], begin_s: float, end_s: float) -> Conditions | None:
    """What the rows of one device say about the time between two instants; None where nobody looked."""
    inside = [row for row in rows if begin_s <= row.begin_s <= end_s]
    if not inside:
        return None
    told = [row for row in inside if row.reasons_known]
    seen = 0
    for row in told:
        seen |= row.reasons
    slow = _slow_samples(rows, begin_s, end_s)
    foreign = [row for row in slow if row.foreign]
    return Conditions(
        device=device,
        samples=len(inside),
        failed_samples=sum(1 for row in inside if row.code),
        unsampled_s=_unsampled_s(inside, rows, begin_s, end_s),
        power_w=_range([row.power_w for row in inside]),
        power_is_instant=all(row.instant for row in inside if not math.isnan(row.power_w)),
        average_power_w=_range([row.average_w for row in inside]),
        temperature_c=_range([row.temperature_c for row in inside]),
        sm_mhz=_range([row.sm_mhz for row in inside]),
        memory_mhz=_range([row.memory_mhz for row in inside]),
        limit_w=_range([row.limit_w for row in slow]),
        reasons=seen if told else None,
        thermal_samples=sum(1 for row in told if _thermal(row.reasons)),
        power_cap_samples=sum(1 for row in told if row.reasons & POWER_REASONS),
        thermal_violation_s=_passed([row.thermal_violation_ns for row in slow if row.violations_known]),
        power_violation_s=_passed([row.power_violation_ns for row in slow if row.violations_known]),
        processes_known=all(row.processes_known for row in slow),
        foreign_processes=max(row.foreign for row in slow),
        foreign_pid=foreign[0].foreign_pid if foreign else None,
        unidentified_processes=max(row.unidentified for row in slow),
        error=next((row.code for row in reversed(inside) if row.code), None),
    )


def _slow_samples(rows: Sequence[DeviceSample], begin_s: float, end_s: float) -> list[DeviceSample]:
    """The rows that tell what is looked at seldom, of looks from the window's begin to right after its end.

    Where the sampler was too late to take one at the begin, the last before it counts too. At least one row.
    """
    taken = sorted({row.slow_at_s: row for row in rows}.values(), key=lambda row: row.slow_at_s)
    inside = [row for row in taken if begin_s <= row.slow_at_s <= end_s + REQUEST_ANSWER_S]
    if inside and inside[0].slow_at_s <= begin_s + REQUEST_ANSWER_S:
        return inside
    return [*[row for row in taken if row.slow_at_s < begin_s][-1:], *inside]


def _unsampled_s(
    inside: Sequence[DeviceSample], rows: Sequence[DeviceSample], begin_s: float, end_s: float
) -> float:
    """The longest time in the window without a look, if that is a gap, or the time after the last look of all."""
    over = any(row.begin_s > end_s for row in rows)
    tail_s = 0.0 if over else end_s - inside[-1].begin_s
    looks = [(begin_s, 0.0), *((row.begin_s, 0.0) for row in inside), (end_s, 0.0)]
    gap_s, usual_s = longest_gap(looks)
    if is_gap(gap_s, usual_s):
        return gap_s
    return tail_s if tail_s > REQUEST_ANSWER_S else 0.0


def _thermal(reasons: int) -> bool:
    """Held down for heat: said so, or slowed by hardware without the power brake."""
    return bool(reasons & THERMAL_REASONS) or bool(reasons & SLOWDOWN_REASON and not reasons & POWER_REASONS)


def _range(values: Sequence[float]) -> Range | None:
    known = [value for value in values if not math.isnan(value)]
    return Range(low=min(known), mean=math.fsum(known) / len(known), high=max(known)) if known else None


def _passed(nanoseconds: Sequence[int]) -> float | None:
    return (nanoseconds[-1] - nanoseconds[0]) * 1e-9 if len(nanoseconds) > 1 else None


def sampler_cost(rows: Sequence[DeviceSample]) -> SamplerCost | None:
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
