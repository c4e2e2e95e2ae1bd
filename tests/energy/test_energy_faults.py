"""Every error code on every call, at once, later, or at times: a figure or a reason, no crash, no 0."""

from __future__ import annotations

import subprocess
import sys

import pynvml
import pytest
from inline_sampling import inline
from simulated_nvml import build

from llenergymeasure.energy import Measured, Unavailable
from llenergymeasure.energy.doctor import examine

CODES = sorted(
    {
        value
        for name, value in vars(pynvml).items()
        if name.startswith("NVML_ERROR_") and isinstance(value, int)
    }
    | {77}
)
CALLS = [
    "nvmlInitWithFlags",
    "nvmlShutdown",
    "nvmlSystemGetDriverVersion",
    "nvmlDeviceGetCount_v2",
    "nvmlDeviceGetHandleByIndex_v2",
    "nvmlDeviceGetHandleByUUID",
    "nvmlDeviceGetUUID",
    "nvmlDeviceGetName",
    "nvmlDeviceGetMigMode",
    "nvmlDeviceGetCudaComputeCapability",
    "nvmlDeviceGetFieldValues",
    "nvmlDeviceGetTotalEnergyConsumption",
    "nvmlDeviceGetPowerUsage",
    "nvmlDeviceGetPowerManagementLimitConstraints",
    "nvmlDeviceGetEnforcedPowerLimit",
    "nvmlDeviceGetTemperature",
    "nvmlDeviceGetClockInfo",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetCurrentClocksThrottleReasons",
    "nvmlDeviceGetViolationStatus",
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetGraphicsRunningProcesses_v3",
    "nvmlDeviceGetMPSComputeRunningProcesses_v3",
]
WHEN = ["", "from=20", "after=1000.4", "p=0.3 seed=3"]
GPU = "device period_ms=20 limit_w=500\ncurve watts=200\n"
OLD = "device period_ms=20 limit_w=500 no_fields=1\ncurve watts=200\n"
ANCIENT = "device no_fields=1 no_counter=1 usage=instant sensor_period_ms=10 limit_w=500\ncurve watts=200\n"


def sound(figure, true_j):
    """A figure that may be published: joules whose error bar contains the truth, or a reason."""
    if isinstance(figure, Unavailable):
        return bool(figure.reason)
    return (
        isinstance(figure, Measured)
        and figure.energy_j > 0
        and abs(figure.energy_j - true_j) <= figure.bound_j
    )


def run(open_meter, clock, configuration, boundaries="tick"):
    with open_meter(configuration, sample_hz=20, start=inline(clock), calibration_s=0.22) as meter:
        window = meter.window("work", boundaries=boundaries)
        with window:
            clock.sleep(0.3)
        return window


@pytest.mark.parametrize("card", [GPU, OLD, ANCIENT], ids=["card", "old-card", "ancient-card"])
@pytest.mark.parametrize("call", CALLS)
def test_every_code_on_every_call(open_meter, clock, simulator, card, call):
    for code in CODES:
        for when in WHEN:
            window = run(open_meter, clock, f"{card}fault call={call} code={code} {when}\n")
            figure = window.energy.total
            assert sound(figure, 200 * window.length_s), (code, when, figure)
            assert window.findings is not None
    assert examine(clock=clock, environ={}).to_text()


def test_the_list_of_calls_is_all_that_is_called(open_meter, clock, simulator):
    called = set()
    for card in (GPU, OLD, ANCIENT):
        window = run(open_meter, clock, card)
        assert isinstance(window.energy.total, Measured)
        called |= set(simulator.calls())
        examine(clock=clock, environ={})
        called |= set(simulator.calls())
    assert called <= set(CALLS)


@pytest.mark.parametrize("code", [3, 4, 15, 999])
@pytest.mark.parametrize("field", [83, 185, 186])
def test_a_field_with_an_error_of_its_own(open_meter, clock, field, code):
    window = run(open_meter, clock, f"{GPU}fault call=nvmlDeviceGetFieldValues field={field} code={code}\n")
    figure = window.energy.total
    assert isinstance(figure, Measured)
    assert abs(figure.energy_j - 200 * window.length_s) <= figure.bound_j
    method = window.energy.devices[0].method
    assert method == ("nvml-total-energy" if field == 83 else "nvml-field-83")


@pytest.mark.parametrize("boundaries", ["tick", "immediate"])
def test_a_gpu_lost_midway(open_meter, clock, boundaries):
    window = run(open_meter, clock, f"{GPU}fault call=* code=15 after=1000.4\n", boundaries)
    assert "fell off the bus" in window.energy.total.reason
    assert "dmesg" in window.energy.total.hint
    assert isinstance(window.energy.total, Unavailable)
    assert "sensor-lost" in [finding.id for finding in window.findings]


def test_one_lost_gpu_of_two_leaves_the_other_its_figure(open_meter, clock):
    configuration = f"{GPU}{GPU}fault call=nvmlDeviceGetFieldValues device=1 code=15 after=1000.4\n"
    good, lost = run(open_meter, clock, configuration).energy.devices
    assert good.energy_j == pytest.approx(60, rel=0.02)
    assert isinstance(lost, Unavailable)


@pytest.mark.parametrize(
    ("symptom", "boundaries", "rule"),
    [
        ("stuck_at=1000.35", "tick", "counter-stuck"),
        ("stuck_at=1000.35", "immediate", "counter-stuck"),
        ("stuck_at=1000.195", "immediate", "counter-stuck"),
        ("reset_at=1000.4", "tick", "counter-reset"),
        ("reset_at=1000.4", "immediate", "counter-reset"),
        ("step_back_at=1000.4 step_back_j=500", "tick", "counter-reset"),
        ("jump_at=1000.4 jump_j=400", "tick", "counter-reset"),
        ("jump_at=1000.4 jump_j=400", "immediate", "counter-reset"),
        ("jump_at=1000.52 jump_j=30", "tick", "counter-reset"),  # in the tail alone
        ("jump_at=1000.4 jump_j=90", "immediate", "counter-against-power"),  # the card could draw as much
    ],
)
def test_a_counter_that_misbehaves_is_found_out(open_meter, clock, symptom, boundaries, rule):
    card = f"device period_ms=20 limit_w=500 start_j=90000 sensor_period_ms=10 {symptom}\ncurve watts=200\n"
    window = run(open_meter, clock, card, boundaries)
    assert rule in [finding.id for finding in window.findings]
    assert not window.valid
    if rule != "counter-against-power":
        assert isinstance(window.energy.total, Unavailable)


@pytest.mark.parametrize("asked", ["at once", "later", "after the meter was closed"])
def test_a_counter_that_stops_inside_an_immediate_window_gives_no_small_figure(open_meter, clock, asked):
    """Without a sampler nothing else contradicts it: what does is that it never moves again."""
    meter = open_meter("device period_ms=100 limit_w=500 stuck_at=1003\ncurve watts=200\n")
    clock.sleep_until(1002)
    with meter.window("work", boundaries="immediate") as window:
        clock.sleep_until(1007)
    if asked == "later":
        clock.sleep(3)
    if asked == "after the meter was closed":
        meter.close()
    assert "stood still" in window.energy.total.reason
    assert [finding.id for finding in window.findings] == ["counter-stuck"]


@pytest.mark.parametrize("close", [False, True])
def test_the_energy_of_an_immediate_window_waits_for_the_counter_to_move_once_more(open_meter, clock, close):
    meter = open_meter("device period_ms=100 limit_w=500\ncurve watts=200\n")
    with meter.window("work", boundaries="immediate") as window:
        clock.sleep(1.03)
    over_s = clock.monotonic()
    if close:
        meter.close()
    assert window.energy.total.energy_j == pytest.approx(206, rel=0.1)
    assert clock.monotonic() - over_s < 0.11
    waited_s = clock.monotonic()
    assert window.energy is window.energy
    assert clock.monotonic() == waited_s


def test_a_counter_lost_right_after_an_immediate_window_leaves_its_figure_marked(open_meter, clock):
    meter = open_meter(f"{GPU}fault call=* code=15 after=1003\n")
    clock.sleep_until(1002)
    with meter.window("work", boundaries="immediate") as window:
        clock.sleep_until(1002.999)
    clock.sleep(1)
    figure = window.energy.total
    assert abs(figure.energy_j - 200 * window.length_s) <= figure.bound_j
    assert "counter-unconfirmed" in figure.flags


def test_a_counter_found_stuck_at_start_is_not_used(open_meter, clock):
    card = "device period_ms=20 limit_w=500 stuck_at=1000.1\ncurve watts=200\n"
    window = run(open_meter, clock, card)
    (figure,) = window.energy.devices
    assert figure.method == "nvml-power-integral"
    assert figure.energy_j == pytest.approx(60, rel=0.02)


@pytest.mark.parametrize(
    ("without", "method"), [(("FIELD_VALUES",), "nvml-total-energy"), (("ENERGY_COUNTER",), "nvml-field-83")]
)
def test_a_driver_older_than_the_binding_lacks_the_symbol_itself(tmp_path, without, method):
    build(tmp_path, without=without)
    (tmp_path / "config").write_text("device period_ms=20\ncurve watts=100\n")
    code = (
        "from llenergymeasure.energy import EnergyMeter\nimport time\n"
        "with EnergyMeter.open(sample_hz=0, environ={}) as meter, meter.window('w') as w: time.sleep(0.1)\n"
        "print(w.energy.devices[0].method)"
    )
    done = python(code, tmp_path)
    assert done.stdout.strip() == method, done.stderr


def python(code, directory):
    import os

    environ = os.environ | {
        "LD_LIBRARY_PATH": str(directory),
        "NVML_SIM_CONFIG": str(directory / "config"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
