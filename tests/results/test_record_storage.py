"""Records on disk: written completely or not at all, never replaced, validated when read, shown with
units."""

import contextlib
import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from record_specimen import NO_OUTPUT, UNAVAILABLE, UUID, joules, modelled, record, window, work

from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.measurement.summaries import speed
from llenergymeasure.results.errors import BrokenRecordError, NewerRecordError, NoPackageError, StorageError
from llenergymeasure.results.render import render
from llenergymeasure.results.schema import Finding
from llenergymeasure.results.statistics import summarise
from llenergymeasure.results.storage import load_record, save, save_trace, write_atomically
from llenergymeasure.results.trace_file import Trace, read_power

an_older_release = pytest.mark.filterwarnings(
    "ignore:.* was made for transformers:llenergymeasure.config.releases.OtherReleaseWarning"
)
"""The saved file was made under an older release than the schema, and loading it warns of that."""


@pytest.mark.parametrize(
    "figures", [None, [modelled(50.0)] * 5, [UNAVAILABLE] * 5, [joules(100.0), UNAVAILABLE], [joules(100.0)]]
)
def test_a_record_comes_back_as_it_was(tmp_path: Path, figures: list[Any] | None) -> None:
    saved = record(windows=work(figures), findings=(NO_OUTPUT,))
    assert load_record(save(saved, tmp_path / "new" / "folder")) == saved


@an_older_release
def test_a_record_of_format_2_is_read() -> None:
    """The last version with that format wrote the file, with devices and windows in the findings' texts."""
    foreign = Finding(
        id="foreign-process",
        text="1 other process(es) used the GPU, among them 7: end them, or measure elsewhere",
        invalidates=True,
        device=UUID,
    )
    windows = tuple(
        window.model_copy(update={"findings": (foreign,)}) if window.kind == "work" else window
        for window in work([joules(100.0), UNAVAILABLE])
    )
    message = Finding(id="engine-message", text="top_k is ignored (windows: none)")
    in_both = foreign.model_copy(update={"windows": ("work 1", "work 2")})
    expected = record(windows=windows, findings=(NO_OUTPUT, message, in_both))
    path = Path(__file__).with_name("record_format_2.json")
    made_for = json.loads(path.read_text(encoding="utf-8"))["versions"]["schema_transformers"]
    versions = expected.versions.model_copy(update={"schema_release": made_for})
    assert load_record(path) == expected.model_copy(update={"versions": versions})


@an_older_release
def test_a_lost_window_of_format_2_is_not_a_device(tmp_path: Path) -> None:
    """Format 2 put the window's name where the name of a device is otherwise."""
    data = json.loads(Path(__file__).with_name("record_format_2.json").read_text())
    lost = {"id": "left-open", "text": "work 1: the meter was closed", "spoils": True}
    data["windows"][1]["findings"] = [lost]
    (tmp_path / "a.json").write_text(json.dumps(data))
    (finding,) = load_record(tmp_path / "a.json").windows[1].findings
    assert (finding.device, finding.text) == (None, "the meter was closed")


@an_older_release
@pytest.mark.parametrize("part", ["windows", "findings", "devices", "energy"])
@pytest.mark.parametrize(
    "value", [None, 1, [], {}, [1], [{}], {"energy": 1}, [{"energy": {"total": {"flags": 1}}}]]
)
def test_a_broken_record_of_format_2_is_refused_like_any_other(
    tmp_path: Path, part: str, value: object
) -> None:
    data = json.loads(Path(__file__).with_name("record_format_2.json").read_text())
    (tmp_path / "a.json").write_text(json.dumps(data | {part: value}))
    with contextlib.suppress(BrokenRecordError):  # an empty list makes a valid record without windows
        load_record(tmp_path / "a.json")


def test_a_file_name_has_time_and_configuration_and_is_unique(tmp_path: Path) -> None:
    paths = [save(record(seconds=seconds), tmp_path) for seconds in (1.0, 2.0, 3.0)]
    assert [path.name for path in paths] == [
        "2001-02-03T04-05-06Z-0123abcd.json",
        "2001-02-03T04-05-06Z-0123abcd-2.json",
        "2001-02-03T04-05-06Z-0123abcd-3.json",
    ]
    assert [load_record(path).seconds for path in paths] == [1.0, 2.0, 3.0]


def test_an_existing_file_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(FileExistsError):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_hard_links_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = save(record(), tmp_path)
    assert load_record(path) == record()
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


def test_a_folder_that_cannot_be_made_is_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot be saved in .*/file/x: .*--out"):
        save(record(), tmp_path / "file" / "x")


def broken_figure(data: dict[str, Any], figure: object) -> dict[str, Any]:
    data["windows"][0]["energy"]["total"] = figure
    return data


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (
            lambda data: data | {"schema_version": 4},
            NewerRecordError,
            "record format 4.*reads up to 3.*Update",
        ),
        (lambda data: data | {"schema_version": 1}, BrokenRecordError, "format 1.*measure again"),
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
        (lambda data: data | {"seconds": -1}, BrokenRecordError, "seconds"),
        (lambda data: data | {"energy": {"kind": "guessed"}}, BrokenRecordError, "guessed"),
        (lambda data: broken_figure(data, 3.0), BrokenRecordError, "windows.0.energy.total"),
        (lambda data: broken_figure(data, {"kind": "guessed"}), BrokenRecordError, "guessed"),
    ],
)
def test_a_file_that_is_not_a_record_is_refused(
    tmp_path: Path, change: Any, error: type[Exception], words: str
) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(change(json.loads(record().model_dump_json()))))
    with pytest.raises(error, match=words):
        load_record(path)


def test_half_a_file_and_no_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(record().model_dump_json()[:100])
    with pytest.raises(BrokenRecordError, match="not JSON"):
        load_record(path)
    with pytest.raises(StorageError, match="No such file"):
        load_record(tmp_path / "none.json")


# The trace


def row(at_s: float, power_w: float) -> DeviceSample:
    values = dict.fromkeys(DeviceSample._fields, 0) | {"begin_s": at_s, "end_s": at_s, "power_w": power_w}
    return DeviceSample(**values)


def test_the_trace_is_a_file_next_to_the_record(tmp_path: Path) -> None:
    traced = record(trace=Trace([row(1.0, 100.0), row(1.1, 110.0)], [UUID]))
    path = save(traced, tmp_path)
    assert save_trace(traced, path) == path.with_suffix(".parquet")
    assert dict(read_power(path.with_suffix(".parquet"))) == {UUID: ([1.0, 1.1], [100.0, 110.0])}
    assert load_record(path) == record()


def test_without_a_trace_no_file_is_written_for_it(tmp_path: Path) -> None:
    assert save_trace(record(), save(record(), tmp_path)) is None
    assert len(list(tmp_path.iterdir())) == 1


def test_a_trace_that_cannot_be_written_leaves_the_record(tmp_path: Path) -> None:
    traced = record(trace=Trace([row(1.0, 100.0)], [UUID]))
    path = save(traced, tmp_path)
    path.with_suffix(".parquet").mkdir()
    with pytest.raises(StorageError, match="trace is not saved"):
        save_trace(traced, path)
    assert load_record(path) == record()


def test_without_pyarrow_there_is_a_hint_instead_of_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced = record(trace=Trace([row(1.0, 100.0)], [UUID]))
    path = save(traced, tmp_path)
    monkeypatch.setattr("llenergymeasure.results.storage.find_spec", lambda name: None)
    with pytest.raises(NoPackageError, match=r"pip install 'llenergymeasure\[trace\]'"):
        save_trace(traced, path)
    assert save_trace(record(), path) is None


def test_a_write_that_stops_midway_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stops the write midway, as a full disk does."""
    program = (
        "import pathlib, resource, sys\n"
        "from record_specimen import record\n"
        "from llenergymeasure.results.storage import save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    save(record(), pathlib.Path(sys.argv[1]))\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2] / "src")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", program, str(tmp_path / "out")]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("StorageError The record cannot be saved"), done.stdout
    assert list((tmp_path / "out").iterdir()) == []


# The table


@pytest.mark.parametrize(
    ("figures", "line"),
    [
        (None, "energy        measured (nvml-total-energy), gross and net:"),
        (None, "              2 ± 0.02 (sensor 0.0007) and 1.333 ± 0.02 (sensor 0.001) J per output token"),
        (None, "              150 ± 1.5 (sensor 0.06) and 100 ± 1.5 (sensor 0.1) J per request"),
        (None, "              120 W in the windows, 40 ± 0.071 W idle"),
        ([modelled(60.0)] * 3, "energy        modelled, not measured (busy seconds), gross:"),
        ([modelled(60.0)] * 3, "              0.1 ± 0 J per output token"),
        ([UNAVAILABLE] * 2, "energy        unavailable: gpu: there is no driver. Install it."),
        ([joules(1200.0)], "              2 (sensor 0.002) and 1.333 (sensor 0.002) J per output token"),
    ],
)
def test_the_table_says_what_kind_of_figure_the_energy_is(figures: list[Any] | None, line: str) -> None:
    assert line in render(record(windows=work(figures))).splitlines()


def test_the_table_has_every_quantity_with_its_unit() -> None:
    lines = render(record(findings=(NO_OUTPUT,))).splitlines()
    for line in (
        "workload      4 requests in 2 batches, seed 0",
        "              200 tokens in, 300 tokens out in 4 sequences",
        "settings      temperature = 0.7",
        '              stop_strings = ["\\n", "é"]',
        "windows       5 of 5, 2 passes of the workload each, 10 to 10 s long",
        "              after 20 s of warm-up, then steady",
        "speed         60 ± 0 output tokens/s, 2.5 ± 0 s per call",
        "latency       call 2,500 ms median of 4, 2,600 ms at most",
        "              no times of single tokens: continuous batching",
        "memory        1,024.0 MiB, cuda:0 (torch)",
        "work          2.500e+07 FLOP per output token, estimated (2 N)",
        "carbon        0.015 g CO2e per request, at 360 g/kWh (a table)",
        "findings      no-output: …",
    ):
        assert line in lines, line
    assert not any(line.startswith(("INVALID", "status")) for line in lines)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100.0, 300.0], "200 ± 1,271 output tokens/s"),
        ([100.0, 110.0], "105 ± 64 output tokens/s"),
        ([100.0, 100.2], "100.1 ± 1.3 output tokens/s"),
        ([12345.0, 12345.9], "12,345 ± 5.7 output tokens/s"),
    ],
)
def test_an_uncertainty_has_two_digits_and_no_exponent(values: list[float], expected: str) -> None:
    windows = [window("work", 1, UNAVAILABLE, length_s=1.0, output=1) for _ in values]
    rates = speed(windows)
    assert rates is not None
    estimate = rates.output_tokens_per_second.model_copy(update={"spread": summarise(values)})
    shown = render(record(speed=rates.model_copy(update={"output_tokens_per_second": estimate})))
    assert expected in shown


def test_an_invalid_and_an_interrupted_record_say_so_at_once() -> None:
    invalidating = NO_OUTPUT.model_copy(update={"invalidates": True})
    lines = render(record(status="interrupted", findings=(invalidating,))).splitlines()
    assert lines[1] == "status        interrupted: the figures are over the windows so far"
    assert any(line.startswith("INVALID") for line in lines)
    assert lines[-1] == "findings      ! no-output: …"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_who_may_read_a_record_is_what_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        path = save(record(), tmp_path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == mode
