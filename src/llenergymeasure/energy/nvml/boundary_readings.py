"""What is read of the GPUs' counters at the two boundaries of a window.

With aligned boundaries the window starts right after every counter has moved, and at its end each counter is
watched until it moves once more. Without alignment, each counter is read once at each boundary.
:mod:`.attribution` computes the joules from the readings, when the figures are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.nvml.attribution import gpu_figure
from llenergymeasure.energy.nvml.checks import check_gpu
from llenergymeasure.energy.nvml.conditions import conditions
from llenergymeasure.energy.nvml.counter import Counter, CounterBegin, CounterEnd, CounterSample
from llenergymeasure.energy.nvml.driver import Failure
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.plausible import power_readings
from llenergymeasure.energy.nvml.ticks import TickWait, wait_for_ticks
from llenergymeasure.energy.sampler import Sampler
from llenergymeasure.energy.samples import DeviceSample

NOT_READ = Failure(21, "reading the counter")


class CounterWindow:
    """The GPUs over one window; a :class:`~llenergymeasure.energy.sensor.SensorWindow`."""

    def __init__(self, gpus: Sequence[MeasuredGpu], clock: Clock, sampler: Sampler | None) -> None:
        self._gpus = gpus
        self._counters = {gpu.uuid: gpu.counter for gpu in gpus if gpu.counter is not None}
        self._clock = clock
        self._begins: dict[str, TickWait | CounterSample | Failure] = {}
        self._ends: dict[str, TickWait | CounterSample | Failure] = {}
        self._moved_on: dict[str, bool | None] = {}
        self._sampler = sampler
        self.request_sample = _no_sampler if sampler is None else sampler.request_sample
        self._samples: Sequence[DeviceSample] | None = None

    def align(self) -> None:
        """Wait until every counter has just moved."""
        self._begins.update((uuid, counter.sample()) for uuid, counter in self._counters.items())
        self._wait(self._begins, together=True)

    def read_begin(self) -> None:
        """Read every counter once, unless aligning has read it."""
        for uuid, counter in self._counters.items():
            if uuid not in self._begins:
                self._begins[uuid] = counter.sample()

    def read_end(self) -> None:
        """Read every counter once."""
        for uuid, counter in self._counters.items():
            self._ends[uuid] = counter.sample()
            counter.is_confirmed = False

    def follow(self) -> None:
        """Read on until every counter has moved."""
        self._wait(self._ends, together=False)

    def _wait(self, readings: dict[str, TickWait | CounterSample | Failure], *, together: bool) -> None:
        """Follow each counter that could be read, from that sample on, until it moves."""
        waits = {
            uuid: TickWait(counter=self._counters[uuid], first=sample)
            for uuid, sample in readings.items()
            if isinstance(sample, CounterSample)
        }
        wait_for_ticks(list(waits.values()), self._clock, together=together)
        readings.update(waits)

    def confirm(self) -> None:
        """Where counters were not followed: read each until it has moved since the end of the window.

        There is no other way to notice that a counter stopped inside the window.
        """
        for uuid, end in self._ends.items():
            if isinstance(end, CounterSample):
                self._moved_on[uuid] = self._counters[uuid].moved_since(end, self._clock)

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples of all GPUs between the two instants, and one more of each on either side."""
        if self._samples is None:
            self._samples = () if self._sampler is None else self._sampler.samples(begin_s, end_s)
        return self._samples

    def _by_gpu(self, begin_s: float, end_s: float) -> list[tuple[MeasuredGpu, list[DeviceSample]]]:
        samples = self.samples(begin_s, end_s)
        return [
            (gpu, [sample for sample in samples if sample.device == index])
            for index, gpu in enumerate(self._gpus)
        ]

    def figures(self, begin_s: float, end_s: float) -> list[Figure | CounterFault]:
        """The energy of each GPU."""
        return [
            gpu_figure(
                gpu,
                self._begin(gpu, begin_s),
                self._end(gpu, end_s),
                boundaries=(begin_s, end_s),
                samples=own,
            )
            for gpu, own in self._by_gpu(begin_s, end_s)
        ]

    def conditions(self, begin_s: float, end_s: float) -> list[Conditions | None]:
        """The conditions on each GPU; None where no sample was taken."""
        return [_conditions(gpu, own, begin_s, end_s) for gpu, own in self._by_gpu(begin_s, end_s)]

    def findings(self, figures: Sequence[Figure], begin_s: float, end_s: float) -> list[WindowFinding]:
        """What the checks find on each GPU."""
        return [
            finding
            for (gpu, own), figure in zip(self._by_gpu(begin_s, end_s), figures, strict=True)
            for finding in check_gpu(
                gpu,
                figure,
                own,
                _conditions(gpu, own, begin_s, end_s),
                boundaries=(begin_s, end_s),
                has_sampler=self._sampler is not None,
            )
        ]

    def _begin(self, gpu: MeasuredGpu, at_s: float) -> CounterBegin | Failure:
        begin = self._begins.get(gpu.uuid, NOT_READ)
        if isinstance(begin, Failure):
            return begin
        if isinstance(begin, CounterSample):
            return CounterBegin(at_s=at_s, sample=begin)
        if begin.failure is not None:
            return begin.failure
        # Power since the tick is power in the head. Readings before the tick say nothing about it.
        since_s = begin.tick.low_s if begin.tick else at_s
        powers = tuple(power_w for sampled_s, power_w in begin.powers if sampled_s >= since_s)
        return CounterBegin(
            at_s=at_s,
            sample=begin.last,
            tick=begin.tick,
            powers=powers,
            before_w=begin.counted_w,
            waited_w=tuple(begin.powers),
        )

    def _end(self, gpu: MeasuredGpu, at_s: float) -> CounterEnd | Failure:
        end = self._ends.get(gpu.uuid, NOT_READ)
        if isinstance(end, Failure):
            return end
        if isinstance(end, CounterSample):
            return CounterEnd(at_s=at_s, sample=end, moved_on=self._moved_on.get(gpu.uuid))
        if end.failure is not None:
            return end.failure
        return CounterEnd(
            at_s=at_s,
            sample=end.first,
            tick=end.tick,
            tick_sample=end.tick_sample,
            ticks=end.ticks,
            powers=tuple(end.powers),
            waited=True,
        )


def _conditions(
    gpu: MeasuredGpu, samples: Sequence[DeviceSample], begin_s: float, end_s: float
) -> Conditions | None:
    """The conditions of a GPU, by its samples without the powers that cannot be."""
    readings = power_readings(samples, gpu.ceiling_w)
    return conditions(gpu.uuid, readings.samples, begin_s, end_s)


def _no_sampler() -> None:
    """There is no sampler to ask for a sample."""


def confirm(counters: Sequence[Counter], clock: Clock) -> None:
    """Wait until each counter has moved since the last window that did not wait for it.

    For use before the driver is closed: afterwards nothing can show that the counter was alive.
    """
    for counter in counters:
        if not counter.is_confirmed and counter.latest is not None:
            counter.moved_since(counter.latest, clock)
            counter.is_confirmed = True
