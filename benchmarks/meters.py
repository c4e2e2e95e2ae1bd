"""Ours, Zeus and CodeCarbon on one simulated GPU whose true joules are known.

Run as ``python -m benchmarks.meters``.

Each tool runs in an environment of its own under ``.cache/`` (made on first use) and in real time, on the
same simulated driver and curves, in windows of the same lengths. Written to ``benchmarks/results/meters.md``:
error by window length, the cost of a window, import time, memory, threads and processes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.simulated_gpu import SimulatedGpu
from benchmarks.tool_environments import interpreter

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "meters"
RESULT = ROOT / "benchmarks" / "results" / "meters.md"
WORKER = Path(__file__).with_name("meters_worker.py")
LENGTHS_S = (0.05, 0.27, 1.04, 5.03)
"""None is a multiple of the counter's period, as that would flatter every tool."""
CURVES = {
    "constant 250 W": "curve watts=250",
    "square 100/400 W, 0.7 s": "curve shape=square low=100 high=400 period_s=0.7 duty=0.5",
    "noise 100 to 400 W, 5 ms": "curve shape=noise low=100 high=400 step_s=0.005 seed=4",
}
DEVICE = 'device name="Simulated A100" period_ms=100 sensor_period_ms=100 sensor_window_ms=25 limit_w=500'


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and the packages that it needs."""

    name: str
    packages: tuple[str, ...]


TOOLS = (
    Tool("ours", ("nvidia-ml-py==13.615.71",)),
    Tool("ours-immediate", ("nvidia-ml-py==13.615.71",)),
    Tool("zeus", ("zeus==0.16.0", "nvidia-ml-py==13.615.71")),
    Tool("codecarbon", ("codecarbon==3.3.2", "nvidia-ml-py==13.615.71")),
)


def environment(tool: Tool) -> Path:
    """The tool's interpreter, its packages installed."""
    return interpreter(CACHE / tool.name.removesuffix("-immediate"), tool.packages)


def run(tool: Tool, python: Path, gpu: SimulatedGpu, curve: str, repeats: int) -> dict[str, Any]:
    """One tool on one curve, with the true joules of its windows."""
    gpu.configure(f"{DEVICE}\n{curve}\n")
    variables = gpu.variables(PYTHONPATH=str(ROOT / "src") if tool.name.startswith("ours") else "")
    lengths = ",".join(map(str, LENGTHS_S))
    command: list[str | Path] = [python, WORKER, tool.name, lengths, str(repeats)]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    truth = gpu.truth()
    for window in result["windows"]:
        window["true_j"] = truth.true_joules(window["begin_s"], window["end_s"])
    return result


def error_percent(windows: Sequence[Mapping[str, float]]) -> str:
    """The root mean square of the relative error, and the largest one; ``none`` without a window."""
    errors = [abs(window["energy_j"] / window["true_j"] - 1) * 100 for window in windows]
    if not errors:
        return "none"
    mean = math.sqrt(math.fsum(error * error for error in errors) / len(errors))
    return f"{mean:.2f} (at most {max(errors):.2f})"


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def render(results: Mapping[str, Mapping[str, dict[str, Any]]], repeats: int) -> str:
    """The results as Markdown: the error by window length for each curve, and what each tool costs."""
    parts = [
        "# Energy meters on a simulated GPU",
        (
            f"Made by `python -m benchmarks.meters` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, real time; {repeats} windows a cell. The simulated counter moves every 100 ms, and "
            "knows the true joules of every window. `ours` waits for the counter's ticks, `ours-immediate` does not."
        ),
        "## Relative error in percent: root mean square (and the largest), by window length",
    ]
    for curve, by_tool in results.items():
        parts += [f"### {curve}", _errors(by_tool)]
    parts += [
        "## Cost",
        _costs(next(iter(results.values()))),
        (
            "A window's cost is that of beginning and ending an empty one (median); that of `ours` is the wait for the counter at both ends, "
            "and the figures of `ours-immediate` wait for its next move where they are asked for sooner. "
            "Starting `ours` includes measuring the counter's period. Memory is resident, after the windows."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _errors(by_tool: Mapping[str, dict[str, Any]]) -> str:
    rows = []
    for name, result in by_tool.items():
        windows = [[each for each in result["windows"] if each["length_s"] == length] for length in LENGTHS_S]
        rows.append([name, *map(error_percent, windows)])
    return table(["tool", *(f"{length:g} s" for length in LENGTHS_S)], rows)


def _costs(by_tool: Mapping[str, dict[str, Any]]) -> str:
    columns = {
        "window, us": "window_us",
        "import, ms": "import_ms",
        "start, ms": "start_ms",
        "memory, MB": "memory_mb",
        "children, MB": "child_memory_mb",
        "threads": "threads",
        "processes": "processes",
    }
    rows = [[name, *(f"{result[key]:.0f}" for key in columns.values())] for name, result in by_tool.items()]
    return table(["tool", *columns], rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=12)
    repeats = parser.parse_args(arguments).repeats
    CACHE.mkdir(parents=True, exist_ok=True)
    gpu = SimulatedGpu.built_in(CACHE / "driver")
    pythons = {tool.name: environment(tool) for tool in TOOLS}
    results = {
        label: {tool.name: run(tool, pythons[tool.name], gpu, curve, repeats) for tool in TOOLS}
        for label, curve in CURVES.items()
    }
    text = render(results, repeats)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
