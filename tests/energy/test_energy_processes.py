"""Who else is on a GPU: the numbers that the driver lists, sorted by whether they are this process's own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from llenergymeasure.energy.nvml import users
from llenergymeasure.energy.nvml.users import COMPUTE, MPS, VERSIONS, gpu_users, users_of

OWN = os.getpid()
INIT = 1
NOT_HERE = 2**22 + 7
"""Linux gives no process a number above 2**22."""


@pytest.fixture(scope="module")
def child() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid


@pytest.mark.parametrize(
    ("pids", "foreign", "unidentified"),
    [
        ([], (), ()),
        ([OWN], (), ()),
        ([OWN, INIT], (INIT,), ()),
        ([INIT], (INIT,), ()),
        ([NOT_HERE], (), (NOT_HERE,)),
        ([NOT_HERE, INIT], (INIT,), (NOT_HERE,)),
        ([OWN, NOT_HERE], (NOT_HERE,), ()),
    ],
    ids=["nobody", "own", "own and other", "other", "hidden", "hidden and other", "own and hidden"],
)
def test_processes_of_others(
    pids: list[int], foreign: tuple[int, ...], unidentified: tuple[int, ...]
) -> None:
    users = gpu_users(pids, OWN)
    assert (users.foreign, users.unidentified) == (foreign, unidentified)


def test_a_child_is_ones_own(child: int) -> None:
    assert gpu_users([child, INIT], OWN).foreign == (INIT,)


def lists(**pids: list[int] | None) -> Callable[[str, object], list[object] | None]:
    """A driver that lists these processes, by the kind of list."""
    names = {"compute": COMPUTE, "mps": MPS}

    def call(name: str, handle: object) -> list[object] | None:
        for kind, listed in pids.items():
            if name == names[kind] + VERSIONS[0] and listed is not None:
                return [SimpleNamespace(pid=pid) for pid in listed]
        return None

    return call


def test_a_server_of_the_multi_process_service_is_no_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """It works for its clients; they count, and who they are is unknown where they are not listed."""
    monkeypatch.setattr(users, "_name", lambda pid: "nvidia-cuda-mps-server"[:15] if pid == INIT else "")
    own = users_of(None, lists(compute=[INIT], mps=[OWN]), OWN)
    assert (own.foreign, own.unidentified, own.known) == ((), (), True)
    assert not users_of(None, lists(compute=[INIT], mps=None), OWN).known


def test_a_driver_from_before_the_present_calls_is_asked_with_the_older_ones() -> None:
    def call(name: str, handle: object) -> list[object] | None:
        return [SimpleNamespace(pid=INIT)] if name == COMPUTE + VERSIONS[1] else None

    assert users_of(None, call, OWN).foreign == (INIT,)


def test_a_driver_that_lists_nobody_leaves_it_unknown() -> None:
    assert not users_of(None, lists(), OWN).known
