"""Idle power: first the devices settle, by a criterion; then comes a window without work.

After loading a model, and after work, a device draws more for some seconds: copies end, clocks and fans come
down. That must not be taken for its idle power, and be subtracted from the work as if it were.
"""

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Literal

from llenergymeasure.energy.figures import Measured
from llenergymeasure.measurement.measure_window import measure_window
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.plan import SETTLE_LAST, UNKNOWN_SETTLE_S, longest_settling_s, settle_block_s
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.measurement.warmup import TOLERANCE, is_level

IdleKind = Literal["idle-before", "idle-after"]


def measure_idle(context: RunContext, observations: Observations, kind: IdleKind) -> None:
    """An idle window after the devices have settled; nothing where there is no sensor.

    The window itself is the last test: where its power is not that of the blocks before it, the devices had
    not settled, and both are repeated while there is time. Where they never settle, the last window stays,
    and ``observations.unsettled`` has its kind.
    """
    if not context.has_sensors:
        return
    deadline_s = context.clock.monotonic() + longest_settling_s(context.plan)
    while True:
        powers = _settle(context, deadline_s)
        measure_window(context, observations, kind=kind, number=1, call=None, passes=0)
        if not powers or (len(powers) >= SETTLE_LAST and _agrees(observations, powers)):
            return
        if context.clock.monotonic() >= deadline_s:
            observations.unsettled.append(kind)
            return
        observations.windows.pop()


def _settle(context: RunContext, deadline_s: float) -> list[float]:
    """Wait until power is level, or the deadline has passed.

    Returns:
        The powers of the last blocks, in watts: ``SETTLE_LAST`` of them, or fewer where they are not level.
        Empty where power is not known; then a short, fixed time has passed.
    """
    block_s = settle_block_s(context.plan)
    powers: list[float] = []
    while not is_level(powers, SETTLE_LAST):
        if context.clock.monotonic() >= deadline_s:
            return powers[-1:]
        power_w = _block_power_w(context, block_s)
        if power_w is None:
            context.clock.sleep(UNKNOWN_SETTLE_S)
            return []
        powers.append(power_w)
    return powers[-SETTLE_LAST:]


def _block_power_w(context: RunContext, block_s: float) -> float | None:
    """The mean power of everything that is measured, over a short window; None where it is not known."""
    window = context.meter.window("settling", synchronise=context.session.synchronise)
    with window:
        context.clock.sleep(block_s)
    return _power_w(window.energy.devices, window.length_s)


def _power_w(figures: Sequence[object], length_s: float) -> float | None:
    known = [figure.energy_j for figure in figures if isinstance(figure, Measured)]
    return math.fsum(known) / length_s if known and length_s > 0 else None


def _agrees(observations: Observations, powers: Sequence[float]) -> bool:
    """Whether the idle window's power is that of the blocks before it."""
    window = observations.windows[-1]
    power_w = _power_w(window.energy.devices, window.length_s)
    level_w = fmean(powers)
    return power_w is None or abs(power_w - level_w) <= max(TOLERANCE * level_w, 2 * stdev(powers))
