"""One number per window: what statistics, and comparisons of two records, are computed from."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from llenergymeasure.energy.figures import Unavailable
from llenergymeasure.results.schema import Tokens, Window

Unit: TypeAlias = Callable[[Tokens], int]
"""What joules are counted by: from a window's tokens to a number of units."""


def requests(tokens: Tokens) -> int:
    """Prompts that were answered."""
    return tokens.requests


def output(tokens: Tokens) -> int:
    """Tokens that were generated."""
    return tokens.output


def total_tokens(tokens: Tokens) -> int:
    """Tokens that went in or came out."""
    return tokens.prompt + tokens.output


def amount(window: Window, unit: Unit) -> int:
    """How many of a unit a window has; 0 where it has no tokens."""
    return 0 if window.tokens is None else unit(window.tokens)


def with_energy(windows: Sequence[Window], kind: str) -> list[Window]:
    """The windows of a kind that came to their end, and whose joules are known."""
    return [
        window
        for window in windows
        if window.kind == kind and not window.interrupted and not isinstance(window.energy.total, Unavailable)
    ]


def joules(window: Window) -> float:
    """The gross energy of a window; NaN where that is not known."""
    total = window.energy.total
    return math.nan if isinstance(total, Unavailable) else total.energy_j


def joules_per(windows: Sequence[Window], unit: Unit, idle_w: float = 0.0) -> list[float]:
    """Joules above idle power per unit, window by window; every window has at least one of the unit."""
    return [(joules(window) - idle_w * window.length_s) / amount(window, unit) for window in windows]
