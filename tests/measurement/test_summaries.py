"""The figures of a record, worked out by hand from windows whose joules were chosen."""

import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "results"))

from record_specimen import WORK_J, joules, modelled, window, work

from llenergymeasure.measurement.summaries import distribution, energies, idle_power, phases, speed
from llenergymeasure.results.schema import Energies

# A window of the specimen: 10 s, 8 requests, 600 output and 400 prompt tokens; idle is 40 W, known to 0.1 W.
MEAN_J = 1200.0
SD_J = math.sqrt((0 + 12**2 + 12**2 + 6**2 + 6**2) / 4)
T_4 = 2.7764451


def known(windows: tuple) -> Energies:  # type: ignore[type-arg]
    figures = energies(windows)
    assert isinstance(figures, Energies)
    return figures


def test_gross_is_the_mean_over_windows_by_each_unit() -> None:
    figures = known(work())
    assert figures.gross.per_output_token is not None
    assert figures.gross.per_total_token is not None
    assert figures.gross.per_request.mean == pytest.approx(MEAN_J / 8)
    assert figures.gross.per_output_token.mean == pytest.approx(MEAN_J / 600)
    assert figures.gross.per_total_token.mean == pytest.approx(MEAN_J / 1000)
    assert figures.gross.per_request.spread.half_width == pytest.approx(T_4 * SD_J / math.sqrt(5) / 8)
    assert figures.gross.per_request.sensor == pytest.approx(1.0 / math.sqrt(5) / 8)
    assert figures.power_w == pytest.approx(120)


def test_net_leaves_idle_power_out_and_has_its_uncertainty_in_full() -> None:
    figures = known(work())
    assert figures.idle is not None
    assert figures.net is not None
    assert (figures.idle.power_w, figures.idle.uncertainty_w) == (40.0, pytest.approx(0.1 / math.sqrt(2)))
    assert figures.net.per_request.mean == pytest.approx((MEAN_J - 400) / 8)
    own, shared = 1.0 / math.sqrt(5), 10 * 0.1 / math.sqrt(2)
    assert figures.net.per_request.sensor == pytest.approx(math.hypot(own, shared) / 8)


def test_idle_power_that_moved_is_as_uncertain_as_the_place_between() -> None:
    figures = idle_power((window("idle-before", 1, joules(400.0)), window("idle-after", 1, joules(430.0))))
    assert figures is not None
    assert figures.power_w == pytest.approx(41.5)
    assert figures.uncertainty_w == pytest.approx(math.hypot(0.1 / math.sqrt(2), 3 / math.sqrt(12)))
    once = idle_power((window("idle-before", 1, joules(400.0)),))
    assert once is not None
    assert (once.power_w, once.uncertainty_w, once.after_w) == (40.0, pytest.approx(0.1), None)


def test_what_a_power_sensor_is_off_by_does_not_shrink_with_more_windows() -> None:
    """5 % of integrated power is the sensor's gain, the same in all windows; 1 J is of the boundaries."""
    integrated = [
        replace(joules(energy_j, math.hypot(0.05 * energy_j, 1.0)), shared_uncertainty_j=0.05 * energy_j)
        for energy_j in WORK_J
    ]
    figures = known(work(list(integrated)))
    assert figures.gross.per_request.sensor == pytest.approx(math.hypot(0.05 * MEAN_J, 1 / math.sqrt(5)) / 8)


def test_modelled_joules_have_no_sensor_and_no_net() -> None:
    figures = known(work([modelled(energy_j) for energy_j in WORK_J]))
    assert (figures.kind, figures.net, figures.idle) == ("modelled", None, None)
    assert figures.gross.per_request.sensor is None


def test_decode_is_the_whole_less_prefill_over_the_tokens_after_the_first() -> None:
    prefill = tuple(
        window("prefill", number, joules(energy_j / 10), output=8)
        for number, energy_j in enumerate(WORK_J, 1)
    )
    figures = phases((*work(), *prefill))
    assert figures is not None
    assert figures.decode_per_request is not None
    assert figures.decode_per_token is not None
    decode = figures.decode_per_request
    assert figures.prefill_per_request.mean == pytest.approx(MEAN_J / 10 / 8)
    assert decode.mean == pytest.approx(0.9 * MEAN_J / 8)
    errors = [SD_J / math.sqrt(5) / 8, SD_J / math.sqrt(5) / 80]
    freedom = sum(error**2 for error in errors) ** 2 / sum(error**4 / 4 for error in errors)
    assert freedom == pytest.approx(4.0799, rel=1e-3)
    assert decode.high - decode.mean == pytest.approx(
        2.7536 * math.hypot(*errors), rel=1e-3
    )  # t(0.975, 4.08)
    assert decode.sensor == pytest.approx(math.sqrt(2) / math.sqrt(5) / 8)
    tokens = 600 / 8 - 1
    assert figures.decode_per_token.mean == pytest.approx(decode.mean / tokens)
    assert figures.decode_per_token.low == pytest.approx(decode.low / tokens)


def test_speed_is_of_the_windows_own_time() -> None:
    figures = speed(work())
    assert figures is not None
    assert figures.seconds_per_call.mean == pytest.approx(10 / 4)
    assert figures.output_tokens_per_second.mean == pytest.approx(60)


@pytest.mark.parametrize(("count", "p95"), [(19, None), (20, 19.95), (100, 95.95)])
def test_percentiles_are_of_twenty_or_more(count: int, p95: float | None) -> None:
    figures = distribution([float(number) for number in range(1, count + 1)])
    assert figures is not None
    assert figures.p95_s == (None if p95 is None else pytest.approx(p95))
    assert (figures.min_s, figures.max_s, figures.count) == (1.0, count, count)
    assert distribution([]) is None
