"""Estimates with an uncertainty and an interval, and how they are combined. Pure arithmetic, in joules.

The uncertainties follow the *Guide to the expression of uncertainty in measurement* (GUM, JCGM 100:2008):
what is only known to lie in an interval counts with the standard deviation of a distribution over it,
independent parts are added in quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

RECTANGULAR = math.sqrt(12)
"""Width over standard deviation of a value that may be anywhere in an interval (GUM 4.3.7)."""
TRIANGULAR = math.sqrt(24)
"""The same where the ends are less likely than the middle (GUM 4.3.9), as for an energy between nothing and
the most that is possible."""

FAST_FLUCTUATION = 0.055
"""The standard deviation of power averaged over ``SENSOR_WINDOW_S``, as a part of the power, where no power
sensor shows any change."""
SENSOR_WINDOW_S = 0.03
"""A power sensor averages over no more than this. Published measurements found 25 ms on A100 and H100 (Yang,
Adámek and Armour, SC24)."""
SLOW_FLUCTUATION = 0.24
"""The standard deviation of power between readings, as a part of the range that the readings span. A
rectangular distribution over the range has 1 / sqrt(12) = 0.29, a triangular one 1 / sqrt(24) = 0.20."""
UNCERTAINTY_IS_BOUND = "uncertainty-is-bound"
"""The flag of a figure whose uncertainty is a bound of the standard uncertainty: the root mean square of the
errors of such figures does not exceed it, but may be far below it."""
_TINY_J = 1e-9
"""Used in place of an uncertainty of 0, whose weight would be infinite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyEstimate:
    """Joules with a standard uncertainty, and the interval that holds them."""

    energy_j: float
    uncertainty_j: float
    low_j: float
    high_j: float
    flags: tuple[str, ...] = ()

    @property
    def bound_j(self) -> float:
        """The largest error that is possible."""
        return max(self.high_j - self.energy_j, self.energy_j - self.low_j)


def within(
    energy_j: float, uncertainty_j: float, low_j: float, high_j: float, flags: tuple[str, ...] = ()
) -> EnergyEstimate:
    """An estimate moved into the interval that the energy must lie in.

    An estimate outside says that the energy is near that end. How near: of a normal distribution cut off at
    its own mean, the mean of the rest is ``sqrt(2 / pi) = 0.8`` standard deviations inside; cut off further
    out, it is nearer. Half an uncertainty lies between the two, and never beyond the middle. (The calibration
    does not depend on it: a tenth of an uncertainty and a whole one give the same ratios.) Near an end the
    interval limits the uncertainty too.
    """
    high_j = max(high_j, low_j)
    inside_j = min(0.5 * uncertainty_j, 0.5 * (high_j - low_j))
    if energy_j <= low_j:
        energy_j = low_j + inside_j
    elif energy_j >= high_j:
        energy_j = high_j - inside_j
    return EnergyEstimate(
        energy_j=energy_j,
        uncertainty_j=min(uncertainty_j, max(high_j - energy_j, energy_j - low_j)),
        low_j=low_j,
        high_j=high_j,
        flags=flags,
    )


def fluctuation_j(powers_w: Sequence[float], duration_s: float) -> float:
    """Standard uncertainty of the energy over a duration, when power was read only around it.

    Two parts, added in quadrature. With the mean ``P`` of the powers, their range ``R`` and the duration
    ``d``:

    - Slow changes show in how much the powers differ: ``SLOW_FLUCTUATION * R * d``.
    - A few powers that agree do not prove that nothing changed in between: power sensors average fast changes
      away. Take power averaged over ``W = SENSOR_WINDOW_S`` to have the standard deviation ``FAST_FLUCTUATION
      * P``, from one ``W`` to the next independently. In ``d`` there are ``d / W`` of them, each of the
      energy ``P W``, so their sum has the standard deviation ``FAST_FLUCTUATION * P * W * sqrt(d / W) =
      FAST_FLUCTUATION * P * sqrt(W d)``.

    The two factors were set by the calibration (``docs/energy.md``), not by physics: they are right for its
    mixture of constant, square, ramp and noisy power.
    """
    if not powers_w:
        return 0.0
    mean_w = sum(powers_w) / len(powers_w)
    range_w = max(powers_w) - min(powers_w)
    return math.hypot(
        FAST_FLUCTUATION * mean_w * math.sqrt(SENSOR_WINDOW_S * duration_s),
        SLOW_FLUCTUATION * range_w * duration_s,
    )


def weighted_mean(estimates: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The mean of estimates of one quantity, each with its standard uncertainty, and the mean's uncertainty.

    Weights are the inverse variances, ``w = 1 / u^2``; the uncertainty of the mean is ``1 / sqrt(sum w)``.
    Where the estimates ``x`` disagree by more than their uncertainties explain, it is multiplied by Birge's
    ratio (R. T. Birge, Physical Review 40 (1932) 207), ``sqrt(sum w (x - mean)^2 / (n - 1))``.
    """
    weights = [1 / max(uncertainty, _TINY_J) ** 2 for _, uncertainty in estimates]
    mean = sum(weight * value for weight, (value, _) in zip(weights, estimates, strict=True)) / sum(weights)
    spread = sum(weight * (value - mean) ** 2 for weight, (value, _) in zip(weights, estimates, strict=True))
    birge = math.sqrt(spread / (len(estimates) - 1)) if len(estimates) > 1 else 1.0
    return mean, max(1.0, birge) / math.sqrt(sum(weights))
