"""One thing that is not as intended."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """What a proof found.

    Args:
        proof: its name.
        detail: what is different, as a sentence.
    """

    proof: str
    detail: str


def differs(proof: str, what: str, found: object, meant: object) -> Iterator[Difference]:
    """The difference of two values, if there is one; 1 differs from 1.0 and from True."""
    if repr(found) != repr(meant):
        yield Difference(proof, f"{what} came out as {found!r:.300}, not as {meant!r:.300}.")
