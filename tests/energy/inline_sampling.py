"""The sampler's in-process mode: the same looks as the child's, on the clock that the test sets."""

from __future__ import annotations

import os

import pynvml
from simulated_nvml import VirtualClock

from llenergymeasure.energy.probe import Probe
from llenergymeasure.energy.sampler import between


class InlineSampler:
    def __init__(self, clock: VirtualClock, uuids: list[str], hz: float) -> None:
        self._clock = clock
        self._probe = Probe(pynvml, uuids, os.getpid(), clock.monotonic)
        self._rows = []
        clock.every(1 / hz, self._look)

    def _look(self) -> None:
        self._rows += self._probe.look(0.0, 0.0)

    def rows(self, begin_s, end_s):
        return between(self._rows, begin_s, end_s)

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        self._clock.stop(self._look)


def inline(clock: VirtualClock):
    """A ``start`` for ``EnergyMeter.open``."""
    return lambda sources, hz: InlineSampler(clock, [sensor.gpu.uuid for sensor in sources.gpus], hz)
