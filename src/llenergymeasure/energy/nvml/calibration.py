"""Measuring how often a counter moves, when a meter is opened.

The counter is sampled until it has ticked a few times. A tick is known to lie in the gap between two samples.
With ``g`` the mean length of such a gap (about ``FINE_S``) and ``n`` periods between the first tick and the
last:

- A tick's time is taken as the middle of its gap; its error is uniform, with the variance ``g^2 / 12``.
- The period is ``T = (t_last - t_first) / n``.
- A single period is the difference of two ticks, so its variance over the ``n`` periods is ``spread^2 + 2 g^2
  / 12``, where ``spread`` is the counter's own. Hence ``spread = sqrt(max(variance - g^2 / 6, 0))``.
- In ``t_last - t_first`` the same two errors occur once, for every ``n``, since the ticks of a counter that
  keeps to a grid do not drift: ``u(T) = sqrt(g^2 / 6 + spread^2) / n``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.nvml.counter import (
    FINE_S,
    STANDSTILL_PERIODS,
    Counter,
    CounterSample,
    Read,
    TickSpan,
    Timing,
)
from llenergymeasure.energy.nvml.driver import Failure

CALIBRATION_BUDGET_S = 2.5
"""The longest time that calibration takes; enough for ``CALIBRATION_TICKS`` of a counter of 200 ms."""
CALIBRATION_TICKS = 9
"""Eight periods: with samples every 0.3 ms and no spread, the period is then known to 0.015 ms."""
MIN_TICKS = 3
"""Fewer than two periods say nothing about their spread."""
STAMP_CHANGE_S = 0.00005
"""Stamps that differ by less than this are the same one: they have whole microseconds, and the two clocks are
read one after the other."""


def calibrate(
    readers: Sequence[tuple[Method, Read]], clock: Clock, budget_s: float = CALIBRATION_BUDGET_S
) -> list[Counter | Failure | None]:
    """Sample the counters together until each has ticked often enough, or the time is up.

    None is returned for a counter that hardly moved in ``budget_s``: it cannot be used.
    """
    calibrations = [_Calibration(read) for _, read in readers]
    deadline_s = clock.monotonic() + budget_s
    while clock.monotonic() < deadline_s and any(
        len(calibration.ticks) < CALIBRATION_TICKS for calibration in calibrations
    ):
        for calibration in calibrations:
            calibration.sample()
        clock.sleep(FINE_S)
    counters: list[Counter | Failure | None] = []
    for (method, read), calibration in zip(readers, calibrations, strict=True):
        timing = calibration.timing()
        if isinstance(timing, Timing):
            last_tick_s = calibration.ticks[-1][0].middle_s
            counters.append(Counter(method=method, read=read, timing=timing, last_tick_s=last_tick_s))
        else:
            counters.append(timing)
    return counters


@dataclass(slots=True)
class _Calibration:
    """The calibration of one counter while it goes on."""

    read: Read
    last: CounterSample | None = None
    ticks: list[tuple[TickSpan, CounterSample]] = field(default_factory=list)
    powers: list[float] = field(default_factory=list)
    averages: list[float] = field(default_factory=list)
    stamps_follow_ticks: bool = True
    failure: Failure | None = None

    def sample(self) -> None:
        sample = self.read()
        if isinstance(sample, Failure):
            self.failure = sample
            return
        for power_w, powers in ((sample.power_w, self.powers), (sample.average_w, self.averages)):
            if power_w is not None and (not powers or powers[-1] != power_w):
                powers.append(power_w)
        last, self.last = self.last, sample
        if last is None:
            return
        moved = sample.energy_mj != last.energy_mj
        if moved:
            self.ticks.append((TickSpan(last.begin_s, sample.end_s), sample))
        if sample.stamp_s is None or last.stamp_s is None:
            self.stamps_follow_ticks = False
        elif (abs(sample.stamp_s - last.stamp_s) > STAMP_CHANGE_S) != moved:
            self.stamps_follow_ticks = False  # a stamp that changes without a tick is the call's

    def timing(self) -> Timing | Failure | None:
        """What was found; None, or the driver's failure, where the counter hardly ticked, or stopped."""
        if len(self.ticks) < MIN_TICKS:
            return self.failure
        spans = [span for span, _ in self.ticks]
        lengths_s = [after.middle_s - before.middle_s for before, after in pairwise(spans)]
        gap_s = math.fsum(span.width_s for span in spans) / len(spans)
        period_s = (spans[-1].middle_s - spans[0].middle_s) / len(lengths_s)
        if self.last is not None and self.last.end_s - spans[-1].high_s > STANDSTILL_PERIODS * period_s:
            return self.failure
        variance = math.fsum((length_s - period_s) ** 2 for length_s in lengths_s) / len(lengths_s)
        spread_s = math.sqrt(max(variance - gap_s**2 / 6, 0.0))
        return Timing(
            period_s=period_s,
            period_uncertainty_s=math.hypot(gap_s / math.sqrt(6), spread_s) / len(lengths_s),
            spread_s=spread_s,
            resolution_j=_resolution_mj([sample.energy_mj for _, sample in self.ticks]) * 1e-3,
            stamped=self.stamps_follow_ticks,
            ticks=len(spans),
            unsteadiness=_unsteadiness(_steps([sample.energy_mj for _, sample in self.ticks])),
            shown_range=_shown_range(self.powers) if self.powers else _unsteadiness(self.averages),
            averaged=not self.powers,
        )


def _steps(values: Sequence[int]) -> list[float]:
    """What a counter moved by, from each value to the next."""
    return [float(after - before) for before, after in pairwise(values)]


def _unsteadiness(values: Sequence[float]) -> float:
    """The largest change from one value to the next, over their mean, less that of a steady rise or fall."""
    changes = [after - before for before, after in pairwise(values)]
    mean = math.fsum(values) / len(values) if values else 0.0
    if not changes or mean <= 0:
        return 0.0
    trend = (values[-1] - values[0]) / len(changes)
    return max(abs(change - trend) for change in changes) / mean


def _shown_range(powers_w: Sequence[float]) -> float:
    """By what part of their mean the sensor's values differ, less a steady rise or fall."""
    if len(powers_w) < 2 or sum(powers_w) <= 0:
        return 0.0
    rise_w = (powers_w[-1] - powers_w[0]) / (len(powers_w) - 1)
    level_w = [power_w - number * rise_w for number, power_w in enumerate(powers_w)]
    return (max(level_w) - min(level_w)) * len(powers_w) / math.fsum(powers_w)


def _resolution_mj(values: Sequence[int]) -> int:
    """The counter's smallest step: the largest power of ten that divides all its values."""
    resolution = 1
    while all(value % (10 * resolution) == 0 for value in values) and resolution < 10**6:
        resolution *= 10
    return resolution
