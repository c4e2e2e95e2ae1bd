"""From the samples of a GPU to the conditions that it worked under during a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import or_

from llenergymeasure.energy.conditions import Conditions, Range
from llenergymeasure.energy.nvml.integral import is_gap, longest_gap
from llenergymeasure.energy.samples import DeviceSample

THERMAL_REASONS = 0x20 | 0x40
"""NVML's clock event bits for slowdown because of heat, by software and by hardware."""
POWER_REASONS = 0x4 | 0x80
"""The same for the power cap, and the power brake."""
SLOWDOWN_REASON = 0x8
"""Hardware slowdown, because of heat or of power."""
REQUEST_ANSWER_S = 0.05
"""A requested sample is taken within this time, in seconds, unless the sampler has ended."""


def conditions(
    device: str, samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> Conditions | None:
    """The conditions of one device between two instants, by its samples; None where none was taken then."""
    inside = [sample for sample in samples if begin_s <= sample.begin_s <= end_s]
    if not inside:
        return None
    with_reasons = [sample for sample in inside if sample.reasons_known]
    slow = _slow_samples(samples, begin_s, end_s)
    with_violations = [sample for sample in slow if sample.violations_known]
    foreign = [sample for sample in slow if sample.foreign]
    return Conditions(
        device=device,
        samples=len(inside),
        failed_samples=sum(1 for sample in inside if sample.code),
        unsampled_s=_unsampled_s(inside, samples, begin_s, end_s),
        power_w=_range([sample.power_w for sample in inside]),
        power_is_instant=all(sample.instant for sample in inside if not math.isnan(sample.power_w)),
        average_power_w=_range([sample.average_w for sample in inside]),
        temperature_c=_range([sample.temperature_c for sample in inside]),
        sm_mhz=_range([sample.sm_mhz for sample in inside]),
        memory_mhz=_range([sample.memory_mhz for sample in inside]),
        limit_w=_range([sample.limit_w for sample in slow]),
        reasons=reduce(or_, (sample.reasons for sample in with_reasons)) if with_reasons else None,
        thermal_samples=sum(1 for sample in with_reasons if _is_thermal(sample.reasons)),
        power_cap_samples=sum(1 for sample in with_reasons if sample.reasons & POWER_REASONS),
        thermal_violation_s=_increase_s([sample.thermal_violation_ns for sample in with_violations]),
        power_violation_s=_increase_s([sample.power_violation_ns for sample in with_violations]),
        processes_known=all(sample.processes_known for sample in slow),
        foreign_processes=max(sample.foreign for sample in slow),
        foreign_pid=foreign[0].foreign_pid if foreign else None,
        unidentified_processes=max(sample.unidentified for sample in slow),
        graphics_processes=int(max(sample.graphics for sample in slow)),
        error=next((sample.code for sample in reversed(inside) if sample.code), None),
    )


def _slow_samples(samples: Sequence[DeviceSample], begin_s: float, end_s: float) -> list[DeviceSample]:
    """One sample for each reading of the slowly changing values, from the start to right after the end.

    Where the sampler was too late to read them at the start, the last reading before counts too. At least one
    sample is returned.
    """
    taken = sorted(
        {sample.slow_at_s: sample for sample in samples}.values(), key=lambda sample: sample.slow_at_s
    )
    inside = [sample for sample in taken if begin_s <= sample.slow_at_s <= end_s + REQUEST_ANSWER_S]
    if inside and inside[0].slow_at_s <= begin_s + REQUEST_ANSWER_S:
        return inside
    return [*[sample for sample in taken if sample.slow_at_s < begin_s][-1:], *inside]


def _unsampled_s(
    inside: Sequence[DeviceSample], samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> float:
    """The longest time without a sample, if that is a gap; otherwise the time after the very last sample.

    A requested sample follows each window within ``REQUEST_ANSWER_S``. Where there is none, the sampler has
    stopped.
    """
    has_later = any(sample.begin_s > end_s for sample in samples)
    tail_s = 0.0 if has_later else end_s - inside[-1].begin_s
    gap_s, median_s = longest_gap([begin_s, *(sample.begin_s for sample in inside), end_s])
    if is_gap(gap_s, median_s):
        return gap_s
    return tail_s if tail_s > REQUEST_ANSWER_S else 0.0


def _is_thermal(reasons: int) -> bool:
    """Whether heat lowers the clocks: reported so, or slowed by hardware without the power brake."""
    return bool(reasons & THERMAL_REASONS) or bool(reasons & SLOWDOWN_REASON and not reasons & POWER_REASONS)


def _range(values: Sequence[float]) -> Range | None:
    known = [value for value in values if not math.isnan(value)]
    return Range(low=min(known), mean=math.fsum(known) / len(known), high=max(known)) if known else None


def _increase_s(nanoseconds: Sequence[int]) -> float | None:
    return (nanoseconds[-1] - nanoseconds[0]) * 1e-9 if len(nanoseconds) > 1 else None
