"""Windows from a seeded generator, each with its true joules: what the calibration tests compare."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inline_sampling import inline
from simulated_nvml import Simulator, VirtualClock

from llenergymeasure.energy import EnergyMeter, Measured
from llenergymeasure.energy.host import Host
from llenergymeasure.energy.uncertainty import UNCERTAINTY_IS_BOUND

LENGTHS_S = (0.02, 0.1, 0.3, 1.0, 3.0)
"""The limits of the strata of window length."""
PHASES = 3
WINDOWS_PER_MACHINE = 12
GAIN_SD = 0.05
"""The standard deviation of the gain of the simulated power sensors: that of the real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One window: what it was, what it really used, what the meter said."""

    curve: str
    length_s: float
    phase: float
    true_j: float
    figure: Measured

    @property
    def error_j(self) -> float:
        return self.figure.energy_j - self.true_j

    @property
    def ratio(self) -> float:
        return self.error_j / self.figure.uncertainty_j

    @property
    def is_bound(self) -> bool:
        """Whether the uncertainty is said to be a bound."""
        return UNCERTAINTY_IS_BOUND in self.figure.flags

    @property
    def stratum(self) -> tuple[int, int]:
        """Which stratum of length, and which of the phase."""
        return sum(self.length_s >= limit_s for limit_s in LENGTHS_S[1:-1]), int(self.phase * PHASES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a machine draws: all the time, and (a template) from ``begin`` to ``end`` of each window."""

    background: str
    work: str = ""
    device: dict[str, float] | None = None


def _square(draw: random.Random, period_s: float, least_duty: float = 0.1) -> str:
    high = draw.uniform(200, 480)
    low = draw.uniform(40, 0.9 * high)
    return (
        f"shape=square low={low} high={high} period_s={period_s} duty={draw.uniform(least_duty, 0.9)} "
        f"phase_s={draw.uniform(0, period_s)}"
    )


def _squares(shortest_s: float, longest_s: float) -> Callable[[random.Random], Load]:
    def load(draw: random.Random) -> Load:
        period_s = shortest_s * (longest_s / shortest_s) ** draw.random()
        return Load(background=f"curve {_square(draw, period_s)}")

    return load


def _in_step(draw: random.Random) -> Load:
    """Pulses in step with the counter and the sensor of a card, as on many: both move every 100 ms."""
    period_s = draw.choice([0.02, 0.05, 0.1, 0.2, 0.5, 1.0])
    return Load(
        background=f"curve {_square(draw, period_s)}",
        device={"period_ms": 100, "jitter": 0, "sensor_period_ms": 100},
    )


def _decode(draw: random.Random) -> Load:
    """An idle card, and in the windows a token after the other, with short gaps between the kernels."""
    idle, busy, period_s = draw.uniform(40, 150), draw.uniform(100, 330), draw.uniform(0.004, 0.04)
    return Load(
        background=f"curve watts={idle}",
        work=f"curve shape=square low=0 high={busy} period_s={period_s} duty={draw.uniform(0.6, 0.95)} "
        "start={begin} end={end} phase_s={begin}",
    )


CURVES: dict[str, Callable[[random.Random], Load]] = {
    "constant": lambda draw: Load(background=f"curve watts={draw.uniform(60, 480)}"),
    "ramp": lambda draw: Load(
        background=f"curve shape=ramp low={draw.uniform(40, 150)} high={draw.uniform(200, 480)} start=1000 "
        f"end={1000 + draw.uniform(50, 100)}"
    ),
    "idle-busy-idle": lambda draw: Load(
        background=f"curve watts={draw.uniform(40, 150)}",
        work=f"curve shape=pulse high={draw.uniform(100, 330)} start={{begin}} end={{end}}",
    ),
    "noise": lambda draw: Load(
        background=f"curve shape=noise low={draw.uniform(40, 150)} high={draw.uniform(200, 480)} "
        f"step_s={10 ** draw.uniform(-3, -1)} seed={draw.randrange(10**6)}"
    ),
    "squares of 20 to 60 ms": _squares(0.02, 0.06),
    "squares of 60 to 200 ms": _squares(0.06, 0.2),
    "squares of 0.2 to 1 s": _squares(0.2, 1.0),
    "squares in step": _in_step,
    "bursts": lambda draw: Load(background=f"curve {_square(draw, draw.uniform(0.004, 0.04), 0.6)}"),
    "decode": _decode,
}
UNSEEN_PULSES = {
    ("tick", "field-83", "squares in step"): 8.0,
    ("tick", "field-83", "bursts"): 1.5,
    ("tick", "stamped-ticks", "bursts"): 1.5,
    ("tick", "stamped-ticks", "squares in step"): 8.0,
    ("tick", "power-averaged", "squares in step"): 16.0,
    ("tick", "power-averaged", "squares of 60 to 200 ms"): 8.0,
    ("tick", "power-averaged", "squares of 20 to 60 ms"): 4.0,
    ("tick", "power-averaged", "bursts"): 2.0,
    ("immediate", "stamped-ticks", "squares in step"): 2.5,
}
"""Where constant power and pulses look alike to every sensor, constant power has its small uncertainty, and
pulses err by so many of it."""
FIGURES_WITH_A_COUNTER = ("constant", "ramp", "idle-busy-idle")
"""With a counter, these must have a standard uncertainty, and not only a bound of it."""


def outcomes(
    simulator: Simulator, curve: str, *, windows: int, boundaries: str, seed: object, **device: Any
) -> Iterator[Outcome]:
    """Measure ``windows`` windows of a curve on as many random machines as that takes."""
    draw = random.Random(f"{seed} {curve}")
    clock = VirtualClock(simulator)
    sampled = "no_counter" in device
    for _ in range(-(-windows // WINDOWS_PER_MACHINE)):
        load = CURVES[curve](draw)
        settings = (
            {
                "period_ms": draw.uniform(10, 200),
                "jitter": draw.choice([0, 0, 0.02]),
                "sensor_period_ms": draw.choice([20, 25, 100]),
                "sensor_phase_ms": draw.uniform(0, 100),
                "limit_w": 500,
                "gain": max(0.8, draw.gauss(1, GAIN_SD)),
            }
            | (load.device or {})
            | device
        )
        period_s = settings["period_ms"] * 1e-3
        settings["phase_ms"] = draw.uniform(0, period_s * 1e3)
        simulator.load(
            "clock kind=virtual start=1000 call_us=20\n"
            f"device {' '.join(f'{key}={value}' for key, value in settings.items())}\n{load.background}\n"
        )
        options = {
            "environ": {},
            "powercap": Path("/nonexistent"),
            "host": Host(),
            "start_child": lambda *_: None,
        }
        if sampled:
            options |= {"sample_hz": 20, "start": inline(clock), "calibration_s": 0.05}
        else:
            options |= {"sample_hz": 0}
        with EnergyMeter.open(clock=clock, **options) as meter:
            clock.sleep(1.0 if sampled else 0.0)
            for _ in range(WINDOWS_PER_MACHINE):
                length_s = LENGTHS_S[0] * (LENGTHS_S[-1] / LENGTHS_S[0]) ** draw.random()
                clock.sleep(draw.uniform(0, 1))
                with meter.window("work", boundaries=boundaries) as window:
                    begin_s = clock.monotonic()
                    if load.work:
                        simulator.add_curve(load.work.format(begin=begin_s, end=begin_s + length_s))
                    clock.sleep(length_s)
                    end_s = clock.monotonic()
                if sampled:
                    clock.sleep(0.2)
                (figure,) = window.energy.devices
                if not isinstance(figure, Measured):
                    continue
                at_s = end_s if boundaries == "tick" else begin_s
                yield Outcome(
                    curve=curve,
                    length_s=length_s,
                    phase=((at_s - settings["phase_ms"] * 1e-3) / period_s) % 1,
                    true_j=simulator.true_joules(begin_s, end_s),
                    figure=figure,
                )


def root_mean_square(values: Iterable[float]) -> float:
    squares = [value * value for value in values]
    return math.sqrt(math.fsum(squares) / len(squares)) if squares else math.nan


def ratios(found: Iterable[Outcome]) -> dict[tuple[int, int], float]:
    """The root mean square of error over stated uncertainty, in each stratum of length and phase."""
    strata: dict[tuple[int, int], list[float]] = defaultdict(list)
    for outcome in found:
        strata[outcome.stratum].append(outcome.ratio)
    return {stratum: root_mean_square(values) for stratum, values in sorted(strata.items())}
