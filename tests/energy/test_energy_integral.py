"""Integrated power, for cards without a counter: how exact it is, and when it is unavailable."""

from __future__ import annotations

import math

import pytest
from inline_sampling import inline

from llenergymeasure.energy import Measured, Unavailable
from llenergymeasure.energy.nvml.integral import integrate
from llenergymeasure.energy.samples import DeviceSample

CEILING_W = 600.0
BLANK = DeviceSample(*[0] * 8, *[0.0] * (len(DeviceSample._fields) - 8))


def samples(*spans, power_w=lambda at_s: 200.0, hz=20, instant=1.0):
    """Rows at a steady rate over some spans of time."""
    times = [begin_s + k / hz for begin_s, end_s in spans for k in range(round((end_s - begin_s) * hz))]
    return [
        BLANK._replace(begin_s=at_s, end_s=at_s, power_w=power_w(at_s), instant=instant) for at_s in times
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "fewer than 5 samples"),
        (samples((0, 0.2)), "fewer than 5 samples"),
        (samples((-1, 2), (4.5, 6)), "no sample of its power was taken for 2.5 s"),
        (samples((-1, 3)), "no sample of its power was taken for 2 s"),
        (samples((2, 6)), "no sample of its power was taken for 2 s"),
        (samples((-1, 6), hz=20, power_w=lambda at_s: math.nan if 1 < at_s < 3 else 9.0), "for 2 s"),
    ],
)
def test_a_gap_between_samples_leaves_no_figure(given, why):
    found = integrate(given, 0.0, 5.0, CEILING_W)
    assert isinstance(found, str)
    assert why in found


def test_samples_that_are_rare_from_the_start_are_not_a_gap():
    found = integrate(samples((-1, 21), hz=1), 0.0, 20.0, CEILING_W)
    assert found.energy_j == pytest.approx(4000)


def test_what_was_not_sampled_widens_the_uncertainty():
    def saw(at_s):
        return 100.0 if round(at_s * 20) % 2 else 300.0

    full = integrate(samples((-1, 3), power_w=saw), 0.0, 2.0, CEILING_W)
    no_end = integrate(samples((-1, 1.6), power_w=saw), 0.0, 2.0, CEILING_W)
    hole = integrate(samples((-1, 0.8), (1.2, 3), power_w=saw), 0.0, 2.0, CEILING_W)
    assert full.uncertainty_j < no_end.uncertainty_j
    assert full.uncertainty_j < hole.uncertainty_j


def test_an_average_is_flagged_and_less_certain():
    def power_w(at_s):
        return 200 + at_s

    instant = integrate(samples((-1, 3), power_w=power_w), 0.0, 2.0, CEILING_W)
    averaged = integrate(samples((-1, 3), power_w=power_w, instant=0.0), 0.0, 2.0, CEILING_W)
    assert instant.flags == ("power-integrated", "uncertainty-is-bound")
    assert averaged.flags == ("power-integrated", "power-averaged", "uncertainty-is-bound")
    assert averaged.uncertainty_j > 3 * 0.05 * averaged.energy_j


OLD = "device no_counter=1 no_fields=1 usage={usage} sensor_period_ms=20 limit_w=500\ncurve watts=60\n"


@pytest.mark.parametrize("seconds", [0.5, 1.0, 3.0, 12.0])
@pytest.mark.parametrize("usage", ["instant", "average"])
def test_a_load_after_idle_is_within_three_uncertainties(open_meter, clock, simulator, usage, seconds):
    with (
        open_meter(OLD.format(usage=usage), sample_hz=20, start=inline(clock), calibration_s=0.2) as meter,
        meter.window("work") as window,
    ):
        begin_s = clock.monotonic()
        simulator.add_curve(f"curve shape=pulse high=400 start={begin_s} end={begin_s + seconds}")
        clock.sleep_until(begin_s + seconds)
    (figure,) = window.energy.devices
    assert isinstance(figure, Measured)
    assert ("power-averaged" in figure.flags) == (usage == "average")
    assert abs(figure.energy_j - 460 * window.length_s) <= 3 * figure.uncertainty_j


def test_a_sensor_that_fails_for_a_second_leaves_no_figure(open_meter, clock):
    fault = "fault call=nvmlDeviceGetPowerUsage code=999 after=1001\n"
    card = OLD.format(usage="instant") + fault
    with (
        open_meter(card, sample_hz=20, start=inline(clock), calibration_s=0.2) as meter,
        meter.window("work") as window,
    ):
        clock.sleep(3.0)
    (figure,) = window.energy.devices
    assert isinstance(figure, Unavailable)
    assert "reading power" in figure.reason
