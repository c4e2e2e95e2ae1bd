"""Where a fact came from.

Definitions upstream, and the kinds of facts that are read from them or written by hand.

Line numbers are never kept: they move with every release.
"""

from dataclasses import dataclass
from enum import StrEnum


class UnreadableSymbolError(ValueError):
    """The text does not name a definition."""


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A definition upstream; written ``package/module.py::Class.method``.

    Args:
        path: of the file, under the folder of the upstream package.
        qualname: of the class, function, method or assignment in it.
    """

    path: str
    qualname: str

    @classmethod
    def parse(cls, text: str) -> "Symbol":
        """Read the written form.

        Raises:
            UnreadableSymbolError: it is not of that form.
        """
        path, separator, qualname = text.partition("::")
        if not (separator and qualname and path.endswith(".py")):
            raise UnreadableSymbolError(
                f"{text!r} is not a symbol; write for example 'package/module.py::Class.method'"
            )
        return cls(path, qualname)

    def __str__(self) -> str:
        return f"{self.path}::{self.qualname}"

    @property
    def name(self) -> str:
        """The last part of the qualified name."""
        return self.qualname.rpartition(".")[2]


class OriginKind(StrEnum):
    """What was read at an origin."""

    TYPE = "type"
    DECLARED_DEFAULT = "declared default"
    EFFECTIVE_DEFAULT = "effective default"
    GATE = "gate"
    CHECK = "check"
    CLASS = "class"
    RULE = "rule"
    CLAIM = "claim"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one fact came from.

    Args:
        kind: what it is the origin of.
        symbol: the definition upstream; None if the fact is written in the overrides.
        about: of a claim and its evidence, the kind of claim; of a rule and its evidence, the id, or the key
            that it was found by.
        reason: of a claim: why it holds, or why it is wanted.
    """

    kind: OriginKind
    symbol: Symbol | None = None
    about: str = ""
    reason: str = ""
