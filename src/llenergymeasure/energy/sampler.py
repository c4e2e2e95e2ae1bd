"""The sampler: a light child process that takes samples, without a thread in the measured process.

The child (:mod:`.child`) writes its records to an unnamed temporary file that both have open; the parent
reads them from there when they are asked for. The parent holds the child's standard input: when it closes, by
:meth:`RecordingChild.stop` or because the parent has ended, the child ends. The child also checks that its
parent is still its parent, since a fork of the parent may hold the pipe too.
"""

from __future__ import annotations

import os
import sys
import time
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct
from typing import Any, Protocol

from llenergymeasure.energy import child
from llenergymeasure.energy.samples import RECORD, DeviceSample

SAMPLE_HZ = 20.0
"""Samples per second: twice the rate at which the slowest power sensor updates."""
STOP_S = 2.0
"""How long a child that was asked to end may take before it is ended by force."""
PATIENCE_S = 0.2
"""How long to wait for the sample requested at a window's end; a child that runs answers within a
millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerCost:
    """What sampling took: the child's CPU seconds, over how long, and how late its samples were (median)."""

    cpu_s: float
    wall_s: float
    samples: int
    median_late_s: float

    @property
    def core_fraction(self) -> float:
        """The share of one core."""
        return self.cpu_s / self.wall_s if self.wall_s > 0 else 0.0


def sampler_cost(samples: Sequence[DeviceSample]) -> SamplerCost | None:
    """What the sampler itself took over these samples; None with fewer than two."""
    first_device = [sample for sample in samples if sample.device == 0]
    if len(first_device) < 2:
        return None
    late_s = sorted(sample.late_s for sample in first_device)
    return SamplerCost(
        cpu_s=first_device[-1].cpu_s - first_device[0].cpu_s,
        wall_s=first_device[-1].begin_s - first_device[0].begin_s,
        samples=len(first_device),
        median_late_s=late_s[len(late_s) // 2],
    )


class Sampler(Protocol):
    """What a sensor needs of a sampler."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples between two instants, with one more on each side where there is one."""
        ...

    def request_sample(self) -> None:
        """Request a complete sample now, without waiting for it."""
        ...

    def stop(self) -> None:
        """End it; its samples can still be read."""
        ...


class Recording(Protocol):
    """A child process that writes records at its own times, and on request."""

    def records(self, begin_s: float, end_s: float) -> list[tuple[Any, ...]]:
        """The records between two instants, and at least the ones next to them."""
        ...

    def request_sample(self) -> None:
        """Request a record of each row now, without waiting for it."""
        ...

    def await_record(self, end_s: float) -> None:
        """Wait, for a moment, until the records after a window's end have been written."""
        ...

    def stop(self) -> None:
        """End it; its records can still be read."""
        ...


class StartRecording(Protocol):
    """Starts one; see :func:`start_recording`."""

    def __call__(
        self, module: str, arguments: Sequence[str], hz: float, record: Struct, begin_at: int
    ) -> Recording | None:
        """The recording; None where it cannot be started."""
        ...


class RecordingChild:
    """A child process that writes records.

    Args:
        module: has the function ``open_sampling``, which makes the records in the child.
        arguments: those of that function.
        hz: how often records are made.
        record: their form.
        begin_at: which of their fields is when they began, in monotonic seconds.
        rows: how many records are made at a time.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], hz: float, *, record: Struct, begin_at: int, rows: int
    ) -> None:
        import subprocess  # noqa: PLC0415 - with tempfile, 10 ms that only a meter with samples pays
        import tempfile  # noqa: PLC0415

        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed with this object: records outlive stop
        command = [sys.executable, "-I", "-S", child.__file__, module, repr(hz), str(os.getpid()), *arguments]
        self._process = subprocess.Popen(  # noqa: S603 - our own script, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=self._file,
            stderr=subprocess.DEVNULL,
            process_group=0,  # so that Ctrl-C reaches the parent alone, which then stops the child
        )
        self._timeout = subprocess.TimeoutExpired
        self._request_pipe = -1 if self._process.stdin is None else self._process.stdin.fileno()
        os.set_blocking(self._request_pipe, False)  # a child that hangs must not hang the work
        self._record, self._begin_at, self._rows = record, begin_at, rows
        weakref.finalize(self, self._file.close)

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def request_sample(self) -> None:
        """Request records now: a byte to the child's standard input."""
        try:
            os.write(self._request_pipe, b".")
        except OSError:  # the child has ended, or has so many unread requests that one more changes nothing
            return

    def records(self, begin_s: float, end_s: float) -> list[tuple[Any, ...]]:
        """The records between two instants, with one more of each row on either side where there is one."""
        written = range(os.fstat(self._file.fileno()).st_size // self._record.size)
        low = bisect_left(written, begin_s, key=self._begin_of)
        high = bisect_right(written, end_s, key=self._begin_of)
        low, high = max(low - self._rows, 0), min(high + self._rows, len(written))
        size = self._record.size
        data = os.pread(self._file.fileno(), (high - low) * size, low * size)
        return list(self._record.iter_unpack(data))

    def await_record(self, end_s: float) -> None:
        """Wait, for a moment, until the records after a window's end have been written."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self.alive() and time.monotonic() < deadline_s:
            written = os.fstat(self._file.fileno()).st_size // self._record.size
            if written and self._begin_of(written - 1) >= end_s:
                return
            time.sleep(0.0005)

    def _begin_of(self, index: int) -> float:
        """When a record began; the child writes them in this order."""
        size = self._record.size
        values = self._record.unpack(os.pread(self._file.fileno(), size, index * size))
        return float(values[self._begin_at])

    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the child: first by closing its input, then, should it hang, by force.

        A child that hangs in the kernel ends when the call returns; it is not waited for.
        """
        self._request_pipe = -1
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_S)
        except self._timeout:
            self._process.kill()
            with suppress(self._timeout):
                self._process.wait(STOP_S)


class ProcessSampler(RecordingChild):
    """The sampler of devices as a child process.

    Args:
        module: takes the samples in the child.
        arguments: those of its function.
        hz: how often a sample is taken.
        devices: how many records a sample has.
    """

    def __init__(self, module: str, arguments: Sequence[str], hz: float, devices: int) -> None:
        begin_at = DeviceSample._fields.index("begin_s")
        super().__init__(module, arguments, hz, record=RECORD, begin_at=begin_at, rows=devices)

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """The samples between two instants, with one more on each side where there is one."""
        self.await_record(end_s)
        return [DeviceSample(*values) for values in self.records(begin_s, end_s)]


def start_recording(
    module: str, arguments: Sequence[str], hz: float, record: Struct, begin_at: int
) -> Recording | None:
    """Start a child that makes a record of each argument; None where it cannot be started.

    Args:
        module: makes the records in the child.
        arguments: those of its function, one for each record that it makes at a time.
        hz: how often.
        record: their form.
        begin_at: which field is when a record began.
    """
    if not sys.executable:
        return None
    try:
        return RecordingChild(
            module, arguments, hz, record=record, begin_at=begin_at, rows=max(1, len(arguments))
        )
    except OSError:
        return None
