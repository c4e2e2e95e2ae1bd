"""From a configuration to a record with the real generate(), and in a process with a simulated driver."""

import json
import logging
import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch

from llenergymeasure.config.errors import OpaqueValueError
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.config.loading import load_experiment
from llenergymeasure.engines.errors import (  # fmt: skip
    DeviceMemoryError,
    EngineError,
    GenerationError,
    MissingPackageError,
    PromptError,
)
from llenergymeasure.engines.prompts import BUILTIN_PROMPTS
from llenergymeasure.engines.protocol import LoadedModel
from llenergymeasure.engines.transformers import packages, torch_devices
from llenergymeasure.engines.transformers.engine import TransformersEngine
from llenergymeasure.engines.transformers.session import TransformersSession
from llenergymeasure.measurement.environment import cpu_model
from llenergymeasure.measurement.errors import Interrupted
from llenergymeasure.measurement.run import measure
from llenergymeasure.results.record import Record
from llenergymeasure.results.render import render
from llenergymeasure.results.schema import Energies
from llenergymeasure.results.storage import load_record, save
from llenergymeasure.results.trace_file import read_power

SOURCE = Path(__file__).parents[2] / "src"
BRIEF = {"quick": True, "windows": 2, "window_seconds": 0.05, "warmup_seconds": 0.1, "idle_seconds": 0.1}


def experiment(**sections: dict[str, Any]) -> ExperimentConfig:
    """The tiny model, briefly; sections add to what is set."""
    least: dict[str, dict[str, Any]] = {
        "model": {"name": "builtin:llama-tiny"},
        "workload": {"requests": 4, "batch_size": 2},
        "pytorch": {"max_new_tokens": 4, "eos_token_id": None},
        "measurement": {"devices": "none", **BRIEF},
    }
    merged = {name: least.get(name, {}) | sections.get(name, {}) for name in least | sections}
    return ExperimentConfig.model_validate(merged)


def ids(record: Record) -> set[str]:
    return {finding.id for finding in record.findings}


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def record() -> Record:
    return measure(experiment())


def test_a_record_says_what_was_asked_what_reached_generate_and_what_it_made_of_it(record: Record) -> None:
    assert record.config == experiment().to_data()
    assert record.observed["max_new_tokens"] == 4
    assert record.observed["eos_token_id"] is None
    assert record.generation["max_new_tokens"] == 4
    assert record.generation["do_sample"] is False
    effective = record.effective["workload"]
    assert isinstance(effective, dict)
    assert effective["seed"] == 0
    assert record.model.architecture == "LlamaForCausalLM"
    assert (record.model.device, record.model.weights_seed) == ("cpu", 0)
    assert record.versions.libraries["torch"] == torch.__version__
    assert (record.status, record.valid) == ("complete", True)


def test_tokens_are_those_of_a_pass_and_windows_have_whole_passes(record: Record) -> None:
    assert record.tokens is not None
    assert record.tokens.prompt == sum(1 + len(prompt.encode()) for prompt in BUILTIN_PROMPTS[:4])
    assert (record.tokens.requests, record.tokens.sequences, record.tokens.output) == (4, 4, 16)
    for window in record.work:
        assert window.tokens is not None
        assert window.tokens.output == 16 * window.passes
        assert window.calls == 2 * window.passes


def test_times_memory_and_work_are_there(record: Record) -> None:
    assert record.speed is not None
    assert record.speed.seconds_per_call.mean > 0
    assert record.timing is not None
    assert record.timing.call.count >= 2
    assert record.timing.first_token is not None
    assert record.timing.between_tokens is not None
    assert record.timing.between_tokens.count == 3 * record.timing.first_token.count
    assert record.timing.missing == ""
    assert record.memory[0].bytes > 0
    assert record.flops is not None
    assert record.flops.per_output_token is not None


def test_without_a_sensor_there_is_a_reason_and_no_zero(record: Record) -> None:
    assert record.energy.kind == "unavailable"
    assert record.energy.reason
    assert "unavailable" in render(record)
    assert record.carbon is None


def test_a_record_survives_the_disk(record: Record, tmp_path: Path) -> None:
    assert load_record(save(record, tmp_path)) == record


def test_what_reaches_generate_is_the_same_in_every_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    """In warm-up, windows and timing pass; only prefill windows ask for one token instead of a length."""
    sent: list[dict[str, Any]] = []
    from transformers import LlamaForCausalLM

    original = LlamaForCausalLM.generate

    def spy(self: Any, *positional: Any, **keyword: Any) -> Any:
        assert not positional
        sent.append(keyword)
        return original(self, **keyword)

    monkeypatch.setattr(LlamaForCausalLM, "generate", spy)
    config = experiment(
        pytorch={"do_sample": True, "top_k": 5, "extra": {"renormalize_logits": True}},
        measurement={"prefill": True},
    )
    record = measure(config)
    call = {"max_new_tokens", "eos_token_id", "do_sample", "top_k", "renormalize_logits"}
    given = {"inputs", "attention_mask"}
    assert {frozenset(arguments) for arguments in sent} == {frozenset(call | given)}
    prefills = [arguments for arguments in sent if arguments["max_new_tokens"] == 1]
    whole = [arguments for arguments in sent if arguments["max_new_tokens"] != 1]
    assert {json.dumps({key: arguments[key] for key in sorted(call)}) for arguments in whole} == {
        json.dumps(dict(sorted(config.pytorch.generate_kwargs().items())))
    }
    assert record.prefill_warmup is not None
    passes = 1 + sum(block.passes for block in record.prefill_warmup.blocks)
    passes += sum(window.passes for window in record.windows if window.kind == "prefill")
    assert len(prefills) == 2 * passes
    assert {key: record.observed[key] for key in call} == config.pytorch.generate_kwargs()
    assert record.observed_prefill == record.observed | {"max_new_tokens": 1}


def test_every_pass_samples_the_same_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[str] = []
    original = TransformersSession.call

    def spy(self: TransformersSession, batch: Any) -> Any:
        generated = original(self, batch)
        rows.append(str(generated.sequences.tolist()))
        return generated

    monkeypatch.setattr(TransformersSession, "call", spy)
    measure(experiment(pytorch={"do_sample": True}, workload={"requests": 2}))
    assert len(rows) > 5
    assert len(set(rows)) == 1


def test_modelled_watts_are_marked_so() -> None:
    record = measure(experiment(measurement={"devices": "cpu", "modelled_cpu_watts": 15.0}))
    assert record.energy.kind != "unavailable"
    if record.energy.kind == "modelled":  # where RAPL can be read it is, and no model is needed
        assert record.energy.gross.per_request.sensor is None
        assert record.energy.net is None
        assert 0 < record.energy.power_w < 15 * 1.2 * (os.cpu_count() or 1)
        assert "modelled, not measured" in render(record)


@pytest.mark.parametrize(
    ("sections", "error", "words"),
    [
        ({"pytorch": {"extra": {"nonsense": 2}}}, GenerationError, "nonsense"),
        ({"model": {"name": "builtin:none"}}, EngineError, "builtin"),
        ({"workload": {"prompts": "none.txt"}, "model": {"name": "builtin:none"}}, PromptError, "none.txt"),
        ({"pytorch": {"extra": {"stopping_criteria": object()}}}, OpaqueValueError, "stopping_criteria"),
    ],
)
def test_what_cannot_run_is_an_error_before_anything_is_measured(
    sections: dict[str, Any], error: type[Exception], words: str
) -> None:
    progress = RecordedProgress()
    with pytest.raises(error, match=words):
        measure(experiment(**sections), progress=progress)
    assert progress.closed == 1


@pytest.mark.parametrize("replaced", ["another text\n", "", None], ids=["replaced", "emptied", "deleted"])
def test_a_prompts_file_that_changes_while_the_model_loads_is_used_as_it_was_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, replaced: str | None
) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("a cat\na dog and a cat\n")
    load = TransformersEngine.load

    def load_slowly(*arguments: Any) -> LoadedModel:
        if replaced is None:
            file.unlink()
        else:
            file.write_text(replaced)
        return load(*arguments)

    in_the_configuration = measure(experiment(workload={"prompts": ["a cat", "a dog and a cat"]}))
    monkeypatch.setattr(TransformersEngine, "load", load_slowly)
    record = measure(experiment(workload={"prompts": str(file)}))
    assert record.workload.prompts == str(file)
    assert record.workload.prompts_digest == in_the_configuration.workload.prompts_digest
    assert record.tokens == in_the_configuration.tokens


def test_a_missing_torch_is_the_first_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise MissingPackageError("pip install 'llenergymeasure[run]'")

    monkeypatch.setattr(packages, "require_packages", missing)
    with pytest.raises(MissingPackageError):
        measure(experiment())


class RecordedProgress:
    """A progress that keeps what is reported to it."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.notes: list[str] = []
        self.closed = 0

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        self.stages.append(stage)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def close(self) -> None:
        self.closed += 1


def ends(monkeypatch: pytest.MonkeyPatch, error: BaseException, after: int) -> None:
    """The model's call fails from one call on."""
    original, calls = TransformersSession.call, []

    def call(self: TransformersSession, batch: Any) -> Any:
        calls.append(batch)
        if len(calls) > after:
            raise error
        return original(self, batch)

    monkeypatch.setattr(TransformersSession, "call", call)


def test_ctrl_c_keeps_the_record_so_far_and_leaves_things_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = logging.getLogger("transformers")
    before = (logger.handlers[:], logger.propagate)
    progress = RecordedProgress()
    ends(monkeypatch, KeyboardInterrupt(), after=3)
    with pytest.raises(Interrupted) as caught:
        measure(experiment(), progress=progress)
    assert caught.value.record.status == "interrupted"
    assert progress.closed == 1
    assert (logger.handlers, logger.propagate) == before


def test_memory_that_runs_out_midway_keeps_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    config = experiment(workload={"requests": 2}, measurement={"window_seconds": 1e-6, "windows": 30})
    ends(monkeypatch, DeviceMemoryError("workload.batch_size: too much. Lower it."), after=20)
    record = measure(config)
    assert record.status == "failed"
    assert 0 < len(record.work) < 30
    assert any("workload.batch_size" in finding.text for finding in record.findings if finding.id == "failed")


def test_a_setting_without_effect_is_reported_before_the_run_and_in_the_record() -> None:
    progress = RecordedProgress()
    record = measure(experiment(pytorch={"temperature": 0.5}), progress=progress)
    (finding,) = (one for one in record.findings if one.id == "dormant-setting")
    assert finding.text.startswith("pytorch.temperature has no effect here: ")
    assert progress.notes == [finding.text]
    assert "temperature" in record.config["pytorch"]
    assert "temperature" not in record.canonical


def test_settings_that_bypass_the_schema_are_listed() -> None:
    record = measure(experiment(pytorch={"extra": {"top_k": 7, "renormalize_logits": True}}))
    assert record.observed["top_k"] == 7
    assert set(record.bypassed) >= {"top_k"}


def test_another_transformers_than_the_schemas_is_a_finding(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    differs = record.versions.engine_version != record.versions.schema_release
    assert ("engine-version" in ids(record)) == differs
    monkeypatch.setattr(type(experiment().pytorch), "engine_version", "0.0.1")
    (finding,) = (one for one in measure(experiment()).findings if one.id == "engine-version")
    assert "0.0.1" in finding.text


def test_a_message_of_transformers_is_a_finding_and_not_on_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    record = measure(experiment(pytorch={"temperature": 0.5, "do_sample": False}))
    assert any(one.id == "engine-message" and "temperature" in one.text for one in record.findings)
    assert capfd.readouterr() == ("", "")


def test_a_warning_of_python_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    original = TransformersSession.call

    def call(self: TransformersSession, batch: Any) -> Any:
        warnings.warn("the kernel\nis slow", UserWarning, stacklevel=1)
        return original(self, batch)

    monkeypatch.setattr(TransformersSession, "call", call)
    messages = [one.text for one in measure(experiment()).findings if one.id == "engine-message"]
    assert messages == ["the kernel is slow"]


def test_a_warning_from_the_search_for_gpus_is_a_finding_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def planned_gpus(*_: Any) -> tuple[str, ...]:
        warnings.warn("CUDA initialization: the driver is too old", UserWarning, stacklevel=1)
        return ()

    monkeypatch.setattr(torch_devices, "planned_gpus", planned_gpus)
    texts = [one.text for one in measure(experiment()).findings if one.id == "engine-message"]
    assert texts == ["CUDA initialization: the driver is too old"]
    assert capfd.readouterr() == ("", "")


def test_a_record_contains_no_home_folder_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "ada"
    home.mkdir()
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setenv("HOME", str(home))
    prompts = home / "prompts.txt"
    prompts.write_text("hello\nworld\n")
    record = measure(experiment(workload={"prompts": str(prompts)}))
    assert record.workload.prompts == "~/prompts.txt"
    assert str(home) not in record.model_dump_json()


def test_without_a_home_folder_nothing_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    assert measure(experiment()).valid


def test_a_repository_around_the_working_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert measure(experiment()).git is None
    for command in (["init", "-q"], ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"]):  # fmt: skip
        subprocess.run(["git", *command], check=True)
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout
    git = measure(experiment()).git
    assert git is not None
    assert (git.commit, git.modified) == (head.strip(), False)


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
    model = cpu_model(path)
    assert model == name if name else model


def test_the_quick_start_is_an_experiment_that_runs() -> None:
    quick_start = Path(__file__).parents[2] / "examples" / "quickstart.yaml"
    assert load_experiment(quick_start).model.name == "builtin:llama"
    brief = [f"measurement.{name}={json.dumps(value)}" for name, value in BRIEF.items()]
    record = measure(load_experiment(quick_start, overrides=["model.name=builtin:llama-tiny", *brief]))
    assert record.observed["temperature"] == 0.7
    assert record.tokens is not None
    assert 0 < record.tokens.output <= 8 * 32


# ---------------------------------------------------------------- with a simulated driver

MEASURE = """
import json, pathlib, sys
from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.measurement.run import measure
from llenergymeasure.results.storage import save, save_trace
record = measure(ExperimentConfig.model_validate(json.loads(sys.argv[1])))
save_trace(record, save(record, pathlib.Path(sys.argv[2])))
"""


def measured(
    driver: Path, folder: Path, configuration: str, config: ExperimentConfig, **environ: str
) -> Path:
    (folder / "driver.conf").write_text(configuration)
    env = {
        **os.environ,
        "LD_LIBRARY_PATH": str(driver.parent),
        "NVML_SIM_CONFIG": str(folder / "driver.conf"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(SOURCE),
        **environ,
    }
    command = [sys.executable, "-c", MEASURE, json.dumps(config.to_data()), str(folder / "out")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    (path,) = (folder / "out").glob("*.json")
    return path


SIMULATED = experiment(measurement={"devices": "auto", "window_seconds": 1.0})


def test_where_a_counter_is_windows_and_idle_are_measured_and_the_trace_is_kept(
    driver: Path, tmp_path: Path
) -> None:
    """The model runs on the CPU here, so the joules are real but not its own: the record says so."""
    config = experiment(measurement={"devices": ["GPU-a"], "window_seconds": 1.0})
    path = measured(driver, tmp_path, "device uuid=GPU-a name=Card\ncurve watts=100\n", config)
    record = load_record(path)
    assert [window.kind for window in record.windows] == ["idle-before", "work", "work", "idle-after"]
    for window in record.work:
        (figure,) = window.energy.devices
        assert figure.kind == "measured"
        assert abs(figure.energy_j - 100 * window.length_s) <= figure.bound_j + 0.01 * 100
    assert (record.devices[0].device, record.devices[0].name) == ("GPU-a", "Card")
    assert record.versions.nvidia_driver is not None
    assert "energy-elsewhere" in ids(record)
    assert record.energy.kind == "unavailable"
    times, powers = read_power(path.with_suffix(".parquet"))["GPU-a"]
    assert set(powers) == {100.0}
    assert times[0] <= record.work[0].begin_s <= times[-1]


@contextmanager
def counting(path: Path, watts: float) -> Iterator[None]:
    """A file that counts microjoules, renewed about every millisecond while this lasts."""
    over = threading.Event()

    def count() -> None:
        while not over.is_set():
            path.with_name("next").write_text(f"{int(watts * 1e6 * time.monotonic())}\n")
            path.with_name("next").replace(path)
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_auto_is_the_device_that_does_the_work(driver: Path, tmp_path: Path) -> None:
    """A model on the CPU of a machine with a GPU: the package is measured, and the idle GPU is not."""
    zone = tmp_path / "powercap" / "intel-rapl:0"
    zone.mkdir(parents=True)
    (zone / "name").write_text("package-0\n")
    (zone / "max_energy_range_uj").write_text("262143328850\n")
    card, folder = "device uuid=GPU-a name=Card\ncurve watts=100\n", str(tmp_path / "powercap")
    with counting(zone / "energy_uj", 50.0):
        path = measured(driver, tmp_path, card, SIMULATED, LLENERGYMEASURE_POWERCAP=folder)
    record = load_record(path)
    assert [device.device for device in record.devices] == ["package-0"]
    assert isinstance(record.energy, Energies)
    assert record.energy.power_w == pytest.approx(50, rel=0.2)
    assert all(window.load is not None and window.load.own > 0.1 for window in record.work)


def test_a_counter_that_the_configuration_names_is_measured(driver: Path, tmp_path: Path) -> None:
    """As a power meter of the whole machine would be: it covers the device that does the work."""
    counter = {"name": "plug", "file": str(tmp_path / "plug"), "unit": "uJ", "watts_max": 1000}
    config = experiment(measurement={"devices": "none", "window_seconds": 1.0, "counters": [counter]})
    with counting(tmp_path / "plug", 120.0):
        record = load_record(measured(driver, tmp_path, "", config))
    (device,) = record.devices
    assert (device.device, device.method, device.scope) == ("plug", "counter", "machine")
    assert isinstance(record.energy, Energies)
    assert record.energy.power_w == pytest.approx(120, rel=0.2)
    assert "energy-elsewhere" not in ids(record)


def test_sensors_that_fail_leave_the_rest_of_the_record(driver: Path, tmp_path: Path) -> None:
    calls = ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues", "nvmlDeviceGetPowerUsage")
    faults = "".join(f"fault call={call} code=15\n" for call in calls)
    config = experiment(measurement={"devices": [0], "window_seconds": 1.0})
    record = load_record(measured(driver, tmp_path, f"{faults}device\ncurve watts=100\n", config))
    assert record.energy.kind == "unavailable"
    assert record.energy.reason
    assert record.tokens is not None
    assert record.tokens.output == 16
