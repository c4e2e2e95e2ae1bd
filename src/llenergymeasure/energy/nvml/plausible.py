"""Readings of power that cannot be power, and sensors that do not move: found, thrown out, and described.

A driver may report more than the board can draw (a negative number that wraps, a unit that is off by a
thousand), nothing at all, or the same value for ever. Called wherever power is read from samples
(:mod:`.integral`, :mod:`.checks`) and at the boundaries of windows (:mod:`.boundary_power`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.samples import DeviceSample

LEAST_POWER_W = 2.0
"""A GPU that computes, or only keeps its driver loaded, draws more. A board of under 2000 W whose sensor
reports a thousandth stays below."""
MOST_REJECTED = 0.1
"""Where more than this part of the readings is no power, the others are not trusted either."""
FROZEN_SAMPLES, FROZEN_S = 10, 0.4
"""A sensor counts as frozen after so many equal samples over this time at least: four of the slowest sensor's
periods of 100 ms."""
EQUAL_W, SAME_W = 0.0015, 1.0
"""Sensors have steps of a milliwatt: readings that differ by less are equal. While the clocks move, readings
within a watt count as equal too."""
CLOCKS_MOVE = 0.2
"""Clocks that change by this part move the power of every GPU by more than ``SAME_W``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerReadings:
    """The samples of one GPU, with NaN where a power was none.

    Args:
        samples: the samples.
        rejected_w: the readings that were thrown out, of the power that counts.
        total: how many readings there were.
        highest_w: the most that the board can draw.
    """

    samples: tuple[DeviceSample, ...]
    rejected_w: tuple[float, ...]
    total: int
    highest_w: float

    @property
    def are_trusted(self) -> bool:
        """Whether so few readings were thrown out that the others count."""
        return len(self.rejected_w) <= max(1.0, MOST_REJECTED * self.total)

    @property
    def rejected(self) -> str:
        """What was thrown out, as a clause; empty if nothing was."""
        if not self.rejected_w:
            return ""
        worst_w = max(self.rejected_w, key=lambda power_w: abs(math.log(max(power_w, 1e-3) / self.highest_w)))
        return (
            f"{len(self.rejected_w)} of {self.total} readings are no power, among them {worst_w:.6g} W: "
            f"this GPU draws {LEAST_POWER_W:g} to {self.highest_w:.0f} W"
        )


def is_power(power_w: float, ceiling_w: float) -> bool:
    """Whether a GPU can draw so much, and as little."""
    return LEAST_POWER_W <= power_w <= ceiling_w


def power_readings(samples: Sequence[DeviceSample], ceiling_w: float) -> PowerReadings:
    """The samples without the readings that cannot be power."""
    rejected_w = [
        sample.power_w
        for sample in samples
        if not math.isnan(sample.power_w) and not is_power(sample.power_w, ceiling_w)
    ]
    return PowerReadings(
        samples=tuple(_without_impossible(sample, ceiling_w) for sample in samples),
        rejected_w=tuple(rejected_w),
        total=sum(1 for sample in samples if not math.isnan(sample.power_w)),
        highest_w=ceiling_w,
    )


def _without_impossible(sample: DeviceSample, ceiling_w: float) -> DeviceSample:
    if not is_power(sample.power_w, ceiling_w):
        sample = sample._replace(power_w=math.nan)
    if not is_power(sample.average_w, ceiling_w):
        sample = sample._replace(average_w=math.nan)
    return sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A sensor that showed one power all the time; ``clocks_mhz`` is the range of clocks meanwhile."""

    power_w: float
    samples: int
    lasted_s: float
    clocks_mhz: tuple[float, float] | None

    @property
    def is_contradicted(self) -> bool:
        """Whether the clocks moved, so that power did too."""
        return self.clocks_mhz is not None

    @property
    def clause(self) -> str:
        """What was seen."""
        said = f"the power sensor showed {self.power_w:.6g} W in all of {self.samples} samples over {self.lasted_s:.2g} s"
        if self.clocks_mhz is None:
            return f"{said}: it may be stuck"
        low, high = self.clocks_mhz
        return f"{said}, while the clocks went between {low:.0f} and {high:.0f} MHz: it is stuck"


def frozen(samples: Sequence[DeviceSample]) -> Frozen | None:
    """Whether the power sensor showed the same all the time, in the window and right around it."""
    known = [sample for sample in samples if not math.isnan(sample.power_w)]
    if len(known) < FROZEN_SAMPLES or known[-1].begin_s - known[0].begin_s < FROZEN_S:
        return None
    powers = [sample.power_w for sample in known]
    clocks = [sample.sm_mhz for sample in known if not math.isnan(sample.sm_mhz)]
    moved = bool(clocks) and max(clocks) - min(clocks) > CLOCKS_MOVE * max(clocks)
    if max(powers) - min(powers) > (SAME_W if moved else EQUAL_W):
        return None
    return Frozen(
        power_w=powers[-1],
        samples=len(known),
        lasted_s=known[-1].begin_s - known[0].begin_s,
        clocks_mhz=(min(clocks), max(clocks)) if moved else None,
    )
