"""Drivers that lie, stall, freeze, jump, deny and vanish, drawn from a seed, and what a window should say.

Each run is a random card with a random power curve and one or two faults, and one window on it. It is judged
by the true joules:

- *wrong*: a figure that no finding and no flag calls doubtful, and that is off by more than its bound, or by
  more than four of its standard uncertainties;
- *withheld*: no figure, although the card's counter could be read and counted all the time;
- *false alarm*: a figure of such a counter is right, and the window is called invalid. Where the power sensor
  lies, it may contradict the counter, and nobody knows which of the two is right: that is no false alarm.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inline_sampling import inline
from simulated_nvml import Simulator, VirtualClock

from llenergymeasure.energy import EnergyMeter, Measured
from llenergymeasure.energy.figures import Figure
from llenergymeasure.energy.host import Host

START_S = 1000.0
"""When the driver's clock begins."""
LATEST_S = 6.0
"""Faults begin within this time; windows begin after 1.5 s or more and last up to 3 s."""
SIGMAS = 4.0
DOUBTFUL = frozenset({"power-frozen"})
"""Flags that say that the figure rests on a sensor which may not work."""
BOUNDS_ONLY = frozenset({"uncertainty-is-bound", "pulses-unseen"})
"""Flags that say that only the bound is to be relied on."""

CARDS = {
    "recent": "",
    "stamped ticks": "stamp=tick",
    "without fields": "no_fields=1",
    "without the energy field": "no_energy_field=1",
    "without a counter": "no_counter=1",
    "averaged power only": "no_counter=1 no_fields=1",
    "old, instant power only": "no_counter=1 no_fields=1 usage=instant",
}
CALLS = (
    "nvmlDeviceGetFieldValues",
    "nvmlDeviceGetTotalEnergyConsumption",
    "nvmlDeviceGetPowerUsage",
    "nvmlDeviceGetEnforcedPowerLimit",
    "nvmlDeviceGetPowerManagementLimitConstraints",
    "nvmlDeviceGetTemperature",
    "nvmlDeviceGetClockInfo",
    "nvmlDeviceGetCurrentClocksEventReasons",
    "nvmlDeviceGetViolationStatus",
    "nvmlDeviceGetComputeRunningProcesses_v3",
    "nvmlDeviceGetCudaComputeCapability",
)
ENERGY_CALLS = frozenset({"nvmlDeviceGetFieldValues", "nvmlDeviceGetTotalEnergyConsumption", "*"})
NOT_SUPPORTED, NO_PERMISSION, TIMEOUT, GPU_LOST, UNKNOWN = 3, 4, 10, 15, 999


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a driver: keys of its device's line, lines of its own, and which sensor is hit."""

    keys: str = ""
    lines: tuple[str, ...] = ()
    hits_counter: bool = False
    hits_power: bool = False


def _when(draw: random.Random) -> float:
    return START_S + draw.uniform(0, LATEST_S)


def _honest(_: random.Random) -> Fault:
    return Fault()


def _denies(draw: random.Random) -> Fault:
    call = draw.choice(CALLS)
    code = draw.choice((NOT_SUPPORTED, NO_PERMISSION))
    later = draw.choice(("", f" after={_when(draw)}"))
    return Fault(lines=(f"fault call={call} code={code}{later}",), hits_counter=call in ENERGY_CALLS)


def _is_unreliable(draw: random.Random) -> Fault:
    call = draw.choice((*CALLS, "*"))
    chance, code = draw.uniform(0.005, 0.3), draw.choice((TIMEOUT, UNKNOWN))
    line = f"fault call={call} code={code} p={chance} seed={draw.randrange(10**6)} after={START_S + 1}"
    return Fault(lines=(line,), hits_counter=call in ENERGY_CALLS)


def _vanishes(draw: random.Random) -> Fault:
    return Fault(lines=(f"fault call=* code={GPU_LOST} after={_when(draw)}",), hits_counter=True)


def _counter_stalls(draw: random.Random) -> Fault:
    return Fault(keys=f"stuck_at={_when(draw)}", hits_counter=True)


def _counter_jumps(draw: random.Random) -> Fault:
    at_s = _when(draw)
    keys = draw.choice(
        (
            f"reset_at={at_s}",
            f"step_back_at={at_s} step_back_j={10 ** draw.uniform(3.5, 6)}",
            f"jump_at={at_s} jump_j={10 ** draw.uniform(3.5, 6)}",
        )
    )
    return Fault(keys=keys, hits_counter=True)


def _power_freezes(draw: random.Random) -> Fault:
    return Fault(keys=f"frozen_at={draw.choice((START_S, _when(draw)))}", hits_power=True)


def _power_lies(draw: random.Random) -> Fault:
    from_s = draw.choice((START_S, _when(draw)))
    what = draw.choice(("watts=588", "watts=4290000", "watts=0", "watts=-1", "scale=1000", "scale=0.001"))
    return Fault(lines=(f"power from={from_s} {what}",), hits_power=True)


def _power_spikes(draw: random.Random) -> Fault:
    every_s, watts = draw.uniform(0.3, 2), 10 ** draw.uniform(3, 7)
    return Fault(
        lines=(f"power from={START_S} watts={watts} every={every_s} lasts={draw.uniform(0.02, 0.1)}",)
    )


def _power_lags(draw: random.Random) -> Fault:
    return Fault(keys=f"sensor_lag_ms={draw.uniform(100, 3000)}", hits_power=True)


FAULTS: dict[str, Callable[[random.Random], Fault]] = {
    "honest": _honest,
    "denies": _denies,
    "unreliable": _is_unreliable,
    "vanishes": _vanishes,
    "counter stalls": _counter_stalls,
    "counter jumps": _counter_jumps,
    "power freezes": _power_freezes,
    "power lies": _power_lies,
    "power spikes": _power_spikes,
    "power lags": _power_lags,
}


def _curve(draw: random.Random) -> str:
    low, high = draw.uniform(30, 150), draw.uniform(200, 450)
    return draw.choice(
        (
            f"curve watts={high}",
            f"curve shape=square low={low} high={high} period_s={10 ** draw.uniform(-1.7, 0)} duty={draw.uniform(0.2, 0.8)}",
            f"curve shape=ramp low={low} high={high} start={START_S} end={START_S + LATEST_S}",
            f"curve watts={low}\ncurve shape=pulse high={high - low} start={START_S + 2} end={START_S + 4}",
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One window on a faulty driver, and how it is judged."""

    faults: tuple[str, ...]
    configuration: str
    figure: Figure
    true_j: float
    findings: tuple[str, ...]
    verdict: str


def _verdict(
    figure: Figure, true_j: float, alarms: set[str], faults: list[Fault], *, has_counter: bool
) -> str:
    """``alarms`` are the findings that invalidate the window."""
    counter_works = has_counter and not any(fault.hits_counter for fault in faults)
    if not isinstance(figure, Measured):
        return "withheld" if counter_works else "no figure"
    error_j = abs(figure.energy_j - true_j)
    is_bound = BOUNDS_ONLY & set(figure.flags)
    is_wrong = error_j > figure.bound_j + 1e-6 or (not is_bound and error_j > SIGMAS * figure.uncertainty_j)
    contradicts = {"counter-against-power"} if any(fault.hits_power for fault in faults) else set()
    needless = alarms - contradicts
    if needless and counter_works and not is_wrong:
        return "false alarm"
    if alarms or DOUBTFUL & set(figure.flags):
        return "doubtful"
    return "wrong" if is_wrong else "right"


def runs(simulator: Simulator, count: int, seed: int) -> Iterator[Run]:
    """As many windows on as many drivers."""
    for number in range(count):
        draw = random.Random(f"{seed} {number}")
        card = draw.choice(list(CARDS))
        names = tuple(draw.sample(list(FAULTS), draw.choice((1, 1, 2))))
        faults = [FAULTS[name](draw) for name in names]
        gain = 1 + max(-0.1, min(0.1, draw.gauss(0, 0.05)))
        keys = " ".join(fault.keys for fault in faults)
        configuration = (
            f"clock kind=virtual start={START_S:g} call_us=20\n"
            f"device limit_w=500 period_ms={draw.uniform(15, 120)} phase_ms={draw.uniform(0, 120)} gain={gain} "
            f"sensor_period_ms={draw.choice((20, 25, 100))} {CARDS[card]} {keys}\n{_curve(draw)}\n"
            + "".join(f"{line}\n" for fault in faults for line in fault.lines)
        )
        yield _run(simulator, draw, configuration, (card, *names), faults)


def _run(
    simulator: Simulator, draw: random.Random, configuration: str, names: tuple[str, ...], faults: list[Fault]
) -> Run:
    simulator.load(configuration)
    clock = VirtualClock(simulator)
    with EnergyMeter.open(
        "gpu",
        clock=clock,
        environ={},
        powercap=Path("/nonexistent"),
        host=Host(),
        start=inline(clock),
    ) as meter:
        clock.sleep_until(START_S + 1.5 + draw.uniform(0, 2))
        boundaries = draw.choice(("tick", "tick", "immediate"))
        with meter.window("work", boundaries=boundaries) as window:
            begin_s = clock.monotonic()
            clock.sleep(0.3 * 10 ** draw.random())
            end_s = clock.monotonic()
        figure, findings = window.energy.devices[0], window.findings
    true_j = simulator.true_joules(begin_s, end_s)
    alarms = {finding.id for finding in findings if finding.invalidates}
    has_counter = "no_counter" not in configuration
    return Run(
        faults=names,
        configuration=configuration,
        figure=figure,
        true_j=true_j,
        findings=tuple(finding.id for finding in findings),
        verdict=_verdict(figure, true_j, alarms, faults, has_counter=has_counter),
    )
