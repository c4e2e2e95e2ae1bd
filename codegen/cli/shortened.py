"""How much of a long text the commands print."""

from collections.abc import Iterator, Sequence

LONGEST = 60  # lines that are shown before the rest is only counted


def shortened(lines: Sequence[str]) -> Iterator[str]:
    """The first lines, and how many more there are."""
    yield from lines[:LONGEST]
    if len(lines) > LONGEST:
        yield f"... and {len(lines) - LONGEST} more lines"
