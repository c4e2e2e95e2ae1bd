"""How large errors are beside the stated uncertainties, by curve: ``python -m benchmarks.calibration``.

The calibration of ``tests/energy`` measures windows on a simulated GPU whose true joules are known, and
compares errors with stated uncertainties. Here that is done with more windows, in every stratum of window
length and counter phase at once; and again with each constant left out, halved and doubled. Written to
``benchmarks/results/calibration.md``. Takes some minutes (``--quick``: without the constants) and needs a C
compiler.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from llenergymeasure.energy import uncertainty
from llenergymeasure.energy.nvml import boundaries, boundary_power, integral, pulsing, tail

ROOT = Path(__file__).resolve().parents[1]
# The calibration imports the simulator by its bare name, as the tests do.
sys.path[:0] = [str(ROOT / "tests" / "energy"), str(ROOT / "tests" / "nvml_sim")]
RESULT = ROOT / "benchmarks" / "results" / "calibration.md"
WINDOWS, WINDOWS_OF_CONSTANTS = 720, 96
"""Of each curve on each card and kind of boundary: for the table of curves, and for that of the constants."""
FEW = 20
"""Fewer windows of a stratum say too little about its root mean square."""
SEED = "table"
CARDS: dict[str, tuple[str, dict[str, object]]] = {
    "aligned, power": ("tick", {}),
    "aligned, stamped ticks": ("tick", {"stamp": "tick"}),
    "aligned, averaged power": ("tick", {"no_fields": 1}),
    "immediate, power": ("immediate", {}),
    "immediate, stamped ticks": ("immediate", {"stamp": "tick"}),
    "immediate, averaged power": ("immediate", {"no_fields": 1}),
    "no counter, power": ("tick", {"no_counter": 1, "no_fields": 1, "usage": "instant"}),
    "no counter, averaged power": ("tick", {"no_counter": 1, "no_fields": 1, "usage": "average"}),
}
CONSTANTS: dict[str, tuple[ModuleType, ...]] = {
    "FAST": (tail,),
    "RESIDUAL": (tail,),
    "PIECE": (tail,),
    "AS_BOUND": (tail, boundaries),
    "STEP_PULSES": (pulsing,),
    "SEEN_PULSES": (pulsing,),
    "GAIN_PULSES": (pulsing,),
    "TICK_UNKNOWN": (boundaries,),
    "STAMPED": (boundaries,),
    "STAMPED_FAST": (boundaries,),
    "FLOOR": (boundaries,),
    "FAST_FLUCTUATION": (uncertainty,),
    "SLOW_FLUCTUATION": (uncertainty,),
    "SENSOR_WINDOW_S": (uncertainty, boundary_power, tail, boundaries),
    "SENSOR_AGE_S": (boundary_power,),
    "UNKNOWN_POWER": (boundary_power,),
    "UNSEEN": (integral,),
}
"""Each constant, and the modules that have it."""
FACTORS = (0.0, 0.5, 2.0)
"""What each constant is multiplied by; 0 leaves it out."""


def measured(simulator: Any, card: str, curve: str, windows: int) -> list[Any]:
    """Windows of one curve on one card."""
    kind, device = CARDS[card]
    outcomes = import_module("calibrating").outcomes
    return list(outcomes(simulator, curve, windows=windows, boundaries=kind, seed=SEED, **device))


def root_mean_square(ratios: Iterable[float]) -> float:
    """Of errors over stated uncertainties."""
    squares = [ratio**2 for ratio in ratios]
    return math.sqrt(math.fsum(squares) / len(squares)) if squares else math.nan


def extremes(outcomes: Iterable[Any], *, bounds: bool) -> str:
    """The smallest and the largest ratio of the strata, of figures or of those that state a bound."""
    strata: dict[tuple[int, int], list[float]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.is_bound is bounds:
            strata[outcome.stratum].append(outcome.ratio)
    found = [root_mean_square(ratios) for ratios in strata.values() if len(ratios) >= FEW]
    return f"{min(found):.2f} to {max(found):.2f}" if found else "-"


def rows_of(simulator: Any, card: str) -> list[str]:
    """The lines of the table of curves for one card, and one over all its curves."""
    lines, everything = [], []
    for curve in import_module("calibrating").CURVES:
        outcomes = measured(simulator, card, curve, WINDOWS)
        everything += outcomes
        beyond = sum(abs(outcome.error_j) > outcome.figure.bound_j + 1e-6 for outcome in outcomes)
        share = sum(outcome.is_bound for outcome in outcomes) / len(outcomes)
        overall = root_mean_square(outcome.ratio for outcome in outcomes if not outcome.is_bound)
        cells = [
            extremes(outcomes, bounds=False),
            "-" if math.isnan(overall) else f"{overall:.2f}",
            f"{share:.0%}",
            extremes(outcomes, bounds=True),
            str(beyond),
        ]
        lines.append(f"| {card} | {curve} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    lines.append(f"| {card} | *all curves* | {extremes(everything, bounds=False)} | | | | |")
    return lines


def row_of_constant(simulator: Any, name: str) -> str:
    """A line of the table of constants: for each card, the extremes over its curves.

    It is printed as well, since measuring takes a while.
    """
    cells = []
    for card in CARDS:
        worst = []
        for curve in import_module("calibrating").CURVES:
            outcomes = measured(simulator, card, curve, WINDOWS_OF_CONSTANTS)
            worst.append(root_mean_square(outcome.ratio for outcome in outcomes))
        cells.append(f"{min(worst):.2f} to {max(worst):.2f}")
    line = f"| {name} | {' | '.join(cells)} |"
    print(line, flush=True)
    return line


def constants(simulator: Any) -> list[str]:
    """The table of constants."""
    lines = [
        f"| constant | {' | '.join(CARDS)} |",
        f"| --- |{' --- |' * len(CARDS)}",
        row_of_constant(simulator, "as it is"),
    ]
    for name, modules in CONSTANTS.items():
        value = getattr(modules[0], name)
        for factor in FACTORS:
            for module in modules:
                setattr(module, name, value * factor)
            lines.append(row_of_constant(simulator, f"`{name}` x {factor:g}"))
        for module in modules:
            setattr(module, name, value)
    return lines


def main() -> int:
    """Measure, and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = import_module("simulated_nvml")
        simulator = simulation.Simulator(simulation.build(Path(folder)))
        lines = [
            "| card | curve | figures: strata | figures: all | bounds | bounds: strata | beyond the hard bound |",
            "| --- | --- | --- | --- | --- | --- | --- |",
            *(line for card in CARDS for line in rows_of(simulator, card)),
        ]
        changed = [] if "--quick" in sys.argv[1:] else constants(simulator)
    text = (
        "# Error bars by curve, and the constants behind them\n\n"
        f"Made by `python -m benchmarks.calibration`: {WINDOWS} windows of each curve on a simulated GPU whose true "
        "joules are known, in 4 strata of window length by 3 of the counter's phase. A ratio is the root mean "
        "square of error over stated uncertainty: 1 is ideal; over 1 the error bars are too small, under 1 too "
        "large. *Figures* are to have 0.25 to 1.3 in each stratum (the smallest and the largest are shown, of strata "
        f"with {FEW} windows or more), and 0.5 over all curves. Figures whose uncertainty is said to be a bound "
        "(flag `uncertainty-is-bound`; their share is shown) are to have at most 1.3. `docs/energy.md` says what "
        "squares in step, and cards without instantaneous power, are about.\n\n" + "\n".join(lines) + "\n"
    )
    if changed:
        text += (
            "\n## Constants\n\n"
            f"The smallest and the largest ratio of the curves, with {WINDOWS_OF_CONSTANTS} windows of each, bounds "
            "included. Each row but the first changes one constant.\n\n" + "\n".join(changed) + "\n"
        )
    RESULT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
