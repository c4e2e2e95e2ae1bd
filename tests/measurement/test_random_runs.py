"""The whole protocol, 200 times with fixed seeds: random cards, works, power caps and other processes.

The truth is known, so the record's intervals and its validity can be judged.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from inline_sampling import inline
from simulated_nvml import Simulator
from simulated_run import OUTPUT, REQUESTS, UUID, Bench, Work, noise

from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Energies, Estimate

RUNS = 200
SEED = 20260
LEAST_COVERED = 0.91
"""Of the true values, so many lie within the 95 % interval and two standard uncertainties of the sensors."""
CALLS, TOKENS = 2, REQUESTS * OUTPUT
SENSORS = (
    "",
    "stamp=tick",
    "no_fields=1",
    "no_energy_field=1",
    "no_counter=1",
    "no_counter=1 no_fields=1 usage=instant",
)
POWER_CAP = 4
"""NVML's bit for clocks that the power cap lowers."""


@dataclass(frozen=True, slots=True)
class Case:
    """A card with what happens on it, the work, and whether somebody else adds joules to it."""

    card: str
    work: Work
    idle_w: float
    is_disturbed: bool


def case(number: int) -> Case:
    draw = random.Random(f"{SEED} {number}")
    idle_w, sensor = draw.uniform(20, 120), draw.choice(SENSORS)
    gain = 1 + max(-0.1, min(0.1, draw.gauss(0, 0.05)))
    lines = [
        (
            f"device uuid={UUID} period_ms={draw.uniform(15, 110)} phase_ms={draw.uniform(0, 99)} limit_w=600 "
            f"sensor_period_ms={draw.choice((20, 25, 100))} gain={gain} {sensor}"
        ),
        f"curve watts={idle_w}",
    ]
    match draw.choice(("alone", "alone", "at its cap", "cap moves", "disturbed")):
        case "at its cap":
            lines.append(f"throttle bits={POWER_CAP}")
        case "cap moves":
            lines += [
                f"limit at={1000 + draw.uniform(5, 40)} watts={draw.uniform(550, 600)}" for _ in range(3)
            ]
        case "disturbed":
            begin_s = 1000 + draw.uniform(15, 30)
            lines.append(f"process pid=1 from={begin_s} until={begin_s + 20}")
            lines.append(f"curve shape=pulse high={draw.uniform(60, 150)} start={begin_s} end={begin_s + 20}")
    work = Work(
        call_s=draw.uniform(0.05, 0.7),
        busy_w=draw.uniform(50, 400),
        factor=noise(number, draw.uniform(0, 0.1)),
    )
    return Case("\n".join(lines) + "\n", work, idle_w, any(line.startswith("process") for line in lines))


def covers(estimate: Estimate | None, truth: float) -> bool:
    assert estimate is not None
    assert estimate.spread.half_width is not None
    assert estimate.sensor is not None
    return abs(estimate.mean - truth) <= estimate.spread.half_width + 2 * estimate.sensor


def both_are_covered(record: Record, case: Case) -> tuple[bool, bool]:
    """Whether the true gross and net energy per token lie in the stated intervals."""
    assert isinstance(record.energy, Energies)
    assert record.energy.net is not None
    net_j = case.work.busy_w * case.work.call_s * CALLS / TOKENS
    gross_j = net_j + case.idle_w * case.work.call_s * CALLS / TOKENS
    return (
        covers(record.energy.gross.per_output_token, gross_j),
        covers(record.energy.net.per_output_token, net_j),
    )


def test_the_truth_lies_in_the_interval_and_only_a_wrong_figure_is_invalid(simulator: Simulator) -> None:
    covered: list[tuple[bool, bool]] = []
    needless: list[tuple[int, tuple[str, ...]]] = []
    unnoticed: list[int] = []
    for number in range(RUNS):
        drawn = case(number)
        with Bench(simulator, drawn.work, card=drawn.card, start=inline) as bench:
            record = bench.record()
        if drawn.is_disturbed:
            if record.valid and not all(both_are_covered(record, drawn)):
                unnoticed.append(number)
            continue
        covered.append(both_are_covered(record, drawn))
        if not record.valid:
            needless.append((number, tuple(found.id for found in record.findings if found.invalidates)))
    assert needless == []
    assert unnoticed == []
    gross, net = (sum(each) / len(covered) for each in zip(*covered, strict=True))
    assert gross >= LEAST_COVERED
    assert net >= LEAST_COVERED
