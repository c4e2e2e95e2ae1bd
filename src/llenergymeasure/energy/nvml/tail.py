"""The tail of a window with aligned boundaries: what was counted after the work, up to the next tick.

With the notation of :mod:`.boundaries`: the work ends at ``b``, the counter ticks at ``e`` after it. Up to
there it has moved ``n`` times (``n = 1`` unless ticks were missed), by ``L = C(e) - C(b)`` in all. That is
the energy of the time ``n T`` before ``e``, of which ``t = e - b`` is the tail and ``w = n T - t`` is work::

        tick ----------- b ========== e (tick)
          |<---- w ---->|<---- t --->|
          |<----------- L ---------->|

Three things are known about the tail's energy.

1. *The interval it must lie in.* It is at most ``P_max t``, and at most ``L``, plus what could be used
   between ``b`` and the first sample after it, which may have been counted before that sample. It is at least
   what is left of ``L`` when the work's part drew ``P_max`` all the time, for as long as that part can have
   been (``slack``: the tick's own width, and periods may be longer than the mean).
2. *The power read after the work*, ``P_after t``, if the sensor showed a power then. Its uncertainty is the
   fluctuation over ``t``, and the tick's instant times the power.
3. *What the work leaves of the step*, ``L - P_work w``, with the power of the work by the counter's earlier
   steps and by the sensor. Its uncertainty is the fluctuation over ``w``, the tick's instant times the power,
   and the counter's rounding.

The second is good for a short tail, the third for a long one: in the calibration they err by 0.03 and 0.10 of
a period's energy (root mean square) in tails of up to a third of a period, and by 0.09 and 0.04 in those over
two thirds. Their mean by inverse variance (:func:`~llenergymeasure.energy.uncertainty.weighted_mean`), which
errs by 0.02 to 0.04 in all, is moved into the interval.

Where no instantaneous power can be read at all, the mean power of the step, ``L / (n T)``, takes the place of
the second. With a power ``P1`` before ``b`` and ``P2`` after it, this errs by ``(P1 - P2) w t / (w + t)``:
not at all when the tail is the whole step. ``sqrt(t min(w, t))`` is used for the duration, which is a little
longer, since power also changes within each of the two parts.
"""

from __future__ import annotations

import math

from llenergymeasure.energy.nvml.boundary_power import mean_power, power_after, power_at_end, unknown_powers
from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, Timing
from llenergymeasure.energy.uncertainty import (
    RECTANGULAR,
    EnergyEstimate,
    fluctuation_j,
    weighted_mean,
    within,
)


def aligned_tail(
    begin: CounterBegin, end: CounterEnd, timing: Timing, ceiling_w: float
) -> EnergyEstimate | None:
    """The energy from the end of the work to the next tick; None where the step is more than can be drawn."""
    interval = _interval(end, timing, ceiling_w)
    if interval is None:
        return None
    low_j, high_j = interval
    estimates = _estimates(begin, end, timing)
    if not estimates:
        estimates = [(0.5 * (low_j + high_j), (high_j - low_j) / RECTANGULAR)]
    return within(*weighted_mean(estimates), low_j, high_j)


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


def _estimates(begin: CounterBegin, end: CounterEnd, timing: Timing) -> list[tuple[float, float]]:
    """What is known of the tail by power: each an energy and its standard uncertainty."""
    assert end.tick is not None
    tail_s, span_s, work_s = _durations(end, timing)
    step_w = end.last_step_j / span_s
    work_powers = [mean_power(begin, end, timing), power_at_end(begin, end)]
    work_w = [power_w for power_w in work_powers if power_w is not None]
    after = power_after(end)
    around_w = [*work_w, *(after[1] if after else ()), step_w]
    if begin.sample.power_w is not None:
        around_w.append(begin.sample.power_w)
    # By how much the tick's instant, and so the boundary between work and tail, may be off.
    instant_s = math.hypot(end.tick.width_s / RECTANGULAR, timing.spread_s)
    estimates: list[tuple[float, float]] = []
    if end.sample.power_w is None:
        around_w += unknown_powers(around_w)
        unknown_j = fluctuation_j(around_w, math.sqrt(tail_s * min(work_s, tail_s)))
        estimates.append((step_w * tail_s, math.hypot(unknown_j, step_w * instant_s)))
    if work_w:
        power_w = sum(work_w) / len(work_w)
        rounding_j = timing.resolution_j / math.sqrt(6)
        uncertainty_j = math.hypot(fluctuation_j(around_w, work_s), power_w * instant_s, rounding_j)
        estimates.append((end.last_step_j - power_w * work_s, uncertainty_j))
    if after:
        power_w = after[0]
        uncertainty_j = math.hypot(fluctuation_j(around_w, tail_s), power_w * instant_s)
        estimates.append((power_w * tail_s, uncertainty_j))
    return estimates
