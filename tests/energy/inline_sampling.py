"""The sampler inside the test's process: the same samples as the child's, on the clock that the test sets."""

from __future__ import annotations

import importlib
import os

import pynvml
from simulated_nvml import VirtualClock

from llenergymeasure.energy.nvml.sampling import NvmlSampler


class InlineSampler:
    """``deaf`` ignores requests, like a child that the machine does not let run."""

    def __init__(self, clock: VirtualClock, uuids: list[str], hz: float, deaf: bool = False) -> None:
        self._clock = clock
        self._probe = NvmlSampler(pynvml, uuids, os.getpid(), clock.monotonic)
        self._samples = []
        self._deaf = deaf
        clock.every(1 / hz, self._sample)

    def _sample(self) -> None:
        self._samples += self._probe.sample(0.0, 0.0)

    def request_sample(self):
        if not self._deaf:
            self._samples += self._probe.sample(0.0, 0.0, complete=True)

    def samples(self, begin_s, end_s):
        devices = 1 + max((sample.device for sample in self._samples), default=0)
        before = [sample for sample in self._samples if sample.begin_s < begin_s]
        after = [sample for sample in self._samples if sample.begin_s > end_s]
        inside = [sample for sample in self._samples if begin_s <= sample.begin_s <= end_s]
        return [*before[-devices:], *inside, *after[:devices]]

    def alive(self) -> bool:
        return True

    def stop(self) -> None:
        self._clock.stop(self._sample)


def inline(clock: VirtualClock, *, deaf: bool = False):
    """A ``start`` for ``EnergyMeter.open``."""
    return lambda uuids, hz: InlineSampler(clock, uuids, hz, deaf)


class InlineRecording:
    """What a child process would record, on the clock that the test sets."""

    def __init__(self, clock, module, arguments, hz, record) -> None:
        self._sample = importlib.import_module(module).open_sampling(arguments, os.getpid(), clock.monotonic)
        self._clock, self._record, self._data = clock, record, b""
        clock.every(1 / hz, self.request_sample)

    def request_sample(self) -> None:
        self._data += self._sample(0.0, 0.0, True)

    def records(self, begin_s, end_s):
        return list(self._record.iter_unpack(self._data))

    def await_record(self, end_s) -> None:
        pass

    def stop(self) -> None:
        self._clock.stop(self.request_sample)


def recording(clock: VirtualClock):
    """A ``start_child`` for ``EnergyMeter.open``."""
    return lambda *arguments: InlineRecording(clock, *arguments[:4])
