"""Windows are planned from the late blocks of the warm-up, and are named by their own numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulated_nvml import Simulator
from simulated_run import CARD, Bench, Work, simulate

CALLS = 2


def of_call(factors: Callable[[int], float]) -> Callable[[float], float]:
    """A stretch by the number of the call, counted from 0; the observed pass has the first two."""
    number = -1

    def stretch(at_s: float) -> float:
        nonlocal number
        number += 1
        return factors(number)

    return stretch


def slow(first: int, last: int, factor: float) -> Callable[[int], float]:
    """The passes from ``first`` to ``last`` are that much slower; pass 0 is the observed one."""
    return lambda call: factor if first <= call // CALLS <= last else 1.0


@pytest.mark.parametrize(
    "factors",
    [
        slow(0, 0, 50),
        slow(1, 1, 50),
        slow(2, 2, 50),
        slow(1, 2, 30),
        slow(0, 2, 19),
        slow(3, 3, 45),
        slow(1, 1, 0.01),
        slow(2, 2, 0.01),
        slow(1, 2, 70),
    ],
)
def test_one_slow_or_fast_early_pass_does_not_decide_how_long_windows_are(
    simulator: Simulator, factors: Callable[[int], float]
) -> None:
    """A pass takes a second; windows of 5 s were asked for."""
    record = simulate(simulator, Work(stretch=of_call(factors)))
    assert len(record.work) == 7
    assert [window.number for window in record.work] == [1, 2, 3, 4, 5, 6, 7]
    assert all(5 - 1e-6 <= window.length_s <= 7 for window in record.work)
    assert record.warmup is not None
    assert record.warmup.seconds <= 160


def test_an_outlier_is_named_by_its_own_number(simulator: Simulator) -> None:
    """Where one window has no energy, the others keep their numbers."""
    with Bench(simulator, Work()) as bench:
        clean = bench.record()
    lost, far = clean.work[1], clean.work[4]
    card = CARD.replace("limit_w", f"reset_at={lost.begin_s + 1} limit_w")
    work = Work(factor=lambda at_s: 1.5 if far.begin_s < at_s < far.begin_s + far.length_s else 1.0)
    record = simulate(simulator, work, card=card)
    assert [window.number for window in record.work if window.energy.total.kind == "unavailable"] == [2]
    (found,) = (one for one in record.findings if one.id == "outlier")
    assert "window 5 is far" in found.text
