"""Ours, Zeus and CodeCarbon on one simulated GPU whose true joules are known.

Run as ``python -m benchmarks.meters``.

Each tool runs in an environment of its own under ``.cache/`` (made on first use) and in real time, on the
same simulated driver and curves, in windows of the same lengths. Written to ``benchmarks/results/meters.md``:
error by window length, the cost of a window, import time, memory, threads and processes.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import os
import platform
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "meters"
RESULT = ROOT / "benchmarks" / "results" / "meters.md"
WORKER = Path(__file__).with_name("meters_worker.py")
LENGTHS_S = (0.05, 0.27, 1.04, 5.03)
"""None a multiple of the counter's period, which would flatter every tool."""
CURVES = {
    "constant 250 W": "curve watts=250",
    "square 100/400 W, 0.7 s": "curve shape=square low=100 high=400 period_s=0.7 duty=0.5",
    "noise 100 to 400 W, 5 ms": "curve shape=noise low=100 high=400 step_s=0.005 seed=4",
}
DEVICE = 'device name="Simulated A100" period_ms=100 sensor_period_ms=100 sensor_window_ms=25 limit_w=500'


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and how to get it."""

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
    home = CACHE / tool.name.removesuffix("-immediate")
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *tool.packages], check=True)
        (home / "ready").touch()
    return python


def run(tool: Tool, python: Path, library: Path, curve: str, repeats: int) -> dict[str, Any]:
    """One tool on one curve, with the true joules of its windows."""
    config = CACHE / "config"
    config.write_text(f"{DEVICE}\n{curve}\n", encoding="utf-8")
    stand_in = CACHE / "bin" / "nvidia-smi"  # CodeCarbon runs this program to see whether there is a GPU
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text("#!/bin/sh\n", encoding="ascii")
    stand_in.chmod(0o755)
    variables: Mapping[str, str] = {
        **os.environ,
        "PATH": f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(library.parent),
        "NVML_SIM_CONFIG": str(config),
        "PYTHONPATH": str(ROOT / "src") if tool.name.startswith("ours") else "",
    }
    lengths = ",".join(map(str, LENGTHS_S))
    command: list[str | Path] = [python, WORKER, tool.name, lengths, str(repeats)]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    simulator = ctypes.CDLL(str(library))
    simulator.sim_true_joules.restype = ctypes.c_double
    simulator.sim_true_joules.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_double]
    simulator.sim_load(config.read_bytes())
    for window in result["windows"]:
        window["true_j"] = simulator.sim_true_joules(0, window["begin_s"], window["end_s"])
    return result


def error_percent(windows: Sequence[Mapping[str, float]]) -> str:
    """Root mean square of the relative error, and the largest."""
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
    """The results as Markdown."""
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
        rows = [
            [
                name,
                *(
                    error_percent([w for w in result["windows"] if w["length_s"] == length])
                    for length in LENGTHS_S
                ),
            ]
            for name, result in by_tool.items()
        ]
        parts += [f"### {curve}", table(["tool", *(f"{length:g} s" for length in LENGTHS_S)], rows)]
    first = next(iter(results.values()))
    rows = [
        [
            name,
            f"{result['window_us']:.0f}",
            f"{result['import_ms']:.0f}",
            f"{result['start_ms']:.0f}",
            f"{result['memory_mb']:.0f}",
            f"{result['child_memory_mb']:.0f}",
            str(result["threads"]),
            str(result["processes"]),
        ]
        for name, result in first.items()
    ]
    heading = [
        "tool",
        "window, us",
        "import, ms",
        "start, ms",
        "memory, MB",
        "children, MB",
        "threads",
        "processes",
    ]
    parts += [
        "## Cost",
        table(heading, rows),
        (
            "A window's cost is that of beginning and ending an empty one (median); that of `ours` is the wait for the counter at both ends, "
            "and the figures of `ours-immediate` wait for its next move where they are asked for sooner. "
            "Starting `ours` includes measuring the counter's period. Memory is resident, after the windows."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=12)
    repeats = parser.parse_args(arguments).repeats
    CACHE.mkdir(parents=True, exist_ok=True)
    builder = ROOT / "tests" / "nvml_sim" / "simulated_nvml.py"
    subprocess.run([sys.executable, builder, CACHE / "lib"], check=True, stdout=subprocess.DEVNULL)
    library = CACHE / "lib" / "libnvidia-ml.so.1"
    pythons = {tool.name: environment(tool) for tool in TOOLS}
    results = {
        label: {tool.name: run(tool, pythons[tool.name], library, curve, repeats) for tool in TOOLS}
        for label, curve in CURVES.items()
    }
    text = render(results, repeats)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
