"""The protocol on a simulated GPU whose true joules are known: phases, findings, and correct intervals."""

from __future__ import annotations

import random
from typing import Any

import pytest
from inline_sampling import inline
from simulated_nvml import Simulator
from simulated_run import CARD, OUTPUT, REQUESTS, UUID, Bench, Work, gpus, noise, simulate

from llenergymeasure.energy.nvml.boundary_readings import CounterWindow
from llenergymeasure.engines.errors import DeviceMemoryError
from llenergymeasure.measurement.errors import Interrupted
from llenergymeasure.results.compare import compare
from llenergymeasure.results.record import Record

IDLE_W = 60
TOKENS = REQUESTS * OUTPUT
CALLS = 2


def ids(record: Record) -> set[str]:
    return {finding.id for finding in record.findings}


# ---------------------------------------------------------------- the order and the size of things


def test_idle_warm_up_windows_timing_and_idle_in_this_order(simulator: Simulator) -> None:
    stages: list[str] = []
    left: list[float] = []

    class RecordedProgress:
        def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
            assert left_s is not None
            stages.append(stage)
            left.append(left_s)

        def note(self, text: str) -> None: ...

        def close(self) -> None: ...

    with Bench(simulator, prefill=True) as bench:
        record = bench.record(progress=RecordedProgress())
    assert list(dict.fromkeys(stages)) == [
        "measuring idle power",
        "warming up",
        "measuring, window",
        "warming up for prefill",
        "measuring prefill, window",
        "timing single calls",
        "measuring idle power again",
    ]
    assert left[0] == pytest.approx(record.seconds, rel=0.25)
    windows_on = left[stages.index("measuring, window") :]  # before that a pass is of unknown length
    assert sorted(windows_on, reverse=True) == windows_on
    numbered = [(window.kind, window.number) for window in record.windows]
    work, prefill = [("work", n) for n in range(1, 8)], [("prefill", n) for n in range(1, 8)]
    assert numbered == [("idle-before", 1), *work, *prefill, ("idle-after", 1)]
    assert (record.status, record.valid, ids(record)) == ("complete", True, set())


@pytest.mark.parametrize(
    ("measurement", "period_ms", "shortest_s"),
    [
        ({}, 50, 5.0),
        ({"window_seconds": 0.3, "target": 0.5}, 50, 0.3),
        ({"window_seconds": 1.0, "target": 0.001}, 200, 15.0),
        ({"quick": True}, 50, 0.5),
        ({"quick": True, "window_seconds": 2.0}, 50, 2.0),
    ],
)
def test_windows_are_as_long_as_asked_and_as_the_sensor_needs(
    simulator: Simulator, measurement: dict[str, Any], period_ms: int, shortest_s: float
) -> None:
    card = CARD.replace("period_ms=50", f"period_ms={period_ms}")
    record = simulate(simulator, Work(call_s=0.05), card=card, **measurement)
    assert all(window.length_s >= shortest_s - 1e-6 for window in record.work)
    assert all(window.length_s <= 1.1 * shortest_s + 0.2 for window in record.work)
    assert len(record.work) == (3 if measurement.get("quick") else 7)
    assert ("quick" in ids(record)) == bool(measurement.get("quick"))
    assert ("short-windows" in ids(record)) == (shortest_s == 0.3)


def test_every_window_does_whole_passes_and_the_same_work(simulator: Simulator) -> None:
    record = simulate(simulator)
    assert {(window.passes, window.calls) for window in record.work} == {(6, 12)}
    assert {window.tokens.output for window in record.work if window.tokens} == {6 * TOKENS}
    assert record.tokens is not None
    assert (record.tokens.requests, record.tokens.output) == (REQUESTS, TOKENS)


def test_a_pass_longer_than_a_window_is_a_window(simulator: Simulator) -> None:
    record = simulate(simulator, Work(call_s=30.0), windows=5)
    assert {window.passes for window in record.work} == {1}
    assert record.work[0].length_s == pytest.approx(60)


def test_the_warm_up_lasts_until_time_is_steady(simulator: Simulator) -> None:
    settling = Work(stretch=lambda at_s: 1 + max(0.0, 1020 - at_s) / 20)
    record = simulate(simulator, settling)
    assert record.warmup is not None
    assert record.warmup.steady
    assert 10 < record.warmup.seconds < 30
    assert "warm-up-unsteady" not in ids(record)


def test_a_warm_up_that_is_never_steady_is_ended_and_reported(simulator: Simulator) -> None:
    slower = Work(stretch=lambda at_s: 1 + (at_s - 1000) / 10)
    record = simulate(simulator, slower, warmup_seconds=20)
    assert record.warmup is not None
    assert not record.warmup.steady
    assert record.warmup.seconds <= 22  # the last block is longer than the one before it
    assert {"warm-up-unsteady", "time-drift"} <= ids(record)


# ---------------------------------------------------------------- the figures are true


def test_prefill_is_warmed_up_too_so_that_compiling_makes_no_window_short(simulator: Simulator) -> None:
    record = simulate(
        simulator, Work(on_prefill=lambda number: 400.0 if number <= CALLS else 1.0), prefill=True
    )
    prefills = [window for window in record.windows if window.kind == "prefill"]
    assert all(window.length_s >= 5.0 - 1e-6 for window in prefills)
    assert {window.passes for window in prefills} == {51}
    assert record.prefill_warmup is not None
    assert record.prefill_warmup.steady
    assert simulate(simulator).prefill_warmup is None


def test_each_window_is_right_within_its_bound(simulator: Simulator) -> None:
    with Bench(simulator, Work(factor=noise(3, 0.2)), prefill=True) as bench:
        record = bench.record()
        for window in record.windows:
            true_j = simulator.true_joules(window.begin_s, window.begin_s + window.length_s)
            figure = window.energy.total
            assert figure.kind == "measured"
            assert abs(figure.energy_j - true_j) <= figure.bound_j + 1e-6


def test_net_energy_per_token_is_right_within_its_stated_interval(simulator: Simulator) -> None:
    """In 95 % of runs, but for chance, the 95 % interval plus two sensor uncertainties has the truth."""
    draw = random.Random(5)
    hits, runs = 0, 120
    for run in range(runs):
        period_ms, idle_w = draw.uniform(15, 110), draw.uniform(20, 120)
        card = f"device uuid={UUID} period_ms={period_ms} phase_ms={draw.uniform(0, 99)} limit_w=600\ncurve watts={idle_w}\n"
        work = Work(
            call_s=draw.uniform(0.05, 0.7),
            busy_w=draw.uniform(50, 400),
            factor=noise(run, draw.uniform(0, 0.1)),
        )
        record = simulate(simulator, work, card=card)
        assert record.energy.kind == "measured"
        assert record.energy.net is not None
        net = record.energy.net.per_output_token
        assert net is not None
        truth = work.busy_w * work.call_s * CALLS / TOKENS
        half = net.spread.half_width
        assert half is not None
        assert net.sensor is not None
        hits += abs(net.mean - truth) <= half + 2 * net.sensor
        assert net.mean == pytest.approx(truth, rel=0.05)
    assert hits >= 0.9 * runs


def test_idle_energy_goes_with_time_and_not_with_work(simulator: Simulator) -> None:
    record = simulate(simulator)
    assert record.energy.kind == "measured"
    assert record.energy.idle is not None
    assert record.energy.net is not None
    assert record.energy.idle.power_w == pytest.approx(IDLE_W, rel=0.005)
    gross, net = record.energy.gross.per_request.mean, record.energy.net.per_request.mean
    assert gross - net == pytest.approx(IDLE_W * CALLS * 0.5 / REQUESTS, rel=0.005)
    assert record.energy.power_w == pytest.approx(300, rel=0.005)


def test_prefill_and_decode_add_up_to_the_whole(simulator: Simulator) -> None:
    record = simulate(simulator, Work(factor=noise(8, 0.02)), prefill=True)
    phases = record.phases
    assert phases is not None
    assert phases.decode_per_request is not None
    assert phases.decode_per_token is not None
    prefill_j, whole_j = (300 * seconds * CALLS / REQUESTS for seconds in (0.05, 0.5))
    assert phases.prefill_per_request.mean == pytest.approx(prefill_j, rel=0.03)
    low, high = phases.decode_per_request.low, phases.decode_per_request.high
    assert low - 0.02 * whole_j < whole_j - prefill_j < high + 0.02 * whole_j
    assert phases.decode_per_token.mean == pytest.approx(phases.decode_per_request.mean / (OUTPUT - 1))


def test_decode_energy_that_is_not_resolved_is_not_given(simulator: Simulator) -> None:
    record = simulate(simulator, Work(prefill_s=0.499, factor=noise(4, 0.2)), prefill=True)
    assert record.phases is not None
    assert record.phases.decode_per_request is None
    assert "decode-not-resolved" in ids(record)


def test_carbon_is_the_gross_joules_at_the_given_intensity(simulator: Simulator) -> None:
    assert simulate(simulator).carbon is None
    record = simulate(simulator, carbon={"grams_per_kwh": 360, "source": "a table"})
    assert record.carbon is not None
    assert record.energy.kind == "measured"
    assert record.carbon.grams_per_request == pytest.approx(record.energy.gross.per_request.mean * 1e-4)


def test_joules_of_another_device_are_not_attributed_to_the_work(simulator: Simulator) -> None:
    with Bench(simulator) as bench:
        bench.session.devices = gpus("GPU-other")
        record = bench.record()
    assert record.energy.kind == "unavailable"
    assert "energy-elsewhere" in ids(record)
    assert record.phases is None
    assert record.work[0].energy.total.kind == "measured"


OTHER = "device uuid=GPU-beside name=Card period_ms=50 limit_w=500 sensor_period_ms=20\ncurve watts=60\n"


def test_a_gpu_that_is_measured_and_does_nothing_is_named(simulator: Simulator) -> None:
    with Bench(simulator, card=CARD + OTHER, devices=(UUID, "GPU-beside")) as bench:
        record = bench.record()
        bench.session.devices = gpus(UUID, "GPU-beside")
        both = bench.record()
    (found,) = (one for one in record.findings if one.id == "idle-gpu-counted")
    assert "GPU-beside" in found.text.split("hold")[0]
    assert UUID in found.text.split("hold")[1]
    assert "idle-gpu-counted" not in ids(both)


# ---------------------------------------------------------------- what is wrong with a run is found


def drifting(at_s: float) -> float:
    return 1 + 0.004 * (at_s - 1000)


NO_COUNTER = "".join(
    f"fault call={call} code=3\n"
    for call in ("nvmlDeviceGetTotalEnergyConsumption", "nvmlDeviceGetFieldValues")
)


@pytest.mark.parametrize(
    ("finding", "invalidates", "work", "card", "measurement"),
    [
        ("drift", True, Work(factor=drifting), "", {}),
        ("time-drift", False, Work(stretch=drifting), "", {"warmup_seconds": 5}),
        ("thermal-throttling", False, Work(), "throttle bits=64 from=1020 until=1030\n", {}),
        ("power-cap-throttling", False, Work(), "throttle bits=4 from=1020 until=1030\n", {}),
        ("power-cap-changed", False, Work(), "limit at=1022 watts=300\n", {}),
        ("foreign-process", True, Work(), "process pid=1 from=1020 until=1040\n", {}),
        ("others-before", False, Work(), "process pid=1\n", {}),
        ("sensor-lost", False, Work(), "fault call=* code=15 after=1030\n", {}),
        ("windows-without-energy", True, Work(), "fault call=* code=15 after=1030\n", {}),
        ("counter-stuck", True, Work(), "stuck", {}),
        ("counter-reset", True, Work(), "reset", {}),
        ("outlier", False, Work(factor=lambda at_s: 1.5 if 1020 < at_s < 1022 else 1.0), "", {}),
        ("imprecise", False, Work(factor=noise(2, 0.3)), "", {}),
        ("sensor-coarse", False, Work(), NO_COUNTER, {}),
        ("few-windows", False, Work(), "", {"windows": 5}),
        ("imprecise", False, Work(), "", {"windows": 1}),
        ("still-warm", False, Work(), "", {"cooldown_celsius": 30, "windows": 5}),
        ("idle-moved", False, Work(), "curve shape=ramp low=0 high=30 start=1005 end=1060\n", {}),
        ("net-not-resolved", False, Work(busy_w=0.0), "", {}),
        ("net-not-resolved", False, Work(busy_w=20.0, factor=noise(1, 8.0)), "", {}),
        ("unequal-work", False, Work(tokens=lambda number: 32 - (number == 30)), "", {}),
        ("no-output", False, Work(tokens=0), "", {}),
    ],
)  # fmt: skip
def test_what_invalidates_or_weakens_a_run_is_found(
    simulator: Simulator,
    *,
    finding: str,
    invalidates: bool,
    work: Work,
    card: str,
    measurement: dict[str, Any],
) -> None:
    whole = CARD.replace("limit_w", f"{card}_at=1025 limit_w") if card in {"stuck", "reset"} else CARD + card
    record = simulate(simulator, work, card=whole, start=inline, **measurement)
    found = [one for one in record.findings if one.id == finding]
    assert found, ids(record)
    assert found[0].invalidates == invalidates
    if invalidates:
        assert not record.valid


def test_a_good_run_has_no_findings(simulator: Simulator) -> None:
    record = simulate(simulator, Work(factor=noise(6, 0.01)), start=inline, cooldown_celsius=60)
    assert record.findings == ()
    assert record.valid
    assert record.trace is not None
    assert record.trace.samples[0].begin_s <= record.windows[0].begin_s + 1


def test_a_finding_of_several_windows_is_listed_once_with_their_names(simulator: Simulator) -> None:
    record = simulate(simulator, card=CARD + "process pid=1 from=1025 until=1037\n", start=inline)
    (found,) = (one for one in record.findings if one.id == "foreign-process")
    assert (found.device, found.windows) == (UUID, ("work 2", "work 3", "work 4"))


# ---------------------------------------------------------------- comparisons


SPREAD = 0.05
WINDOW_SPREAD_W = 240 * SPREAD / 10**0.5
"""Of a window of ten calls, the standard deviation of its mean power."""


@pytest.mark.parametrize(
    ("pairs", "more_w", "least", "most"),
    [(500, 0.0, 0.02, 0.07), (200, 3 * WINDOW_SPREAD_W, 0.95, 1.0)],
    ids=["A/A", "three times the spread"],
)
def test_differences_are_called_where_they_are(
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    *,
    pairs: int,
    more_w: float,
    least: float,
    most: float,
) -> None:
    monkeypatch.setattr(
        "llenergymeasure.measurement.assembly.git_revision", lambda: None
    )  # a process each time
    called, invalid = dict.fromkeys(range(4), 0), 0
    with Bench(simulator) as bench:
        for pair in range(pairs):
            base = bench.record(Work(factor=noise(2 * pair, SPREAD)))
            other = bench.record(Work(busy_w=240 + more_w, factor=noise(2 * pair + 1, SPREAD)))
            invalid += (not base.valid) + (not other.valid)
            comparison = compare(base, other)
            for number in called:
                ratio = comparison.quantities[number].ratio
                assert ratio is not None
                called[number] += ratio.distinguishable
    assert all(least <= count / pairs <= most for count in called.values()), called
    assert invalid <= 0.01 * 2 * pairs  # a drift is hardly ever found where there is none


# ---------------------------------------------------------------- runs that end early


class EndsAtCall:
    def __init__(self, number: int, error: BaseException) -> None:
        self.number, self.error = number, error

    def __call__(self, number: int) -> None:
        if number == self.number:
            raise self.error


def test_ctrl_c_in_a_window_leaves_a_record_with_the_windows_so_far(simulator: Simulator) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        simulate(simulator, Work(on_call=EndsAtCall(39, KeyboardInterrupt())))
    assert isinstance(caught.value, Interrupted)
    record = caught.value.record
    assert (record.status, record.valid) == ("interrupted", False)
    assert [window.number for window in record.work] == [1, 2]
    assert [window.interrupted for window in record.windows] == [False, False, False, True]
    assert record.windows[-1].calls == 5
    assert record.energy.kind == "measured"
    assert "interrupted" in ids(record)
    assert Record.model_validate_json(record.model_dump_json()) == record


class ThirdWindow:
    """A progress that tells when the third window has begun."""

    begun = False

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        self.begun |= (stage, done) == ("measuring, window", 3)

    def note(self, text: str) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("CUDA error: an illegal address")])
@pytest.mark.parametrize("place", ["device", "counter"])
def test_an_end_while_the_end_of_a_window_is_awaited_loses_no_window(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    """First the device is waited for there, then the counter's tick."""
    window, boundaries = ThirdWindow(), []
    follow = CounterWindow.follow

    def at_a_boundary(*_: object) -> None:
        boundaries.extend([place] if window.begun else [])
        if len(boundaries) == (2 if place == "device" else 1):
            raise error

    def failing_follow(counters: CounterWindow) -> None:
        at_a_boundary()
        follow(counters)

    work = Work(on_wait=at_a_boundary) if place == "device" else Work()
    if place == "counter":
        monkeypatch.setattr(CounterWindow, "follow", failing_follow)
    with Bench(simulator, work) as bench:
        if isinstance(error, KeyboardInterrupt):
            with pytest.raises(Interrupted) as caught:
                bench.record(progress=window)
            record = caught.value.record
        else:
            record = bench.record(progress=window)
    assert (record.status, record.valid) == (
        "interrupted" if isinstance(error, KeyboardInterrupt) else "failed",
        False,
    )
    assert [found.number for found in record.work] == [1, 2]
    lost = record.windows[-1]
    assert (lost.number, lost.interrupted, lost.energy.total.kind) == (3, True, "unavailable")
    assert lost.length_s == pytest.approx(6, rel=0.1)
    assert record.energy.kind == "measured"
    assert Record.model_validate_json(record.model_dump_json()) == record


def test_an_unexpected_error_keeps_what_was_measured(simulator: Simulator) -> None:
    record = simulate(simulator, Work(on_call=EndsAtCall(39, ZeroDivisionError("in a kernel"))))
    assert (record.status, len(record.work)) == ("failed", 2)
    (failed,) = (one for one in record.findings if one.id == "failed")
    assert failed.text == "The run failed midway: ZeroDivisionError: in a kernel"
    with pytest.raises(ZeroDivisionError):
        simulate(simulator, Work(on_call=EndsAtCall(3, ZeroDivisionError("in a kernel"))))


def test_ctrl_c_while_the_record_is_put_together_keeps_it(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def git_revision() -> None:
        asked.append(1)
        if len(asked) == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr("llenergymeasure.measurement.assembly.git_revision", git_revision)
    with pytest.raises(Interrupted) as caught:
        simulate(simulator)
    assert len(caught.value.record.work) == 7


def test_ctrl_c_in_the_warm_up_leaves_a_record_without_windows(simulator: Simulator) -> None:
    with pytest.raises(Interrupted) as caught:
        simulate(simulator, Work(on_call=EndsAtCall(1, KeyboardInterrupt())))
    record = caught.value.record
    assert record.work == ()
    assert (record.energy.kind, record.speed, record.tokens) == ("unavailable", None, None)


def test_a_failure_midway_keeps_what_was_measured(simulator: Simulator) -> None:
    error = DeviceMemoryError("workload.batch_size: too much. Lower it.")
    record = simulate(simulator, Work(on_call=EndsAtCall(39, error)))
    assert (record.status, record.valid, len(record.work)) == ("failed", False, 2)
    (failed,) = (one for one in record.findings if one.id == "failed")
    assert "workload.batch_size: too much. Lower it." in failed.text


def test_a_failure_before_the_first_window_is_an_error(simulator: Simulator) -> None:
    with pytest.raises(DeviceMemoryError):
        simulate(simulator, Work(on_call=EndsAtCall(3, DeviceMemoryError("too much"))))
