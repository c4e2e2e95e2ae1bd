"""The command line: the real command in its own process, or ``main()`` where a terminal is simulated."""

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from llenergymeasure import __version__
from llenergymeasure.cli import params
from llenergymeasure.cli.main import COMMANDS, main
from llenergymeasure.cli.termination import signals_as_interrupts
from llenergymeasure.config.introspection import get_backend_params
from llenergymeasure.config.vocabulary import ENERGY_ROLES
from llenergymeasure.engines.transformers.session import TransformersSession
from llenergymeasure.measurement.checks.check import Check, Remark
from llenergymeasure.results.errors import NoPackageError
from llenergymeasure.results.storage import save


def llem(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "llenergymeasure", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def pretend_terminal(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Make standard output look like a terminal of that width."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


# The whole command


def test_help_lists_every_command() -> None:
    done = llem("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, command in COMMANDS.items():
        assert f"    {name}" in done.stdout
        assert command.SUMMARY in done.stdout


def test_version() -> None:
    assert llem("--version").stdout == f"llenergymeasure {__version__}\n"


def test_without_a_command_the_help_is_printed() -> None:
    done = llem()
    assert done.returncode == 2
    assert done.stderr.startswith("usage: llenergymeasure")


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("mesure", "did you mean 'measure'?"),
        ("param", "did you mean 'params'?"),
        ("zzz", "the commands are measure, show, compare, doctor, params"),
    ],
)
def test_a_misspelt_command_is_answered_with_a_suggestion(word: str, hint: str) -> None:
    done = llem(word, "x")
    assert done.returncode == 2
    assert done.stderr.startswith(f"llenergymeasure: there is no command {word!r}; {hint}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["--nope"], ["params", "--nope"], ["params", "--role", "x"], ["measure"]]
)
def test_wrong_arguments_exit_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "usage: " in capsys.readouterr().err


def test_help_loads_no_dependency() -> None:
    code = (
        "import sys; from llenergymeasure.cli.main import main; main(['--help']); "
        "print([name for name in ('pydantic', 'ruamel', 'torch', 'transformers', 'pynvml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("\n[]\n")


def test_a_pipe_that_is_closed_early_is_not_an_error() -> None:
    script = f"'{sys.executable}' -m llenergymeasure params --json | head -c 10; echo '' ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.split()[-1] == "141"


def test_an_interrupt_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(params, "run", interrupted)
    assert main(["params"]) == 130
    assert capsys.readouterr().err == "interrupted\n"


def test_an_error_about_a_file_is_not_reported_as_failed_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_missing_file(_: object) -> int:
        return len(Path("/no/such/file").read_text())

    monkeypatch.setattr(params, "run", read_missing_file)
    with pytest.raises(FileNotFoundError):
        main(["params"])
    assert "output" not in capsys.readouterr().err


def test_an_ascii_terminal_gets_escapes() -> None:
    code = "import sys; from llenergymeasure.cli.main import main; main([]); print('\\u2026')"
    env = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "\\u2026\n"


# params


def test_params_in_a_pipe_are_one_line_each_separated_by_tabs() -> None:
    rows = [line.split("\t") for line in llem("params").stdout.splitlines()]
    info = get_backend_params("pytorch")
    assert [row[1] for row in rows] == list(info)
    assert {len(row) for row in rows} == {5}
    assert [row[3] for row in rows] == [json.dumps(each["default"]) for each in info.values()]


def test_params_on_a_terminal_are_grouped_by_role_within_its_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend_terminal(monkeypatch, 72)
    assert main(["params"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 72
    headings = [line for line in lines if line and not line.startswith(" ")]
    roles = [
        role
        for role in ENERGY_ROLES
        if any(i["energy_role"] == role for i in get_backend_params("pytorch").values())
    ]
    assert headings == [f"{role}: {ENERGY_ROLES[role]}" for role in roles]
    named = {line.split()[0] for line in lines if line.startswith("  ") and not line.startswith("   ")}
    assert named == {path.removeprefix("pytorch.") for path in get_backend_params("pytorch")}


def test_params_of_one_role_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    info = get_backend_params("pytorch")
    role = info["pytorch.temperature"]["energy_role"]
    assert role is not None
    assert main(["params", "--role", role, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert list(shown) == [path for path, each in info.items() if each["energy_role"] == role]
    assert shown["pytorch.temperature"] == json.loads(json.dumps(info["pytorch.temperature"]))


@pytest.mark.parametrize("name", ["temperature", "pytorch.temperature"])
def test_one_parameter_in_full(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["params", name]) == 0
    out = capsys.readouterr().out
    info = get_backend_params("pytorch")["pytorch.temperature"]
    assert out.startswith("pytorch.temperature\n")
    for text in (
        info["description"],
        info["type"],
        info["role_reason"],
        *info["constraints"],
        *info["sources"],
    ):
        assert text in out


def test_the_rules_about_a_parameter_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for name, effects in (
        ("temperature", {"no effect"}),
        ("num_return_sequences", {"refused"}),
        ("stop_strings", {"needs"}),
    ):
        assert main(["params", name]) == 0
        lines = capsys.readouterr().out.splitlines()
        for rule in get_backend_params("pytorch")[f"pytorch.{name}"]["rules"]:
            (line,) = (line for line in lines if rule["message"] in line and rule["when"] in line)
            assert rule["need"] in line
        assert effects <= {line[2:].split("  ")[0] for line in lines}


def test_every_parameter_can_be_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pretend_terminal(monkeypatch, 80)
    for path in get_backend_params("pytorch"):
        assert main(["params", path]) == 0
        assert capsys.readouterr().out.startswith(f"{path}\n")


def test_an_unknown_parameter_is_answered_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["params", "temprature"]) == 2
    assert capsys.readouterr().err == (
        "there is no parameter 'pytorch.temprature'; did you mean 'pytorch.temperature'?\n"
    )


# schema


def test_the_schema_is_printed_or_written(tmp_path: Path) -> None:
    printed = llem("schema").stdout
    keys = {"model", "workload", "pytorch", "measurement", "transformers"}
    assert json.loads(printed)["properties"].keys() == keys
    path = tmp_path / "experiment.schema.json"
    path.write_text("old", encoding="utf-8")
    done = llem("schema", "--out", str(path))
    assert done.returncode == 0
    assert path.read_text(encoding="utf-8") == printed
    assert list(tmp_path.iterdir()) == [path]


def test_a_schema_that_cannot_be_written_is_reported_in_a_sentence(tmp_path: Path) -> None:
    done = llem("schema", "--out", str(tmp_path / "no" / "x.json"))
    assert done.returncode == 2
    assert done.stderr == f"--out {tmp_path}/no/x.json: cannot be written (No such file or directory).\n"


def test_a_schema_does_not_replace_anything_but_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = llem("schema", "--out", str(pipe))
    assert done.returncode == 2
    assert done.stderr == f"--out {pipe}: is not a regular file, so it cannot be replaced; name another.\n"
    assert pipe.is_fifo()


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
@pytest.mark.parametrize("command", ["params", "schema", "doctor"])
def test_output_that_cannot_be_written_is_a_sentence(command: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "llenergymeasure", command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "the output could not be written: No space left on device\n"


# measure

BRIEF = [
    "--quick",
    *(
        f"--set={each}"
        for each in (
            "model.name=builtin:llama-tiny",
            "model.device=cpu",
            "pytorch.max_new_tokens=3",
            "workload.requests=2",
            "measurement.devices=none",
            "measurement.windows=2",
            "measurement.window_seconds=0.05",
            "measurement.warmup_seconds=0.1",
        )
    ),
]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The smallest experiment, in its own working folder."""
    monkeypatch.chdir(tmp_path)
    path = Path("study.yaml")
    path.write_text("model:\n  name: builtin:llama\n", encoding="utf-8")
    return path


def test_a_measurement_prints_and_saves_its_record(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", str(study), *BRIEF]) == 0
    (record,) = Path("results").iterdir()
    out, err = capsys.readouterr()
    assert out.endswith(f"saved as {record}\n")
    assert "tokens out" in out
    assert "energy" in out
    assert err.splitlines()[0] == "loading builtin:llama-tiny ..."
    saved = json.loads(record.read_text(encoding="utf-8"))
    assert saved["observed"]["max_new_tokens"] == 3
    assert saved["config"]["workload"] == {"requests": 2}
    assert saved["config"]["measurement"]["quick"] is True


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["nope.yaml"], 2, "nope.yaml: there is no such file.\n"),
        (["bad.yaml"], 2, "bad.yaml:2: pytorch.temprature: is unknown; did you mean 'temperature'?"),
        (
            ["study.yaml", "--set", "pytorch.top_k=-1"],
            2,
            "--set: pytorch.top_k: must be at least 0, not -1",
        ),
        (
            ["study.yaml", "--out", "study.yaml"],
            2,
            "--out study.yaml: nothing can be written there (File exists). Name another folder.\n",
        ),
        (["study.yaml", "--set", "workload.seed=18446744073709551616"], 2, "--set: workload.seed: must be "),
        (["study.yaml", "--set", "model.name=./nowhere"], 1, "model.name: "),
        (["study.yaml", "--set", "workload.prompts=none.txt"], 1, "workload.prompts: "),
    ],
)
def test_a_measurement_that_cannot_be_made_says_why(
    study: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    Path("bad.yaml").write_text("model: {name: x}\npytorch: {temprature: 1}\n", encoding="utf-8")
    assert main(["measure", *arguments]) == code
    out, err = capsys.readouterr()
    assert out == ""
    reported = [
        line for line in err.splitlines(keepends=True) if not line.endswith(" ...\n")
    ]  # without progress
    assert "".join(reported).startswith(message)


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
def test_a_record_is_saved_before_it_is_printed(study: Path) -> None:
    """A measurement that took hours is not lost when nobody reads the pipe."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "llenergymeasure", "measure", str(study), *BRIEF],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    (record,) = Path("results").iterdir()
    assert json.loads(record.read_text(encoding="utf-8"))["tokens"]["output"] == 6


EXIT_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
"""By the signal that interrupts a run."""


@pytest.mark.parametrize("stop", EXIT_CODES)
def test_an_interrupt_while_a_record_is_saved_does_not_lose_it(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    def interrupted_save(*arguments: Any) -> Path:
        os.kill(os.getpid(), stop)
        return save(*arguments)

    monkeypatch.setattr("llenergymeasure.results.storage.save", interrupted_save)
    before = signal.getsignal(stop)
    assert main(["measure", str(study), *BRIEF]) == 0
    assert signal.getsignal(stop) is before
    assert len(list(Path("results").iterdir())) == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_a_library_swallows_still_ends_the_run(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stop: signal.Signals
) -> None:
    call = TransformersSession.call

    def swallow(*arguments: Any) -> Any:
        with suppress(KeyboardInterrupt):
            os.kill(os.getpid(), stop)
        return call(*arguments)

    monkeypatch.setattr(TransformersSession, "call", swallow)
    assert main(["measure", str(study), *BRIEF, "--set=measurement.windows=100000"]) == EXIT_CODES[stop]
    assert capsys.readouterr().err.endswith("interrupted\n")
    (path,) = Path("results").iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["status"] == "interrupted"


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_is_ignored_stays_ignored(stop: signal.Signals) -> None:
    """``nohup`` starts a command with SIGHUP ignored."""
    before = signal.signal(stop, signal.SIG_IGN)
    try:
        with signals_as_interrupts():
            os.kill(os.getpid(), stop)
    finally:
        signal.signal(stop, before)


def test_a_run_succeeds_without_the_package_for_traces(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def save_trace(*_: object) -> None:
        raise NoPackageError("No trace is kept: pip install it")

    monkeypatch.setattr("llenergymeasure.results.storage.save_trace", save_trace)
    assert main(["measure", str(study), *BRIEF]) == 0
    out, err = capsys.readouterr()
    assert err.endswith("No trace is kept: pip install it\n")
    assert out.splitlines()[-1].startswith("saved as results/")


def test_an_invalid_run_exits_with_1_and_its_record_is_saved(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    invented = Check(id="made-up", invalidates=True, find=lambda summary: iter([Remark("It is wrong.")]))
    monkeypatch.setattr("llenergymeasure.measurement.checks.CHECKS", (invented,))
    assert main(["measure", str(study), *BRIEF]) == 1
    assert "! made-up: It is wrong." in capsys.readouterr().out
    assert len(list(Path("results").iterdir())) == 1


def test_a_record_is_shown_and_compared(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["measure", str(study), *BRIEF]) == 0
    assert main(["measure", str(study), *BRIEF, "--set=pytorch.max_new_tokens=6"]) == 0
    capsys.readouterr()
    base, other = sorted(map(str, Path("results").iterdir()), key=os.path.getmtime)
    assert main(["show", base]) == 0
    assert "max_new_tokens = 3" in capsys.readouterr().out
    assert main(["compare", base, other]) == 1  # quick runs are not to be compared
    out = capsys.readouterr().out
    assert out.startswith(f"{other} against {base}\nanswer ")
    assert "pytorch.max_new_tokens: 3 -> 6" in out
    assert "WARNING       quick: " in out


@pytest.mark.parametrize("arguments", [["show", "no.json"], ["compare", "no.json", "no.json"]])
def test_a_file_that_is_not_a_record_is_reported_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert capsys.readouterr().err == "The record no.json cannot be read: No such file or directory.\n"


def test_a_folder_that_cannot_be_written_is_found_before_the_run(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("llenergymeasure.cli.measure.tempfile.TemporaryFile", refuse)
    assert main(["measure", str(study)]) == 2
    assert capsys.readouterr().err == (
        "--out results: nothing can be written there (Read-only file system). Name another folder.\n"
    )


def test_a_full_disk_is_found_before_the_run(study: Path) -> None:
    """A limit on the size of files stops a write midway, as a full disk does."""
    program = (
        "import resource, sys\n"
        "from llenergymeasure.cli.main import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "sys.exit(main(['measure', 'study.yaml']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert (
        done.stderr == "--out results: nothing can be written there (File too large). Name another folder.\n"
    )


@pytest.mark.parametrize("stop", EXIT_CODES)
def test_an_interrupted_measurement_leaves_a_record_that_says_so(study: Path, stop: signal.Signals) -> None:
    # A child inherits an ignored SIGINT, as a shell's background jobs have it, but not a handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    running = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "llenergymeasure",
            "measure",
            "study.yaml",
            *BRIEF,
            "--set=measurement.windows=100000",
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGINT, before)
    assert running.stderr is not None
    reported = ""
    while not reported.startswith("measuring, window"):
        reported = running.stderr.readline()
    running.send_signal(stop)
    for _ in range(6):
        try:
            out, err = running.communicate(timeout=20)
            break
        except subprocess.TimeoutExpired:
            if stop == signal.SIGINT:
                # A library that is being imported may swallow it; a user would press Ctrl-C again.
                running.send_signal(stop)
    else:
        running.kill()
        running.communicate()
        pytest.fail("the measurement cannot be interrupted")
    assert running.returncode == EXIT_CODES[stop]
    assert err.endswith("interrupted\n")
    (path,) = Path("results").iterdir()
    assert out.endswith(f"saved as {path}\n")
    assert json.loads(path.read_text(encoding="utf-8"))["status"] == "interrupted"


def test_a_terminal_that_closes_leaves_a_record(study: Path) -> None:
    """The kernel sends SIGHUP, and nothing can be written to the terminal any more."""
    command = [sys.executable, "-m", "llenergymeasure", "measure", "study.yaml", *BRIEF]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, filter(None, sys.path)))}
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*command, "--set=measurement.windows=100000"], env)
    reported = b""
    while b"measuring, window" not in reported:
        reported += os.read(terminal, 4096)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == EXIT_CODES[signal.SIGHUP]
    (path,) = Path("results").iterdir()
    assert json.loads(path.read_text(encoding="utf-8"))["status"] == "interrupted"
