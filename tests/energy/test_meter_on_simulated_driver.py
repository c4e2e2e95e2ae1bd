"""The meter through the real nvidia-ml-py, on a driver that knows the true joules: one row a situation."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import simulated_nvml

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="a C compiler builds the simulated driver")

MEASURE = """
import json, sys, time
from llenergymeasure.energy import EnergyError, EnergyMeter
try:
    with EnergyMeter.open(devices={devices!r}) as meter:
        started = time.monotonic()
        with meter.window("run") as window:
            time.sleep({seconds})
        took = time.monotonic() - started
except EnergyError as error:
    print(json.dumps({{"error": str(error)}}))
else:
    print(json.dumps({{"took_s": took, **window.energy.to_dict()}}))
"""


def measure(
    driver: Path, folder: Path, configuration: str, *, devices: Any = "auto", seconds: float = 0.35
) -> dict[str, Any]:
    path = folder / "driver.conf"
    path.write_text(configuration)
    done = simulated_nvml.run(MEASURE.format(devices=devices, seconds=seconds), driver, path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


TWO = "device uuid=GPU-a\ncurve watts=100\ndevice uuid=GPU-b start_j=7\ncurve watts=40\n"


@pytest.mark.parametrize(
    ("devices", "watts"),
    [
        ("auto", {"GPU-a": 100, "GPU-b": 40}),
        (["GPU-b"], {"GPU-b": 40}),
        ([1, "0"], {"GPU-b": 40, "GPU-a": 100}),
        ([0, "GPU-a"], {"GPU-a": 100}),
    ],
)
def test_joules_are_those_of_the_driver_within_the_bound(
    driver: Path, tmp_path: Path, devices: Any, watts: dict[str, int]
) -> None:
    told = measure(driver, tmp_path, TWO, devices=devices)
    assert [figure["device"] for figure in told["devices"]] == list(watts)
    for figure in told["devices"]:
        seconds = figure["end"]["at_s"] - figure["begin"]["at_s"]
        true_j = watts[figure["device"]] * seconds
        assert figure["kind"] == "measured"
        assert abs(figure["energy_j"] - true_j) <= figure["bound_j"] + 0.05
        assert 0 < figure["uncertainty_j"] < figure["bound_j"]
    assert told["total"]["energy_j"] == pytest.approx(sum(figure["energy_j"] for figure in told["devices"]))
    assert told["total"]["bound_j"] == pytest.approx(sum(figure["bound_j"] for figure in told["devices"]))


ENERGY = "nvmlDeviceGetTotalEnergyConsumption"


@pytest.mark.parametrize(
    ("configuration", "options", "reason"),
    [
        ("", {}, "lists no GPU"),
        (TWO, {"devices": "none"}, "not asked for"),
        (TWO, {"devices": "cpu"}, "CPU's energy counters"),
        (TWO, {"seconds": 0.0}, "too short"),
        ("device no_counter=1\n", {}, "energy counter"),
        ("device mig=1\n", {}, "MIG"),
        ("fault call=nvmlInitWithFlags code=9\ndevice\n", {}, "does not start"),
        ("fault call=nvmlDeviceGetCount_v2 code=999\ndevice\n", {}, "number of GPUs"),
        ("fault call=nvmlDeviceGetUUID code=15\ndevice\n", {}, "UUID of GPU 0"),
        (f"fault call={ENERGY} code=15 from=2\ndevice\ncurve watts=100\n", {}, "energy counter"),
        ("device\ncurve watts=-100\n", {}, "backwards"),
    ],
)
def test_what_cannot_be_measured_says_why_and_is_never_a_zero(
    driver: Path, tmp_path: Path, configuration: str, options: dict[str, Any], reason: str
) -> None:
    told = measure(driver, tmp_path, configuration, **options)
    assert {figure["kind"] for figure in told["devices"]} == {"unavailable"}
    assert told["total"]["kind"] == "unavailable"
    assert "energy_j" not in told["total"]
    assert reason in told["total"]["reason"]
    assert all(figure["mend"].endswith(".") for figure in told["devices"])


def test_one_lost_gpu_makes_the_total_unavailable_and_leaves_the_other_measured(
    driver: Path, tmp_path: Path
) -> None:
    told = measure(driver, tmp_path, "device uuid=GPU-a\ncurve watts=100\ndevice uuid=GPU-b no_counter=1\n")
    assert [figure["kind"] for figure in told["devices"]] == ["measured", "unavailable"]
    assert told["total"]["reason"].startswith("GPU-b: ")


def test_a_gpu_that_is_not_there_is_an_error_with_those_that_are(driver: Path, tmp_path: Path) -> None:
    told = measure(driver, tmp_path, TWO, devices=["GPU-c"])
    assert "There is no GPU GPU-c" in told["error"]
    assert "GPU-a" in told["error"]
    assert "GPU-b" in told["error"]


def test_identity_names_the_driver_and_its_gpus(driver: Path, tmp_path: Path) -> None:
    path = tmp_path / "driver.conf"
    path.write_text("device uuid=GPU-a name=Card\n")
    program = "from llenergymeasure.energy.identity import nvidia_identity as n; print(n().driver, n().gpus)"
    done = simulated_nvml.run(program, driver, path)
    assert done.stdout == "550.0 {'GPU-a': 'Card'}\n"
