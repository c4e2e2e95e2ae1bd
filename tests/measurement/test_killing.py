"""A measurement that is killed at any moment leaves no child and no broken file."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llenergymeasure.results.storage import load_record
from llenergymeasure.results.trace_file import read_power

KILLS = 50
AT_ONCE = 5
PATIENCE_S = 120.0
"""How long anything here may take on a slow machine."""
SOURCE = Path(__file__).parents[2] / "src"
# A process that has torch loaded forks a measurement for each line that it reads, so torch is loaded once.
FORGE = """
import os, sys
import torch
from llenergymeasure.cli.main import main
import llenergymeasure.engines.transformers.loaded_model, llenergymeasure.measurement.run
for line in sys.stdin:
    folder = line.strip()
    child = os.fork()
    if child == 0:
        os.setsid()
        sys.stdout = sys.stderr = open(os.path.join(folder, "output"), "w")
        os._exit(main(["measure", os.path.join(folder, "study.json"), "--out", os.path.join(folder, "out")]))
    print(child, flush=True)
"""
STUDY = {
    "model": {"name": "builtin:llama-tiny"},
    "workload": {"requests": 2, "batch_size": 2},
    "pytorch": {"max_new_tokens": 4, "eos_token_id": None},
    "measurement": {
        "devices": ["GPU-a"],
        "quick": True,
        "windows": 3,
        "window_seconds": 0.1,
        "warmup_seconds": 0.2,
        "idle_seconds": 0.1,
    },
}


def descendants(pid: int) -> set[int]:
    """The processes below one, at this moment."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = {int(word) for word in path.read_text(encoding="ascii").split()}
        except OSError:
            continue
        found |= children.union(*map(descendants, children))
    return found


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def forge(driver: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "driver.conf").write_text("device uuid=GPU-a name=Card period_ms=10\ncurve watts=100\n")
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(driver.parent),
        "NVML_SIM_CONFIG": str(tmp_path / "driver.conf"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(SOURCE),
    }
    with subprocess.Popen(
        [sys.executable, "-c", FORGE], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def begin(forge: subprocess.Popen[str], folder: Path) -> int:
    """Start a measurement in a folder of its own; its process."""
    assert forge.stdin is not None
    assert forge.stdout is not None
    folder.mkdir()
    (folder / "study.json").write_text(json.dumps(STUDY), encoding="utf-8")
    print(folder, file=forge.stdin, flush=True)
    return int(forge.stdout.readline())


def undisturbed_s(forge: subprocess.Popen[str], folder: Path) -> float:
    """How long the slowest of several measurements at once takes on this machine; their records are whole."""
    folder.mkdir()
    began_s = time.monotonic()
    processes = [begin(forge, folder / str(number)) for number in range(AT_ONCE)]
    while any(map(alive, processes)) and time.monotonic() < began_s + PATIENCE_S:
        time.sleep(0.01)
    records = list(folder.glob("*/out/*.json"))
    assert len(records) == AT_ONCE
    return time.monotonic() - began_s


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found by /proc")
def test_killed_at_fifty_random_moments_nothing_is_left_behind(
    forge: subprocess.Popen[str], tmp_path: Path
) -> None:
    draw = random.Random(7)
    longest_s = undisturbed_s(forge, tmp_path / "undisturbed")
    children: set[int] = set()
    midway = 0
    for group in range(0, KILLS, AT_ONCE):
        due: list[tuple[float, int]] = []
        for number in range(group, group + AT_ONCE):
            pid = begin(forge, tmp_path / str(number))
            due.append((time.monotonic() + draw.uniform(0, longest_s), pid))
        running = 0
        for at_s, pid in sorted(due):
            while time.monotonic() < at_s:
                children |= descendants(pid)
                time.sleep(0.01)
            running += alive(pid)
            os.kill(pid, signal.SIGKILL)
        midway += running
        if running <= AT_ONCE / 2:  # the machine is faster by now than it was undisturbed
            longest_s *= 0.7
    deadline_s = time.monotonic() + PATIENCE_S
    while any(map(alive, children)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not [pid for pid in children if alive(pid)]
    assert midway >= KILLS / 3
    assert len(children) >= KILLS / 5  # there were samplers to be left behind
    for path in tmp_path.glob("*/out/*.json"):  # some runs were over before their kill
        assert load_record(path).status == "complete"
    for path in tmp_path.glob("*/out/*.parquet"):
        assert read_power(path)["GPU-a"]
