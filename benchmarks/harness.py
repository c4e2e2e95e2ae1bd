"""Ours, llenergymeasure 0.7.0, optimum-benchmark, Zeus and CodeCarbon on one tiny model: ``python -m benchmarks.harness``.

Each tool measures calls of ``generate()`` in an environment of its own under ``.cache/`` (made on first use; torch and, where
the tool does not need another, transformers are this one's), in real time, on the CPU, beside a simulated GPU that draws a known power meanwhile. A spy in the process knows how
many tokens came and how long each call took, and so the truth. Written to ``benchmarks/results/harness.md``. A tool that cannot
be run says why.
"""

import ctypes
import json
import os
import platform
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.meters import table

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "harness"
RESULT = ROOT / "benchmarks" / "results" / "harness.md"
WORKER = Path(__file__).with_name("harness_worker.py")
SIMULATOR = ROOT / "tests" / "nvml_sim" / "simulated_nvml.py"
DEVICE = (
    'device uuid=GPU-00000000-0000-0000-0000-000000000000 name="Simulated A100" period_ms=100 limit_w=500\n'
    "curve watts=250\n"
)
EOS = 169
"""An id that the built-in model's noise comes upon early in two of four rows, so that these end there and padding follows."""
TIMEOUT_S = 300


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, and how to get it."""

    name: str
    packages: tuple[str, ...]


TOOLS = (
    Tool("ours", ()),
    Tool("llenergymeasure-0.7.0", ("llenergymeasure==0.7.0",)),
    Tool(
        "optimum-benchmark",
        ("optimum-benchmark==0.6.0", "codecarbon==3.3.2", "transformers==4.57.6", "datasets==4.0.0"),
    ),
    Tool("zeus", ("zeus==0.16.0",)),
    Tool("codecarbon", ("codecarbon==3.3.2",)),
)


def environment(tool: Tool) -> Path:
    """The tool's interpreter: its packages, and beneath them those of this interpreter."""
    if not tool.packages:
        return Path(sys.executable)
    home = CACHE / tool.name
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        venv.create(home, with_pip=True)
        spec = find_spec("torch")
        assert spec is not None
        assert spec.origin is not None
        (packages,) = home.glob("lib/python*/site-packages")
        (packages / "beneath.pth").write_text(f"{Path(spec.origin).parents[1]}\n", encoding="utf-8")
        subprocess.run([python, "-m", "pip", "install", "--quiet", *tool.packages], check=True)
        (home / "ready").touch()
    return python


def save_model(folder: Path) -> None:
    """The built-in model as a folder, which every tool can load."""
    from llenergymeasure.inference.builtin import build_model, build_tokenizer  # noqa: PLC0415 - loads torch

    build_model("builtin:llama").save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)


def run(tool: Tool, library: Path, model: Path) -> dict[str, Any] | str:
    """What the tool reported and what was true; or why it could not be run."""
    config = library.parent / "config"
    config.write_text(DEVICE, encoding="utf-8")
    stand_in = (
        library.parent / "bin" / "nvidia-smi"
    )  # CodeCarbon runs this program to see whether there is a GPU
    stand_in.parent.mkdir(exist_ok=True)
    stand_in.write_text("#!/bin/sh\n", encoding="ascii")
    stand_in.chmod(0o755)
    variables: Mapping[str, str] = {
        **os.environ,
        "PATH": f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}",
        "LD_LIBRARY_PATH": str(library.parent),
        "NVML_SIM_CONFIG": str(config),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(ROOT / "src") if tool.name == "ours" else "",
    }
    command: list[str | Path] = [environment(tool), WORKER, tool.name, str(model), str(EOS)]
    try:
        done = subprocess.run(
            command, env=variables, check=True, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        return str(error.stderr).strip().splitlines()[-1]
    except subprocess.TimeoutExpired:
        return f"not done within {TIMEOUT_S} s"
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    simulator = ctypes.CDLL(str(library))
    simulator.sim_true_joules.restype = ctypes.c_double
    simulator.sim_true_joules.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_double]
    simulator.sim_load(config.read_bytes())
    calls = _measured(result)
    requests = sum(call["rows"] for call in calls)
    true_j = sum(simulator.sim_true_joules(0, call["begin_s"], call["end_s"]) for call in calls)
    return {
        **result["reported"],
        "true_joules_per_request": true_j / requests,
        "true_tokens_per_request": sum(call["tokens"] for call in calls) / requests,
    }


def _measured(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The calls that the tool's figure is of: those between its first and last window where it says so, else all."""
    edges = result["reported"].get("calls")
    calls: list[Mapping[str, Any]] = result["calls"]
    return [call for call in calls if edges[0] <= call["begin_s"] <= edges[-1]] if edges else calls


def _row(name: str, result: dict[str, Any] | str) -> list[str]:
    if isinstance(result, str):
        return [name, "-", "-", "-", "-", "-", f"cannot be run here: {result}"]
    error = result["joules_per_request"] / result["true_joules_per_request"] - 1
    tokens = result["tokens_per_request"]
    return [
        name,
        "-" if tokens is None else f"{tokens:.2f}",
        f"{result['true_tokens_per_request']:.2f}",
        f"{result['joules_per_request']:.2f}",
        f"{result['true_joules_per_request']:.2f}",
        f"{error:+.1%}",
        result["note"],
    ]


def main() -> int:
    """Measure with every tool, and write the table."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        subprocess.run([sys.executable, SIMULATOR, scratch], check=True, stdout=subprocess.DEVNULL)
        model = Path(scratch) / "model"
        save_model(model)
        rows = [_row(tool.name, run(tool, Path(scratch) / "libnvidia-ml.so.1", model)) for tool in TOOLS]
    about = (
        f"Made by `python -m benchmarks.harness` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, real time. The model runs on the CPU beside a simulated GPU that draws 250 W and whose "
        "counter moves every 100 ms; the truth is what it drew during the calls that the tool measured."
    )
    columns = ["tool", "tokens/request", "true", "J/request", "true", "error", "remark"]
    text = "\n\n".join(["# Whole measurements on one tiny model", about, table(columns, rows)])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
