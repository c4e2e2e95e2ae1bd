"""Who else is on a GPU: the numbers that the driver lists, sorted by whether they are this process's own."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from llenergymeasure.energy.nvml.users import gpu_users

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
