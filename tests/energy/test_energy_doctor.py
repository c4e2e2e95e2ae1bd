"""The doctor: what can be measured, how well, and the hint for what cannot."""

import json

import pytest
from inline_sampling import inline

from llenergymeasure.energy import WindowError
from llenergymeasure.energy.doctor import examine
from llenergymeasure.energy.host import Host

NOWHERE = {"environ": {}, "host": Host()}


@pytest.fixture
def inspect_machine(simulator, clock, tmp_path):
    def inspect(configuration):
        simulator.load(f"clock kind=virtual start=1000 call_us=20\n{configuration}")
        return examine(clock=clock, powercap=tmp_path / "powercap", **NOWHERE)

    return inspect


def test_a_gpu_with_a_counter_is_measurable_with_its_uncertainty(inspect_machine):
    report = inspect_machine('device name="NVIDIA A100" period_ms=100 limit_w=400\ncurve watts=80\n')
    gpu = report.devices[0]
    assert gpu.measurable
    assert gpu.period_s == pytest.approx(0.1, rel=1e-3)
    assert gpu.uncertainty_1s == pytest.approx(5 * gpu.uncertainty_5s)
    assert 0 < gpu.uncertainty_5s < 0.005
    assert report.exit_code == 0
    assert "measured by nvml-field-83" in report.to_text()
    assert "the counter moves every 100 ms" in report.to_text()


def test_nothing_to_measure_exits_with_1_and_says_why_for_each(inspect_machine):
    report = inspect_machine("driver version=550.1\n")
    assert report.exit_code == 1
    assert [device.device for device in report.devices] == ["gpu", "cpu"]
    assert all(device.reason and device.hint for device in report.devices)
    assert "Nothing can be measured here." in report.to_text()


def test_a_package_whose_counter_does_not_count_cannot_be_measured(inspect_machine, tmp_path):
    zone = tmp_path / "powercap" / "intel-rapl:0"
    zone.mkdir(parents=True)
    for file, text in (("name", "package-0"), ("max_energy_range_uj", "262143328850"), ("energy_uj", "7")):
        (zone / file).write_text(f"{text}\n")
    report = inspect_machine("driver version=550.1\n")
    assert report.exit_code == 1
    assert report.devices[-1].reason == "package-0: the counter stood still for 50 ms"
    assert "virtual machine" in report.devices[-1].hint


def test_a_process_that_is_not_visible_from_here_is_a_note_and_not_somebody_else(inspect_machine):
    (device, *_) = inspect_machine("device\nprocess pid=4194311\n").devices
    assert device.processes == ()
    assert any("not visible from here, perhaps this one: 4194311" in note for note in device.notes)


def test_a_desktop_on_the_card_is_a_note(inspect_machine):
    (device, *_) = inspect_machine("device\nprocess pid=1 kind=graphics\n").devices
    assert device.processes == ()
    assert any("draw on the GPU" in note for note in device.notes)


def test_mig_and_other_processes_are_shown(inspect_machine):
    report = inspect_machine("device mig=1\ncurve watts=80\ndevice\ncurve watts=80\nprocess pid=1\n")
    split, shared = report.devices[:2]
    assert not split.measurable
    assert split.mig
    assert "nvidia-smi -mig 0" in split.hint
    assert shared.processes == (1,)
    assert "other processes on it: 1" in report.to_text()


def test_an_old_card_is_measured_by_its_power_and_the_report_says_so(inspect_machine):
    report = inspect_machine("device no_counter=1 no_fields=1\ncurve watts=80\n")
    assert report.devices[0].method == "nvml-power-integral"
    assert "power is sampled and integrated" in report.to_text()


def test_the_json_report_has_the_same_content(inspect_machine):
    report = inspect_machine("device\ncurve watts=80\n")
    data = json.loads(report.to_json())
    assert data["measurable"] is True
    assert data["drivers"] == {"NVIDIA driver": "550.0"}
    assert data["devices"][0]["device"] == report.devices[0].device


@pytest.mark.parametrize("usage", ["average", "instant"])
@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_the_doctor_promises_of_integrated_power_what_windows_state(open_meter, clock, usage, seconds):
    card = f"device no_counter=1 no_fields=1 usage={usage} limit_w=400\ncurve watts=150\n"
    with open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.2) as meter:
        clock.sleep(2.0)
        (report,) = meter.sensors.opened[0].examine()
        with meter.window("work") as window:
            clock.sleep(seconds)
    promised = report.uncertainty_1s if seconds == 1.0 else report.uncertainty_5s
    assert promised == pytest.approx(window.energy.total.relative_uncertainty, rel=0.05)


@pytest.mark.parametrize(("usage", "target"), [("average", 0.08), ("instant", 0.7)])
def test_a_window_of_integrated_power_that_was_planned_meets_its_target(open_meter, clock, usage, target):
    card = f"device no_counter=1 no_fields=1 usage={usage} limit_w=400\ncurve watts=150\n"
    with open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.2) as meter:
        clock.sleep(2.0)
        with meter.window("work", target=target) as window:
            clock.sleep(1.02 * meter.plan_window(target))
    assert window.energy.total.relative_uncertainty <= target
    assert window.resolution.met


def test_no_window_is_planned_for_what_a_sensor_does_not_look_at(open_meter, clock):
    """Power that is read 25 ms of every 100 stays uncertain, however long the window is."""
    card = "device no_counter=1 no_fields=1 usage=instant limit_w=400\ncurve watts=150\n"
    with (
        open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.2) as meter,
        pytest.raises(WindowError, match="power stays 55% uncertain"),
    ):
        meter.plan_window(0.08)
