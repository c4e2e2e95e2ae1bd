"""Idle power is measured once it has settled, and single calls while the device is warm."""

from __future__ import annotations

from typing import Any

import pytest
from inline_sampling import inline
from simulated_nvml import Simulator
from simulated_run import CARD, REQUESTS, Bench, Work, simulate

from llenergymeasure.engines.errors import DeviceMemoryError, GenerationError
from llenergymeasure.results.record import Record
from llenergymeasure.results.render import render

IDLE_W = 60.0
CALL_S, CALLS = 0.5, 2
BUSY_W = 40.0
NET_J = BUSY_W * CALL_S * CALLS / REQUESTS
"""Per request: 10 J."""


def ids(record: Record) -> set[str]:
    return {finding.id for finding in record.findings}


def net_j(record: Record) -> float:
    assert record.energy.kind == "measured"
    assert record.energy.net is not None
    return record.energy.net.per_request.mean


# ---------------------------------------------------------------- idle power


@pytest.mark.parametrize("lasts_s", [0.5, 2.0, 4.0, 4.9, 5.1, 6.0, 8.0, 9.5])
@pytest.mark.parametrize("start", [None, inline], ids=["counter alone", "with samples"])
def test_a_load_that_goes_on_after_loading_is_not_taken_for_idle_power(
    simulator: Simulator, lasts_s: float, start: Any
) -> None:
    """60 W more for some seconds after the model was loaded: gone before idle power is taken."""
    with Bench(simulator, Work(busy_w=BUSY_W), start=start) as bench:
        now_s = bench.clock.monotonic()
        simulator.add_curve(f"curve shape=pulse low=0 high=60 start=0 end={now_s + lasts_s}")
        record = bench.record()
    assert net_j(record) == pytest.approx(NET_J, rel=0.01)
    assert record.energy.kind == "measured"
    assert record.energy.idle is not None
    assert record.energy.idle.before_w == pytest.approx(IDLE_W, rel=0.01)
    assert not {"idle-moved", "idle-unsettled"} & ids(record)


def test_a_load_that_goes_on_after_the_work_is_not_taken_for_idle_power(simulator: Simulator) -> None:
    """Fans and clocks come down slowly after work: 30 W more for 4 s after each call."""
    with Bench(simulator, Work(busy_w=BUSY_W)) as bench:
        end_s = bench.record().windows[-2]
        begun_s = bench.clock.monotonic()
        del end_s
        simulator.add_curve(f"curve shape=ramp low=30 high=0 start={begun_s} end={begun_s + 12}")
        record = bench.record()
    assert record.energy.kind == "measured"
    assert record.energy.idle is not None
    assert record.energy.idle.before_w == pytest.approx(IDLE_W, rel=0.02)


def test_power_that_never_settles_is_measured_in_bounded_time_and_told(simulator: Simulator) -> None:
    """A square wave of a minute and more is no idle power."""
    card = CARD + "curve shape=ramp low=0 high=600 start=1000 end=1400\n"
    record = simulate(simulator, Work(busy_w=BUSY_W), card=card)
    (found,) = (one for one in record.findings if one.id == "idle-unsettled")
    assert not found.invalidates
    assert "idle-before and idle-after" in found.text
    assert [window.kind for window in record.windows].count("idle-before") == 1
    assert record.seconds < 200


def test_without_power_idling_takes_no_longer_than_the_idle_window(simulator: Simulator) -> None:
    """No sensor of power: a fixed short time."""
    nothing = (
        "fault call=nvmlDeviceGetTotalEnergyConsumption code=3\nfault call=nvmlDeviceGetFieldValues code=3\n"
    )
    nothing += "fault call=nvmlDeviceGetPowerUsage code=3\n"
    record = simulate(simulator, Work(), card=CARD + nothing)
    first = record.windows[0]
    assert (first.kind, first.length_s) == ("idle-before", pytest.approx(5, rel=0.02))
    assert record.windows[-1].kind == "idle-after"
    assert record.energy.kind == "unavailable"


# ---------------------------------------------------------------- the timing pass


class Cold:
    """A device that idled for a second makes the next calls half as long again, for a second."""

    def __init__(self) -> None:
        self.last_s = self.warm_from_s = 0.0

    def __call__(self, at_s: float) -> float:
        if at_s - self.last_s > 1.0:
            self.warm_from_s = at_s + 1.0
        self.last_s = at_s
        return 1.5 if at_s < self.warm_from_s else 1.0


@pytest.mark.parametrize("prefill", [False, True])
def test_a_single_call_takes_as_long_as_a_call_in_a_window(simulator: Simulator, *, prefill: bool) -> None:
    """Timed after the idle window it took 0.75 s where the windows said 0.50 s."""
    record = simulate(simulator, Work(stretch=Cold()), prefill=prefill)
    assert record.timing is not None
    assert record.timing.call is not None
    assert record.speed is not None
    assert record.timing.call.median_s == pytest.approx(record.speed.seconds_per_call.mean, rel=0.02)
    assert record.timing.call.max_s == pytest.approx(CALL_S, rel=0.02)


class InTiming:
    """A progress that tells that the timing pass has begun; afterwards a call fails."""

    def __init__(self, error: Exception, after: int) -> None:
        self.error, self.after = error, after
        self.calls, self.has_begun = 0, False

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        self.has_begun |= stage == "timing single calls"

    def note(self, text: str) -> None: ...

    def close(self) -> None: ...

    def call(self, number: int) -> None:
        self.calls += self.has_begun
        if self.calls > self.after:
            raise self.error


@pytest.mark.parametrize(
    "error",
    [
        GenerationError("pytorch: generate() does not run with these settings: broken."),
        DeviceMemoryError("workload.batch_size: too much. Lower it."),
        RuntimeError("CUDA error: an illegal address"),
    ],
)
@pytest.mark.parametrize(("after", "calls"), [(0, 0), (3, 0), (10, 10)], ids=["at once", "midway", "tokens"])
def test_a_failing_timing_pass_is_a_missing_timing(
    simulator: Simulator, error: Exception, after: int, calls: int
) -> None:
    """The windows are complete by then, and stay valid."""
    failing = InTiming(error, after)
    with Bench(simulator, Work(on_call=failing.call)) as bench:
        bench.session.no_token_times = ""
        record = bench.record(progress=failing)
    assert (record.status, record.valid, len(record.work)) == ("complete", True, 7)
    assert record.windows[-1].kind == "idle-after"
    assert net_j(record) == pytest.approx(60, rel=0.01)
    timing = record.timing
    assert timing is not None
    assert (timing.call.count if timing.call else 0) == calls
    assert (timing.first_token, timing.between_tokens) == (None, None)
    assert str(error) in timing.missing
    assert (str(error) in timing.missing_calls) == (calls == 0)
    assert ("no times of calls" in render(record)) == (calls == 0)
    assert "timing-failed" in ids(record)
    assert Record.model_validate_json(record.model_dump_json()) == record


def test_a_device_that_is_lost_in_the_timing_pass_costs_the_idle_window_alone(simulator: Simulator) -> None:
    """After an error of CUDA every wait for the device fails too."""
    failing = InTiming(RuntimeError("CUDA error: an illegal address"), 0)

    def wait(number: int) -> None:
        if failing.calls:
            raise failing.error

    with Bench(simulator, Work(on_call=failing.call, on_wait=wait, busy_w=BUSY_W)) as bench:
        record = bench.record(progress=failing)
    assert (record.status, record.valid, len(record.work)) == ("complete", True, 7)
    assert {"timing-failed", "idle-after-missing"} <= ids(record)
    assert net_j(record) == pytest.approx(NET_J, rel=0.01)
