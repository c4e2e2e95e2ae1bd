"""The tail of a window with aligned boundaries: what was counted after the work, up to the next tick.

With the notation of :mod:`.boundaries`: the work ends at ``b``, the counter ticks at ``e`` after it. Up to
there it has moved ``n`` times (``n = 1`` unless ticks were missed), by ``L = C(e) - C(b)`` in all. That is
the energy of the time ``n T`` before ``e``, of which ``t = e - b`` is the tail and ``w = n T - t`` is work::

        tick ----------- b ========== e (tick)
          |<---- w ---->|<---- t --->|
          |<----------- L ---------->|

*The interval* that the tail's energy must lie in: it is at most ``P_max t``, and at most ``L``, plus what
could be used between ``b`` and the first sample after it, which may have been counted before that sample. It
is at least what is left of ``L`` when the work's part drew ``P_max`` all the time, for as long as that part
can have been (``slack``: the tick's own width, and periods may be longer than the mean).

*Estimates*, each from another power (:mod:`.boundary_power`), if that is known:

1. after the work, power is what it was before it, by the counter's last step before the window: ``P_0 t``;
2. the power sensor after the work: ``P_after t``;
3. the work went on as it was on average, by the counter's steps inside the window: ``L - P_work w``;
4. the same with the power sensor right after the work: ``L - P_end w``.

Each has the uncertainty of what power did meanwhile: ``FAST P min(d, W)`` over ``d = t`` or ``w``, with ``W
= SENSOR_WINDOW_S``, since pulses that are longer than that show, and those that are shorter come and go, so
that their sum does not grow with ``d``. Added are that of the tick's instant times the power, of the
counter's rounding, and, where it comes from the sensor, of the sensor (``SENSOR_RELATIVE``). The mean by
inverse variance (:func:`~llenergymeasure.energy.uncertainty.weighted_mean`) is taken.

*Two kinds of work* are told apart. Work that begins and ends with the window makes 1 and 3 agree: ``L =
P_work w + P_0 t``. Where power rises or falls steadily through all of it, the last step's mean power is on
the line through ``P_0`` and ``P_work``; then the tail is ``L t / (n T)``. The better one of the two is taken,
and its residual, ``rho`` in watts, leaves ``RESIDUAL rho n T`` uncertain. A window without a whole step
inside has no ``P_work``: then what ``L`` exceeds ``P_0 n T`` by was used by the work or, less likely (``1 -
WORK_SHARE``), evenly; as one piece anywhere in the step, it is uncertain by ``PIECE |L / (n T) - P_0| sqrt(t
w)``.

*Pulsing* is added: what :mod:`.pulsing` finds of it, over ``min(t, w)``. Where it finds much, the uncertainty
is made ``AS_BOUND`` times as wide and the figure says that it is a bound (``UNCERTAINTY_IS_BOUND``): the root
mean square of errors does not exceed it, but may be far below it.
"""

from __future__ import annotations

import math

from llenergymeasure.energy.nvml.boundary_power import SENSOR_RELATIVE, mean_power, power_after, power_at_end
from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, Timing
from llenergymeasure.energy.nvml.pulsing import Steps, pulsing, residuals
from llenergymeasure.energy.uncertainty import (
    RECTANGULAR,
    SENSOR_WINDOW_S,
    UNCERTAINTY_IS_BOUND,
    EnergyEstimate,
    weighted_mean,
    within,
)

FAST = 0.021
"""The standard deviation of power averaged over ``SENSOR_WINDOW_S`` where nothing shows that it changes, as a
part of the power. Set by the calibration: constant power has a ratio over 0.25 with it."""
RESIDUAL = 0.18
"""The part of a step's unexplained power that the tail may differ by. Set by the calibration."""
WORK_SHARE = 0.75
"""How likely it is that what a step used more than the one before the window was used by the work. Set by the
calibration."""
PIECE = 0.6
"""A piece of energy anywhere in a step lies in the tail with the probability ``t / n T``, so that its
standard deviation is ``sqrt(t w) / n T`` of it; less, since work is likelier. Set by the calibration."""
PULSES_UNSEEN = "pulses-unseen"
"""The flag of a figure whose boundaries no instantaneous power sensor has seen: pulses that are nearly in
step with the counter do not show, and are not in the uncertainty."""
AS_BOUND = 1.6
"""How much wider the uncertainty is made where power was found to pulse. Set by the calibration."""


def aligned_tail(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """The energy from the end of the work to the next tick; None where the step is more than can be drawn."""
    interval = _interval(end, timing, ceiling_w)
    if interval is None:
        return None
    low_j, high_j = interval
    tail_s, span_s, work_s = _durations(end, timing)
    steps = Steps(
        before_w=begin.before_w,
        work_w=mean_power(begin, end, timing),
        last_w=end.last_step_j / span_s,
    )
    estimates = _estimates(begin, end, timing, steps)
    if not estimates:
        return within(0.5 * (low_j + high_j), (high_j - low_j) / RECTANGULAR, low_j, high_j)
    energy_j, uncertainty_j = weighted_mean(estimates)
    found = pulsing(begin, end, timing, steps)
    parts_j = [uncertainty_j, found.power_w * min(tail_s, work_s)]
    even_j = steps.last_w * tail_s
    residual = residuals(begin, end, timing, steps)
    if residual is not None:
        if residual.ramp_w < residual.work_w:
            energy_j = even_j
        parts_j.append(RESIDUAL * min(residual.ramp_w, residual.work_w) * span_s)
    elif steps.before_w is not None:
        energy_j += (1 - WORK_SHARE) * (even_j - energy_j)
        parts_j.append(PIECE * abs(steps.last_w - steps.before_w) * math.sqrt(tail_s * work_s))
    widened = AS_BOUND if found.is_evident else 1.0
    unseen = () if end.sample.power_w is not None else (PULSES_UNSEEN,)
    flags = (*((UNCERTAINTY_IS_BOUND,) if found.is_evident else ()), *unseen)
    return within(energy_j, widened * math.hypot(*parts_j), low_j, high_j, flags)


def _durations(end: CounterEnd, timing: Timing) -> tuple[float, float, float]:
    """``t``, ``n T`` and ``w`` of the module, in seconds."""
    assert end.tick is not None
    tail_s = max(0.0, end.tick.middle_s - end.at_s)
    span_s = max(end.ticks, 1) * timing.period_s
    return tail_s, span_s, max(0.0, span_s - tail_s)


def _interval(end: CounterEnd, timing: Timing, ceiling_w: float) -> tuple[float, float] | None:
    """The least and the most that the tail can be; None where they contradict each other."""
    assert end.tick is not None
    tail_s, _, work_s = _durations(end, timing)
    slack_s = end.tick.width_s + max(end.ticks, 1) * (timing.longest_s - timing.period_s)
    low_j = max(0.0, end.last_step_j - timing.resolution_j - ceiling_w * (work_s + slack_s))
    most_j = ceiling_w * (tail_s + end.tick.width_s)
    if low_j > most_j + timing.resolution_j:
        return None
    first_sample_s = end.sample.end_s - end.at_s
    return low_j, max(low_j, min(end.last_step_j + timing.resolution_j + ceiling_w * first_sample_s, most_j))


def _estimates(
    begin: CounterBegin, end: CounterEnd, timing: Timing, steps: Steps
) -> list[tuple[float, float]]:
    """The estimates of the module: each an energy and its standard uncertainty."""
    assert end.tick is not None
    tail_s, _, work_s = _durations(end, timing)
    # By how much the tick's instant, and so the boundary between work and tail, may be off.
    instant_s = math.hypot(end.tick.width_s / RECTANGULAR, timing.spread_s)
    rounding_j = timing.resolution_j / math.sqrt(6)

    def uncertainty_j(power_w: float, duration_s: float, *others_j: float) -> float:
        fast_j = FAST * power_w * min(duration_s, SENSOR_WINDOW_S)
        return math.hypot(fast_j, power_w * instant_s, rounding_j, *others_j)

    estimates: list[tuple[float, float]] = []
    if steps.before_w is not None:
        estimates.append((steps.before_w * tail_s, uncertainty_j(steps.before_w, tail_s)))
    if steps.work_w is not None:
        work_j = steps.work_w * work_s
        estimates.append((end.last_step_j - work_j, uncertainty_j(steps.work_w, work_s)))
    end_w = power_at_end(begin, end)
    if end_w is not None:
        sensor_j = SENSOR_RELATIVE * end_w * work_s
        estimates.append((end.last_step_j - end_w * work_s, uncertainty_j(end_w, work_s, sensor_j)))
    after = power_after(end)
    if after is not None:
        mean_w, powers_w = after
        sensor_j = SENSOR_RELATIVE * mean_w * tail_s
        range_j = (max(powers_w) - min(powers_w)) * tail_s / RECTANGULAR
        estimates.append((mean_w * tail_s, uncertainty_j(mean_w, tail_s, sensor_j, range_j)))
    return estimates
