"""The sampler's in-process mode: the same looks as the child's, on the clock that the test sets."""

from __future__ import annotations

import os

import pynvml
from simulated_nvml import VirtualClock

from llenergymeasure.energy.nvml_sampler import NvmlSampler


class InlineSampler:
    """``deaf`` does not look when asked to, as a child that the machine does not let run."""

    def __init__(self, clock: VirtualClock, uuids: list[str], hz: float, deaf: bool = False) -> None:
        self._clock = clock
        self._probe = NvmlSampler(pynvml, uuids, os.getpid(), clock.monotonic)
        self._rows = []
        self._deaf = deaf
        clock.every(1 / hz, self._sample)

    def _sample(self) -> None:
        self._rows += self._probe.sample(0.0, 0.0)

    def request_sample(self):
        if not self._deaf:
            self._rows += self._probe.sample(0.0, 0.0, complete=True)

    def samples(self, begin_s, end_s):
        devices = 1 + max((row.device for row in self._rows), default=0)
        before = [row for row in self._rows if row.begin_s < begin_s]
        after = [row for row in self._rows if row.begin_s > end_s]
        inside = [row for row in self._rows if begin_s <= row.begin_s <= end_s]
        return [*before[-devices:], *inside, *after[:devices]]

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        self._clock.stop(self._sample)


def inline(clock: VirtualClock, *, deaf: bool = False):
    """A ``start`` for ``EnergyMeter.open``."""
    return lambda sensors, hz: InlineSampler(clock, [sensor.gpu.uuid for sensor in sensors.gpus], hz, deaf)
