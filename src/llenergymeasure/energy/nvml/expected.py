"""What integrated power will leave uncertain, for doctor and planning: by the arithmetic of windows."""

from __future__ import annotations

import math
import os

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.nvml.driver import Driver
from llenergymeasure.energy.nvml.gpu import MeasuredGpu
from llenergymeasure.energy.nvml.integral import MIN_SAMPLES, SENSOR_RELATIVE, integrate
from llenergymeasure.energy.nvml.sampling import NvmlSampler
from llenergymeasure.energy.sampler import SAMPLE_HZ
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.uncertainty import EnergyEstimate

REFERENCE_S = 10.0
"""A length at which the part that shrinks with the window's length is worked out."""


def expected_relative(driver: Driver, gpu: MeasuredGpu, clock: Clock, length_s: float) -> float | None:
    """The relative standard uncertainty of a window at the power that the GPU draws now, if that is known.

    It is what :func:`integrate` gives for samples of that power at the usual rate.
    """
    return _relative(_sample_now(driver, gpu, clock), gpu.ceiling_w, length_s)


def needed_s(driver: Driver, gpu: MeasuredGpu, clock: Clock, target: float) -> float | None:
    """How long a window must be at the power that the GPU draws now; None if it can never be that certain.

    The sensor's part of the uncertainty stays; the other ones shrink as one over the length.
    """
    if target <= SENSOR_RELATIVE:
        return None
    reference = expected_relative(driver, gpu, clock, REFERENCE_S)
    shrinks_s = (
        0.0 if reference is None else REFERENCE_S * math.sqrt(max(reference**2 - SENSOR_RELATIVE**2, 0.0))
    )
    return max(MIN_SAMPLES / SAMPLE_HZ, shrinks_s / math.sqrt(target**2 - SENSOR_RELATIVE**2))


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
