"""Conditions and findings: what invalidates a window is found and named, and the window is kept."""

from __future__ import annotations

import builtins
import importlib.util
import os

import pytest
from inline_sampling import inline

from llenergymeasure.energy import TraceError
from llenergymeasure.energy.nvml.checks import CHECKS
from llenergymeasure.energy.parquet import write_parquet

CARD = "device period_ms=50 sensor_period_ms=20 limit_w=500 celsius=66 sm_mhz=1980\ncurve watts=200\n"


@pytest.fixture
def measure(open_meter, clock):
    def measure(more="", seconds=1.0, **options):
        with open_meter(CARD + more, sample_hz=20, start=inline(clock)) as meter:
            window = meter.window("work", **options)
            with window:
                clock.sleep(seconds)
            return window

    return measure


def test_what_the_sampler_saw_is_summed_up(measure):
    (conditions,) = measure().conditions
    assert conditions.samples == pytest.approx(20, abs=1)
    assert conditions.power_w.mean == pytest.approx(200)
    assert conditions.temperature_c.high == 66
    assert conditions.sm_mhz.low == 1980
    assert conditions.limit_w.low == 500
    assert (conditions.reasons, conditions.thermal_samples, conditions.power_violation_s) == (0, 0, 0)
    assert (conditions.foreign_processes, conditions.error) == (0, None)


def test_a_quiet_window_is_valid(measure):
    window = measure()
    assert window.valid
    assert window.findings == ()


@pytest.mark.parametrize(
    ("event", "rule", "invalidates"),
    [
        ("process pid=1\n", "foreign-process", True),
        ("process pid={own}\n", None, False),
        ("process pid=4194303\nprocess pid=4194302\n", "unidentified-process", False),
        (
            "process pid=4194303\n",
            "unidentified-process",
            False,
        ),  # this one from outside its container, or another
        (
            "process pid={own}\nprocess pid=4194303\n",
            "foreign-process",
            True,
        ),  # this one is in the list already
        ("fault call=nvmlDeviceGetComputeRunningProcesses_v3 code=3\n", "unidentified-process", False),
        ("process pid=1 kind=graphics\n", "graphics-process", False),
        ("process pid={own} kind=graphics\n", None, False),
        ("process pid={own}\nprocess pid=1 kind=mps\n", "foreign-process", True),
        ("process pid={own} kind=mps\n", None, False),
        ("throttle bits=32 from=1000 until=9999\n", "thermal-throttling", False),
        ("throttle bits=64 from=1000 until=9999\n", "thermal-throttling", False),
        ("throttle bits=8 from=1000 until=9999\n", "thermal-throttling", False),
        ("throttle bits=4 from=1000 until=9999\n", "power-cap-throttling", False),
        ("throttle bits=1 from=1000 until=9999\n", None, False),
        ("limit at=1001 watts=300\n", "power-cap-changed", False),
    ],
)
def test_what_invalidates_a_window(measure, event, rule, invalidates):
    event = event.format(own=os.getpid())  # here, not in the table: parallel workers must agree on its rows
    window = measure(event, seconds=2.0)
    assert [finding.id for finding in window.findings] == ([rule] if rule else [])
    assert window.valid is not invalidates
    assert window.energy.total.energy_j == pytest.approx(400, rel=0.01)  # still kept


def test_a_short_window_says_how_long_it_should_have_been(measure):
    window = measure(seconds=0.2, boundaries="immediate", target=0.01)
    (finding,) = window.findings
    assert finding.id == "under-resolution"
    assert window.resolution.smallest_window_s > 0.2
    assert f"takes {window.resolution.smallest_window_s:.3g} s" in finding.message


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        ("throttle bits=32 from=1002.955 until=1002.985\n", "thermal-throttling"),
        ("throttle bits=4 from=1002.955 until=1002.985\n", "power-cap-throttling"),
        ("throttle bits=32 from=1001.6 until=1001.99\n", None),
        ("process pid=1 from=1002.97\n", "foreign-process"),
        ("process pid=1 from=1002.001 until=1002.9\n", "foreign-process"),
        ("process pid=1 until=1001.99\n", None),
        ("limit at=1002.97 watts=300\n", "power-cap-changed"),
        ("limit at=1001.99 watts=300\n", None),
    ],
)
def test_what_happens_close_to_a_boundary_counts_on_its_own_side(open_meter, clock, event, rule):
    """Between two samples and close to a boundary, so that only the sample requested there can show it."""
    with open_meter(CARD + event, sample_hz=20, start=inline(clock)) as meter:
        clock.sleep_until(1002)
        with meter.window("work", boundaries="immediate") as window:
            clock.sleep_until(1003)
    assert [finding.id for finding in window.findings] == ([rule] if rule else [])


@pytest.mark.parametrize(("policy", "share_s"), [("thermal_violation_s", 0.03), ("power_violation_s", 0.0)])
def test_violation_times_are_of_the_window_alone(open_meter, clock, policy, share_s):
    events = "throttle bits=32 from=1001 until=1001.9\nthrottle bits=32 from=1002.4 until=1002.43\n"
    with open_meter(CARD + events, sample_hz=20, start=inline(clock)) as meter:
        clock.sleep_until(1002)
        with meter.window("work", boundaries="immediate") as window:
            clock.sleep_until(1003)
    (conditions,) = window.conditions
    assert getattr(conditions, policy) == pytest.approx(share_s, abs=1e-6)


def test_a_window_without_samples_says_so(open_meter, clock):
    with (
        open_meter(CARD, sample_hz=20, start=inline(clock, deaf=True)) as meter,
        meter.window("work", boundaries="immediate") as window,
    ):
        clock.sleep(0.0005)
    assert window.conditions == (None,)
    assert "conditions-unknown" in [finding.id for finding in window.findings]


def test_a_sampler_that_stops_midway_is_reported(open_meter, clock):
    with open_meter(CARD, sample_hz=20, start=inline(clock)) as meter, meter.window("work") as window:
        clock.sleep(0.5)
        meter.sensors.opened[0].sampler.stop()
        meter.sensors.opened[0].sampler._deaf = True
        clock.sleep(0.31)
    (finding,) = window.findings
    assert (finding.id, finding.invalidates) == ("sampler-stopped", False)
    assert finding.message.startswith("for 0.3")
    assert window.energy.total.energy_j == pytest.approx(200 * window.length_s, rel=0.01)


AVERAGED = CARD.replace("limit_w", "no_fields=1 limit_w").replace("watts=200", "watts=60")


@pytest.mark.parametrize("seconds", [0.4, 1.0, 3.0])
def test_power_that_is_an_average_does_not_contradict_a_counter_that_is_right(
    open_meter, clock, simulator, seconds
):
    with open_meter(AVERAGED, sample_hz=20, start=inline(clock)) as meter, meter.window("work") as window:
        begin_s = clock.monotonic()
        simulator.add_curve(f"curve shape=pulse high=400 start={begin_s} end={begin_s + seconds}")
        clock.sleep_until(begin_s + seconds)
    assert window.findings == ()
    (conditions,) = window.conditions
    assert not conditions.power_is_instant
    figure = window.energy.total
    assert abs(figure.energy_j - 460 * window.length_s) <= 3 * figure.uncertainty_j


def test_power_that_is_an_average_still_contradicts_a_counter_that_is_far_off(open_meter, clock):
    card = AVERAGED.replace("period_ms=50", "period_ms=50 jump_at=1004 jump_j=2500")
    with open_meter(card, sample_hz=20, start=inline(clock)) as meter, meter.window("work") as window:
        clock.sleep(10)
    assert [finding.id for finding in window.findings] == ["counter-against-power"]


def test_interrupted_work_is_invalid(open_meter, clock):
    window = open_meter(CARD).window("work")
    with pytest.raises(ZeroDivisionError), window:
        clock.sleep(1 / 0)
    assert "interrupted" in [finding.id for finding in window.findings]


def test_a_window_left_open_is_invalid(open_meter):
    meter = open_meter(CARD)
    window = meter.window("work").__enter__()
    meter.close()
    assert [(finding.id, finding.device) for finding in window.findings] == [("left-open", None)]


def test_ids_of_rules_are_unique():
    assert len({check.id for check in CHECKS}) == len(CHECKS)


def test_without_a_sampler_conditions_are_unknown_not_fine(open_meter, clock):
    with open_meter(CARD) as meter, meter.window("work") as window:
        clock.sleep(0.5)
    assert window.conditions == (None,)
    assert window.sampler_cost is None


def test_a_trace_without_pyarrow_says_what_to_install(measure, tmp_path, monkeypatch):
    monkeypatch.setattr("llenergymeasure.energy.parquet.import_module", missing)
    with pytest.raises(TraceError, match=r"pip install 'llenergymeasure\[trace\]'"):
        write_parquet(measure().trace, ["GPU-0"], tmp_path / "trace.parquet")


def missing(name):
    raise builtins.ModuleNotFoundError(name)


@pytest.mark.skipif(
    importlib.util.find_spec("pyarrow") is None, reason="pyarrow, which is optional, is not installed"
)
def test_a_trace_is_kept_at_full_rate(measure, tmp_path):
    import pyarrow.parquet

    window = measure()
    write_parquet(window.trace, ["GPU-0"], tmp_path / "trace.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "trace.parquet")
    assert table.num_rows == len(window.trace)
    assert table["power_w"].to_pylist() == [sample.power_w for sample in window.trace]
