"""Windows on the simulated driver: what they give, and what they refuse."""

import pytest

from llenergymeasure.energy import EnergyError, Measured, Method, Unavailable, WindowError

STEADY = "device period_ms=100 phase_ms=13 limit_w=500\ncurve watts=200\n"


@pytest.mark.parametrize("boundaries", ["tick", "immediate"])
def test_a_window_gives_the_true_joules_within_its_bar(open_meter, simulator, clock, boundaries):
    with open_meter(STEADY) as meter, meter.window("work", boundaries=boundaries) as window:
        begin_s = clock.monotonic()
        clock.sleep(1.0)
    true_j = simulator.true_joules(begin_s, begin_s + 1.0)
    figure = window.energy.total
    assert isinstance(figure, Measured)
    assert abs(figure.energy_j - true_j) <= figure.bound_j
    assert abs(figure.energy_j - true_j) <= 3 * figure.uncertainty_j
    (device,) = window.energy.devices
    assert device.method is Method.NVML_FIELD_83
    assert device.device == "GPU-00000000-0000-0000-0000-000000000000"
    assert device.period_s == pytest.approx(0.1, rel=1e-3)
    assert device.end.value > device.begin.value


def test_the_wait_for_ticks_is_not_part_of_the_window(open_meter, clock):
    with open_meter(STEADY) as meter, meter.window("work") as window:
        clock.sleep(0.777)
    assert window.length_s == pytest.approx(0.777, abs=1e-4)


def test_idle_to_busy_inside_a_tick_leaves_no_bias(open_meter, clock):
    curve = "curve watts=60\ncurve shape=pulse high=340 start={} end={}\n"
    device = "device period_ms=100 phase_ms=13 sensor_period_ms=20 limit_w=500\n"
    for offset_s in (0.00, 0.03, 0.05, 0.07):  # where in its period the counter is when the work ends
        with open_meter(device + curve.format(1005.013, 1006.013 + offset_s)) as meter:
            clock.sleep_until(1004.95)
            with meter.window("work") as window:
                clock.sleep_until(1006.013 + offset_s)
        assert window.energy.total.energy_j == pytest.approx(400 * window.length_s, rel=0.005)


def test_synchronise_is_called_at_both_ends_inside_the_measurement(open_meter, clock):
    calls = []

    def synchronise():
        calls.append(clock.monotonic())
        clock.sleep(0.25)

    with open_meter(STEADY) as meter, meter.window("work", synchronise=synchronise) as window:
        pass
    assert len(calls) == 2
    assert window.length_s == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize("devices", ["none", []])
def test_no_device_means_no_energy_and_says_so(open_meter, devices):
    with open_meter(STEADY, devices) as meter, meter.window("work") as window:
        pass
    assert window.energy.total.reason == "no device was asked for"


def test_energy_of_an_open_window_is_refused(open_meter):
    window = open_meter(STEADY).window("work").__enter__()
    with pytest.raises(WindowError, match="'work' is not over"):
        _ = window.energy


def test_a_window_is_entered_once(open_meter):
    meter = open_meter(STEADY)
    with meter.window("work") as window, pytest.raises(WindowError, match="entered before"):
        window.__enter__()
    with pytest.raises(WindowError, match="entered before"):
        window.__enter__()
    with pytest.raises(WindowError, match="not open"):
        window.__exit__(None, None, None)


def test_a_closed_meter_gives_no_windows(open_meter):
    meter = open_meter(STEADY)
    meter.close()
    meter.close()
    with pytest.raises(WindowError, match="its meter is closed"):
        meter.window("late")


def test_a_window_left_open_is_lost_and_says_so(open_meter):
    meter = open_meter(STEADY)
    window = meter.window("work").__enter__()
    meter.close()
    assert isinstance(window.energy.total, Unavailable)
    assert "not closed before its meter" in window.energy.total.reason
    with pytest.raises(WindowError, match="its meter was closed inside it"):
        window.__exit__(None, None, None)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_inside_passes_and_the_energy_up_to_it_is_kept(open_meter, clock, error):
    meter = open_meter(STEADY)
    window = meter.window("work")

    def work():
        clock.sleep(0.5)
        raise error

    with pytest.raises(error), window:
        work()
    assert window.interrupted == error.__name__
    assert window.energy.total.energy_j == pytest.approx(100, rel=0.2)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_wait_for_the_work_that_fails_is_reported_as_what_it_is(open_meter, error):
    calls = iter([None, error])

    def synchronise():
        if (raised := next(calls)) is not None:
            raise raised

    meter = open_meter(STEADY)
    window = meter.window("work", synchronise=synchronise)
    with pytest.raises(error), window:
        pass
    assert window.interrupted == error.__name__
    assert (
        window.energy.total.reason.split(": ")[1]
        == f"waiting for the end of the work was interrupted by {error.__name__}"
    )
    assert [finding.id for finding in window.findings] == ["interrupted"]
    assert not window.valid
    with pytest.raises(WindowError, match="has no end"):
        _ = window.length_s


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"boundaries": "Tick"}, "boundaries is 'Tick': write 'tick' or 'immediate'"),
        ({"target": 0}, "target is 0: give a relative uncertainty above 0"),
        ({"target": float("nan")}, "target is nan"),
    ],
)
def test_invalid_options_are_refused_before_the_work(open_meter, options, says):
    meter = open_meter("device\ncurve watts=100\n")
    with pytest.raises(WindowError, match=says):
        meter.window("work", **options)
    with pytest.raises(WindowError, match=says):
        meter.plan_window(**{"target": 0.005} | options)


@pytest.mark.parametrize(
    ("option", "value"), [("modelled_cpu_watts", -5.0), ("sample_hz", float("nan")), ("sample_hz", -1)]
)
def test_rates_and_watts_have_to_be_sensible_numbers(open_meter, option, value):
    with pytest.raises(EnergyError, match=f"{option} is "):
        open_meter("device\ncurve watts=100\n", **{option: value})
