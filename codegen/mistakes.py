"""Mistakes in hand-written files, as data: where each is, and what is wrong there.

The readers of these files collect them; :class:`codegen.errors.MistakesError` reports them together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BARE_KEY = re.compile(r"[\w-]+")  # TOML: a key that needs no quotes


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: the keys and indices that lead to it.

    ``params.top_p.claims[0]``, or the file itself.
    """

    steps: tuple[str | int, ...] = ()

    @classmethod
    def of(cls, *steps: str | int) -> "Place":
        """The place that these steps lead to."""
        return cls(steps)

    def __truediv__(self, step: str | int) -> "Place":
        return Place((*self.steps, step))

    def __str__(self) -> str:
        return "".join(_as_text(self.steps)).removeprefix(".") or "the file"


def _as_text(steps: tuple[str | int, ...]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, int):
            yield f"[{step}]"
        else:
            yield f".{step if _BARE_KEY.fullmatch(step) else repr(step)}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake.

    Args:
        place: where it is.
        what: what is wrong there, in a clause.
    """

    place: Place
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"
