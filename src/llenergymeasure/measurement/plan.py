"""What a run will do: windows and their lengths, warm-up, idle; and how long that may take."""

import math
from typing import Literal

from llenergymeasure.config.experiment import MeasurementConfig
from llenergymeasure.measurement.warmup import BLOCK_S, LAST
from llenergymeasure.results.schema import Plan

QUICK = {"windows": 3, "window_seconds": 0.5, "warmup_seconds": 3.0, "idle_seconds": 1.0}
"""What ``measurement.quick`` puts in place of the defaults; values that were set stay."""
SETTLE_BLOCK_S = 1.0
"""Power is compared over blocks of this length, to see whether a device has settled; less in a short run."""
SETTLE_LAST = 5
"""The last so many blocks must be level."""
LONGEST_SETTLING_S = 30.0
"""A device that has not settled after this long is measured all the same, and the record says so."""
SETTLING_OF_IDLE = 6.0
"""In a short run it gets at most so many times the length of the idle window."""
UNKNOWN_SETTLE_S = 1.0
"""Where power cannot be read, a device gets this long."""
MARGIN = 0.01
"""A window is planned to be longer by this fraction, since passes may still get a little faster."""
SHORTFALL = 0.95
"""A window is not called short for a few percent."""
TIMED_S = 5.0
"""Each of the two timing passes repeats the workload for at most this long, but at least once."""
BOUNDARIES_S = 0.3
"""Waiting for the counter's ticks makes a window longer by about this; for the estimate of the time left."""

Phase = Literal["idle-before", "warm-up", "work", "prefill warm-up", "prefill", "timing", "idle-after"]


def plan_of(config: MeasurementConfig) -> Plan:
    """The plan that the configuration asks for."""
    if config.quick:
        shorter = {name: value for name, value in QUICK.items() if name not in config.model_fields_set}
        config = config.model_copy(update=shorter)
    return Plan(
        windows=config.windows,
        window_s=config.window_seconds,
        target=config.target,
        warmup_s=config.warmup_seconds,
        idle_s=config.idle_seconds,
        prefill=config.prefill,
        cooldown_celsius=config.cooldown_celsius,
        quick=config.quick,
    )


def passes_of_window(plan: Plan, pass_s: float) -> int:
    """How many passes of ``pass_s`` seconds fill a window."""
    return math.ceil(plan.window_s * (1 + MARGIN) / pass_s)


def settle_block_s(plan: Plan) -> float:
    """How long the blocks are whose power is compared."""
    return min(SETTLE_BLOCK_S, plan.idle_s / 2)


def longest_settling_s(plan: Plan) -> float:
    """How long a device may take to settle, idle windows that were not level included."""
    return min(LONGEST_SETTLING_S, SETTLING_OF_IDLE * plan.idle_s)


def timed_s(plan: Plan) -> float:
    """How long a timing pass goes on."""
    return min(TIMED_S, plan.window_s)


def left_s(plan: Plan, phase: Phase, *, has_sensors: bool, window_s: float, done_s: float = 0.0) -> float:
    """About how long a run still takes.

    Args:
        plan: what the run does.
        phase: where the run is.
        has_sensors: whether idle power is measured.
        window_s: the length of a window of the workload or, before it is known, its shortest length.
        done_s: how much of the phase is over.
    """
    warm_up_s = min(plan.warmup_s, (LAST + 2) * BLOCK_S)
    idle_s = plan.idle_s + SETTLE_LAST * settle_block_s(plan) if has_sensors else 0.0
    phases: dict[Phase, float] = {
        "idle-before": idle_s,
        "warm-up": warm_up_s,
        "work": plan.windows * (window_s + BOUNDARIES_S),
        "prefill warm-up": warm_up_s if plan.prefill else 0.0,
        "prefill": plan.windows * (plan.window_s + BOUNDARIES_S) if plan.prefill else 0.0,
        "timing": 2 * timed_s(plan),
        "idle-after": idle_s,
    }
    names = list(phases)
    later_s = sum(phases[name] for name in names[names.index(phase) + 1 :])
    return max(phases[phase] - done_s, 0.0) + later_s
