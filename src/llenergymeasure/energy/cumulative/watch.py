"""Reading counters during a window that is so long that they may come round more than once.

:mod:`llenergymeasure.energy.child` runs :func:`open_sampling` in a child process, which imports nothing but
the standard library and :mod:`.source`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from llenergymeasure.energy.cumulative.source import Command, Failed, File, Source, read_value

BEGIN_AT = 1
"""Which field of a record is when the reading began."""
RECORD = struct.Struct("<Hdd48s")
"""A reading as it is written: the counter's number, when it began and ended, the value as text or nothing."""


class WatchedReading(NamedTuple):
    """One reading of one of the counters; ``value`` is empty where there was none."""

    counter: int
    begin_s: float
    end_s: float
    value: bytes


def arguments_of(sources: Sequence[Source]) -> list[str]:
    """The arguments of :func:`open_sampling` for these counters."""
    return [json.dumps(source.path if isinstance(source, File) else source.arguments) for source in sources]


def open_sampling(
    arguments: Sequence[str], parent_pid: int, clock: Callable[[], float]
) -> Callable[[float, float, bool], bytes]:
    """What the child process calls to read every counter, as records."""
    named = [json.loads(argument) for argument in arguments]
    sources = [File(name) if isinstance(name, str) else Command(tuple(name)) for name in named]

    def sample(late_s: float, cpu_s: float, complete: bool) -> bytes:
        return b"".join(RECORD.pack(*read_one(index, source, clock)) for index, source in enumerate(sources))

    return sample


def read_one(index: int, source: Source, clock: Callable[[], float]) -> WatchedReading:
    """Read one counter."""
    begin_s = clock()
    value = read_value(source)
    text = b"" if isinstance(value, Failed) else str(value).encode()
    return WatchedReading(index, begin_s, clock(), text[:48])
