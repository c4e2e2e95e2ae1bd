"""Samples of how busy the machine's processors are, and how much of that is the measured process's.

:mod:`.child` runs this in a child process, which imports nothing but the standard library. There are no
samples without ``/proc``, which only Linux has.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

RECORD = struct.Struct("<3d")
"""A sample as it is written."""
BEGIN_AT = 0
"""Which field of a record is when it was taken."""
HZ = 1.0
"""Samples per second, besides those that windows request."""
BUSY = (0, 1, 2, 5, 6, 7)
"""Of the first line of ``/proc/stat``: user, nice, system, interrupts and their second halves, stolen."""
REST = 200.0
"""The list of all processes is not read again before this many times as long as reading it took."""


class LoadSample(NamedTuple):
    """CPU seconds so far: of everything on the machine, and of the measured process and what it started."""

    at_s: float
    machine_s: float
    own_s: float


def open_sampling(
    arguments: Sequence[str], parent_pid: int, clock: Callable[[], float]
) -> Callable[[float, float, bool], bytes] | None:
    """What the child process calls for a sample, as a record; None without ``/proc``.

    Args:
        arguments: the folder of processes.
        parent_pid: the process that is measured.
        clock: monotonic seconds.
    """
    (proc,) = arguments
    tree = _Tree(proc, parent_pid, clock)
    ticks = os.sysconf("SC_CLK_TCK")
    if machine_ticks(proc) is None:
        return None

    def sample(late_s: float, cpu_s: float, complete: bool) -> bytes:
        own = tree.ticks()
        machine = machine_ticks(proc)
        if machine is None:
            return b""
        return RECORD.pack(clock(), machine / ticks, own / ticks)

    return sample


def machine_ticks(proc: str) -> int | None:
    """CPU time of the whole machine so far, in clock ticks; None where that cannot be read."""
    text = _text(f"{proc}/stat")
    values = text.partition("\n")[0].split()[1:]
    return sum(int(values[index]) for index in BUSY) if len(values) > max(BUSY) else None


class _Process(NamedTuple):
    parent: int
    ticks: int


class _Tree:
    """A process and what it started: the ones that live, and those that it has waited for."""

    def __init__(self, proc: str, root: int, clock: Callable[[], float]) -> None:
        self._proc, self._root, self._clock = proc, root, clock
        self._members = {root}
        self._due_s = 0.0

    def ticks(self) -> int:
        """Their CPU time so far."""
        begin_s = self._clock()
        if begin_s >= self._due_s:
            self._members = self._descendants()
            now_s = self._clock()
            self._due_s = now_s + REST * (now_s - begin_s)
        known = (self._process(pid) for pid in self._members)
        return sum(process.ticks for process in known if process is not None)

    def _descendants(self) -> set[int]:
        pids = [int(name) for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208 - pathlib is not loaded
        parents = {pid: process.parent for pid in pids if (process := self._process(pid)) is not None}
        members = {self._root}
        while more := {pid for pid, parent in parents.items() if parent in members} - members:
            members |= more
        return members

    def _process(self, pid: int) -> _Process | None:
        fields = _text(f"{self._proc}/{pid}/stat").rpartition(")")[2].split()
        if len(fields) < 15:
            return None
        return _Process(parent=int(fields[1]), ticks=sum(map(int, fields[11:15])))


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
            return file.read()
    except OSError:
        return ""
