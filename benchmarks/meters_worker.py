"""One tool measuring windows on the simulated driver.

Run by :mod:`benchmarks.meters` in the tool's environment. Standard library only, besides the
tool. Prints one line of JSON: the windows, and what the tool cost.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

Window: TypeAlias = tuple[float, float, Callable[[], float]]
"""Start and end on the monotonic clock, and a function that gives the tool's joules."""
Measure: TypeAlias = Callable[[float], Window]


def sleep(length_s: float) -> tuple[float, float]:
    """The work: the simulated GPU draws its power independently of what this process does."""
    begin_s = time.monotonic()
    time.sleep(length_s)
    return begin_s, time.monotonic()


def ours(boundaries: str) -> Measure:
    """This package."""
    from llenergymeasure.energy.meter import EnergyMeter  # noqa: PLC0415 - timed by the caller

    meter = EnergyMeter.open("gpu", environ={})

    def measure(length_s: float) -> Window:
        with meter.window("work", boundaries="immediate" if boundaries == "immediate" else "tick") as window:
            begin_s, end_s = sleep(length_s)
        return begin_s, end_s, lambda: getattr(window.energy.total, "energy_j", 0.0)

    return measure


def zeus() -> Measure:
    """Zeus."""
    monitor = import_module("zeus.monitor").ZeusMonitor(gpu_indices=[0], approx_instant_energy=False)

    def measure(length_s: float) -> Window:
        monitor.begin_window("work", sync_execution=False)
        begin_s, end_s = sleep(length_s)
        energy_j = float(monitor.end_window("work", sync_execution=False).total_energy)
        return begin_s, end_s, lambda: energy_j

    return measure


def codecarbon() -> Measure:
    """CodeCarbon, in its task mode, GPU energy only."""
    tracker = import_module("codecarbon").OfflineEmissionsTracker(
        country_iso_code="FRA", log_level="critical", save_to_file=False, allow_multiple_runs=True
    )
    count = 0

    def measure(length_s: float) -> Window:
        nonlocal count
        count += 1
        tracker.start_task(f"work-{count}")
        begin_s, end_s = sleep(length_s)
        energy_j = float(tracker.stop_task(f"work-{count}").gpu_energy) * 3.6e6
        return begin_s, end_s, lambda: energy_j

    return measure


TOOLS: dict[str, Callable[[], Measure]] = {
    "ours": lambda: ours("tick"),
    "ours-immediate": lambda: ours("immediate"),
    "zeus": zeus,
    "codecarbon": codecarbon,
}
MODULES = {
    "ours": "llenergymeasure.energy.meter",
    "ours-immediate": "llenergymeasure.energy.meter",
    "zeus": "zeus.monitor",
    "codecarbon": "codecarbon",
}


def resident_mb(pid: int) -> float:
    """The resident memory of a process."""
    return (
        int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
        * os.sysconf("SC_PAGESIZE")
        / 2**20
    )


def children(pid: int) -> list[int]:
    """The processes that this one started."""
    text = "".join(path.read_text(encoding="ascii") for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(word) for word in text.split()]


def main(name: str, lengths: str, repeats: str) -> None:
    """Measure windows of each length, then empty ones, and print what was found and what it cost."""
    begin_s = time.perf_counter()
    import_module(MODULES[name])
    import_ms = (time.perf_counter() - begin_s) * 1e3
    begin_s = time.perf_counter()
    measure = TOOLS[name]()
    start_ms = (time.perf_counter() - begin_s) * 1e3
    draw = random.Random(11)  # noqa: S311 - where in the counter's period a window falls
    windows: list[dict[str, Any]] = []
    for length_s in map(float, lengths.split(",")):
        for _ in range(max(2, int(repeats) // 3) if length_s > 2 else int(repeats)):
            time.sleep(draw.uniform(0, 0.2))
            first_s, last_s, joules = measure(length_s)
            windows.append({"length_s": length_s, "begin_s": first_s, "end_s": last_s, "energy_j": joules()})
    costs = []
    for _ in range(20):
        begin_s = time.perf_counter()
        measure(0.0)
        costs.append((time.perf_counter() - begin_s) * 1e6)
    pids = children(os.getpid())
    result = {
        "windows": windows,
        "import_ms": import_ms,
        "start_ms": start_ms,
        "window_us": statistics.median(costs),
        "memory_mb": resident_mb(os.getpid()),
        "child_memory_mb": sum(map(resident_mb, pids)),
        "threads": len(list(Path("/proc/self/task").iterdir())),
        "processes": 1 + len(pids),
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
