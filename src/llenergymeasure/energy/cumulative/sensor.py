"""Counters as one :class:`~llenergymeasure.energy.sensor.Sensor`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.cumulative.calibration import unavailable
from llenergymeasure.energy.cumulative.chain import Broken, counted
from llenergymeasure.energy.cumulative.counter import STANDSTILL_PERIODS, Counter, CounterReading
from llenergymeasure.energy.cumulative.joules import Begin, End, window_joules
from llenergymeasure.energy.cumulative.source import SCALE
from llenergymeasure.energy.cumulative.watch import BEGIN_AT, RECORD, WatchedReading, arguments_of
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Measured, Reading
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.sampler import Recording, StartRecording
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Device, DeviceReport

FOLLOW_S = 0.005
"""A counter that moves more often than this is not waited for: its ticks cost less than waiting does."""
FOLLOWED_PERIODS = 2.5
"""How many periods to wait for a tick."""
POLLS = 50
"""How many times a counter is read in a period, while a tick is waited for."""
READINGS_PER_ROUND = 4
"""How often a counter is read in the shortest time in which it can come round."""
MOST_HZ = 10.0
"""More often a counter is not read in between."""
WATCH = "llenergymeasure.energy.cumulative.watch"
"""What the child process that reads counters in between runs."""


@dataclass(slots=True, kw_only=True)
class CounterSensor:
    """The counters. ``watch`` is None until :meth:`start_sampling`, and where none of them comes round."""

    counters: tuple[Counter, ...]
    clock: Clock
    start_recording: StartRecording
    watch: Recording | None = None
    is_modelled: bool = False

    @property
    def devices(self) -> list[Device]:
        """The counters."""
        return [Device(id=counter.name, scope=counter.scope) for counter in self.counters]

    def open_window(self) -> CounterWindow:
        """The counters' part of a new window."""
        return CounterWindow(self.counters, self.clock, self.watch)

    def start_sampling(self, hz: float) -> None:
        """Start a child process that reads counters before they come round; none where they never do."""
        rounds_s = [counter.unambiguous_s for counter in self.counters if counter.unambiguous_s is not None]
        if rounds_s:
            rate = min(MOST_HZ, READINGS_PER_ROUND / min(rounds_s))
            arguments = arguments_of([counter.source for counter in self.counters])
            self.watch = self.start_recording(WATCH, arguments, rate, RECORD, BEGIN_AT)

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """Counters have no conditions to sample."""
        return ()

    def smallest_window_s(self, target: float, *, aligned: bool) -> float | None:
        """How long a window must be for this relative standard uncertainty at steady power."""
        return max(_boundaries_s(counter, aligned=aligned) for counter in self.counters) / target

    def examine(self) -> list[DeviceReport]:
        """A report on each counter."""
        return [
            DeviceReport(
                device=counter.name,
                name="",
                scope=counter.scope,
                measurable=True,
                method=counter.method,
                period_s=counter.period_s,
                uncertainty_1s=_boundaries_s(counter, aligned=True),
                uncertainty_5s=_boundaries_s(counter, aligned=True) / 5,
                notes=counter.notes,
            )
            for counter in self.counters
        ]

    def close(self) -> None:
        """Stop reading in between."""
        if self.watch is not None:
            self.watch.stop()


class CounterWindow:
    """The counters over one window; a :class:`~llenergymeasure.energy.sensor.SensorWindow`."""

    def __init__(self, counters: Sequence[Counter], clock: Clock, watch: Recording | None) -> None:
        self._counters = counters
        self._clock = clock
        self._watch = watch
        self._begins: list[Begin] = []
        self._ends: list[End] = []

    def align(self) -> None:
        """Wait until every counter that moves rarely has just moved."""
        self._begins = [Begin(counter.read(self._clock)) for counter in self._counters]
        firsts = [begin.reading for begin in self._begins]
        for index, (tick, reading) in self._ticks_after(firsts).items():
            self._begins[index] = Begin(reading, tick)

    def read_begin(self) -> None:
        """Read every counter; one that has just ticked is not read again."""
        aligned = {index: begin for index, begin in enumerate(self._begins) if begin.tick}
        self._begins = [
            aligned.get(index) or Begin(counter.read(self._clock))
            for index, counter in enumerate(self._counters)
        ]

    def read_end(self) -> None:
        """Read every counter."""
        self._ends = [End(counter.read(self._clock)) for counter in self._counters]

    def request_sample(self) -> None:
        """There is nothing to sample."""

    def follow(self) -> None:
        """Read every counter that moves rarely until it moves once more."""
        lasts = [end.reading for end in self._ends]
        for index, (tick, reading) in self._ticks_after(lasts).items():
            self._ends[index] = End(lasts[index], tick, reading)

    def _ticks_after(
        self, readings: Sequence[CounterReading]
    ) -> dict[int, tuple[tuple[float, float], CounterReading]]:
        """By counter's number, the next tick after a reading: when it was, and the reading that showed it."""
        last = {
            index: readings[index]
            for index, counter in enumerate(self._counters)
            if counter.period_s >= FOLLOW_S and not readings[index].failure
        }
        if not last:
            return {}
        waited = [self._counters[index] for index in last]
        pause_s = min(counter.period_s for counter in waited) / POLLS
        deadline_s = self._clock.monotonic() + FOLLOWED_PERIODS * max(counter.period_s for counter in waited)
        ticks: dict[int, tuple[tuple[float, float], CounterReading]] = {}
        while len(ticks) < len(last) and self._clock.monotonic() < deadline_s:
            self._clock.sleep(pause_s)
            for index in last.keys() - ticks.keys():
                reading = self._counters[index].read(self._clock)
                if not reading.failure and reading.value != last[index].value:
                    ticks[index] = ((last[index].begin_s, reading.end_s), reading)
                elif not reading.failure:
                    last[index] = reading
        return ticks

    def confirm(self) -> None:
        """A reading shows by itself whether it is valid."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """There are none."""
        return ()

    def figures(self, begin_s: float, end_s: float) -> list[Figure | CounterFault]:
        """The energy by each counter."""
        return [
            counter_figure(
                counter,
                begin,
                end,
                boundaries=(begin_s, end_s),
                between=self._between(index, counter, begin.reading, end.reading),
            )
            for index, (counter, begin, end) in enumerate(
                zip(self._counters, self._begins, self._ends, strict=True)
            )
        ]

    def _between(
        self, index: int, counter: Counter, begin: CounterReading, end: CounterReading
    ) -> Sequence[CounterReading]:
        """What was read in between, where the window was so long that it matters."""
        if counter.unambiguous_s is None or self._watch is None:
            return ()
        if end.end_s - begin.begin_s < counter.unambiguous_s:
            return ()
        return [
            CounterReading(int(reading.value.rstrip(b"\0")), reading.begin_s, reading.end_s)
            for values in self._watch.records(begin.end_s, end.begin_s)
            if (reading := WatchedReading(*values)).counter == index
            and reading.value.rstrip(b"\0")
            and begin.end_s <= reading.begin_s
            and reading.end_s <= end.begin_s
        ]

    def conditions(self, begin_s: float, end_s: float) -> list[Conditions | None]:
        """There are none."""
        return []

    def findings(self, figures: Sequence[Figure], begin_s: float, end_s: float) -> list[WindowFinding]:
        """A figure says itself what is wrong with it."""
        return []


def counter_figure(
    counter: Counter,
    begin: Begin,
    end: End,
    *,
    boundaries: tuple[float, float],
    between: Sequence[CounterReading] = (),
) -> Figure | CounterFault:
    """The energy by a counter between the two instants ``boundaries``, from readings next to them."""
    last = end.next_reading or end.reading
    for reading in (begin.reading, end.reading, last):
        if reading.failure:
            return unavailable(counter, reading.failure, reading.hint)
    chain = counted(counter, [begin.reading, *between, end.reading])
    step = counted(counter, [end.reading, last])
    for result in (chain, step):
        if isinstance(result, Broken):
            return _broken(counter, result)
    assert not isinstance(chain, Broken)
    assert not isinstance(step, Broken)
    if chain.energy_j + step.energy_j == 0:
        return _unmoved(counter, last.end_s - begin.reading.begin_s)
    joules = window_joules(
        counter, chain.energy_j, step.energy_j, begin=begin, end=end, boundaries=boundaries
    )
    return Measured(
        energy_j=joules.energy_j,
        uncertainty_j=joules.uncertainty_j,
        bound_j=joules.bound_j,
        method=counter.method,
        scope=counter.scope,
        device=counter.name,
        period_s=counter.period_s,
        begin=_recorded(counter, begin.reading),
        end=_recorded(counter, end.reading),
        flags=("read-in-between",) if between else (),
    )


def _recorded(counter: Counter, reading: CounterReading) -> Reading:
    return Reading(value=reading.value / SCALE, unit=counter.unit, at_s=reading.end_s)


def _broken(counter: Counter, broken: Broken) -> Figure | CounterFault:
    if not broken.finding:
        return unavailable(counter, broken.reason, broken.hint)
    return CounterFault(
        finding=broken.finding,
        reason=broken.reason,
        hint=broken.hint,
        scope=counter.scope,
        device=counter.name,
    )


def _unmoved(counter: Counter, length_s: float) -> Figure | CounterFault:
    """A counter that did not move: it is stuck if the window was long enough for it to move."""
    standstill_s = STANDSTILL_PERIODS * counter.period_s
    if length_s > standstill_s:
        return CounterFault(
            finding="counter-stuck",
            reason=f"the counter stood still for {length_s:.3g} s",
            hint=counter.standstill_hint or "See whether it still counts.",
            scope=counter.scope,
            device=counter.name,
        )
    return unavailable(
        counter,
        f"the counter did not move in {length_s * 1e3:.2g} ms",
        f"Repeat the work inside the window until that lasts {standstill_s * 1e3:.0f} ms and more.",
    )


def _boundaries_s(counter: Counter, *, aligned: bool) -> float:
    """The standard uncertainty of both boundaries together, in seconds of mean power.

    It is what :func:`window_joules` states for a long window at steady power, as the root mean square over
    the phases at which a window can end.
    """
    period_s = counter.period_s
    steady = replace(counter, watts_max=None, step_j=None)  # of one watt
    length_s = 1000 * period_s
    gap_s = period_s / POLLS
    begin, end = CounterReading(0, 0.0, 0.0), CounterReading(0, length_s, length_s)
    follows = aligned and period_s >= FOLLOW_S
    uncertainties_s = []
    for eighth in range(8):
        since_s = (eighth + 0.5) / 8 * period_s
        next_s = length_s + period_s - since_s
        joules = window_joules(
            steady,
            length_s,
            period_s if follows else 0.0,
            begin=Begin(begin, (-gap_s, 0.0) if follows else None),
            end=End(end, (next_s, next_s + gap_s) if follows else None),
            boundaries=(0.0, length_s),
        )
        uncertainties_s.append(joules.uncertainty_j)
    return math.sqrt(math.fsum(value**2 for value in uncertainties_s) / len(uncertainties_s))
