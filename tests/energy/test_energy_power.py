"""Power that is not power: what sensors report instead is thrown out or flagged."""

from __future__ import annotations

import random

import pytest
from inline_sampling import inline

from llenergymeasure.energy import Measured, Unavailable
from llenergymeasure.energy.nvml.integral import integrate
from llenergymeasure.energy.nvml.plausible import frozen, power_readings
from llenergymeasure.energy.samples import DeviceSample

BLANK = DeviceSample(*[0] * 8, *[0.0] * (len(DeviceSample._fields) - 8))
OLD = "device no_counter=1 no_fields=1 usage=instant limit_w=300 {card}\ncurve watts=150\n"


def window_of(open_meter, clock, card, seconds=5.0, work=lambda begin_s: None):
    with open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.5) as meter:
        clock.sleep(1.0)
        with meter.window("work") as window:
            work(clock.monotonic())
            clock.sleep(seconds)
        clock.sleep(0.2)
        assert window.energy
        return window


def ids(window):
    return [finding.id for finding in window.findings]


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("power watts=588", "among them 588 W: this GPU draws 2 to 360 W"),
        ("power scale=1000", "among them 150000 W"),
        ("power scale=0.001", "among them 0.15 W"),
        ("power watts=0", "among them 0 W"),
        ("power watts=-5", "among them 4.29496e+06 W"),
        ("power every=0.4 lasts=0.2 watts=700", "among them 700 W"),
    ],
    ids=["above-the-limit", "milliwatts", "kilowatts", "nothing", "negative", "jumping"],
)
def test_readings_that_no_such_board_can_draw_leave_no_figure(open_meter, clock, fault, what):
    """A sensor that says 588 W on a board of 300, or a thousandth or a thousandfold, or nothing at all."""
    window = window_of(open_meter, clock, OLD.format(card="") + f"{fault}\n")
    figure = window.energy.total
    assert isinstance(figure, Unavailable)
    assert what in figure.reason
    assert "power-implausible" in ids(window)


@pytest.mark.parametrize("watts", [4.29e6, 700, 0, -1])
def test_one_wild_reading_is_thrown_out_and_reported(open_meter, clock, watts):
    window = window_of(
        open_meter, clock, OLD.format(card="") + f"power from=1003 until=1003.04 watts={watts}\n"
    )
    figure = window.energy.total
    assert isinstance(figure, Measured)
    assert "power-readings-rejected" in figure.flags
    assert figure.energy_j == pytest.approx(750, rel=0.01)
    (finding,) = [finding for finding in window.findings if finding.id == "power-implausible"]
    assert "1 of" in finding.message
    assert not finding.invalidates
    (conditions,) = window.conditions
    assert conditions.power_w.high == pytest.approx(150)


@pytest.mark.parametrize("level", [20, 150, 290])
def test_a_sensor_that_shows_one_power_while_work_comes_and_goes_is_flagged(
    open_meter, clock, simulator, level
):
    """Frozen at a plausible level, at idle and under work alike."""

    def work(begin_s):
        simulator.add_curve(f"curve shape=pulse high=120 start={begin_s} end={begin_s + 4}")

    card = OLD.format(card="").replace("watts=150", "watts=60") + f"power watts={level}\n"
    window = window_of(open_meter, clock, card, work=work)
    figure = window.energy.total
    assert "power-frozen" in figure.flags
    assert abs(figure.energy_j - 780) <= 4 * figure.uncertainty_j
    (finding,) = [finding for finding in window.findings if finding.id == "power-frozen"]
    assert f"showed {level} W in all of" in finding.message


def rows(power_w, clocks_mhz, hz=20, seconds=4.0):
    times = [-0.1 + number / hz for number in range(round((seconds + 0.2) * hz))]
    return [
        BLANK._replace(begin_s=at_s, end_s=at_s, power_w=power_w(at_s), sm_mhz=clocks_mhz(at_s), instant=1.0)
        for at_s in times
    ]


def test_power_that_stays_while_the_clocks_move_leaves_no_figure():
    found = integrate(
        rows(lambda at_s: 200 + 0.3 * (at_s > 2), lambda at_s: 300 if at_s < 1 else 1410), 0, 4, 600
    )
    assert isinstance(found, str)
    assert "while the clocks went between 300 and 1410 MHz" in found


def test_power_that_moves_by_milliwatts_is_no_frozen_sensor():
    assert frozen(rows(lambda at_s: 200 + 0.01 * (at_s > 2), lambda at_s: 1410)) is None
    assert frozen(rows(lambda at_s: 200, lambda at_s: 1410)).clocks_mhz is None


def test_what_is_no_number_is_a_missing_sample_and_no_wild_one():
    given = rows(lambda at_s: float("nan") if 1 < at_s < 1.2 else 200.0, lambda at_s: 1410)
    assert power_readings(given, 600).rejected == ""


@pytest.mark.parametrize("duty", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("phase_ms", [0, 30, 55, 80])
@pytest.mark.parametrize("period_s", [0.05, 0.1, 0.2])
def test_pulses_in_step_with_a_sensor_are_within_the_uncertainty(open_meter, clock, duty, phase_ms, period_s):
    """Squares of 100 and 400 W, of which a sensor sees the same 25 ms of every 100: up to 60 % off."""
    curve = f"curve shape=square low=100 high=400 period_s={period_s} duty={duty}\n"
    card = f"device no_counter=1 no_fields=1 usage=instant limit_w=500 sensor_phase_ms={phase_ms}\n{curve}"
    window = window_of(open_meter, clock, card)
    figure = window.energy.total
    true_w = 100 + 300 * duty
    assert "uncertainty-is-bound" in figure.flags
    assert abs(figure.energy_j - true_w * window.length_s) <= 3 * figure.uncertainty_j


def test_a_sensor_that_lags_by_seconds_is_within_the_uncertainty(open_meter, clock, simulator):
    def work(begin_s):
        simulator.add_curve(f"curve shape=pulse high=200 start={begin_s} end={begin_s + 3}")

    card = OLD.format(card="sensor_lag_ms=2000").replace("watts=150", "watts=60")
    window = window_of(open_meter, clock, card, seconds=3.0, work=work)
    figure = window.energy.total
    assert abs(figure.energy_j - 780) <= 4 * figure.uncertainty_j


@pytest.mark.parametrize("fault", ["power watts=588", "power watts=0", "power scale=1000", "power watts=-1"])
def test_a_counter_is_not_disturbed_by_power_that_cannot_be(open_meter, clock, fault):
    window = window_of(open_meter, clock, f"device limit_w=300\ncurve watts=150\n{fault}\n", seconds=1.234)
    figure = window.energy.total
    assert abs(figure.energy_j - 150 * window.length_s) <= max(4 * figure.uncertainty_j, 0.5)
    assert ids(window) == ["power-implausible"]
    assert window.valid


COUNTED = "device period_ms=100 limit_w=500 {card}\ncurve {curve}\n"


@pytest.mark.parametrize("kind", ["", "no_fields=1", "no_fields=1 usage=instant"])
def test_pulsing_work_on_a_healthy_card_is_no_contradiction(open_meter, clock, kind):
    """Squares of 20 to 500 ms, in 500 windows on three kinds of card: the check does not fire."""
    draw = random.Random(f"pulses {kind}")
    for _ in range(17):
        low, period_s = draw.uniform(40, 300), draw.choice([0.02, 0.05, 0.1, 0.15, 0.3, 0.5])
        curve = f"shape=square low={low} high=480 period_s={period_s} duty={draw.uniform(0.1, 0.9)}"
        card = COUNTED.format(card=f"sensor_phase_ms={draw.uniform(0, 100)} {kind}", curve=curve)
        with open_meter(card, sample_hz=20, start=inline(clock)) as meter:
            for _ in range(10):
                with meter.window("work", target=0.5) as window:
                    clock.sleep(draw.choice([0.3, 1.0, 2.5, 4.0]))
                clock.sleep(0.1)
                assert "counter-against-power" not in ids(window), (curve, window.length_s)


@pytest.mark.parametrize("gain", [0.8, 1.2])
def test_a_counter_that_is_off_by_a_fifth_is_found(open_meter, clock, gain):
    card = COUNTED.format(card=f"counter_gain={gain}", curve="watts=250")
    window = window_of(open_meter, clock, card)
    assert "counter-against-power" in ids(window)
    assert not window.valid


def test_a_module_whose_counter_covers_more_than_the_gpu_is_no_contradiction(open_meter, clock):
    """On GH200 the counter has the module's processor and memory too: 150 W more than the GPU's power."""
    card = COUNTED.format(card='name="NVIDIA GH200 480GB" counter_extra_w=150', curve="watts=300")
    window = window_of(open_meter, clock, card)
    assert ids(window) == []
    assert window.energy.total.energy_j == pytest.approx(450 * window.length_s, rel=0.01)


@pytest.mark.parametrize("usage", ["instant", "average"])
@pytest.mark.parametrize("length_s", [1.0, 5.0])
def test_the_doctor_promises_what_windows_state(open_meter, clock, usage, length_s):
    """On a card without a counter, at half of what it can draw."""
    card = f"device no_counter=1 no_fields=1 usage={usage} limit_w=500\ncurve watts=300\n"
    with open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.5) as meter:
        (report,) = meter.sensors.opened[0].examine()
        clock.sleep(1)
        with meter.window("work") as window:
            clock.sleep(length_s)
        clock.sleep(0.2)
        stated = window.energy.total.relative_uncertainty
    promised = report.uncertainty_1s if length_s == 1 else report.uncertainty_5s
    assert stated == pytest.approx(promised, rel=0.05)
