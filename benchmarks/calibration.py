"""How the meter's error bars depend on each of its constants: ``python -m benchmarks.calibration``.

The calibration of ``tests/energy`` measures windows on a simulated GPU whose true joules are known, and
compares errors with stated uncertainties. Here that is done again with each constant left out, halved and
doubled. Written to ``benchmarks/results/calibration.md``. Takes a few minutes and needs a C compiler.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections import defaultdict
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

from llenergymeasure.energy import uncertainty
from llenergymeasure.energy.nvml import boundaries, boundary_power

ROOT = Path(__file__).resolve().parents[1]
# The calibration imports the simulator by its bare name, as the tests do.
sys.path[:0] = [str(ROOT / "tests" / "energy"), str(ROOT / "tests" / "nvml_sim")]
RESULT = ROOT / "benchmarks" / "results" / "calibration.md"
WINDOWS = 2000
"""Of each cell of the table."""
SEED = 20240
LENGTHS_S = (0.02, 0.1, 0.3, 1.0, 3.0001)
"""The limits of the strata of window length."""
PHASES = 3
"""Strata of where in the counter's period a window begins."""
CARDS: dict[str, dict[str, object]] = {
    "power": {},
    "stamped ticks": {"stamp": "tick"},
    "averaged power": {"no_fields": 1},
}
CONSTANTS: dict[str, tuple[ModuleType, ...]] = {
    "FAST_FLUCTUATION": (uncertainty,),
    "SLOW_FLUCTUATION": (uncertainty,),
    "SENSOR_WINDOW_S": (uncertainty, boundary_power),
    "SENSOR_AGE_S": (boundary_power,),
    "UNKNOWN_POWER": (boundary_power,),
    "FLOOR": (boundaries,),
}
"""Each constant, and the modules that have it."""
FACTORS = (0.0, 0.5, 2.0)
"""What each constant is multiplied by; 0 leaves it out."""


def ratios(simulator: Any, kind: str, card: dict[str, object]) -> list[float]:
    """The root mean square of error over uncertainty, in each stratum of window length and counter phase."""
    strata: dict[tuple[int, int], list[float]] = defaultdict(list)
    outcomes = import_module("calibrating").outcomes
    for outcome in outcomes(simulator, windows=WINDOWS, boundaries=kind, seed=SEED, **card):
        length = sum(outcome.length_s >= limit_s for limit_s in LENGTHS_S[1:-1])
        strata[length, int(outcome.phase * PHASES)].append(outcome.ratio)
    return [math.sqrt(math.fsum(ratio**2 for ratio in values) / len(values)) for values in strata.values()]


def row(simulator: Any, name: str) -> str:
    """A line of the table: the smallest and the largest ratio for each kind of boundary and card.

    It is printed as well, since measuring takes a while.
    """
    cells = []
    for kind in ("tick", "immediate"):
        for card in CARDS.values():
            in_strata = ratios(simulator, kind, card)
            cells.append(f"{min(in_strata):.2f} to {max(in_strata):.2f}")
    line = f"| {name} | {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def main() -> int:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = import_module("simulated_nvml")
        simulator = simulation.Simulator(simulation.build(Path(folder)))
        heads = [f"{kind}, {card}" for kind in ("aligned", "immediate") for card in CARDS]
        lines = [
            f"| constant | {' | '.join(heads)} |",
            f"| --- |{' --- |' * len(heads)}",
            row(simulator, "as it is"),
        ]
        for name, modules in CONSTANTS.items():
            value = getattr(modules[0], name)
            for factor in FACTORS:
                for module in modules:
                    setattr(module, name, value * factor)
                lines.append(row(simulator, f"`{name}` x {factor:g}"))
            for module in modules:
                setattr(module, name, value)
    strata = f"{len(list(pairwise(LENGTHS_S)))} strata of window length by {PHASES} of the counter's phase"
    RESULT.write_text(
        "# Error bars and the constants behind them\n\n"
        f"Made by `python -m benchmarks.calibration`: {WINDOWS} windows a cell on a simulated GPU whose true joules "
        f"are known, in {strata}. Each cell is the smallest and the largest root mean square, over the strata, of "
        "error over stated uncertainty. 1 is ideal; over 1 the error bars are too small, under 1 too large. The tests "
        "ask for 0.6 to 1.2 over 5,000 windows. Each row but the first changes one constant.\n\n"
        + "\n".join(lines)
        + "\n",
        encoding="utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
