"""When a warm-up may end, and what its late blocks say of the speed: pure functions over blocks of passes."""

import math
from collections.abc import Sequence
from statistics import fmean, median, stdev

from llenergymeasure.results.schema import Block, WarmUp

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
    temperatures = [block.temperature_c for block in later[-LAST:] if block.temperature_c is not None]
    powers = [block.power_w for block in later if block.power_w is not None]
    return (
        is_level([block.seconds_per_pass for block in later])
        and (len(powers) < len(later) or is_level(powers))
        and (not temperatures or max(temperatures) - min(temperatures) <= TOLERANCE_C)
    )


def late_blocks(blocks: Sequence[Block]) -> Sequence[Block]:
    """The last blocks: as many as are compared, without the first one where there are others."""
    return (blocks[1:] or blocks)[-LAST:]


def planned_pass_s(warmup: WarmUp) -> float:
    """How long a pass takes at most in the windows, by the late blocks of the warm-up.

    The fastest of them where they are steady; otherwise the median, as single ones may be of anything.
    """
    late = [block.seconds_per_pass for block in late_blocks(warmup.blocks)]
    return min(late) if warmup.steady else median(late)


def is_level(values: Sequence[float], count: int = LAST) -> bool:
    """Whether the last ``count`` values lie close together or, where they are noisy, have no trend."""
    last = values[-count:]
    if len(last) < count:
        return False
    if max(last) - min(last) <= TOLERANCE * fmean(last):
        return True
    if len(values) < NOISY_LAST:
        return False
    half = NOISY_LAST // 2
    before, after = values[-NOISY_LAST:-half], values[-half:]
    standard_error = math.hypot(stdev(before), stdev(after)) / math.sqrt(half)
    return abs(fmean(after) - fmean(before)) <= STANDARD_ERRORS * standard_error
