"""Everything that is read at one boundary of a window, and in which order.

At the begin the GPUs come last, and at the end first, so that the other reads do not fall into the GPUs' share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from llenergymeasure.energy.boundaries import CounterBegin, CounterEnd
from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.counter import CounterSample
from llenergymeasure.energy.modelled import busy_seconds
from llenergymeasure.energy.nvml import Failure
from llenergymeasure.energy.rapl import ZoneReading, read_zone
from llenergymeasure.energy.sensors import Sensors
from llenergymeasure.energy.ticks import TickWait, wait_for_ticks

UNREAD = Failure(21, "reading the counter")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginReadings:
    """The begin of a window."""

    at_s: float
    gpus: Mapping[str, CounterBegin | Failure] = field(default_factory=dict)
    zones: tuple[ZoneReading, ...] = ()
    busy_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EndReadings:
    """The end of a window."""

    at_s: float
    gpus: Mapping[str, CounterEnd | Failure] = field(default_factory=dict)
    zones: tuple[ZoneReading, ...] = ()
    busy_s: float = 0.0


def read_begin(
    sensors: Sensors, clock: Clock, *, aligned: bool, request_sample: Callable[[], object]
) -> BeginReadings:
    """Read all sensors at a window's begin; ``aligned`` waits until every GPU's counter has just moved.

    ``request_sample`` asks the sampler for a look; it is called when the window has begun.
    """
    waits = _waits(sensors) if aligned else {}
    if aligned:
        wait_for_ticks(waits, clock, together=True)
    zones = tuple(read_zone(zone, clock) for zone in sensors.rapl.zones)
    busy_s = busy_seconds() if sensors.modelled_w is not None else 0.0
    samples = {} if aligned else _samples(sensors)
    at_s = clock.monotonic()
    request_sample()
    gpus = {uuid: _aligned_begin(wait, at_s) for uuid, wait in waits.items()}
    for uuid, sample in samples.items():
        gpus[uuid] = sample if isinstance(sample, Failure) else CounterBegin(at_s=at_s, sample=sample)
    return BeginReadings(at_s=at_s, gpus=gpus, zones=zones, busy_s=busy_s)


def read_end(
    sensors: Sensors, clock: Clock, *, aligned: bool, request_sample: Callable[[], object]
) -> EndReadings:
    """Read all sensors at a window's end; ``aligned`` then waits for each GPU's counter to move.

    ``request_sample`` asks the sampler for a look; it is called when the counters have been read.
    """
    at_s = clock.monotonic()
    waits = _waits(sensors) if aligned else {}
    samples = {} if aligned else _samples(sensors)
    zones = tuple(read_zone(zone, clock) for zone in sensors.rapl.zones)
    busy_s = busy_seconds() if sensors.modelled_w is not None else 0.0
    request_sample()
    if aligned:
        wait_for_ticks(waits, clock, together=False)
    gpus = {uuid: _aligned_end(wait, at_s) for uuid, wait in waits.items()}
    for uuid, sample in samples.items():
        gpus[uuid] = sample if isinstance(sample, Failure) else CounterEnd(at_s=at_s, sample=sample)
    for sensor in () if aligned else sensors.gpus:
        if sensor.counter is not None:
            sensor.counter.settled = False
    return EndReadings(at_s=at_s, gpus=gpus, zones=zones, busy_s=busy_s)


def settled(sensors: Sensors, end: EndReadings, clock: Clock) -> EndReadings:
    """The same readings, with whether each counter that was not waited for has moved since; waits until it has.

    A counter that stopped before the end of the window shows that in no other way.
    """
    gpus = dict(end.gpus)
    for sensor in sensors.gpus:
        boundary = gpus.get(sensor.gpu.uuid)
        if sensor.counter is not None and isinstance(boundary, CounterEnd) and not boundary.waited:
            moved_on = sensor.counter.moved_since(boundary.sample, clock)
            gpus[sensor.gpu.uuid] = replace(boundary, moved_on=moved_on)
    return replace(end, gpus=gpus)


def settle(sensors: Sensors, clock: Clock) -> None:
    """Before the driver is given back: wait until each counter has moved after the last window that did not wait."""
    for sensor in sensors.gpus:
        counter = sensor.counter
        if counter is not None and not counter.settled and counter.latest is not None:
            counter.moved_since(counter.latest, clock)
            counter.settled = True


def _samples(sensors: Sensors) -> dict[str, CounterSample | Failure]:
    """One look at every counter."""
    return {sensor.gpu.uuid: sensor.counter.sample() for sensor in sensors.gpus if sensor.counter}


def _waits(sensors: Sensors) -> dict[str, TickWait]:
    """A first look at every counter, to be followed by more."""
    return {
        sensor.gpu.uuid: TickWait(counter=sensor.counter, first=sensor.counter.sample())
        for sensor in sensors.gpus
        if sensor.counter
    }


def _aligned_begin(wait: TickWait, at_s: float) -> CounterBegin | Failure:
    if wait.failure is not None or wait.last is None:
        return wait.failure or UNREAD
    since_s = wait.tick.low_s if wait.tick else at_s
    powers = tuple(power_w for seen_s, power_w in wait.powers if seen_s >= since_s)
    return CounterBegin(at_s=at_s, sample=wait.last, tick=wait.tick, powers=powers)


def _aligned_end(wait: TickWait, at_s: float) -> CounterEnd | Failure:
    if wait.failure is not None or isinstance(wait.first, Failure):
        return wait.failure or UNREAD
    return CounterEnd(
        at_s=at_s,
        sample=wait.first,
        tick=wait.tick,
        tick_sample=wait.tick_sample,
        ticks=wait.ticks,
        powers=tuple(wait.powers),
        waited=True,
    )
