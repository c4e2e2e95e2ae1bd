"""What integrated power will leave uncertain, for doctor and planning: by the arithmetic of windows."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.nvml.boundary_power import SENSOR_RELATIVE
from llenergymeasure.energy.nvml.driver import Driver
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.integral import MIN_SAMPLES, integrate
from llenergymeasure.energy.nvml.sampling import NvmlSampler
from llenergymeasure.energy.sampler import SAMPLE_HZ
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.uncertainty import EnergyEstimate

SHORT_S, LONG_S = 5.0, 10.0
"""Two lengths that tell apart what shrinks with the window's length and what stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The relative uncertainty over a length ``d``: the root of ``stays^2 + (shrinks_s / d)^2``."""

    stays: float
    shrinks_s: float

    def length_s(self, target: float) -> float:
        """How long a window must be for a target above ``stays``."""
        return max(MIN_SAMPLES / SAMPLE_HZ, self.shrinks_s / math.sqrt(target**2 - self.stays**2))


def expected_relative(driver: Driver, gpu: MeasuredGpu, clock: Clock, length_s: float) -> float | None:
    """The relative standard uncertainty of a window at the power that the GPU draws now, if that is known.

    It is what :func:`integrate` gives for samples of that power at the usual rate.
    """
    return _relative(_sample_now(driver, gpu, clock), gpu.ceiling_w, length_s)


def expected_shape(driver: Driver, gpu: MeasuredGpu, clock: Clock) -> Expected:
    """How the uncertainty of integrated power falls with the window's length, at the power drawn now."""
    sample = _sample_now(driver, gpu, clock)
    short, long = (_relative(sample, gpu.ceiling_w, length_s) for length_s in (SHORT_S, LONG_S))
    if short is None or long is None:
        return Expected(stays=SENSOR_RELATIVE, shrinks_s=0.0)
    shrinks = max(0.0, (short**2 - long**2) / (1 / SHORT_S**2 - 1 / LONG_S**2))
    stays = math.sqrt(max(long**2 - shrinks / LONG_S**2, SENSOR_RELATIVE**2))
    return Expected(stays=stays, shrinks_s=math.sqrt(shrinks))


def _sample_now(driver: Driver, gpu: MeasuredGpu, clock: Clock) -> DeviceSample:
    (sample,) = NvmlSampler(driver.binding, [gpu.uuid], os.getpid(), clock.monotonic).sample(0.0, 0.0)
    return sample


def _relative(sample: DeviceSample, ceiling_w: float, length_s: float) -> float | None:
    if math.isnan(sample.power_w):
        return None
    times_s = (number / SAMPLE_HZ for number in range(-1, math.ceil(length_s * SAMPLE_HZ) + 2))
    samples = [sample._replace(begin_s=at_s, end_s=at_s) for at_s in times_s]
    estimate = integrate(samples, 0.0, length_s, ceiling_w)
    if not isinstance(estimate, EnergyEstimate) or estimate.energy_j <= 0:
        return None
    return estimate.uncertainty_j / estimate.energy_j
