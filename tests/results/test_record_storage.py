"""Records on disk: whole or not at all, never over one another, read back with care, shown with units."""

import errno
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from llenergymeasure.energy.figures import Measured, Method, Modelled, Scope, Unavailable, WindowEnergy
from llenergymeasure.results.errors import BrokenRecordError, NewerRecordError, StorageError
from llenergymeasure.results.record import (
    Energy,
    Finding,
    Gpu,
    Host,
    Model,
    Record,
    Tokens,
    Versions,
    Workload,
    per_output_token,
)
from llenergymeasure.results.render import render
from llenergymeasure.results.storage import load, save, write_atomically

MEASURED = Measured(
    energy_j=120.0,
    uncertainty_j=2.0,
    bound_j=6.0,
    method=Method.NVML_TOTAL_ENERGY,
    scope=Scope.GPU,
    device="GPU-a",
    period_s=0.1,
)
MODELLED = Modelled(
    energy_j=50.0, model="busy seconds", assumptions=("10 W a core",), scope=Scope.CPU_CORES, device="cpu"
)
UNAVAILABLE = Unavailable(reason="there is no driver", mend="Install it.", scope=Scope.GPU, device="gpu")


def record(**changed: Any) -> Record:
    energy = changed.pop("energy", WindowEnergy.of([MEASURED]))
    values: dict[str, Any] = {
        "created": datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC),
        "config": {
            "model": {"name": "builtin:llama"},
            "pytorch": {"temperature": 0.7, "stop_strings": ["\n", "é"]},
        },
        "config_hash": "0123abcd",
        "generate_kwargs": {"temperature": 0.7, "eos_token_id": None},
        "versions": Versions(
            python="3.11.1",
            llenergymeasure="0",
            transformers="5",
            torch="2",
            schema_transformers="5",
            nvidia_driver="550",
        ),
        "host": Host(
            system="Linux x86_64", cpu="A CPU", cores=2, threads=1, gpus=(Gpu(uuid="GPU-a", name="Card"),)
        ),
        "model": Model(
            name="builtin:llama",
            architecture="LlamaForCausalLM",
            parameters=12_788_352,
            dtype="float32",
            device="cpu",
            vocabulary=259,
            attention="sdpa",
            weights_seed=0,
            commit=None,
            generation_defaults={"eos_token_id": 2},
        ),
        "workload": Workload(
            prompts="builtin",
            prompts_digest="0123456789abcdef",
            requests=8,
            batches=2,
            warmup_batches=1,
            seed=0,
            padding_token="<pad>",
        ),
        "tokens": Tokens(prompt=400, output=60, sequences=8),
        "seconds": 2.0,
        "energy": Energy.of(energy),
        "energy_per_output_token": per_output_token(energy.total, 60),
    }
    return Record(**(values | changed))


@pytest.mark.parametrize(
    "figures", [[MEASURED], [MODELLED], [UNAVAILABLE], [MEASURED, UNAVAILABLE], [MEASURED, MODELLED]]
)
def test_a_record_comes_back_as_it_was(tmp_path: Path, figures: list[Any]) -> None:
    saved = record(energy=WindowEnergy.of(figures), findings=(Finding(id="no-output", text="…"),))
    assert load(save(saved, tmp_path / "new" / "folder")) == saved


def test_the_name_says_when_and_what_and_a_second_record_gets_its_own(tmp_path: Path) -> None:
    paths = [save(record(seconds=seconds), tmp_path) for seconds in (1.0, 2.0, 3.0)]
    assert [path.name for path in paths] == [
        "2031-02-03T04-05-06Z-0123abcd.json",
        "2031-02-03T04-05-06Z-0123abcd-2.json",
        "2031-02-03T04-05-06Z-0123abcd-3.json",
    ]
    assert [load(path).seconds for path in paths] == [1.0, 2.0, 3.0]


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(FileExistsError):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_hard_links_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = save(record(), tmp_path)
    assert load(path) == record()
    assert save(record(), tmp_path) != path
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        save(record(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_kill_while_writing_leaves_no_record(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib, time\n"
        "from llenergymeasure.results.storage import write_atomically\n"
        "os.fsync = lambda descriptor: (print('writing', flush=True), time.sleep(60))\n"
        f"write_atomically(pathlib.Path({str(tmp_path)!r}) / 'a.json', 'text' * 100)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, env=env, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        process.kill()
    deadline = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [path for path in tmp_path.iterdir() if path.suffix == ".json"] == []


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot be saved in .*/file/x: .*--out"):
        save(record(), tmp_path / "file" / "x")


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (
            lambda data: data | {"schema_version": 2},
            NewerRecordError,
            "record format 2.*reads up to 1.*Update",
        ),
        (lambda data: data | {"schema_version": "1"}, BrokenRecordError, "no schema_version"),
        (lambda data: data | {"schema_version": True}, BrokenRecordError, "no schema_version"),
        (lambda data: {}, BrokenRecordError, "no schema_version"),
        (lambda data: [data], BrokenRecordError, "no schema_version"),
        (
            lambda data: {key: data[key] for key in data if key != "tokens"},
            BrokenRecordError,
            "tokens: Field required",
        ),
        (lambda data: data | {"mood": "good"}, BrokenRecordError, "mood"),
        (lambda data: data | {"seconds": 0}, BrokenRecordError, "seconds"),
        (lambda data: data | {"energy": {"total": 3.0, "devices": []}}, BrokenRecordError, "energy.total"),
        (
            lambda data: data | {"energy": {"total": {"kind": "guessed"}, "devices": []}},
            BrokenRecordError,
            "guessed",
        ),
    ],
)
def test_what_is_no_record_is_refused(
    tmp_path: Path, change: Any, error: type[Exception], words: str
) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(change(json.loads(record().model_dump_json()))))
    with pytest.raises(error, match=words):
        load(path)


def test_half_a_file_and_no_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(record().model_dump_json()[:100])
    with pytest.raises(BrokenRecordError, match="not JSON"):
        load(path)
    with pytest.raises(StorageError, match="No such file"):
        load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        ([MEASURED], "energy        120 ± 2 (at most 6) J, measured (nvml-total-energy)"),
        ([MODELLED], "energy        50 J, modelled, not measured (busy seconds)"),
        ([MEASURED, MEASURED], "energy        240 ± 2.8 (at most 12) J, measured (sum)"),
        ([MEASURED, UNAVAILABLE], "energy        unavailable, as gpu cannot be measured:"),
        ([MEASURED, UNAVAILABLE], "              gpu: unavailable: there is no driver. Install it."),
        ([UNAVAILABLE], "energy        unavailable: there is no driver. Install it."),
    ],
)
def test_the_table_says_what_kind_of_figure_the_energy_is(figures: list[Any], line: str) -> None:
    told = render(record(energy=WindowEnergy.of(figures)))
    assert line in told.splitlines()


def test_the_table_has_every_quantity_with_its_unit() -> None:
    told = render(record())
    for line in (
        "tokens in     400",
        "tokens out    60 in 8 sequences",
        "time          2.000 s",
        "speed         30.0 output tokens/s",
        "              2 ± 0.033 (at most 0.1) J per output token",
        "              eos_token_id = null",
    ):
        assert line in told.splitlines()


@pytest.mark.parametrize("tokens", [0, 60])
@pytest.mark.parametrize("figure", [MEASURED, MODELLED, UNAVAILABLE])
def test_only_measured_joules_are_given_per_token(figure: Any, tokens: int) -> None:
    per_token = per_output_token(figure, tokens)
    assert (per_token is not None) == (figure is MEASURED and tokens > 0)
