"""Ours, llenergymeasure 0.7.0, optimum-benchmark, Zeus and CodeCarbon on one tiny model.

Run as ``python -m benchmarks.harness``.

Each other tool runs in an environment of its own under ``.cache/``, made on first use from the pinned
packages in ``benchmarks/environments``. It measures calls of ``generate()`` in real time, on the CPU, next to
a simulated GPU that draws a known power meanwhile. A recorder in the process notes the tokens and the time of
each call, so that the true figures are known. Written to ``benchmarks/results/harness.md``. For a tool that
cannot be run, the reason is given.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.meters import table
from benchmarks.simulated_gpu import SimulatedGpu
from benchmarks.tool_environments import interpreter

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "harness"
RESULT = ROOT / "benchmarks" / "results" / "harness.md"
PINNED = ROOT / "benchmarks" / "environments"
WORKER = Path(__file__).with_name("harness_worker.py")
DEVICE = (
    'device uuid=GPU-00000000-0000-0000-0000-000000000000 name="Simulated A100" period_ms=100 limit_w=500\n'
    "curve watts=250\n"
)
EOS = 169
"""A token id that the built-in model's noise reaches early in two of four rows, so that these end there and
padding follows."""
TIMEOUT_S = 300
RUNS = 3
"""Runs of each tool."""
OURS = "ours"
TOOLS = (OURS, "llenergymeasure-0.7.0", "optimum-benchmark", "zeus", "codecarbon")


def environment(tool: str) -> Path:
    """The tool's interpreter, with the packages that it is pinned to; for ours this one."""
    if tool == OURS:
        return Path(sys.executable)
    pinned = (PINNED / f"{tool}.txt").read_text(encoding="utf-8").split()
    return interpreter(CACHE / tool, pinned)


def save_model(folder: Path) -> None:
    """The built-in model as a folder, which every tool can load; its settings end some of its texts early."""
    from llenergymeasure.engines.transformers.builtin import build_model, build_tokenizer  # noqa: PLC0415 - loads torch

    model = build_model("builtin:llama")
    model.generation_config.eos_token_id = EOS
    model.save_pretrained(folder)
    build_tokenizer().save_pretrained(folder)


def run(tool: str, gpu: SimulatedGpu, model: Path) -> dict[str, Any] | str:
    """What the tool reported and what was true; or why it could not be run."""
    variables = gpu.variables(OMP_NUM_THREADS="1", PYTHONPATH=str(ROOT / "src") if tool == OURS else "")
    command: list[str | Path] = [environment(tool), WORKER, tool, str(model), str(EOS)]
    try:
        done = subprocess.run(
            command, env=variables, check=True, capture_output=True, text=True, timeout=TIMEOUT_S
        )
    except subprocess.CalledProcessError as error:
        return (str(error.stderr).strip().splitlines() or [f"exit code {error.returncode}"])[-1]
    except subprocess.TimeoutExpired:
        return f"not done within {TIMEOUT_S} s"
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    truth, calls = gpu.truth(), _measured(result)
    requests = sum(call["rows"] for call in calls)
    true_j = sum(truth.true_joules(call["begin_s"], call["end_s"]) for call in calls)
    return {
        **result["reported"],
        "true_joules_per_request": true_j / requests,
        "true_tokens_per_request": sum(call["tokens"] for call in calls) / requests,
    }


def _measured(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The calls that the tool's figure covers: from its first window to its last, if it says, else all."""
    span = result["reported"].get("calls")
    calls: list[Mapping[str, Any]] = result["calls"]
    return [call for call in calls if span[0] <= call["begin_s"] <= span[-1]] if span else calls


def _row(name: str, results: Sequence[dict[str, Any] | str]) -> list[str]:
    """The first run's figures, how far all runs were off, and how many of them failed."""
    done = [result for result in results if not isinstance(result, str)]
    if not done:
        return [name, *["-"] * 5, f"cannot be run here: {results[0]}"]
    first, tokens = done[0], done[0]["tokens_per_request"]
    failed = [f"{len(results) - len(done)} of {len(results)} runs failed"] if len(done) < len(results) else []
    errors = sorted(one["joules_per_request"] / one["true_joules_per_request"] - 1 for one in done)
    return [
        name,
        "-" if tokens is None else f"{tokens:.2f}",
        f"{first['true_tokens_per_request']:.2f}",
        f"{first['joules_per_request']:.2f}",
        f"{first['true_joules_per_request']:.2f}",
        f"{errors[0]:+.1%} to {errors[-1]:+.1%}",
        "; ".join([*filter(None, [first["note"]]), *failed]),
    ]


def main() -> int:
    """Measure with every tool, and write the table."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        gpu, model = SimulatedGpu.built_in(Path(scratch) / "driver"), Path(scratch) / "model"
        gpu.configure(DEVICE)
        save_model(model)
        for tool in TOOLS:
            environment(tool)
        rows = [_row(tool, [run(tool, gpu, model) for _ in range(RUNS)]) for tool in TOOLS]
    about = (
        f"Made by `python -m benchmarks.harness` on {datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, real time, torch and every other package pinned in `benchmarks/environments`. The model runs "
        "on the CPU next to a simulated GPU that draws 250 W and whose counter moves every 100 ms; the truth is what it drew "
        "during the calls that the tool measured, and the tokens that they generated, up to each sequence's end. Some sequences "
        f"end early. Figures are of the first of {RUNS} runs, the error is over all of them."
    )
    columns = ["tool", "tokens/request", "true", "J/request", "true", "error of the joules", "remark"]
    text = "\n\n".join(["# Whole measurements on one tiny model", about, table(columns, rows)])
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
