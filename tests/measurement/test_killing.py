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

from llenergymeasure.results.storage import load
from llenergymeasure.results.trace import read_power

KILLS = 50
AT_ONCE = 5
SOURCE = Path(__file__).parents[2] / "src"
# A process that has torch loaded and forks a measurement for each line that it reads: the start, which is torch's, is paid once.
FORGE = """
import os, sys
import torch
from llenergymeasure.cli.main import main
import llenergymeasure.engines.transformers.session, llenergymeasure.measurement.assembly
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
LONGEST_S = 4.0
"""About what a whole run takes here; some are over before their kill, and must then be whole."""


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


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="children are found by /proc")
def test_killed_at_fifty_random_moments_nothing_is_left_behind(
    forge: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert forge.stdin is not None
    assert forge.stdout is not None
    draw = random.Random(7)
    children: set[int] = set()
    midway = 0
    for group in range(0, KILLS, AT_ONCE):
        due: list[tuple[float, int]] = []
        for number in range(group, group + AT_ONCE):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "study.json").write_text(json.dumps(STUDY), encoding="utf-8")
            print(folder, file=forge.stdin, flush=True)
            due.append((time.monotonic() + draw.uniform(0, LONGEST_S), int(forge.stdout.readline())))
        for at_s, pid in sorted(due):
            while time.monotonic() < at_s:
                children |= descendants(pid)
                time.sleep(0.01)
            midway += alive(pid)
            os.kill(pid, signal.SIGKILL)
    deadline_s = time.monotonic() + 10
    while any(map(alive, children)) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not [pid for pid in children if alive(pid)]
    assert midway >= KILLS / 3
    assert len(children) >= KILLS / 5  # samplers were really there to be left behind
    records = list(tmp_path.glob("*/out/*.json"))
    assert records  # some runs were over before their kill
    for path in records:
        assert load(path).status == "complete"
    for path in tmp_path.glob("*/out/*.parquet"):
        assert read_power(path)["GPU-a"]
