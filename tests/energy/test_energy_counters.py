"""Counters that a user names: files and commands, honest and not, without any hardware."""

from __future__ import annotations

import math
import os
import sys
import time
from pathlib import Path

import pytest

from llenergymeasure.energy import EnergyError, Measured, Unavailable
from llenergymeasure.energy.counter_spec import UNITS_J, CounterSpec
from llenergymeasure.energy.cumulative.source import COMMAND_S, SCALE, Command, Failed, File, read_value


class Plug:
    """A file that a reader of a power meter keeps up to date, on the virtual clock."""

    def __init__(self, path, clock, *, watts=200.0, update_s=0.1, unit_j=1.0, digits=6, wrap=None, start=0.0):
        self.path, self.clock = path, clock
        self.watts, self.unit_j, self.digits, self.wrap = watts, unit_j, digits, wrap
        self.joules, self.at_s = start * unit_j, None
        self.write()
        clock.every(update_s, self.update)

    def draw(self, watts):
        """This much from now on; the file shows it at the next update."""
        now_s = self.clock.monotonic()
        if self.at_s is not None:
            self.joules += self.watts * max(0.0, now_s - self.at_s)
        self.at_s, self.watts = now_s, watts

    def update(self):
        self.draw(self.watts)
        self.write()

    def write(self):
        value = self.joules / self.unit_j
        if self.wrap:
            value %= self.wrap
        self.path.write_text(f"{value:.{self.digits}f}\n" if self.digits else f"{math.floor(value)}\n")


@pytest.fixture
def plug(tmp_path, clock, simulator):
    simulator.load("clock kind=virtual start=1000\n")
    plugs = []

    def make(**options):
        plugs.append(Plug(tmp_path / "energy", clock, **options))
        return plugs[-1]

    yield make
    for one in plugs:
        clock.stop(one.update)


def spec(path, unit="J", **more):
    return {"name": "plug", "file": str(path), "unit": unit, "watts_max": 3000, **more}


def measure(open_meter, clock, counter, seconds=5.0, **options):
    with open_meter("", "none", counters=[counter], **options) as meter:
        with meter.window("work", target=0.5) as window:
            clock.sleep(seconds)
        return window


@pytest.mark.parametrize("unit", ["uJ", "mJ", "J", "Wh", "kWh"])
@pytest.mark.parametrize("seconds", [0.73, 5.0])
def test_a_file_that_counts_is_measured_within_its_uncertainty(open_meter, clock, plug, unit, seconds):
    one = plug(unit_j=UNITS_J[unit], digits=9)
    window = measure(open_meter, clock, spec(one.path, unit), seconds)
    (figure,) = window.energy.devices
    assert isinstance(figure, Measured), figure
    assert (figure.method, figure.scope, figure.device) == ("counter", "machine", "plug")
    assert figure.period_s == pytest.approx(0.1, rel=0.02)
    error_j = abs(figure.energy_j - 200 * window.length_s)
    assert error_j <= 3 * figure.uncertainty_j
    assert figure.bound_j is not None
    assert error_j <= figure.bound_j
    assert figure.relative_uncertainty < 0.05
    assert window.valid


@pytest.mark.parametrize("boundaries", ["tick", "immediate"])
@pytest.mark.parametrize("update_s", [0.02, 0.25])
def test_uncertainty_and_bound_hold_for_work_between_idling(open_meter, clock, plug, boundaries, update_s):
    """Idle, busy, idle: 40 windows that begin and end anywhere in the counter's period."""
    one = plug(watts=60.0, update_s=update_s)
    ratios = []
    with open_meter("", "none", counters=[spec(one.path)]) as meter:
        for number in range(40):
            clock.sleep(0.5 + 0.0137 * number)
            with meter.window("work", boundaries=boundaries, target=0.9) as window:
                one.draw(400.0)
                clock.sleep(1.3 + 0.0071 * number)
                one.draw(60.0)
            figure = window.energy.total
            assert isinstance(figure, Measured)
            error_j = figure.energy_j - 400 * window.length_s
            assert abs(error_j) <= figure.bound_j
            ratios.append(error_j / figure.uncertainty_j)
    assert math.sqrt(sum(ratio**2 for ratio in ratios) / len(ratios)) <= 1.3


def test_without_the_most_that_it_can_draw_no_bound_is_claimed(open_meter, clock, plug):
    one = plug()
    window = measure(open_meter, clock, spec(one.path, watts_max=None))
    assert window.energy.total.bound_j is None
    assert window.energy.total.uncertainty_j > 0


def test_a_coarse_counter_is_as_uncertain_as_its_step(open_meter, clock, plug):
    """It shows whole joules: it moves when one was used, not when time has passed."""
    one = plug(watts=20.0, update_s=0.001, digits=0)
    window = measure(open_meter, clock, spec(one.path), 5.013)
    figure = window.energy.total
    assert abs(figure.energy_j - 20 * window.length_s) <= 1.0
    assert figure.uncertainty_j < 1.0


def test_a_wrap_is_taken_off(open_meter, clock, plug):
    one = plug(wrap=1_000_000, start=999_500.0)
    window = measure(open_meter, clock, spec(one.path, wrap=1_000_000))
    assert window.energy.total.energy_j == pytest.approx(1000, rel=0.02)


def test_a_reset_is_found(open_meter, clock, plug):
    one = plug(start=5000.0)
    with open_meter("", "none", counters=[spec(one.path)]) as meter, meter.window("work") as window:
        clock.sleep(1.0)
        one.joules = 0.0
        clock.sleep(1.0)
    assert [finding.id for finding in window.findings] == ["counter-reset"]
    assert isinstance(window.energy.total, Unavailable)


def test_a_standstill_in_the_window_is_found(open_meter, clock, plug):
    one = plug()
    with open_meter("", "none", counters=[spec(one.path)]) as meter, meter.window("work") as window:
        clock.stop(one.update)
        clock.sleep(5.0)
    assert [finding.id for finding in window.findings] == ["counter-stuck"]
    assert isinstance(window.energy.total, Unavailable)


def test_a_counter_that_never_moves_is_missing_and_the_hint_says_what_a_rare_one_needs(
    open_meter, clock, plug
):
    one = plug(update_s=2.0)
    window = measure(open_meter, clock, spec(one.path))
    assert "update_seconds" in window.energy.total.hint
    window = measure(open_meter, clock, spec(one.path, update_seconds=2.0), 60.0)
    assert window.energy.total.energy_j == pytest.approx(12_000, rel=0.05)


@pytest.mark.parametrize(("unit", "true_unit_j"), [("kWh", 1.0), ("Wh", 1e-3), ("uJ", 1.0), ("uJ", 3.6e6)])
def test_a_unit_that_makes_the_power_impossible_is_doubted(open_meter, clock, plug, unit, true_unit_j):
    one = plug(unit_j=true_unit_j, digits=9)
    window = measure(open_meter, clock, spec(one.path, unit, watts_max=None))
    total = window.energy.total
    assert isinstance(total, Unavailable)
    assert f"its unit is not {unit}" in total.reason
    assert "right one" in total.hint


def test_a_counter_of_the_whole_machine_is_the_total_and_the_others_are_not_added(open_meter, clock, plug):
    one = plug(watts=500.0)
    card = "device period_ms=50 limit_w=500\ncurve watts=200\n"
    with open_meter(card, "gpu", counters=[spec(one.path)]) as meter, meter.window("work") as window:
        clock.sleep(5.0)
    assert [figure.scope for figure in window.energy.devices] == ["gpu", "machine"]
    assert window.energy.total.energy_j == pytest.approx(2500, rel=0.02)


def test_the_window_that_is_planned_meets_the_target(open_meter, clock, plug):
    one = plug()
    with open_meter("", "none", counters=[spec(one.path)]) as meter:
        (report,) = meter.sensors.opened[0].examine()
        seconds = meter.plan_window(0.01)
        uncertain = []
        for number in range(8):
            clock.sleep(0.013 * number)
            with meter.window("work", target=0.01) as window:
                clock.sleep(seconds + 0.0125 * number)
            uncertain.append(window.energy.total.relative_uncertainty)
    assert math.sqrt(sum(value**2 for value in uncertain) / 8) == pytest.approx(0.01, rel=0.25)
    assert report.uncertainty_5s == pytest.approx(0.01 * seconds / 5)


# Reading


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("42\n", 42), (" 3.25 ", 3.25), ("00017", 17), ("18446744073709551615", 2**64 - 1)],
)
def test_numbers_that_are_read(tmp_path, text, value):
    (tmp_path / "n").write_text(text)
    assert read_value(File(str(tmp_path / "n"))) == round(value * SCALE) or value == 2**64 - 1
    assert read_value(File(str(tmp_path / "n"))) == int(value * SCALE)


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "nan", "inf", "1e9", "0x10", "1 2", "12\n13", "1,5", "9" * 40, "\0", "\u0661"]
)
def test_text_that_is_not_a_number_is_refused_with_what_it_holds(tmp_path, text):
    (tmp_path / "n").write_text(text)
    result = read_value(File(str(tmp_path / "n")))
    assert isinstance(result, Failed)
    assert "not a single number" in result.reason


def test_huge_content_is_not_read(tmp_path):
    (tmp_path / "n").write_text("1" * 10_000_000)
    result = read_value(File(str(tmp_path / "n")))
    assert isinstance(result, Failed)
    assert "more than 4096 bytes" in result.reason


def test_what_is_not_a_regular_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/zero")):
        result = read_value(File(str(path)))
        assert isinstance(result, Failed)
        assert "is not a regular file" in result.reason


def test_a_file_that_is_not_there_says_so(tmp_path):
    result = read_value(File(str(tmp_path / "none")))
    assert isinstance(result, Failed)
    assert result.reason.endswith("does not exist")


def python(code):
    return Command((sys.executable, "-c", code))


def test_a_command_prints_the_number():
    assert read_value(python("print(12.5)")) == int(12.5 * SCALE)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (Command(("/nonexistent/reader",)), "cannot be started"),
        (python("import sys; sys.exit(3)"), "failed with the exit code 3"),
        (python("print('rubbish')"), "'rubbish', and not a single number"),
        (python("while True: print('9' * 1000)"), "more than 4096 bytes"),
        (Command(("echo", "$HOME")), "'$HOME'"),  # no shell
    ],
)
def test_a_command_that_fails_says_how(command, says):
    result = read_value(command)
    assert isinstance(result, Failed)
    assert says in result.reason


def test_a_command_that_hangs_is_ended_with_all_that_it_started(tmp_path):
    """Also where its child keeps the pipe open. The time is a limit that no machine is too slow for."""
    mark = tmp_path / "pid"
    code = (
        "import os, pathlib, time\n"
        f"child = os.fork()\nif not child:\n    pathlib.Path({str(mark)!r}).write_text(str(os.getpid()))\n"
        "time.sleep(600)"
    )
    result = read_value(python(code))
    assert isinstance(result, Failed)
    assert f"took longer than {COMMAND_S:g} s" in result.reason
    if mark.exists() and mark.read_text():
        deadline_s = time.monotonic() + 30
        while _runs(int(mark.read_text())) and time.monotonic() < deadline_s:
            time.sleep(0.02)
        assert not _runs(int(mark.read_text()))


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def test_a_command_is_measured_in_real_time(library):
    """What it prints follows the machine's own clock: 100 W since boot."""
    from llenergymeasure.energy import EnergyMeter

    code = "import time; print(f'{100 * time.monotonic():.6f}')"
    counter = {
        "name": "clock",
        "command": [sys.executable, "-I", "-S", "-c", code],
        "unit": "J",
        "update_seconds": 0.001,
    }
    with EnergyMeter.open("none", counters=[counter], calibration_s=0.3) as meter:
        with meter.window("work", target=0.9) as window:
            time.sleep(1.0)
        (figure,) = window.energy.devices
    assert isinstance(figure, Measured), figure
    # However long the machine took to run it: the error is within what the span of the reads allows.
    spans_s = figure.end.at_s - figure.begin.at_s - window.length_s
    assert abs(figure.energy_j - 100 * window.length_s) <= 100 * (spans_s + 0.01)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"unit": "joules"}, "write one of uJ, mJ, J"),
        ({"scope": "house"}, "write one of machine"),
        ({"file": None}, "a file or a command, and not both"),
        ({"command": ("echo", "1")}, "a file or a command, and not both"),
        ({"file": None, "command": "echo 1"}, "a list of a program and its arguments"),
        ({"file": None, "command": ()}, "a list of a program and its arguments"),
        ({"wrap": 0}, "wrap is"),
        ({"wrap": 100, "watts_max": None}, "wrap needs watts_max"),
        ({"watts_max": -1.0}, "watts_max is"),
        ({"watts_max": math.inf}, "watts_max is"),
        ({"update_seconds": 0.0}, "update_seconds is"),
        ({"name": ""}, "give it a name"),
    ],
)
def test_a_counter_that_makes_no_sense_is_refused(change, says):
    with pytest.raises(EnergyError, match=says):
        CounterSpec(**{**spec("/tmp/energy"), **change})


def test_mappings_are_taken_and_their_mistakes_are_named(open_meter):
    for counters, says in (
        ([{"name": "a", "unit": "J", "path": "x"}], "no path"),
        ([{"file": "x"}], "needs name and unit"),
        ([spec("a"), spec("b")], "two counters are called 'plug'"),
    ):
        with pytest.raises(EnergyError, match=says):
            open_meter("", "none", counters=counters)
