"""Tables for a terminal: lines with labels, and numbers with few digits."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

_LABEL_WIDTH = 14
DIGITS = 4
"""Significant digits of a quantity; its uncertainty has fewer."""
Rows: TypeAlias = Iterator[tuple[str, str]]


def table(rows: Rows) -> str:
    """Lines of ``label  value``, without a line break at the end."""
    return "\n".join(f"{label:<{_LABEL_WIDTH}}{value}".rstrip() for label, value in rows)


def listed(label: str, lines: Sequence[str]) -> Rows:
    """Rows for several lines under one label, which is next to the first line."""
    for index, line in enumerate(lines):
        yield "" if index else label, line


def number(value: float, digits: int = DIGITS) -> str:
    """A number with that many significant digits, without an exponent unless it is very large or small."""
    if digits == DIGITS and value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.{DIGITS - 1}e}"
    return f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"


def count(number: int, noun: str) -> str:
    """A number and what it counts, in the plural unless it is one: ``3 batches``."""
    return f"{number:,} {noun}{'' if number == 1 else 'es' if noun.endswith(('ch', 'ss')) else 's'}"
