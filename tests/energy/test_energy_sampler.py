"""The sampler as a real child process, in real time: it ends with its parent, and costs little."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PREAMBLE = """
import os, sys, time, signal
from llenergymeasure.energy import EnergyMeter
meter = EnergyMeter.open(sample_hz=float(os.environ.get("HZ", "20")), environ={}, calibration_s=0.3, start_child=lambda *_: None)
sampler = meter.sensors.opened[0].sampler
child = sampler.pid

def wait_for_samples(count):
    begin_s = time.monotonic()
    while sum(sample.begin_s > begin_s for sample in meter.trace(begin_s, time.monotonic())) < count:
        time.sleep(0.01)

"""


@pytest.fixture
def environ(library, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "device period_ms=20 sensor_period_ms=10 limit_w=500\n"
        "curve shape=square low=100 high=300 period_s=0.5\n"
    )
    return os.environ | {
        "LD_LIBRARY_PATH": str(library.parent),
        "NVML_SIM_CONFIG": str(config),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


def start(code, environ):
    return subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, err = process.communicate(timeout=60)
    return out.split(), err


def gone(pid, within_s=3.0):
    """Whether a process has ended (a zombie that nobody has waited for has)."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return True
        if state in {"Z", "X"}:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    "end",
    [
        "meter.close()",
        "pass",
        "os._exit(3)",
        "raise RuntimeError",
        "sys.exit(1)",
        "os.kill(os.getpid(), signal.SIGTERM)",
        "os.kill(os.getpid(), signal.SIGINT)",
        "meter.window('open').__enter__()",
    ],
)
def test_no_process_is_left_however_the_parent_ends(environ, end):
    (child,), _ = finish(start(f"print(child, flush=True)\n{end}", environ))
    assert gone(int(child))


def test_a_window_left_open_at_exit_is_reported(environ):
    _, err = finish(start("window = meter.window('decode').__enter__()", environ))
    assert "the window 'decode' was left open, so its energy is lost" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("end", ["meter.close()", "pass", "os._exit(0)"])
def test_no_warning_at_exit_for_closed_windows(environ, end):
    _, err = finish(start(f"with meter.window('decode'): pass\n{end}", environ))
    assert err == ""


def test_no_process_is_left_after_a_sigkill_of_the_parent(environ):
    process = start("print(child, flush=True)\ntime.sleep(60)", environ)
    child = int(process.stdout.readline())
    assert not gone(child, 0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert gone(child)


@pytest.mark.parametrize("hz", ["20", "0.01"])
def test_no_process_is_left_when_a_fork_of_the_parent_lives_on(environ, hz):
    environ["HZ"] = hz
    code = (
        "fork = os.fork()\nif not fork:\n    os.close(1); os.close(2)\n    time.sleep(5); os._exit(0)\n"
        "print(child, fork, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    (child, fork), _ = finish(start(code, environ))
    assert gone(int(child))
    assert not gone(int(fork), 0.05)
    os.kill(int(fork), signal.SIGKILL)


def test_a_sampler_that_was_killed_is_noticed_and_the_energy_is_kept(environ):
    code = (
        "os.kill(child, signal.SIGKILL); time.sleep(0.1)\n"
        "with meter.window('work') as window: time.sleep(0.3)\n"
        "print(window.energy.total.kind, *(finding.id for finding in window.findings))\nmeter.close()"
    )
    words, err = finish(start(code, environ))
    assert words == ["measured", "conditions-unknown"], err


@pytest.mark.parametrize(
    ("card", "kind"),
    [("period_ms=20", "measured"), ("no_counter=1 no_fields=1 usage=instant", "unavailable")],
)
def test_a_sampler_killed_inside_a_window_is_reported(environ, card, kind):
    """The counter's figure does not depend on it; integrated power does."""
    Path(environ["NVML_SIM_CONFIG"]).write_text(
        f"device {card} sensor_period_ms=10 limit_w=500\ncurve watts=200\n"
    )
    code = (
        "with meter.window('work') as window:\n"
        "    wait_for_samples(9); os.kill(child, signal.SIGKILL); time.sleep(1.5)\n"
        "print(window.energy.total.kind, *(finding.id for finding in window.findings))\nmeter.close()"
    )
    words, err = finish(start(code, environ))
    assert words == [kind, "sampler-stopped"], err


def test_a_sampler_that_hangs_is_ended_by_force_and_reported(environ):
    """At steady power, so that the counter agrees with the power that was sampled before."""
    Path(environ["NVML_SIM_CONFIG"]).write_text(
        "device period_ms=20 sensor_period_ms=10 limit_w=500\ncurve watts=200\n"
    )
    code = (
        "with meter.window('work') as window:\n"
        "    wait_for_samples(6); os.kill(child, signal.SIGSTOP); time.sleep(0.3)\n"
        "print(child, window.energy.total.kind, *(finding.id for finding in window.findings))\nmeter.close()"
    )
    (child, *words), err = finish(start(code, environ))
    assert words == ["measured", "sampler-stopped"], err
    assert gone(int(child))


def test_a_sample_is_taken_at_both_boundaries_of_a_window_however_rare_others_are(environ):
    environ["HZ"] = "0.2"
    code = (
        "time.sleep(0.3)\nwith meter.window('work', boundaries='immediate') as window: time.sleep(0.3)\nmeter.close()\n"
        "begin_s, end_s = window._boundaries()\n"
        "samples = [sample for sample in window.trace if sample.begin_s >= begin_s]\n"
        "print(len(samples), all(sample.slow_at_s >= begin_s for sample in samples), samples[-1].begin_s >= end_s)\n"
        "print(*(finding.id for finding in window.findings), file=sys.stderr)"
    )
    words, err = finish(start(code, environ))
    assert words == ["2", "True", "True"], err
    assert err.split() == ["under-resolution"] or not err.split()


def test_many_short_windows_do_not_drive_the_sampler(environ):
    code = (
        "time.sleep(0.3)\nend = time.monotonic() + 0.5\nwith meter.window('all', boundaries='immediate') as whole:\n"
        "    while time.monotonic() < end:\n"
        "        with meter.window('short', boundaries='immediate'): pass\n"
        "print(len(whole.trace))\nmeter.close()"
    )
    (samples,), err = finish(start(code, environ))
    assert int(samples) < 60, err


def test_a_fork_does_not_stop_the_parents_sampler(environ):
    code = (
        "fork = os.fork()\nif not fork:\n    meter.close(); os._exit(0)\nos.waitpid(fork, 0)\n"
        "print(sampler.alive())\nmeter.close()"
    )
    (alive,), err = finish(start(code, environ))
    assert alive == "True", err


def test_the_parent_gets_no_thread_and_the_child_stays_light(environ):
    code = (
        "time.sleep(0.3)\nprint(len(os.listdir('/proc/self/task')))\n"
        "status = open(f'/proc/{child}/status').read()\n"
        "print(status.split('VmRSS:')[1].split()[0])\n"
        "print(len(os.listdir(f'/proc/{child}/task')))\nmeter.close()"
    )
    (threads, memory_kb, child_threads), err = finish(start(code, environ))
    assert (threads, child_threads) == ("1", "1"), err
    assert int(memory_kb) < 30_000


def test_the_users_main_module_is_not_run_again(environ, tmp_path):
    script = tmp_path / "user.py"
    script.write_text(f"print('ran', flush=True)\n{PREAMBLE}\ntime.sleep(0.3)\nmeter.close()\n")
    done = subprocess.run(
        [sys.executable, script], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["ran"], done.stderr


def test_real_time_windows_agree_with_the_truth_and_with_the_sampler(environ, loaded):
    code = (
        "with meter.window('work') as window:\n    time.sleep(1.0)\n"
        "begin_s, end_s = window._boundaries()\n"
        "figure, (conditions,) = window.energy.total, window.conditions\n"
        "print(begin_s, end_s, figure.energy_j, figure.bound_j, conditions.power_w.mean, window.sampler_cost.core_fraction)\n"
        "print(*(finding.id for finding in window.findings), file=sys.stderr)\nmeter.close()"
    )
    values, err = finish(start(code, environ))
    begin_s, end_s, energy_j, bound_j, mean_w, _ = map(float, values)
    loaded.load(Path(environ["NVML_SIM_CONFIG"]).read_text())
    true_j = loaded.true_joules(begin_s, end_s)
    assert abs(energy_j - true_j) <= bound_j
    assert energy_j == pytest.approx(true_j, rel=0.02)
    assert mean_w == pytest.approx(true_j / (end_s - begin_s), rel=0.15)
    assert "counter-against-power" not in err


def test_importing_the_package_is_light(environ):
    code = "import sys, llenergymeasure.energy\nprint(*(m for m in ('torch', 'pynvml', 'ctypes', 'numpy', 'pyarrow') if m in sys.modules), 'none')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["none"], done.stderr
