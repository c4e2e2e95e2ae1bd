"""A GPU's energy counter as it can be seen: its readings, and when it moves.

The counter stands still and then jumps, at its own period. A reading therefore tells the energy up to the last
jump (a *tick*), not up to now. This module reads, measures the period, and waits for ticks; what follows from
that for a window's joules is in :mod:`.boundaries`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method
from llenergymeasure.energy.nvml import FIELD_ENERGY, FIELD_POWER_INSTANT, Driver, Failure, Handle
from llenergymeasure.energy.nvml_sampler import usage_is_instant

FINE_S = 0.0003
"""The pause between two looks at the counter when a tick is due."""
COARSE_S = 0.005
"""The longest pause when none is due; short enough to see an instantaneous power sensor move."""
CALIBRATION_BUDGET_S = 2.5
CALIBRATION_TICKS = 9
MIN_TICKS = 3
STANDSTILL_PERIODS = 2.5
"""A counter that did not move over so many of its periods is stuck, whatever the GPU did."""
LEAST_W = 5.0
"""A GPU draws at least this, so that a coarse counter moves, however seldom."""
STAMP_S = 0.0001
"""How far a driver's stamp can be off on the monotonic clock: the two are read one after the other, and slewed."""
FIELDS = [FIELD_ENERGY, FIELD_POWER_INSTANT]


class CounterSample(NamedTuple):
    """One look at the counter: what it said, and the span of the call that asked."""

    energy_mj: int
    power_w: float | None
    begin_s: float
    end_s: float
    stamp_s: float | None


Read: TypeAlias = Callable[[], CounterSample | Failure]


class TickSpan(NamedTuple):
    """A tick lies between these two instants of the monotonic clock."""

    low_s: float
    high_s: float

    @property
    def middle_s(self) -> float:
        """The best single guess."""
        return 0.5 * (self.low_s + self.high_s)

    @property
    def width_s(self) -> float:
        """How far apart they are."""
        return self.high_s - self.low_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What was found about a counter at start.

    ``spread_s`` is the standard deviation of single periods; ``stamped`` says that the driver's time stamps are
    those of the ticks (then a tick's time is known without watching for it), not of the calls.
    """

    period_s: float
    period_uncertainty_s: float
    spread_s: float
    resolution_j: float
    stamped: bool
    ticks: int

    @property
    def longest_s(self) -> float:
        """The longest that a period may be: three standard deviations above the mean."""
        return self.period_s + 3 * math.hypot(self.period_uncertainty_s, self.spread_s)

    @property
    def standstill_s(self) -> float:
        """A counter that stands still for longer than this is stuck."""
        return STANDSTILL_PERIODS * self.period_s + self.resolution_j / LEAST_W


@dataclass(slots=True, kw_only=True)
class Counter:
    """One device's counter: how to read it, its timing, the last tick that was seen, and the latest look.

    ``settled`` is False from the end of a window without waiting to when the counter has been seen to move again.
    """

    method: Method
    read: Read
    timing: Timing
    last_tick_s: float
    latest: CounterSample | None = None
    settled: bool = True

    def sample(self) -> CounterSample | Failure:
        """A reading, with a few tries for a driver that fails for a moment."""
        sample = read_with_retries(self.read)
        if not isinstance(sample, Failure):
            self.latest = sample
        return sample

    def moved_since(self, sample: CounterSample, clock: Clock) -> bool | None:
        """Whether the counter has moved since a look at it; None where it can no longer be read.

        Waits for it, until it has stood still for so long that it is stuck.
        """
        while True:
            latest = self.latest
            if latest is not None and latest.energy_mj != sample.energy_mj:
                return True
            if latest is not None and latest.end_s - sample.end_s > self.timing.standstill_s:
                return False
            if isinstance(self.sample(), Failure):
                return None
            if self.latest is not None and self.latest.energy_mj == sample.energy_mj:
                clock.sleep(COARSE_S)

    def tick_of(self, sample: CounterSample, span: TickSpan) -> TickSpan:
        """The span of the tick that a fresh sample shows; narrower where the driver stamps ticks."""
        if self.timing.stamped and sample.stamp_s is not None:
            return TickSpan(sample.stamp_s - STAMP_S, sample.stamp_s + STAMP_S)
        return span

    def pause_s(self, now_s: float) -> float:
        """How long not to look: until shortly before the next tick is due."""
        timing = self.timing
        periods = max(1.0, math.ceil((now_s - self.last_tick_s) / timing.period_s))
        guard_s = max(
            0.002, 0.02 * timing.period_s, 3 * (periods * timing.period_uncertainty_s + timing.spread_s)
        )
        due_s = self.last_tick_s + periods * timing.period_s
        last_due_s = due_s - timing.period_s
        if due_s - guard_s <= now_s or (periods > 1 and now_s <= last_due_s + guard_s):
            return FINE_S
        return max(FINE_S, min(COARSE_S, due_s - guard_s - now_s))


def counter_reader(driver: Driver, handle: Handle, clock: Clock) -> tuple[Method, Read] | Failure:
    """The best way to read this GPU's counter: field 83 where it works, else the total-energy call."""
    energy = driver.field(handle, FIELD_ENERGY)
    if not isinstance(energy, Failure):
        return Method.NVML_FIELD_83, _field_reader(driver, handle, clock)
    total = driver.call("nvmlDeviceGetTotalEnergyConsumption", handle)
    if isinstance(total, Failure):
        return total
    return Method.NVML_TOTAL_ENERGY, _total_reader(driver, handle, clock)


def _field_reader(driver: Driver, handle: Handle, clock: Clock) -> Read:
    """Energy, its stamp and the instantaneous power in one call."""
    fields, monotonic, wall, error = (
        driver.reader("nvmlDeviceGetFieldValues"),
        clock.monotonic,
        clock.wall,
        driver.error,
    )

    def read() -> CounterSample | Failure:
        begin_s = monotonic()
        try:
            energy, power = fields(handle, FIELDS)
        except error as raised:
            return driver.failure(raised, "nvmlDeviceGetFieldValues")
        end_s = monotonic()
        if energy.nvmlReturn:
            return Failure(energy.nvmlReturn, "nvmlDeviceGetFieldValues, field 83")
        power_w = None if power.nvmlReturn else power.value.uiVal * 1e-3
        return CounterSample(
            energy.value.ullVal, power_w, begin_s, end_s, energy.timestamp * 1e-6 - wall() + end_s
        )

    return read


def _total_reader(driver: Driver, handle: Handle, clock: Clock) -> Read:
    """Energy from the total-energy call, power from wherever it is instantaneous."""
    total, monotonic, error = (
        driver.reader("nvmlDeviceGetTotalEnergyConsumption"),
        clock.monotonic,
        driver.error,
    )
    power_of = power_reader(driver, handle)

    def read() -> CounterSample | Failure:
        begin_s = monotonic()
        try:
            energy_mj = total(handle)
        except error as raised:
            return driver.failure(raised, "nvmlDeviceGetTotalEnergyConsumption")
        end_s = monotonic()
        return CounterSample(energy_mj, power_of(), begin_s, end_s, None)

    return read


def power_reader(driver: Driver, handle: Handle) -> Callable[[], float | None]:
    """Power in watts: field 186 (instantaneous), else the power call where that is instantaneous; else None.

    An average over a second says nothing of the power at a window's boundary.
    """
    if not isinstance(driver.field(handle, FIELD_POWER_INSTANT), Failure):

        def instant() -> float | None:
            value = driver.field(handle, FIELD_POWER_INSTANT)
            return None if isinstance(value, Failure) else value.value.uiVal * 1e-3

        return instant

    capability = driver.call("nvmlDeviceGetCudaComputeCapability", handle)
    if isinstance(capability, Failure) or not usage_is_instant(capability):
        return lambda: None

    def usage() -> float | None:
        value = driver.call("nvmlDeviceGetPowerUsage", handle)
        return None if isinstance(value, Failure) else value * 1e-3

    return usage


def read_with_retries(read: Read, attempts: int = 3) -> CounterSample | Failure:
    """A reading, with a few tries for a driver that fails for a moment."""
    sample = read()
    while isinstance(sample, Failure) and attempts > 1:
        sample, attempts = read(), attempts - 1
    return sample


@dataclass(slots=True)
class _Calibration:
    """Calibration of one counter under way."""

    read: Read
    last: CounterSample | None = None
    ticks: list[tuple[TickSpan, CounterSample]] = field(default_factory=list)
    stamps_follow_ticks: bool = True
    failure: Failure | None = None

    def sample(self) -> None:
        sample = self.read()
        if isinstance(sample, Failure):
            self.failure = sample
            return
        last, self.last = self.last, sample
        if last is None:
            return
        moved = sample.energy_mj != last.energy_mj
        if moved:
            self.ticks.append((TickSpan(last.begin_s, sample.end_s), sample))
        stamped = sample.stamp_s is not None and last.stamp_s is not None
        restamped = stamped and abs((sample.stamp_s or 0) - (last.stamp_s or 0)) > 0.00005
        if not stamped or restamped != moved:
            self.stamps_follow_ticks = False

    def timing(self) -> Timing | Failure | None:
        """What was found; None when too few ticks were seen."""
        if len(self.ticks) < MIN_TICKS:
            return self.failure
        spans = [span for span, _ in self.ticks]
        lengths = [after.middle_s - before.middle_s for before, after in pairwise(spans)]
        looking_s = math.fsum(span.width_s for span in spans) / len(spans)
        period_s = (spans[-1].middle_s - spans[0].middle_s) / len(lengths)
        variance = math.fsum((length_s - period_s) ** 2 for length_s in lengths) / len(lengths)
        # A period's own spread is what is left when the grain of looking is taken out.
        spread_s = math.sqrt(max(variance - looking_s**2 / 6, 0.0))
        if self.last is not None and self.last.end_s - spans[-1].high_s > STANDSTILL_PERIODS * period_s:
            return self.failure
        return Timing(
            period_s=period_s,
            period_uncertainty_s=math.hypot(looking_s / math.sqrt(6), spread_s) / len(lengths),
            spread_s=spread_s,
            resolution_j=_resolution_mj([sample.energy_mj for _, sample in self.ticks]) * 1e-3,
            stamped=self.stamps_follow_ticks,
            ticks=len(spans),
        )


def _resolution_mj(values: Sequence[int]) -> int:
    """The counter's smallest step: the largest power of ten that divides all its values."""
    grain = 1
    while all(value % (10 * grain) == 0 for value in values) and grain < 10**6:
        grain *= 10
    return grain


def calibrate(
    readers: Sequence[tuple[Method, Read]], clock: Clock, budget_s: float = CALIBRATION_BUDGET_S
) -> list[Counter | Failure | None]:
    """Watch the counters together until each has ticked enough, or the time is up.

    None stands for a counter that hardly moved in ``budget_s``: it cannot be used.
    """
    watches = [_Calibration(read) for _, read in readers]
    deadline_s = clock.monotonic() + budget_s
    while clock.monotonic() < deadline_s and any(len(watch.ticks) < CALIBRATION_TICKS for watch in watches):
        for watch in watches:
            watch.sample()
        clock.sleep(FINE_S)
    counters: list[Counter | Failure | None] = []
    for (method, read), watch in zip(readers, watches, strict=True):
        timing = watch.timing()
        if isinstance(timing, Timing):
            tick = watch.ticks[-1][0].middle_s
            counters.append(Counter(method=method, read=read, timing=timing, last_tick_s=tick))
        else:
            counters.append(timing)
    return counters
