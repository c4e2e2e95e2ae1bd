"""What the tables of a record and of a comparison are made of: lines with labels, and numbers with few digits."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

_LABEL_WIDTH = 14
DIGITS = 4
"""Of a quantity; its uncertainty has fewer."""
Rows: TypeAlias = Iterator[tuple[str, str]]


def table(rows: Rows) -> str:
    """Lines of ``label  value``, without a line break at the end."""
    return "\n".join(f"{label:<{_LABEL_WIDTH}}{value}".rstrip() for label, value in rows)


def listed(label: str, lines: Sequence[str]) -> Rows:
    """The label once, then the lines under one another."""
    for index, line in enumerate(lines):
        yield "" if index else label, line


def number(value: float, digits: int = DIGITS) -> str:
    """So many significant digits, all before the point, and no exponent where that reads well."""
    if digits == DIGITS and value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.{DIGITS - 1}e}"
    return f"{value:.{digits}g}" if abs(value) < 10 ** (digits - 1) else f"{value:,.0f}"


def count(number: int, what: str) -> str:
    """So many of a thing, which is in the plural unless it is one."""
    return f"{number:,} {what}{'' if number == 1 else 'es' if what.endswith(('ch', 'ss')) else 's'}"
