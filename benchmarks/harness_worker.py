"""One tool measuring one workload on the simulated driver.

Run by :mod:`benchmarks.harness` in the tool's environment. Every call of ``generate()`` is recorded: when it
began and ended, and how many tokens were really generated. Prints one line of JSON: those calls, and what the
tool reported.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

PROMPTS = (
    "Why is the sky blue?",
    "List three ways to make a bicycle ride safer at night.",
    "Hello",
    "Translate: nine.",
)
CALLS: list[dict[str, Any]] = []


def record_calls(eos: int) -> None:
    """From now on, add every call of ``generate()`` in this process to :data:`CALLS`."""
    transformers = import_module("transformers")
    original = transformers.GenerationMixin.generate

    def generate(self: Any, *positional: Any, **keyword: Any) -> Any:
        begin_s = time.monotonic()
        returned = original(self, *positional, **keyword)
        end_s = time.monotonic()
        prompts = next(
            value
            for value in (keyword.get("input_ids"), keyword.get("inputs"), *positional)
            if value is not None
        )
        rows = getattr(returned, "sequences", returned).tolist()
        width = prompts.shape[1]
        tokens = sum(row[width:].index(eos) + 1 if eos in row[width:] else len(row) - width for row in rows)
        CALLS.append(
            {
                "begin_s": begin_s,
                "end_s": end_s,
                "rows": len(rows),
                "tokens": tokens,
            }
        )
        return returned

    transformers.GenerationMixin.generate = generate


def loaded(folder: str) -> tuple[Any, Any]:
    """The model and a padded batch of the prompts, as a user of a meter has them."""
    transformers = import_module("transformers")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    return model, tokenizer(list(PROMPTS), padding=True, return_tensors="pt")


def ours(folder: str) -> dict[str, Any]:
    """This package: the protocol's windows, shortened."""
    config = import_module("llenergymeasure.config.experiment").ExperimentConfig.model_validate(
        {
            "model": {"name": folder, "device": "cpu"},
            "workload": {"prompts": list(PROMPTS), "requests": 4, "batch_size": 4},
            "pytorch": {"max_new_tokens": 32},
            "measurement": {"devices": [0], "quick": True, "windows": 5, "window_seconds": 2.0},
        }
    )
    record = import_module("llenergymeasure.measurement.run").measure(config)
    work = record.work
    requests = sum(window.tokens.requests for window in work)
    return {
        "joules_per_request": sum(window.energy.total.energy_j for window in work) / requests,
        "tokens_per_request": record.tokens.output / record.tokens.requests,
        "calls": [window.begin_s for window in work] + [work[-1].begin_s + work[-1].length_s],
        "note": "five windows of 2 s; the interval and the sensor's uncertainty are in the record",
    }


def around(begin: Callable[[], None], end: Callable[[], float], folder: str) -> dict[str, Any]:
    """A meter around one call of ``generate()``, as its documentation shows it; the user counts tokens."""
    model, batch = loaded(folder)
    model.generate(**batch, max_new_tokens=32)
    CALLS.clear()
    begin()
    model.generate(**batch, max_new_tokens=32)
    return {
        "joules_per_request": end() / len(PROMPTS),
        "tokens_per_request": None,
        "note": "one call; counts no tokens",
    }


def zeus(folder: str) -> dict[str, Any]:
    """Zeus."""
    monitor = import_module("zeus.monitor").ZeusMonitor(gpu_indices=[0], approx_instant_energy=False)
    return around(
        lambda: monitor.begin_window("work", sync_execution=False),
        lambda: float(monitor.end_window("work", sync_execution=False).total_energy),
        folder,
    )


def codecarbon(folder: str) -> dict[str, Any]:
    """CodeCarbon, in its task mode, GPU energy only."""
    tracker = import_module("codecarbon").OfflineEmissionsTracker(
        country_iso_code="FRA", log_level="critical", save_to_file=False, allow_multiple_runs=True
    )
    return around(
        lambda: tracker.start_task("work"),
        lambda: float(tracker.stop_task("work").gpu_energy) * 3.6e6,
        folder,
    )


def optimum(folder: str) -> dict[str, Any]:
    """optimum-benchmark: its inference scenario on the CPU, GPU energy only, with its own inputs."""
    package = import_module("optimum_benchmark")
    os.environ["COUNTRY_ISO_CODE"] = "FRA"
    iterations = 5
    config = package.BenchmarkConfig(
        name="harness",
        launcher=package.InlineConfig(),
        backend=package.PyTorchConfig(model=folder, device="cpu", task="text-generation"),
        scenario=package.InferenceConfig(
            energy=True,
            latency=False,
            duration=1,
            iterations=iterations,
            input_shapes={"batch_size": 4, "sequence_length": 16},
            generate_kwargs={"max_new_tokens": 32, "min_new_tokens": 32},
        ),
    )
    report = package.Benchmark.launch(config)
    CALLS[:] = CALLS[-iterations:]  # before them come its warm-up, and calls of two tokens or one
    return {
        "joules_per_request": report.generate.energy.gpu * 3.6e6 / 4,
        "tokens_per_request": 32,
        "note": "random inputs, full length forced; one mean, no spread",
    }


def released(folder: str) -> dict[str, Any]:
    """The release of this name on the package index, 0.7.0, on prompts of its own.

    It refuses to run where torch has no CUDA, and its own switch does not reach that check, so the check is
    answered for it.
    """
    preflight: Any = import_module("llenergymeasure.harness.preflight")
    preflight._check_cuda_available = lambda: True
    with tempfile.TemporaryDirectory() as out:
        result = import_module("llenergymeasure").run_experiment(
            model=folder,
            engine="transformers",
            n_prompts=len(PROMPTS),
            max_output_tokens=32,
            transformers={"llem_execution": {"batch_size": len(PROMPTS)}},
            skip_preflight=True,
            output_dir=out,
        )
    CALLS[:] = CALLS[-1:]  # its warm-up comes before, with other parameters and one prompt at a time
    return {
        "joules_per_request": result.total_energy_j / len(PROMPTS),
        "tokens_per_request": result.output_tokens / len(PROMPTS),
        "note": "its own prompts, whose padding it counts as output; its check for CUDA was answered for it",
    }


TOOLS: dict[str, Callable[[str], dict[str, Any]]] = {
    "ours": ours,
    "zeus": zeus,
    "codecarbon": codecarbon,
    "optimum-benchmark": optimum,
    "llenergymeasure-0.7.0": released,
}


def main(name: str, folder: str, eos: str) -> None:
    """Measure, and print."""
    os.chdir(tempfile.mkdtemp())
    record_calls(int(eos))
    reported = TOOLS[name](folder)
    sys.stdout.write(
        "\n" + json.dumps({"calls": CALLS, "reported": reported, "python": Path(sys.executable).name}) + "\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
