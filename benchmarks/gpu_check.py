"""What a real GPU's sensors do: ``python -m benchmarks.gpu_check``, or ``make gpu-check``.

Measures the counter's period, its lag after a load step, counter against integrated instantaneous power, the
cost of a read, and idle power, and writes ``benchmarks/results/gpu-<name>.json``. Then it measures a model of
about one billion random weights in bfloat16: greedy against beams, a batch of one against sixteen, a static
against a dynamic cache; the records go to ``benchmarks/results/gpu-<name>/``. The load step and the model
need torch with CUDA; the rest does not. Without a GPU it says so, writes nothing, and exits 0.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

from llenergymeasure.energy.clock import SystemClock
from llenergymeasure.energy.nvml.calibration import CALIBRATION_BUDGET_S
from llenergymeasure.energy.nvml.counter import Counter, CounterSample
from llenergymeasure.energy.nvml.devices import list_gpus, visible_gpus
from llenergymeasure.energy.nvml.driver import Failure, open_driver
from llenergymeasure.energy.nvml.gpu import open_gpus

RESULTS = Path(__file__).parent / "results"
READS = 2000
IDLE_S = 3.0
LOAD_S = 3.0
BILLION = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 32000,
    "hidden_size": 2048,
    "intermediate_size": 5632,
    "num_hidden_layers": 22,
    "num_attention_heads": 32,
    "num_key_value_heads": 4,
    "max_position_embeddings": 2048,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
"""A Llama of 1.1 billion parameters."""
VARIANTS: dict[str, tuple[int, dict[str, Any]]] = {
    "greedy-batch-1": (1, {}),
    "greedy-batch-16": (16, {}),
    "beams-batch-1": (1, {"num_beams": 4}),
    "static-cache-batch-1": (1, {"cache_implementation": "static"}),
    "dynamic-cache-batch-1": (1, {"cache_implementation": "dynamic"}),
}
"""By name: the batch size, and what is set besides the length."""


def watch(counter: Counter, seconds: float) -> list[CounterSample]:
    """Every sample of the counter over some time, as fast as the driver answers."""
    end_s = time.monotonic() + seconds
    samples = []
    while time.monotonic() < end_s:
        sample = counter.read()
        if not isinstance(sample, Failure):
            samples.append(sample)
    return samples


def read_cost_us(counter: Counter) -> dict[str, float]:
    """What a read of energy and power takes."""
    costs = []
    for _ in range(READS):
        begin_s = time.perf_counter()
        counter.read()
        costs.append((time.perf_counter() - begin_s) * 1e6)
    costs.sort()
    return {"median": statistics.median(costs), "p99": costs[int(0.99 * READS)]}


def counter_joules(samples: Sequence[CounterSample]) -> tuple[float, float, float]:
    """Energy by the counter between its first and last tick, and when those were."""
    ticks = [after for before, after in pairwise(samples) if after.energy_mj != before.energy_mj]
    return (ticks[-1].energy_mj - ticks[0].energy_mj) * 1e-3, ticks[0].end_s, ticks[-1].end_s


def power_joules(samples: Sequence[CounterSample], begin_s: float, end_s: float) -> float:
    """Energy by the instantaneous power between two instants."""
    inside = [sample for sample in samples if begin_s <= sample.end_s <= end_s and sample.power_w is not None]
    return sum(
        0.5 * ((before.power_w or 0.0) + (after.power_w or 0.0)) * (after.end_s - before.end_s)
        for before, after in pairwise(inside)
    )


def load(uuid: str) -> Callable[[float], None] | None:
    """A function that keeps the GPU busy for some seconds with matrix products; None without CUDA."""
    try:
        import torch  # noqa: PLC0415 - optional here
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    from llenergymeasure.engines.transformers.torch_devices import gpu_uuid  # noqa: PLC0415 - loads torch

    devices = (torch.device("cuda", index) for index in range(torch.cuda.device_count()))
    device = next((device for device in devices if gpu_uuid(device) == uuid), None)
    if device is None:
        return None
    matrix = torch.randn(4096, 4096, device=device, dtype=torch.float16)
    for _ in range(3):  # the first products initialise the library, which is no part of the load step
        matrix @ matrix
    torch.cuda.synchronize(device)

    def work(seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            for _ in range(8):
                matrix @ matrix
            torch.cuda.synchronize(device)

    return work


def step_lag_s(counter: Counter, work: Callable[[float], None], idle_w: float) -> dict[str, float | None]:
    """The time from the start of a load until power sensor and counter show half of its rise."""
    import threading  # noqa: PLC0415 - the load runs next to the watch, here only

    samples: list[CounterSample] = []
    watcher = threading.Thread(target=lambda: samples.extend(watch(counter, LOAD_S + 1)))
    watcher.start()
    time.sleep(0.5)
    begin_s = time.monotonic()
    work(LOAD_S)
    watcher.join()
    busy = [sample.power_w for sample in samples if sample.power_w is not None and sample.end_s > begin_s + 2]
    half_w = 0.5 * (idle_w + statistics.median(busy)) if busy else None
    ticks = [after for before, after in pairwise(samples) if after.energy_mj != before.energy_mj]
    steps = [
        (after.end_s, (after.energy_mj - before.energy_mj) * 1e-3 / (after.end_s - before.end_s))
        for before, after in pairwise(ticks)
    ]
    powers = [(sample.end_s, sample.power_w) for sample in samples if sample.power_w is not None]
    return {"power_sensor_s": _rise(powers, begin_s, half_w), "counter_s": _rise(steps, begin_s, half_w)}


def _rise(series: Sequence[tuple[float, float]], begin_s: float, level_w: float | None) -> float | None:
    """How long after an instant a series of (time, watts) first exceeds a level; None if it never does."""
    return next(
        (
            at_s - begin_s
            for at_s, power_w in series
            if level_w is not None and at_s > begin_s and power_w > level_w
        ),
        None,
    )


def check(counter: Counter, uuid: str) -> dict[str, Any]:
    """All measurements of one GPU."""
    idle = watch(counter, IDLE_S)
    counted_j, begin_s, end_s = counter_joules(idle)
    idle_w = counted_j / (end_s - begin_s)
    result: dict[str, Any] = {
        "method": str(counter.method),
        "timing": asdict(counter.timing),
        "read_us": read_cost_us(counter),
        "idle_w": idle_w,
        "idle_power_over_counter": power_joules(idle, begin_s, end_s) / counted_j,
    }
    work = load(uuid)
    if work is None:
        result["load"] = "not measured: torch with CUDA is not available"
        return result
    result["lag_after_load_step"] = step_lag_s(counter, work, idle_w)
    return result


def measure_models(folder: Path) -> None:
    """The protocol on a model of a billion random weights, one record for each variant."""
    from llenergymeasure.config.experiment import ExperimentConfig  # noqa: PLC0415 - needs torch from here on
    from llenergymeasure.measurement.progress import progress_on  # noqa: PLC0415
    from llenergymeasure.measurement.run import measure  # noqa: PLC0415
    from llenergymeasure.results.render import render  # noqa: PLC0415
    from llenergymeasure.results.storage import save  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="model-") as scratch:
        (Path(scratch) / "config.json").write_text(json.dumps(BILLION), encoding="utf-8")
        for name, (batch_size, settings) in VARIANTS.items():
            config = ExperimentConfig.model_validate(
                {
                    "model": {"name": scratch, "random_weights": True, "dtype": "bfloat16", "device": "cuda"},
                    "workload": {"prompts": {"tokens": 128}, "requests": 16, "batch_size": batch_size},
                    "pytorch": {"max_new_tokens": 128, "eos_token_id": None, **settings},
                }
            )
            record = measure(config, progress=progress_on(sys.stderr))
            sys.stdout.write(f"{name}\n{render(record)}\nsaved as {save(record, folder / name)}\n")


def main() -> int:
    """Check every visible GPU."""
    driver = open_driver()
    if isinstance(driver, Failure):
        sys.stdout.write(f"No GPU to check, nothing written: {driver.reason}. {driver.hint}\n")
        return 0
    listed = list_gpus(driver)
    cards = () if isinstance(listed, Failure) else visible_gpus(listed[0], os.environ).gpus
    if not cards:
        sys.stdout.write("No GPU to check, nothing written: the driver shows none.\n")
    gpus = open_gpus(driver, cards, SystemClock(), CALIBRATION_BUDGET_S)
    for gpu in gpus:
        if gpu.counter is None:
            sys.stdout.write(f"{gpu.uuid}: not checked: {gpu.reason}. {gpu.hint}\n")
            continue
        report = {"name": gpu.card.name, "driver": driver.version()}
        report |= check(gpu.counter, gpu.uuid)
        name = re.sub(r"[^a-z0-9]+", "-", gpu.card.name.lower()).strip("-")
        path = RESULTS / f"gpu-{name}.json"
        RESULTS.mkdir(exist_ok=True)
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(f"{gpu.uuid}: written to {path}\n")
        if gpu is gpus[0] and load(gpu.uuid) is not None:
            measure_models(path.with_suffix(""))
    driver.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
