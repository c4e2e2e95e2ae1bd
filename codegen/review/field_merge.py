"""One argument: what the source states about it, with the hand-written claims applied.

A claim that repeats what was found, allows what is provably refused, or contradicts an effective default is a
mistake.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from codegen.errors import UnknownShapeError
from codegen.mistakes import Place
from codegen.model.facts import SourceField
from codegen.model.origins import Origin, OriginKind
from codegen.model.regions import EVERYTHING
from codegen.model.schema import Deprecation, Field, Tightening
from codegen.model.type_paths import changed_at, leaves
from codegen.model.type_text import text
from codegen.model.types import (
    Bound,
    Choice,
    NoData,
    Opaque,
    Scalar,
    Type,
    admits,
    members_of,
    union,
    with_bound,
)
from codegen.model.values import PlainValue, same
from codegen.review.claims import (
    BoundClaim,
    ChoicesClaim,
    Claim,
    DefaultClaim,
    DeprecatedClaim,
    Narrowing,
    NoneClaim,
    ShownDefaultClaim,
    TypeClaim,
    UnboundedClaim,
)
from codegen.review.coverage import is_bounded
from codegen.review.merge_context import MergeContext
from codegen.review.overrides import FieldOverrides

UNDOCUMENTED = "undocumented"
"""Placeholder for a type that neither the source nor the overrides name."""

REPEATS = "repeats what extraction found"

C = TypeVar("C", bound=Claim)


def merge_field(
    source: SourceField, entry: FieldOverrides | None, place: Place, context: MergeContext
) -> Field:
    """One argument of the release, without test values.

    Args:
        source: what the source states.
        entry: what the overrides say about it for this release.
        place: of the entry, whether there is one or not.
        context: of the merge; mistakes are noted there.

    Raises:
        UnknownShapeError: its type or a refusal is stated neither by the source nor by a claim.
    """
    claims = claims_of(entry, context.version)
    return _FieldMerge(source, entry, claims, place, context).field()


def claims_of(entry: FieldOverrides | None, version: str) -> tuple[Claim, ...]:
    """What is claimed of an argument in a release."""
    return tuple(claim for claim in entry.claims if claim.applies(version)) if entry else ()


def deprecation(source: SourceField, claims: tuple[Claim, ...]) -> Deprecation | None:
    """What the source says about the removal of an argument, with our note."""
    note = next((claim.deprecated for claim in claims if isinstance(claim, DeprecatedClaim)), None)
    return replace(source.deprecation or Deprecation(), note=note) if note else source.deprecation


def has_opaque(type_: Type) -> bool:
    """Whether something in the type cannot be written as data."""
    return any(isinstance(leaf, Opaque) for _, leaf in leaves(type_))


class _FieldMerge:
    """Merges one argument of one release; notes mistakes in the context."""

    def __init__(
        self,
        source: SourceField,
        entry: FieldOverrides | None,
        claims: tuple[Claim, ...],
        place: Place,
        context: MergeContext,
    ) -> None:
        self.source = source
        self.entry = entry
        self.claims = claims
        self.place = place
        self.context = context

    def field(self) -> Field:
        source, entry = self.source, self.entry
        self._check_restated()
        type_ = self._narrowed_type(self._proved_type())
        takes_none = self._takes_none() or isinstance(type_, NoData)
        required = source.required and not list(self._of(DefaultClaim))
        default = self._default()
        if not required:
            self._check_default(type_, default, takes_none=takes_none)
        field = Field(
            name=source.name,
            type=type_,
            takes_none=takes_none,
            required=required,
            declared_default=source.declared_default,
            effective_default=source.effective_default,
            default=default,
            description=entry.description if entry else "",
            described=entry is not None,
            disabled_value=self._disabled_value(type_),
            unbounded_reason=next((claim.reason for claim in self._of(UnboundedClaim)), None),
            tightenings=tuple(
                Tightening(claim.requirement, claim.reason) for claim in self.claims if claim.tightening
            ),
            doc_digest=source.doc_digest,
            origins=(*source.origins, *(origin for claim in self.claims for origin in _origins(claim))),
        )
        self._check_unbounded(field)
        return field if field.described else replace(field, description=self._generated_description(field))

    def _of(self, kind: type[C]) -> Iterator[C]:
        """The claims of a kind."""
        return (claim for claim in self.claims if isinstance(claim, kind))

    def _check_restated(self) -> None:
        """A refusal that cannot be read has to be restated by a claim that names it."""
        restated = {symbol for claim in self.claims for symbol in claim.evidence}
        for symbol in self.source.unread:
            if symbol not in restated:
                what = f"it refuses some values of {self.source.name} in a way that cannot be read"
                raise UnknownShapeError(
                    self.context.library.place(symbol), f"{what}, and no override restates it"
                )

    def _stated_type(self) -> Type:
        """The type that a claim, or else the documentation, names."""
        type_ = self.source.type
        for claim in self._of(TypeClaim):
            if claim.type == type_:
                self.context.mistaken(claim, REPEATS)
            type_ = claim.type
        return Opaque(UNDOCUMENTED) if type_ is None else type_

    def _proved_type(self) -> Type:
        """The type with everything the source says about it."""
        type_ = self._stated_type()
        if has_opaque(type_):
            if self.context.lenient:
                return type_
            raise self._no_data(type_)
        return self._within_bounds(self._within_choices(type_))

    def _no_data(self, type_: Type) -> UnknownShapeError:
        opaque = next(leaf.name for _, leaf in leaves(type_) if isinstance(leaf, Opaque))
        file = self.context.engine.overrides
        if opaque == UNDOCUMENTED:
            return self._unknown(f"no documentation gives its type; state one in {file}")
        return self._unknown(f"{opaque} cannot be written as data; state a type in {file}")

    def _unknown(self, what: str) -> UnknownShapeError:
        return UnknownShapeError(f"{self.context.release}, {self.source.name}", what)

    def _within_choices(self, type_: Type) -> Type:
        choices = self.source.choices
        if choices is None:
            return type_
        listed = narrowed_to(type_, choices)
        claimed = next((claim for claim in self._of(ChoicesClaim) if not claim.at), None)
        if claimed is None or self.source.choices_proved:
            return listed
        if changed_at(type_, (), claimed.narrow) == listed:  # documented, but no check enforces it
            self.context.mistaken(claimed, REPEATS)
        return type_

    def _within_bounds(self, type_: Type) -> Type:
        if self.source.accepted == EVERYTHING:
            return type_
        bounds = self.source.accepted.bounds()
        if bounds is None:
            raise self._unknown("the numbers that get through are not one range")
        for bound in bounds:
            bounded = changed_at(type_, (), lambda part, bound=bound: with_bound(part, bound))  # type: ignore[misc]  # mypy does not accept a default here
            if bounded is None:
                raise self._unknown(f"it is refused unless {bound}, but its type is {text(type_)}")
            type_ = bounded
        return type_

    def _narrowed_type(self, proved: Type) -> Type:
        """The type with the claims applied, each compared with the type that the source proves."""
        type_ = proved
        for claim in self._of(Narrowing):
            narrowed = changed_at(type_, claim.at, claim.narrow)
            if narrowed is None:
                self.context.mistaken(claim, f"does not fit its type, {text(type_)}")
                continue
            if changed_at(proved, claim.at, claim.narrow) == proved:
                wider = isinstance(claim, BoundClaim) and not _has_bound(proved, claim.bound)
                self.context.mistaken(claim, "allows more values than the source does" if wider else REPEATS)
            elif isinstance(claim, ChoicesClaim) and not _has_only_values_of(narrowed, type_):
                self.context.mistaken(claim, "allows choices that the source refuses")
            elif narrowed == type_:
                self.context.mistaken(claim, "adds nothing to the claims before it")
            type_ = narrowed
        return type_

    def _takes_none(self) -> bool:
        takes_none = self.source.takes_none
        for claim in self._of(NoneClaim):
            if claim.takes_none is self.source.takes_none:
                self.context.mistaken(claim, REPEATS)
            elif claim.takes_none:
                self.context.mistaken(claim, "allows None, which the source refuses")
            takes_none = claim.takes_none
        return takes_none

    def _default(self) -> PlainValue:
        """The default to show: the effective one, or one that the call treats like it."""
        default = self.source.effective_default
        for claim in self.claims:
            match claim:
                case DefaultClaim(default=value) | ShownDefaultClaim(shown_default=value):
                    if same(value, default):
                        self.context.mistaken(claim, REPEATS)
                    elif isinstance(claim, ShownDefaultClaim) and default is not None:
                        self.context.mistaken(claim, f"hides the effective default, which is {default!r}")
                    elif isinstance(claim, ShownDefaultClaim) and value:
                        self.context.mistaken(claim, "is true, but the effective default, None, is not")
                    default = value
        return default

    def _disabled_value(self, type_: Type) -> PlainValue:
        inferred = self.source.disabled_value
        stated = self.entry.disabled_value if self.entry else None
        if stated is None:
            return inferred
        place = self.place / "disabled_value"
        if stated == inferred:
            self.context.mistake(place, REPEATS)
        if not admits(type_, stated):
            self.context.mistake(place, f"{stated!r} is not a valid value of it")
        return stated

    def _check_default(self, type_: Type, default: PlainValue, *, takes_none: bool) -> None:
        if default is None and not takes_none:
            what = "None is its default, so None has to be allowed, or another default shown"
            self.context.mistake(self.place, what)
        if default is not None and not has_opaque(type_) and not admits(type_, default):
            what = f"its default {default!r} would be refused; {text(type_)} is too narrow"
            self.context.mistake(self.place, what)

    def _check_unbounded(self, field: Field) -> None:
        """A reason for a missing bound is wrong if everything is bounded."""
        if is_bounded(replace(field, unbounded_reason=None)):
            for claim in self._of(UnboundedClaim):
                self.context.mistaken(claim, "excuses nothing: every number and text in it is bounded")

    def _generated_description(self, field: Field) -> str:
        """A description made from facts alone, for an argument that has no description yet."""
        type_ = text(field.type, takes_none=field.takes_none)
        return f"Passed to {self.context.engine.name} as {field.name} ({type_}); not described yet."


def narrowed_to(type_: Type, choices: Choice) -> Type:
    """The type with texts and whole numbers narrowed to the choices; flags among these stay a ``bool``."""
    flags = {value for value in choices.values if isinstance(value, bool)}
    others = Choice(tuple(value for value in choices.values if not isinstance(value, bool)))
    members: list[Type] = []
    for member in members_of(type_):
        if isinstance(member, Scalar) and member.kind == "bool":
            members.append(member if len(flags) != 1 else Choice(tuple(flags)))
        elif isinstance(member, Scalar | Choice):
            members += [others] if others.values else []
        else:
            members.append(member)
    return union(*members)


def _has_bound(type_: Type, bound: Bound) -> bool:
    return any(bound in leaf.bounds for _, leaf in leaves(type_) if isinstance(leaf, Scalar))


def _has_only_values_of(narrowed: Type, type_: Type) -> bool:
    before = [leaf for _, leaf in leaves(type_)]
    for _, leaf in leaves(narrowed):
        if isinstance(leaf, Choice) and leaf not in before:
            return all(any(admits(old, value) for old in before) for value in leaf.values)
    return True


def _origins(claim: Claim) -> Iterator[Origin]:
    """Where a claim is, and what it rests on."""
    yield Origin(OriginKind.CLAIM, about=claim.kind, reason=claim.reason)
    for symbol in claim.evidence:
        yield Origin(OriginKind.EVIDENCE, symbol, claim.kind)
