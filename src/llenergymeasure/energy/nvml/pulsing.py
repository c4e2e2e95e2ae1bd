"""Whether a GPU's power pulses: what the counter's steps and the power sensor show of it around a window.

Neither shows it directly. A counter's step is the exact energy of a period, in which pulses may have come and
gone. A power sensor averages over some 25 ms, of every 100 on some cards. So constant power and pulses that
are in step with both look alike; everything else shows in one of these ways:

- the mean powers of steps differ by more than work that begins and ends with the window, or a steady rise,
  explains (:func:`residuals`), or they differed while the counter's period was measured
  (:attr:`.Timing.unsteadiness`), or the sensor's values did (:attr:`.Timing.shown_range`);
- the sensor's values differ while nothing began or ended;
- the sensor differs from the counter, by more than its gain can be off.

Small differences between steps matter too: where the period is nearly a multiple of the pulses', a step has
one pulse more or less now and then, or a part of one. How large the pulses are, that does not show. ``sqrt``
of the difference grows quickly from 0 and is still 0 where all agree; it stands in for a distribution over
how nearly they are in step. Used by :mod:`.tail`; every constant here was set by the calibration unless it
says otherwise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from llenergymeasure.energy.nvml.boundary_power import power_after, power_at_end, settled_before
from llenergymeasure.energy.nvml.counter import CounterBegin, CounterEnd, Timing

STEP_PULSES = 0.55
"""Times the root of the steps' unexplained relative difference, the part of the power that may pulse."""
AVERAGE_STEPS, AVERAGE_FREE = 4.0, 0.04
"""An average over a second moves by the pulse that it gains or loses, a small part of what power does: times
this, beyond ``AVERAGE_FREE``, it counts as a difference between steps."""
SEEN_PULSES = 0.23
"""The part of the range of the sensor's values that power at a boundary may be off by."""
GAIN_PULSES, GAIN_FREE = 0.4, 0.06
"""The same of the relative difference between sensor and counter, beyond ``GAIN_FREE``."""
LOCKED = 0.22
"""A sensor that differs from the counter by more than this sees another part of each pulse each time, and
always the same: four standard deviations of its gain, and what power rises by while its value is new."""
LOCKED_PULSES = 0.3
"""Then this part of the power may be off as well."""
EVIDENT, EVIDENT_W, EVIDENT_STEPS = 0.08, 6.0, 0.02
"""Pulses are evident where the sensor's values differ by more than this part of the power and by so many
watts, or steps by more than that part. A ramp of 20 W/s, a quick one, stays below both."""
WORK_RAISES = 1.15
"""Work raises the power by more than this: smaller differences between steps are not work that began."""
STEADY_W = 5.0
"""A step may be so much below the one before the window: power falls slowly after work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Mean powers by the counter, in watts; None where there was no whole step.

    Args:
        before_w: over the last step before the window.
        work_w: over the steps inside it.
        last_w: over the step in which it ended.
    """

    before_w: float | None
    work_w: float | None
    last_w: float

    @property
    def highest_w(self) -> float:
        """The highest of them."""
        return max(self.before_w or 0.0, self.work_w or 0.0, self.last_w)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulsing:
    """The standard deviation of power at the boundary, in watts, and whether pulses are evident."""

    power_w: float
    is_evident: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """What two explanations leave of the last step's power, in watts.

    ``work_w``: work that drew ``Steps.work_w`` until its end, and then ``before_w``. ``ramp_w``: power on the
    line through the middles of the earlier steps.
    """

    work_w: float
    ramp_w: float


def residuals(begin: CounterBegin, end: CounterEnd, timing: Timing, steps: Steps) -> Residuals | None:
    """How far the last step is from either explanation; None without steps before the window and in it."""
    if steps.before_w is None or steps.work_w is None or begin.tick is None or end.tick is None:
        return None
    span_s = max(end.ticks, 1) * timing.period_s
    first_s, last_s = begin.tick.middle_s, end.tick.middle_s - span_s
    tail_s = max(0.0, end.tick.middle_s - end.at_s)
    before_at_s, work_at_s = first_s - 0.5 * timing.period_s, 0.5 * (first_s + last_s)
    slope = (steps.work_w - steps.before_w) / (work_at_s - before_at_s)
    on_line_w = steps.before_w + slope * (last_s + 0.5 * span_s - before_at_s)
    work_w = (steps.work_w * (span_s - tail_s) + steps.before_w * tail_s) / span_s
    return Residuals(work_w=abs(steps.last_w - work_w), ramp_w=abs(steps.last_w - on_line_w))


def pulsing(begin: CounterBegin, end: CounterEnd, timing: Timing, steps: Steps) -> Pulsing:
    """What is found of pulses around the end of a window with aligned boundaries."""
    level_w = steps.highest_w
    if level_w <= 0:
        return Pulsing(power_w=0.0, is_evident=False)
    differ = max(
        _steps_differ(begin, end, timing, steps) - _noise(timing, level_w), steps_differ(timing, level_w)
    )
    shown_w = 0.0 if timing.averaged else timing.shown_range * level_w
    seen_w = max(_seen_w(begin, end, steps), shown_w)
    settled, unsettled = _gains(begin, end, steps)
    gain = max(settled, unsettled)
    locked = settled > LOCKED
    power_w = math.hypot(
        max(SEEN_PULSES * seen_w, STEP_PULSES * level_w * math.sqrt(differ)),
        GAIN_PULSES * max(0.0, gain - GAIN_FREE) * level_w,
        LOCKED_PULSES * level_w * (gain > LOCKED),
    )
    is_evident = locked or differ > EVIDENT_STEPS or seen_w > max(EVIDENT * level_w, EVIDENT_W)
    return Pulsing(power_w=power_w, is_evident=is_evident)


def steps_differ(timing: Timing, level_w: float) -> float:
    """By what part of the power the counter's steps differed while its period was measured."""
    averaged = AVERAGE_STEPS * timing.shown_range if timing.averaged else 0.0
    return max(0.0, timing.unsteadiness - _noise(timing, level_w), averaged - AVERAGE_FREE)


def steps_pulse(timing: Timing, level_w: float) -> float:
    """The part of the power that may pulse, by those steps."""
    return STEP_PULSES * math.sqrt(steps_differ(timing, level_w))


def _noise(timing: Timing, level_w: float) -> float:
    """What the mean powers of steps differ by without any pulse: their length, and the counter's rounding.

    A tick is known to 0.2 ms, so a period by two of them; periods have a spread of their own.
    """
    exact_s = 0.0004 + 2 * timing.resolution_j / level_w
    return 4 * timing.spread_s / timing.period_s + exact_s / timing.period_s + 0.001


def _steps_differ(begin: CounterBegin, end: CounterEnd, timing: Timing, steps: Steps) -> float:
    """The largest relative difference between steps that nothing explains."""
    level_w, found = steps.highest_w, [0.0]
    residual = residuals(begin, end, timing, steps)
    if residual is not None and steps.before_w is not None and steps.work_w is not None:
        found.append(min(residual.work_w, residual.ramp_w) / level_w)
        is_ramp = residual.ramp_w <= _noise(timing, level_w) * level_w
        if steps.work_w < WORK_RAISES * steps.before_w and not is_ramp:
            found.append(abs(steps.work_w - steps.before_w) / level_w)
    elif steps.before_w is not None and steps.before_w - steps.last_w > STEADY_W:
        found.append((steps.before_w - steps.last_w) / level_w)
    return max(found)


def _seen_w(begin: CounterBegin, end: CounterEnd, steps: Steps) -> float:
    """By how many watts the sensor's values differ, other than by work that begins or ends."""
    found = [0.0]
    before = settled_before(begin)
    if before:
        found.append(max(before) - min(before))
    after = power_after(end)
    if after is not None:
        found.append(max(after[1]) - min(after[1]))
    end_w = power_at_end(begin, end)
    if before and end_w is not None and steps.before_w and steps.work_w is not None:
        # With the gain that it has before the window, the sensor shows the work's power as the counter does.
        found.append(abs(end_w * steps.before_w / before[-1] - steps.work_w))
    return max(found)


def _gains(begin: CounterBegin, end: CounterEnd, steps: Steps) -> tuple[float, float]:
    """The largest relative differences between the sensor and the counter, before the window or in it.

    The second is that of a sensor that may still show more than is drawn before the window, because something
    ended shortly before. It makes the uncertainty wider, and pulses no more evident.
    """
    before, end_w, shown_w = settled_before(begin), power_at_end(begin, end), begin.sample.power_w
    settled, unsettled = [_difference(end_w, steps.work_w)], [0.0]
    difference = _difference(before[-1] if before else shown_w, steps.before_w)
    is_higher = shown_w is not None and steps.before_w is not None and shown_w > steps.before_w
    (unsettled if not before and is_higher else settled).append(difference)
    return max(settled), max(unsettled)


def _difference(sensor_w: float | None, counter_w: float | None) -> float:
    return abs(sensor_w / counter_w - 1) if sensor_w and counter_w else 0.0
