"""``llenergymeasure doctor`` and ``benchmarks.gpu_check``, on the simulated driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from benchmarks import gpu_check

CARD = 'device name="NVIDIA A100" period_ms=20 sensor_period_ms=10 limit_w=500\ncurve watts=100\n'


def doctor(library, tmp_path, configuration, *arguments):
    (tmp_path / "config").write_text(configuration)
    environ = os.environ | {
        "LD_LIBRARY_PATH": str(library.parent),
        "NVML_SIM_CONFIG": str(tmp_path / "config"),
        "CUDA_VISIBLE_DEVICES": "0",
    }
    return subprocess.run(
        [sys.executable, "-m", "llenergymeasure", "doctor", *arguments],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_doctor_exits_with_0_where_something_can_be_measured(library, tmp_path):
    done = doctor(library, tmp_path, CARD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(NVIDIA A100): measured by nvml-field-83" in done.stdout


@pytest.mark.parametrize("configuration", [CARD, "driver version=550.1\n"])
def test_the_doctors_json_and_exit_code_say_the_same(library, tmp_path, configuration):
    done = doctor(library, tmp_path, configuration, "--json")
    assert done.returncode == (0 if json.loads(done.stdout)["measurable"] else 1)


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(gpu_check, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(gpu_check, "IDLE_S", 0.3)
    monkeypatch.setattr(gpu_check, "load", lambda uuid: None)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return tmp_path / "results"


def test_a_gpus_sensors_are_measured_and_kept(simulator, results):
    simulator.load(CARD)
    assert gpu_check.main() == 0
    (path,) = results.iterdir()
    report = json.loads(path.read_text())
    assert path.name == "gpu-nvidia-a100.json"
    assert report["idle_w"] == pytest.approx(100, rel=0.1)
    assert report["idle_power_over_counter"] == pytest.approx(1, rel=0.2)
    assert report["timing"]["period_s"] == pytest.approx(0.02, rel=0.2)
    assert report["read_us"]["median"] > 0


def test_without_a_gpu_to_check_nothing_is_written(simulator, results, capsys):
    simulator.load("driver version=550.1\n")
    assert gpu_check.main() == 0
    assert "nothing written" in capsys.readouterr().out
    assert not results.exists()
