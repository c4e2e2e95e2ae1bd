"""Two thousand faulty drivers: no wrong figure without a word, none withheld, no needless alarm, no crash."""

from __future__ import annotations

from collections import Counter

from lying_drivers import runs
from simulated_nvml import Simulator

RUNS, SEED = 2000, 20261


def test_what_faulty_drivers_do_to_a_window(loaded: Simulator) -> None:
    done = list(runs(loaded, RUNS, SEED))
    bad = [
        (run.verdict, run.faults, run.figure, run.true_j, run.findings)
        for run in done
        if run.verdict in {"wrong", "withheld", "false alarm"}
    ]
    assert bad == []
    verdicts = Counter(run.verdict for run in done)
    assert verdicts["right"] > 0.5 * RUNS
