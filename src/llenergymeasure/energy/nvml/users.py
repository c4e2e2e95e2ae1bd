"""Who else is on a GPU. The doctor, the sampler and the findings all ask here.

Only the standard library is imported: the child process that takes samples loads this file by its path.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

COMPUTE, GRAPHICS, MPS = (
    "nvmlDeviceGetComputeRunningProcesses",
    "nvmlDeviceGetGraphicsRunningProcesses",
    "nvmlDeviceGetMPSComputeRunningProcesses",
)
VERSIONS = ("_v3", "_v2")
"""The versions of these calls; the second one is for drivers before 510."""
MPS_SERVER = "nvidia-cuda-mps"
"""How the name of the process begins that works for the clients of CUDA's multi-process service."""

Call = Callable[[str, Any], "Sequence[Any] | None"]
"""Calls the driver with a GPU's handle; None where that fails."""


class GpuUsers(NamedTuple):
    """The processes on a GPU that are not the measured one or its children.

    Args:
        foreign: those that compute, and certainly are not.
        unidentified: those that compute, and could be either.
        graphics: those that only draw, such as a desktop or a game.
        known: whether the driver lists who computes.
    """

    foreign: tuple[int, ...] = ()
    unidentified: tuple[int, ...] = ()
    graphics: tuple[int, ...] = ()
    known: bool = True


def users_of(handle: object, call: Call, own_pid: int) -> GpuUsers:
    """Who else is on a GPU, by the driver's three lists.

    A server of the multi-process service is nobody in itself: it works for its clients, which have a list of
    their own. Where the driver does not give that list, who they are is unknown.
    """
    compute, graphics, mps = (_listed(name, handle, call) for name in (COMPUTE, GRAPHICS, MPS))
    if compute is None:
        return GpuUsers(known=False)
    servers = [pid for pid in compute if _name(pid).startswith(MPS_SERVER)]
    computing = list(dict.fromkeys(pid for pid in (*compute, *(mps or ())) if pid not in servers))
    users = gpu_users(computing, own_pid)
    drawing = [pid for pid in graphics or () if pid not in computing]
    return users._replace(
        graphics=tuple(pid for pid in drawing if not _descends_from(pid, own_pid)),
        known=not servers or mps is not None,
    )


def _listed(name: str, handle: object, call: Call) -> list[int] | None:
    for version in VERSIONS:
        processes = call(name + version, handle)
        if processes is not None:
            return [int(process.pid) for process in processes]
    return None


def _name(pid: int) -> str:
    """The name of a process; empty where it cannot be seen from here."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - as below
            return file.read().strip()
    except OSError:
        return ""


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
