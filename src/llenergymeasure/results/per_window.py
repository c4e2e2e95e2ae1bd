"""One number per window, such as its joules per token: statistics and comparisons are computed from these."""

import math
from collections.abc import Callable, Sequence
from typing import TypeAlias

from llenergymeasure.energy.figures import Unavailable
from llenergymeasure.results.schema import Tokens, Window

Unit: TypeAlias = Callable[[Tokens], int]
"""A unit that energy is divided by: a function that gives the number of units from a window's tokens."""


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
    """How many units of work are in a window; 0 if its tokens are not known."""
    return 0 if window.tokens is None else unit(window.tokens)


def with_energy(windows: Sequence[Window], kind: str) -> list[Window]:
    """The windows of a kind that were not interrupted, and whose energy is known."""
    return [
        window
        for window in windows
        if window.kind == kind and not window.interrupted and not isinstance(window.energy.total, Unavailable)
    ]


def joules(window: Window) -> float:
    """The gross energy of a window in joules; NaN if that is not known."""
    total = window.energy.total
    return math.nan if isinstance(total, Unavailable) else total.energy_j


def joules_per(windows: Sequence[Window], unit: Unit, idle_w: float = 0.0) -> list[float]:
    """Joules above idle power per unit of work, window by window.

    Args:
        windows: each with at least one unit.
        unit: what to divide by.
        idle_w: the idle power to subtract; 0 for gross energy.
    """
    return [(joules(window) - idle_w * window.length_s) / amount(window, unit) for window in windows]
