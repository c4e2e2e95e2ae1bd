"""Claims: hand-written facts about one argument, a class for each kind.

A claim has a reason and, unless it is a tightening, names the upstream symbols that it rests on. In the file
it is a table with the kind as a key: ``bound = ">= 0"``. Whether it fits a release is checked by
:mod:`codegen.review.merge`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, ClassVar, Literal

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from codegen.mistakes import Place
from codegen.model.markers import OneLine
from codegen.model.origins import Symbol
from codegen.model.type_text import text
from codegen.model.types import Bound, Choice, ListOf, MapOf, Scalar, Type, with_bound
from codegen.model.values import PlainValue

Line = Annotated[str, OneLine()]
TypePath = Annotated[tuple[str, ...], "a path into a type, see codegen.model.type_paths.steps"]
MinLength = Annotated[int, "1 or more"]
Choices = Annotated[tuple[str | int | bool, ...], "at least one"]
EVERY_RELEASE = SpecifierSet()
NO_EVIDENCE = "it names no evidence; name the upstream symbols it rests on, or mark it tightening"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A statement about some releases.

    Args:
        place: where it is in the file.
        versions: the releases that it is about.
    """

    place: Place = Place()  # noqa: RUF009 - frozen
    versions: SpecifierSet = EVERY_RELEASE

    def applies(self, version: str) -> bool:
        """Whether it is about that release; a pre-release counts like any other."""
        return applies(self.versions, version)


@cache
def applies(versions: SpecifierSet, version: str) -> bool:
    """Whether a release is among some versions; a pre-release counts like any other."""
    return versions.contains(Version(version), prereleases=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim(Dated):
    """One hand-written fact.

    Args:
        at: the path into the type that it is about.
        tightening: whether upstream would take what this refuses.
        reason: why it holds, or why it is wanted.
        evidence: the upstream symbols that it rests on.
    """

    kind: ClassVar[str]
    needs_evidence: ClassVar[bool] = True

    at: TypePath = ()
    tightening: bool = False
    reason: Line
    evidence: tuple[Symbol, ...] = ()

    @property
    def requirement(self) -> str:
        """What a tightening requires, for display: ``<= 1``, ``[0] >= 0``, ``at least 1 long``."""
        place = "".join(step if step.startswith("[") else f" {step}" for step in self.at)
        return f"{place} {self.stated}".strip()

    @property
    def stated(self) -> str:
        """The fact, for display."""
        return str(getattr(self, self.kind))

    @classmethod
    def inconsistencies(cls, table: Mapping[str, object]) -> Iterator[str]:
        """What is wrong with the entries of its table together."""
        if cls.needs_evidence and not (table.get("tightening") or table.get("evidence")):
            yield NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing(Claim):
    """A claim that narrows a type."""

    def narrow(self, part: Type) -> Type | None:
        """The part of a type that it is about, with the claim applied; None if it does not fit."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundClaim(Narrowing):
    """One side of a range."""

    kind: ClassVar[str] = "bound"
    bound: Bound

    def narrow(self, part: Type) -> Type | None:
        """A number with the bound."""
        return with_bound(part, self.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinLengthClaim(Narrowing):
    """The minimum length of a text, list or mapping."""

    kind: ClassVar[str] = "min_length"
    min_length: MinLength

    @property
    def stated(self) -> str:
        """``at least 1 long``."""
        return f"at least {self.min_length} long"

    def narrow(self, part: Type) -> Type | None:
        """A text, list or mapping with the length."""
        match part:
            case ListOf() | MapOf():
                return replace(part, min_length=self.min_length)
            case Scalar(kind="str"):
                return Scalar("str", (Bound(">=", self.min_length),))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicesClaim(Narrowing):
    """The only values."""

    kind: ClassVar[str] = "choices"
    choices: Choices

    @property
    def stated(self) -> str:
        """``one of 'a', 'b'``."""
        return f"one of {', '.join(map(repr, self.choices))}"

    def narrow(self, part: Type) -> Type | None:
        """The choices, instead of a text, a whole number, a flag or other choices."""
        match part:
            case Choice():
                return Choice(self.choices)
            case Scalar(kind=kind) if all(type(choice).__name__ == kind for choice in self.choices):
                return Choice(self.choices)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeClaim(Claim):
    """The type, where the documentation names none, or one that is too loose."""

    kind: ClassVar[str] = "type"
    type: Type

    @property
    def stated(self) -> str:
        """In the syntax of annotations."""
        return text(self.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultClaim(Claim):
    """The default of a nested argument that the call gives it."""

    kind: ClassVar[str] = "default"
    default: PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDefaultClaim(Claim):
    """The value that the call treats like an effective default of None."""

    kind: ClassVar[str] = "shown_default"
    shown_default: PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class NoneClaim(Claim):
    """Whether None is a value."""

    kind: ClassVar[str] = "takes_none"
    takes_none: bool

    @property
    def stated(self) -> str:
        """``not None``: a claim that None is a value is always a mistake."""
        return "not None"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnboundedClaim(Claim):
    """That a number or a text needs no bound."""

    kind: ClassVar[str] = "unbounded"
    needs_evidence: ClassVar[bool] = False
    unbounded: Literal[True]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeprecatedClaim(Claim):
    """A sentence about the removal of a parameter."""

    kind: ClassVar[str] = "deprecated"
    needs_evidence: ClassVar[bool] = False
    deprecated: Line


CLAIMS: dict[str, type[Claim]] = {
    each.kind: each
    for each in (
        BoundClaim,
        MinLengthClaim,
        TypeClaim,
        ChoicesClaim,
        DefaultClaim,
        ShownDefaultClaim,
        NoneClaim,
        UnboundedClaim,
        DeprecatedClaim,
    )
}
"""Every kind of claim, by its key in the file."""
