"""The conditions that a device worked under during a window: samples, summarised. Plain data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The lowest, the mean and the highest of the samples."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """One device over one window. None is a value that the driver did not report.

    Powers are in watts, temperatures in degrees Celsius, clocks in megahertz. ``unsampled_s`` is the longest
    time without a sample, where that is a gap. ``thermal_samples`` and ``power_cap_samples`` are the samples
    in which clocks were lowered because of heat or by the power cap; the violation times are what the driver
    itself counted of the same, in seconds.
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
    graphics_processes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The conditions as JSON takes them."""
        return asdict(self)
