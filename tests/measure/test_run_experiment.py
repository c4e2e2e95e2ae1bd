"""From a configuration to a record, with the real generate(); and on a simulated driver, with joules that are known."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from llenergymeasure.config.errors import OpaqueValueError
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.config.loading import load_experiment
from llenergymeasure.energy.figures import Modelled, Unavailable
from llenergymeasure.inference.builtin import BUILTIN_PROMPTS
from llenergymeasure.inference.errors import GenerationError, InferenceError, MissingPackageError, PromptError
from llenergymeasure.measure import execution, run
from llenergymeasure.measure.run import run_experiment
from llenergymeasure.measure.surroundings import cpu_model
from llenergymeasure.results.record import Record
from llenergymeasure.results.render import render
from llenergymeasure.results.storage import load, save

SOURCE = Path(__file__).parents[2] / "src"


def experiment(**sections: dict[str, Any]) -> ExperimentConfig:
    """The tiny model, briefly; sections add to what is set."""
    least: dict[str, dict[str, Any]] = {
        "model": {"name": "builtin:llama-tiny"},
        "workload": {"requests": 4, "batch_size": 2},
        "pytorch": {"max_new_tokens": 4, "eos_token_id": None},
        "measurement": {"devices": "none"},
    }
    merged = {name: least.get(name, {}) | sections.get(name, {}) for name in least | sections}
    return ExperimentConfig.model_validate(merged)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_a_record_says_what_ran_and_what_came_out() -> None:
    config = experiment()
    record = run_experiment(config)
    assert record.config == config.to_data()
    assert record.generate_kwargs == {"max_new_tokens": 4, "eos_token_id": None}
    assert record.tokens.prompt == sum(1 + len(prompt.encode()) for prompt in BUILTIN_PROMPTS[:4])
    assert (record.tokens.output, record.tokens.sequences) == (16, 4)
    assert (record.workload.requests, record.workload.batches, record.workload.warmup_batches) == (4, 2, 1)
    assert record.seconds > 0
    assert record.output_tokens_per_second == record.tokens.output / record.seconds
    assert record.model.architecture == "LlamaForCausalLM"
    assert (record.model.device, record.model.weights_seed) == ("cpu", 0)
    assert record.versions.torch == torch.__version__
    assert isinstance(record.energy.total, Unavailable)
    assert record.energy_per_output_token is None
    assert "no device was asked for" in render(record)


def test_a_record_survives_the_disk(tmp_path: Path) -> None:
    record = run_experiment(experiment())
    assert load(save(record, tmp_path)) == record


@pytest.mark.parametrize("warmups", [0, 1, 5])
def test_warm_up_runs_the_same_batches_outside_of_the_measurement(
    monkeypatch: pytest.MonkeyPatch, warmups: int
) -> None:
    widths: list[int] = []

    class Watched(execution.Generator):
        def __call__(self, batch: execution.Batch) -> execution.Generated:
            widths.append(batch.input_ids.shape[1])
            return super().__call__(batch)

    monkeypatch.setattr(execution, "Generator", Watched)
    record = run_experiment(experiment(measurement={"warmup_batches": warmups}))
    batches = widths[-2:]
    assert len(widths) == warmups + 2
    assert widths == [*(batches * 3)[:warmups], *batches]
    assert record.tokens.output == 16


def outputs(monkeypatch: pytest.MonkeyPatch, config: ExperimentConfig) -> list[list[int]]:
    """The ids of the measured sequences."""
    rows: list[list[int]] = []

    class Watched(execution.Generator):
        def count(self, generated: execution.Generated) -> execution.TokenCounts:
            rows.extend(generated.sequences.tolist())
            return super().count(generated)

    with monkeypatch.context() as patch:
        patch.setattr(execution, "Generator", Watched)
        run_experiment(config)
    return rows


def test_sampling_follows_the_seed_and_not_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def sampled(seed: int, warmups: int) -> list[list[int]]:
        return outputs(
            monkeypatch,
            experiment(
                pytorch={"do_sample": True}, workload={"seed": seed}, measurement={"warmup_batches": warmups}
            ),
        )

    assert sampled(3, 1) == sampled(3, 4)
    assert sampled(3, 1) != sampled(4, 1)


class Heard:
    """A progress that keeps what it was told."""

    def __init__(self) -> None:
        self.steps: list[tuple[str, int, int]] = []
        self.closed = 0

    def step(self, stage: str, done: int, total: int) -> None:
        self.steps.append((stage, done, total))

    def close(self) -> None:
        self.closed += 1


def test_progress_is_told_each_batch_and_closed_once() -> None:
    heard = Heard()
    run_experiment(experiment(), progress=heard)
    assert heard.steps == [
        ("loading builtin:llama-tiny", 0, 0),
        ("warming up, batch", 1, 1),
        ("measuring, batch", 1, 2),
        ("measuring, batch", 2, 2),
    ]
    assert heard.closed == 1


def test_progress_is_closed_when_the_run_fails() -> None:
    heard = Heard()
    with pytest.raises(InferenceError):
        run_experiment(experiment(model={"name": "builtin:none"}), progress=heard)
    assert heard.closed == 1


def test_ctrl_c_passes_through_and_leaves_things_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(self: execution.Generator, batch: execution.Batch) -> execution.Generated:
        raise KeyboardInterrupt

    logger = logging.getLogger("transformers")
    before = (logger.handlers[:], logger.propagate)
    heard = Heard()
    monkeypatch.setattr(execution.Generator, "__call__", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_experiment(experiment(), progress=heard)
    assert heard.closed == 1
    assert (logger.handlers, logger.propagate) == before


def test_a_setting_that_generate_refuses_is_told_in_its_words() -> None:
    with pytest.raises(GenerationError, match="num_return_sequences"):
        run_experiment(experiment(pytorch={"num_return_sequences": 2}))


def test_what_goes_around_the_schema_is_listed() -> None:
    record = run_experiment(experiment(pytorch={"extra": {"top_k": 7, "renormalize_logits": True}}))
    assert record.generate_kwargs["top_k"] == 7
    assert "top_k" in record.bypassed


def test_an_object_that_no_record_can_hold_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(execution, "execute", lambda *arguments: pytest.fail("it ran"))
    with pytest.raises(OpaqueValueError, match="stopping_criteria"):
        run_experiment(experiment(pytorch={"extra": {"stopping_criteria": object()}}))


def test_no_torch_is_said_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingPackageError("pip install 'llenergymeasure[run]'")

    monkeypatch.setattr(run, "require_packages", missing)
    with pytest.raises(MissingPackageError):
        run_experiment(experiment())


def test_another_transformers_than_the_schemas_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    record = run_experiment(experiment())
    said = {finding.id for finding in record.findings}
    assert ("transformers-version" in said) == (
        record.versions.transformers != record.versions.schema_transformers
    )
    monkeypatch.setattr(type(experiment().pytorch), "transformers_version", "4.0.0")
    (finding,) = (one for one in run_experiment(experiment()).findings if one.id == "transformers-version")
    assert "4.0.0" in finding.text
    assert record.versions.transformers in finding.text


def test_what_transformers_says_is_a_finding_and_not_on_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    record = run_experiment(experiment(pytorch={"temperature": 0.5, "do_sample": False}))
    assert any(one.id == "transformers-message" and "temperature" in one.text for one in record.findings)
    assert capfd.readouterr() == ("", "")


def test_no_output_is_a_finding_and_no_division_by_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    none = execution.TokenCounts(prompts=2, sequences=2, prompt_tokens=5, output_tokens=0)
    monkeypatch.setattr(execution.Generator, "count", lambda self, generated: none)
    record = run_experiment(experiment())
    assert "no-output" in {finding.id for finding in record.findings}
    assert record.output_tokens_per_second == 0


def test_a_record_does_not_name_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "ada"
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setenv("HOME", str(home))
    prompts = home / "prompts.txt"
    prompts.write_text("hello\n")
    record = run_experiment(experiment(workload={"prompts": str(prompts)}))
    assert record.workload.prompts == "~/prompts.txt"
    assert str(home) not in record.model_dump_json()


def test_where_there_is_no_home_there_is_none_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert run_experiment(experiment()).tokens.output == 16


def test_prompts_are_looked_for_before_the_model_is_loaded(tmp_path: Path) -> None:
    config = experiment(model={"name": "builtin:none"}, workload={"prompts": str(tmp_path / "none.txt")})
    with pytest.raises(PromptError):
        run_experiment(config)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("processor\t: 0\nmodel name\t: A CPU @ 2 GHz\nmodel name\t: other\n", "A CPU @ 2 GHz"),
        ("Model\t\t: A Board\n", "A Board"),
        ("model name\t:\n", None),
        (None, None),
    ],
)
def test_the_processors_name(tmp_path: Path, text: str | None, name: str | None) -> None:
    path = tmp_path / "cpuinfo"
    if text is not None:
        path.write_text(text)
    told = cpu_model(path)
    assert told == name if name else told


# ---------------------------------------------------------------- on a simulated driver, in a process of its own

MEASURE = """
import json, sys
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.measure.run import run_experiment
print(run_experiment(ExperimentConfig.model_validate(json.loads(sys.argv[1]))).model_dump_json())
"""


def measured(driver: Path, folder: Path, configuration: str, config: ExperimentConfig) -> Record:
    path = folder / "driver.conf"
    path.write_text(configuration)
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(driver.parent),
        "NVML_SIM_CONFIG": str(path),
        "OMP_NUM_THREADS": "1",
    }
    env["PYTHONPATH"] = str(SOURCE)
    command = [sys.executable, "-c", MEASURE, json.dumps(config.to_data())]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return Record.model_validate_json(done.stdout)


def test_where_a_counter_is_the_run_is_measured(driver: Path, tmp_path: Path) -> None:
    """The model runs on the CPU here, so the joules are real but not its own: the record says so."""
    config = experiment(pytorch={"max_new_tokens": 400}, measurement={"devices": "auto"})
    record = measured(driver, tmp_path, "device uuid=GPU-a name=Card\ncurve watts=100\n", config)
    (figure,) = record.energy.devices
    assert figure.kind == "measured"
    assert figure.device == "GPU-a"
    assert abs(figure.energy_j - 100 * record.seconds) <= figure.bound_j + 0.1 * 100
    assert record.energy.total.kind == "measured"
    assert record.host.gpus[0].name == "Card"
    assert record.versions.nvidia_driver is not None
    assert "energy-elsewhere" in {finding.id for finding in record.findings}
    assert record.energy_per_output_token is None


def test_sensors_that_fail_leave_the_rest_of_the_record(driver: Path, tmp_path: Path) -> None:
    calls = ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues", "nvmlDeviceGetPowerUsage")
    faults = "".join(f"fault call={call} code=15\n" for call in calls)
    config = experiment(measurement={"devices": "auto"})
    record = measured(driver, tmp_path, f"{faults}device\ncurve watts=100\n", config)
    assert isinstance(record.energy.total, Unavailable)
    assert record.energy.total.reason
    assert record.tokens.output == 16


def test_another_process_on_the_gpu_makes_the_run_invalid(driver: Path, tmp_path: Path) -> None:
    config = experiment(pytorch={"max_new_tokens": 400}, measurement={"devices": "auto"})
    record = measured(driver, tmp_path, "device\ncurve watts=100\nprocess pid=1\n", config)
    assert not record.valid
    assert any(finding.spoils and "process" in finding.id for finding in record.findings)
    assert "INVALID" in render(record)
    assert record.energy.total.kind == "measured"


def test_modelled_watts_are_marked_so(tmp_path: Path) -> None:
    record = run_experiment(experiment(measurement={"devices": "cpu", "modelled_cpu_watts": 15.0}))
    (figure,) = record.energy.devices
    if figure.kind == "measured":  # where RAPL can be read it is, and no model is needed
        assert figure.method == "rapl"
    else:
        assert isinstance(figure, Modelled)
        assert figure.energy_j > 0
        assert "modelled, not measured" in render(record)
        assert any("15 W" in assumption for assumption in figure.assumptions)


def test_the_quick_start_is_an_experiment_that_runs() -> None:
    quick_start = Path(__file__).parents[2] / "examples" / "quickstart.yaml"
    assert load_experiment(quick_start).model.name == "builtin:llama"
    record = run_experiment(load_experiment(quick_start, overrides=["model.name=builtin:llama-tiny"]))
    assert record.generate_kwargs == {
        "max_new_tokens": 64,
        "do_sample": True,
        "temperature": 0.7,
        "top_p": 0.9,
    }
    assert 0 < record.tokens.output <= 8 * 64
