"""The child process that takes samples, run as a script: when to take them, and when to end.

It is started with ``python -I -S``, and imports nothing but the standard library and the module that takes
the samples, so that it starts quickly and stays small. It writes fixed-size records to its standard output
and ends when its standard input closes or its parent ends for any reason. A byte on its standard input
requests a sample at once; a last one is taken when that input closes. :mod:`.sampler` starts it.
"""

from __future__ import annotations

import importlib
import math
import os
import select
import signal
import sys
import time
from collections.abc import Sequence
from types import ModuleType

REQUEST_GAP_S = 0.02
"""Samples on request come no closer than this, however many short windows there are."""
PARENT_CHECK_S = 0.5
"""How often to check that the parent still runs."""


def main(arguments: Sequence[str]) -> int:
    """Take samples until the parent ends. Arguments: ``MODULE HZ PARENT_PID``, and those of the module."""
    for number in (
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGHUP,
    ):  # a scheduler signals the whole group; the parent goes on
        signal.signal(number, signal.SIG_IGN)
    module, hz, parent, *rest = arguments
    parent_pid, period_s = int(parent), 1 / float(hz)
    sample = importlib.import_module(module).open_sampling(rest, parent_pid, time.monotonic)
    if sample is None:
        return 1
    due_s, asked_s, last_s, more = time.monotonic(), math.inf, -math.inf, True
    while more and os.getppid() == parent_pid:
        wait_s = min(PARENT_CHECK_S, max(0.0, min(due_s, asked_s) - time.monotonic()))
        if asked_s < math.inf:
            time.sleep(wait_s)
        elif select.select([0], [], [], wait_s)[0]:
            more = bool(os.read(0, 4096))  # nothing: the parent closed its end, or has ended
            asked_s = max(time.monotonic(), last_s + REQUEST_GAP_S) if more else time.monotonic()
        now_s, next_s = time.monotonic(), min(due_s, asked_s)
        if now_s < next_s:
            continue
        os.write(1, sample(now_s - next_s, time.process_time(), now_s >= asked_s))
        last_s = now_s
        if now_s >= asked_s:
            asked_s = math.inf
        if now_s >= due_s:
            due_s += period_s * max(1, math.ceil((time.monotonic() - due_s) / period_s))
    return 0


def _name_packages(folder: str) -> None:
    """Make the files of a folder importable by their names, without the packages' ``__init__``."""
    parent, name = os.path.split(folder)
    root = os.path.basename(parent)  # noqa: PTH119 - as above
    for package, path in ((root, parent), (f"{root}.{name}", folder)):
        module = ModuleType(package)
        module.__path__ = [path]
        sys.modules[package] = module


if __name__ == "__main__":
    _name_packages(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - as above
    sys.exit(main(sys.argv[1:]))
