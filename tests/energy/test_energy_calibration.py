"""The error bars are true: neither too small nor too large, wherever in the counter's period a window falls."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from calibrating import CURVES, background, outcomes
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_nvml import VirtualClock

from llenergymeasure.energy import EnergyMeter

LENGTHS_S = (0.02, 0.1, 0.3, 1.0, 3.0001)
PHASES = 3
LEAST_RATIO, MOST_RATIO = 0.6, 1.2


def root_mean_square(values):
    return math.sqrt(math.fsum(value * value for value in values) / len(values))


@pytest.mark.parametrize(("stamp", "windows"), [("call", 5000), ("tick", 2500)])
@pytest.mark.parametrize("edges", ["tick", "immediate"])
def test_errors_are_as_large_as_stated_and_never_beyond_the_bound(loaded, edges, stamp, windows):
    strata = defaultdict(list)
    for outcome in outcomes(loaded, windows=windows, edges=edges, seed=20240, stamp=stamp):
        assert abs(outcome.error_j) <= outcome.figure.bound_j + 1e-6, outcome
        length = next(
            i for i, (low, high) in enumerate(pairwise(LENGTHS_S)) if low <= outcome.length_s < high
        )
        strata[length, int(outcome.phase * PHASES)].append(outcome.ratio)
    assert len(strata) == PHASES * (len(LENGTHS_S) - 1)
    ratios = {stratum: root_mean_square(values) for stratum, values in sorted(strata.items())}
    assert all(LEAST_RATIO <= ratio <= MOST_RATIO for ratio in ratios.values()), ratios


@pytest.mark.parametrize("period_ms", [10, 20, 50, 100, 200])
@pytest.mark.parametrize("curve", CURVES)
def test_aligned_windows_of_a_second_err_by_half_a_percent_at_most(loaded, curve, period_ms):
    draw = random.Random(f"{curve}{period_ms}")
    clock = VirtualClock(loaded)
    for _ in range(4):
        loaded.load(
            "clock kind=virtual start=1000 call_us=20\n"
            f"device period_ms={period_ms} phase_ms={draw.uniform(0, period_ms)} limit_w=500\n{background(curve, draw)}\n"
        )
        with EnergyMeter.open(clock=clock, environ={}, sample_hz=0) as meter:
            for _ in range(4):
                clock.sleep(draw.uniform(0, 1))
                with meter.window("work") as window:
                    begin_s = clock.monotonic()
                    if curve == "idle-busy-idle":
                        loaded.add_curve(f"curve shape=pulse high=250 start={begin_s} end={begin_s + 1}")
                    clock.sleep(1.0)
                true_j = loaded.true_joules(begin_s, begin_s + 1.0)
                assert window.energy.total.energy_j == pytest.approx(true_j, rel=0.005)


@pytest.mark.parametrize("phase_ms", [0, 17, 50, 83])
def test_a_second_of_busy_between_idle_errs_by_half_a_percent_at_most_wherever_it_ends(loaded, phase_ms):
    clock = VirtualClock(loaded)
    loaded.load(
        "clock kind=virtual start=1000 call_us=20\n"
        "device period_ms=100 sensor_period_ms=20 limit_w=500\ncurve watts=80\n"
    )
    with EnergyMeter.open(clock=clock, environ={}, sample_hz=0) as meter, meter.window("work") as window:
        begin_s, length_s = clock.monotonic(), 1 + phase_ms / 1000
        loaded.add_curve(f"curve shape=pulse high=300 start={begin_s} end={begin_s + length_s}")
        clock.sleep(length_s)
    assert window.energy.total.energy_j == pytest.approx(380 * length_s, rel=0.005)


@settings(max_examples=60, deadline=None)
@given(
    watts=st.floats(20, 480),
    period_ms=st.floats(5, 250),
    phase_ms=st.floats(0, 250),
    resolution_mj=st.sampled_from([1, 10, 100, 1000]),
    length_s=st.floats(0.001, 4),
    edges=st.sampled_from(["tick", "immediate"]),
)
def test_invariants_of_a_window(*, loaded, watts, period_ms, phase_ms, resolution_mj, length_s, edges):
    clock = VirtualClock(loaded)
    loaded.load(
        "clock kind=virtual start=50 call_us=20\n"
        f"device period_ms={period_ms} phase_ms={phase_ms} resolution_mj={resolution_mj} limit_w=500\ncurve watts={watts}\n"
    )
    with (
        EnergyMeter.open(clock=clock, environ={}, sample_hz=0) as meter,
        meter.window("work", edges=edges) as window,
    ):
        clock.sleep(length_s)
    figure = window.energy.total
    true_j = watts * window.length_s
    assert figure.energy_j > 0
    assert 0 < figure.uncertainty_j <= figure.bound_j
    assert abs(figure.energy_j - true_j) <= figure.bound_j + 1e-6
    assert window.resolution.met == (figure.relative_uncertainty <= 0.05)


@pytest.mark.parametrize("edges", ["tick", "immediate"])
@pytest.mark.parametrize("target", [0.05, 0.01, 0.005])
def test_a_planned_window_meets_its_target_at_steady_work(loaded, edges, target):
    draw, clock = random.Random(5), VirtualClock(loaded)
    for _ in range(6):
        period_ms = draw.uniform(10, 200)
        loaded.load(
            "clock kind=virtual start=1000 call_us=20\n"
            f"device period_ms={period_ms} phase_ms={draw.uniform(0, period_ms)} sensor_period_ms=25 limit_w=500\ncurve watts=300\n"
        )
        with EnergyMeter.open(clock=clock, environ={}, sample_hz=0) as meter:
            planned_s = meter.plan_window(target, edges=edges)
            with meter.window("work", edges=edges, target=target) as window:
                clock.sleep(planned_s)
        assert window.energy.total.relative_uncertainty <= 1.25 * target


def test_planning_is_shorter_for_ticks_than_without(open_meter):
    meter = open_meter("device period_ms=100 limit_w=500\ncurve watts=300\n")
    assert meter.plan_window(0.01) == pytest.approx(0.8, rel=0.01)
    assert meter.plan_window(0.01, edges="immediate") == pytest.approx(4.08, rel=0.01)


def test_time_is_told_by_the_simulation_alone(open_meter, clock):
    meter = open_meter("device\ncurve watts=100\n", powercap=Path("/nonexistent"))
    before_s = clock.monotonic()
    with meter.window("work"):
        pass
    assert 0.05 < clock.monotonic() - before_s < 0.3


def test_several_gpus_that_tick_at_different_times_are_each_within_their_bars(loaded):
    draw, clock, ratios = random.Random(31), VirtualClock(loaded), []
    for machine in range(24):
        curves = [background(CURVES[(machine + k) % len(CURVES)], draw) for k in range(3)]
        devices = [
            f"device period_ms={draw.uniform(15, 150)} phase_ms={draw.uniform(0, 150)} limit_w=500\n{curve}\n"
            for curve in curves
        ]
        loaded.load("clock kind=virtual start=1000 call_us=20\n" + "".join(devices))
        with EnergyMeter.open(clock=clock, environ={}, sample_hz=0) as meter:
            for _ in range(10):
                with meter.window("work") as window:
                    begin_s = clock.monotonic()
                    clock.sleep(draw.uniform(0.1, 2))
                    end_s = clock.monotonic()
                for device, figure in enumerate(window.energy.devices):
                    error_j = figure.energy_j - loaded.true_joules(begin_s, end_s, device)
                    assert abs(error_j) <= figure.bound_j + 1e-6
                    ratios.append(error_j / figure.uncertainty_j)
    assert LEAST_RATIO <= root_mean_square(ratios) <= MOST_RATIO
