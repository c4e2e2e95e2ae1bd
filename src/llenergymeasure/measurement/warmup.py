"""When a warm-up has done its work: a criterion over blocks of passes, as a pure function."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from llenergymeasure.results.schema import Block

BLOCK_S = 1.0
"""The least length of a block; shorter times say little about a machine's state."""
LAST = 3
WITHIN = 0.03
"""The last three blocks' times, and powers, lie within this part of their mean."""
DEGREES = 1.0
"""Their temperatures lie within this."""
NOISY_LAST = 8
STANDARD_ERRORS = 2.0
"""Where single blocks differ by more than that, the last eight are steady if their halves' means do not."""


def is_steady(blocks: Sequence[Block]) -> bool:
    """Whether time per pass, power and temperature (those that are known) no longer move in one direction.

    The first block never counts: lazy loading, compilation and cold caches are in it.
    """
    later = blocks[1:]
    if len(later) < LAST:
        return False
    heat = [block.temperature_c for block in later[-LAST:] if block.temperature_c is not None]
    powers = [block.power_w for block in later if block.power_w is not None]
    return (
        _level([block.seconds_per_pass for block in later])
        and (len(powers) < len(later) or _level(powers))
        and (not heat or max(heat) - min(heat) <= DEGREES)
    )


def _level(values: Sequence[float]) -> bool:
    last = values[-LAST:]
    if max(last) - min(last) <= WITHIN * fmean(last):
        return True
    if len(values) < NOISY_LAST:
        return False
    half = NOISY_LAST // 2
    before, after = values[-NOISY_LAST:-half], values[-half:]
    error = math.hypot(stdev(before), stdev(after)) / math.sqrt(half)
    return abs(fmean(after) - fmean(before)) <= STANDARD_ERRORS * error
