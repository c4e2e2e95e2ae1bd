"""When a warm-up may end: a criterion over blocks of passes, as a pure function."""

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from llenergymeasure.results.schema import Block

BLOCK_S = 1.0
"""The shortest length of a block; shorter times say little about a machine's state."""
LAST = 3
"""This many of the last blocks are compared."""
TOLERANCE = 0.03
"""Their times, and their powers, lie within this fraction of their mean."""
TOLERANCE_C = 1.0
"""Their temperatures lie within this many degrees."""
NOISY_LAST = 8
"""Where single blocks differ by more, the means of two halves of this many last blocks are compared."""
STANDARD_ERRORS = 2.0
"""The halves' means may differ by this many standard errors."""


def is_steady(blocks: Sequence[Block]) -> bool:
    """Whether time per pass, power and temperature (those that are known) no longer change in one direction.

    The first block never counts, since it contains lazy loading, compilation and cold caches.
    """
    later = blocks[1:]
    if len(later) < LAST:
        return False
    temperatures = [block.temperature_c for block in later[-LAST:] if block.temperature_c is not None]
    powers = [block.power_w for block in later if block.power_w is not None]
    return (
        _is_level([block.seconds_per_pass for block in later])
        and (len(powers) < len(later) or _is_level(powers))
        and (not temperatures or max(temperatures) - min(temperatures) <= TOLERANCE_C)
    )


def _is_level(values: Sequence[float]) -> bool:
    last = values[-LAST:]
    if max(last) - min(last) <= TOLERANCE * fmean(last):
        return True
    if len(values) < NOISY_LAST:
        return False
    half = NOISY_LAST // 2
    before, after = values[-NOISY_LAST:-half], values[-half:]
    standard_error = math.hypot(stdev(before), stdev(after)) / math.sqrt(half)
    return abs(fmean(after) - fmean(before)) <= STANDARD_ERRORS * standard_error
