"""Windows from a seeded generator, each with its true joules: what the calibration tests compare."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulated_nvml import Simulator, VirtualClock

from llenergymeasure.energy import EnergyMeter, Measured
from llenergymeasure.energy.host import Host

CURVES = ("constant", "square", "ramp", "idle-busy-idle", "noise")
SHORTEST_S, LONGEST_S = 0.02, 3.0
WINDOWS_PER_MACHINE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One window: what it was, what it really used, what the meter said."""

    curve: str
    boundaries: str
    length_s: float
    period_s: float
    phase: float
    true_j: float
    figure: Measured

    @property
    def error_j(self) -> float:
        return self.figure.energy_j - self.true_j

    @property
    def ratio(self) -> float:
        return self.error_j / self.figure.uncertainty_j


def background(curve: str, draw: random.Random) -> str:
    """What the device draws apart from the windows' own work."""
    low, high = draw.uniform(40, 150), draw.uniform(200, 480)
    match curve:
        case "constant":
            return f"curve watts={high}"
        case "square":
            period_s = 10 ** draw.uniform(-2, 0.5)
            return (
                f"curve shape=square low={low} high={high} period_s={period_s} duty={draw.uniform(0.2, 0.8)}"
            )
        case "ramp":
            return f"curve shape=ramp low={low} high={high} start=1000 end={1000 + draw.uniform(20, 100)}"
        case "idle-busy-idle":
            return f"curve watts={low}"
        case _:
            step_s = 10 ** draw.uniform(-3, -1)
            return f"curve shape=noise low={low} high={high} step_s={step_s} seed={draw.randrange(10**6)}"


def outcomes(
    simulator: Simulator, *, windows: int, boundaries: str, seed: int, **device: Any
) -> Iterator[Outcome]:
    """Measure ``windows`` windows on as many random machines as that takes."""
    draw = random.Random(seed)
    clock = VirtualClock(simulator)
    for machine in range(-(-windows // WINDOWS_PER_MACHINE)):
        curve = CURVES[machine % len(CURVES)]
        period_s = draw.uniform(0.01, 0.2)
        phase_s = draw.uniform(0, period_s)
        settings = {
            "period_ms": period_s * 1e3,
            "phase_ms": phase_s * 1e3,
            "jitter": draw.choice([0, 0, 0.02]),
            "sensor_period_ms": draw.choice([20, 25, 100]),
            "sensor_phase_ms": draw.uniform(0, 100),
            "limit_w": 500,
        } | device
        simulator.load(
            "clock kind=virtual start=1000 call_us=20\n"
            f"device {' '.join(f'{key}={value}' for key, value in settings.items())}\n{background(curve, draw)}\n"
        )
        options = {
            "environ": {},
            "powercap": Path("/nonexistent"),
            "host": Host(),
            "sample_hz": 0,
            "start_child": lambda *_: None,
        }
        with EnergyMeter.open(clock=clock, **options) as meter:
            for _ in range(WINDOWS_PER_MACHINE):
                length_s = SHORTEST_S * (LONGEST_S / SHORTEST_S) ** draw.random()
                clock.sleep(draw.uniform(0, 1))
                with meter.window("work", boundaries=boundaries) as window:
                    begin_s = clock.monotonic()
                    if curve == "idle-busy-idle":
                        busy = draw.uniform(100, 300)
                        simulator.add_curve(
                            f"curve shape=pulse high={busy} start={begin_s} end={begin_s + length_s}"
                        )
                    clock.sleep(length_s)
                    end_s = clock.monotonic()
                (figure,) = window.energy.devices
                assert isinstance(figure, Measured), figure
                assert figure.energy_j > 0, figure
                at_s = end_s if boundaries == "tick" else begin_s
                yield Outcome(
                    curve=curve,
                    boundaries=boundaries,
                    length_s=length_s,
                    period_s=period_s,
                    phase=((at_s - phase_s) / period_s) % 1,
                    true_j=simulator.true_joules(begin_s, end_s),
                    figure=figure,
                )
