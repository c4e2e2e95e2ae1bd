"""``python -m tests.fidelity``: a part of it, run again, interrupted, killed; and the exit codes."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fidelity import archive, drawing, work
from tests.fidelity.draws import draw_job
from tests.fidelity.run import EXECUTED, RESULTS
from tests.fidelity.schema import ROOT, Schema
from tests.fidelity.work import Part

FEW, MORE = "400", "150"
"""Parts of all jobs: a few calls, and some hundred."""


def _command(calls: Path, part: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "tests.fidelity", "--part", part, "--calls", str(calls), *more]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT)))}


def _run(calls: Path, part: str, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        _command(calls, part, *more),
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def _counts(said: str) -> tuple[int, int]:
    found = re.search(r"(\d+) calls made, (\d+) known", said)
    assert found is not None, said
    return int(found[1]), int(found[2])


def test_what_was_run_is_not_run_again_and_a_full_run_is(tmp_path: Path) -> None:
    committed = [(ROOT / EXECUTED).stat(), *(each.stat() for each in (ROOT / RESULTS).glob("fidelity-5*"))]
    first, again, full = _run(tmp_path, FEW), _run(tmp_path, FEW), _run(tmp_path, FEW, "--full")
    assert [done.returncode for done in (first, again, full)] == [0, 0, 0], first.stdout + first.stderr
    assert first.stderr == ""  # no progress in a pipe
    made, known = _counts(first.stdout)
    assert made > 0
    assert _counts(again.stdout) == (0, made + known)
    assert _counts(full.stdout) == (made, known)
    now = [(ROOT / EXECUTED).stat(), *(each.stat() for each in (ROOT / RESULTS).glob("fidelity-5*"))]
    assert [each.st_mtime_ns for each in now] == [each.st_mtime_ns for each in committed]


def test_what_was_found_is_written_as_data(tmp_path: Path) -> None:
    done = _run(tmp_path / "calls", FEW, "--causes", str(tmp_path / "causes.json"))
    found = json.loads((tmp_path / "causes.json").read_text(encoding="utf-8"))
    assert (found["made"], found["recalled"]) == _counts(done.stdout)
    assert (found["causes"], found["represented"]) == ({}, 0)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_run_goes_on_where_it_was(tmp_path: Path, how: signal.Signals) -> None:
    process = subprocess.Popen(
        _command(tmp_path, MORE, "--full"),
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while _kept(tmp_path) < 20:
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(how)
    _, said = process.communicate()
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "what was done is kept, run it again to go on" in said
    kept = _kept(tmp_path)
    assert kept >= 20
    _, known = _counts(_run(tmp_path, MORE, "--full").stdout)
    assert known >= kept


def _kept(folder: Path) -> int:
    """Calls that were made so far."""
    files = list(folder.glob("*.sqlite"))
    if not files:
        return 0
    with archive.opened(files[0]) as file:
        return file.count()


def test_a_part_has_the_same_jobs_in_every_run_and_all_parts_together_have_each_once(schema: Schema) -> None:
    todo = list(work.of_the_rest(schema, "one"))
    part = Part(20).jobs(iter(todo))
    assert 0 < len(part) < len(todo) / 10
    assert [job[1][1:] for job in Part(20).jobs(work.of_the_rest(schema, "other"))] == [
        job[1][1:] for job in part
    ]
    assert Part().jobs(iter(todo)) == todo


def test_a_release_with_one_more_parameter_draws_nearly_the_same(schema: Schema) -> None:
    less = {name: each for name, each in schema.params.items() if name != "repetition_penalty"}
    without = Schema(schema.config, less, schema.lock)
    drawn = [
        (drawing.configuration(f"{number}", schema), drawing.configuration(f"{number}", without))
        for number in range(300)
    ]
    same = [before == after for before, after in drawn]
    assert sum(same) > 270
    assert all(
        is_same or "repetition_penalty" in before[0] for (before, _), is_same in zip(drawn, same, strict=True)
    )


@pytest.mark.parametrize("about", ["top_k", None])
def test_drawn_configurations_of_a_job_have_no_problems(
    about: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.fidelity.draws.DRAWS", 15)
    report = draw_job(str(ROOT), about, "test")
    assert report.problems == []
    assert report.canonical


def test_a_worker_ends_with_the_process_that_gives_out_the_jobs() -> None:
    worker = "import sys; from tests.fidelity.jobs import _end_with; _end_with(int(sys.argv[1]))"
    script = (
        "import os, subprocess, sys\n"
        f"started = subprocess.Popen([sys.executable, '-c', {worker!r}, str(os.getpid())], stdout=subprocess.DEVNULL)\n"
        "print(started.pid, flush=True)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    status = Path(f"/proc/{int(done.stdout)}/status")
    while status.exists() and "zombie" not in status.read_text():
        time.sleep(0.1)
