"""Who else is on a GPU. The doctor, the sampler and the findings all ask here.

Only the standard library is imported: the child process that takes samples loads this file by its path.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple


class GpuUsers(NamedTuple):
    """The processes on a GPU that are not the measured one or its children.

    Those of ``foreign`` certainly are not; those of ``unidentified`` could be either.
    """

    foreign: tuple[int, ...]
    unidentified: tuple[int, ...]


def gpu_users(pids: Sequence[int], own_pid: int) -> GpuUsers:
    """Who else is on a GPU, from the numbers of processes that the driver lists for it.

    A number without a process here belongs to another container, or it is this process's number as seen from
    outside its own container. The latter is excluded where the list has the measured process under the number
    that it knows itself by.
    """
    here = [pid for pid in pids if os.path.exists(f"/proc/{pid}")]  # noqa: PTH110 - pathlib is not loaded here
    own = [pid for pid in here if _descends_from(pid, own_pid)]
    others = [pid for pid in here if pid not in own]
    hidden = [pid for pid in pids if pid not in here]
    if own:
        return GpuUsers(foreign=(*others, *hidden), unidentified=())
    return GpuUsers(foreign=tuple(others), unidentified=tuple(hidden))


def _descends_from(pid: int, ancestor: int) -> bool:
    """Whether a process is another one or descends from it, by /proc."""
    while pid not in {0, ancestor}:
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as above
                pid = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError, IndexError):
            return False
    return pid == ancestor
