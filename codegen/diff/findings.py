"""The result of a comparison: one :class:`Finding` for each difference, as data.

The sentences in a finding are our own. Only ``detail`` may quote upstream; it is shown on a terminal and
never saved.
"""

from dataclasses import dataclass
from typing import Literal

from codegen.model.origins import Symbol
from codegen.model.values import PlainValue

Level = Literal["breaking", "risky", "info"]
LEVELS: tuple[Level, ...] = ("breaking", "risky", "info")
"""Most severe first."""


@dataclass(frozen=True, slots=True)
class Where:
    """The definition that a finding is about.

    Args:
        symbol: the definition; None if there is none upstream.
        file: its file in the upstream package, None if the source is not available.
        line: the line in that file, None if it is not known.
    """

    symbol: Symbol | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        if self.symbol is None:
            return ""
        place = self.file or self.symbol.path
        return f"{place if self.line is None else f'{place}:{self.line}'}, {self.symbol.qualname}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference.

    Args:
        id: the id of its kind; :data:`codegen.diff.finding_kinds.KINDS` lists them.
        level: how serious it is.
        parameters: what it is about: parameters, ``parameter.argument`` for an argument of a nested class,
            the id of a rule, or a symbol.
        old: the value before, None where there was none.
        new: the value after, None where there is none.
        meaning: what it means for a user, in a sentence.
        todo: what to do, in a sentence.
        where: the definition upstream.
        detail: lines that quote upstream's text or code; for a terminal only.
        accepted: the reason why it was accepted, None if it was not.
    """

    id: str
    level: Level
    parameters: tuple[str, ...]
    old: PlainValue
    new: PlainValue
    meaning: str
    todo: str
    where: Where = Where()
    detail: tuple[str, ...] = ()
    accepted: str | None = None

    @property
    def parameter(self) -> str:
        """The parameters, separated by commas."""
        return ", ".join(self.parameters)

    @property
    def message(self) -> str:
        """What it means, and what to do."""
        return f"{self.meaning} {self.todo}"
