"""``overrides.toml``: what is added by hand to what extraction finds, as values.

The file has, for each parameter, its energy role, description, examples, and *claims*
(:mod:`codegen.review.claims`): facts that the source does not state in a way that can be read, or that this
project refuses on purpose (tightenings). ``[[rules]]`` are about several parameters, or a parameter and its
surroundings: they name and word what extraction found (``extracted``), or state what it cannot read
(``when``). ``[[behaviour_changes]]`` say what a release does otherwise with the same settings.
``[conditions]`` gives names to conditions that several rules share. Which statements were read for the claims
is in another file (:mod:`codegen.review.evidence`). :mod:`codegen.review.overrides_file` reads this file;
:mod:`codegen.review.merge` checks whether it fits a release.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from codegen.model.conditions import Condition
from codegen.model.markers import OneLine, OneOf
from codegen.model.origins import Symbol
from codegen.model.schema import ROLES, Effect, Tightening
from codegen.model.values import PlainValue
from codegen.review.claims import NO_EVIDENCE, Claim, Dated, Line
from codegen.review.evidence import Evidence

LONGEST_DESCRIPTION = 160

Description = Annotated[str, OneLine(LONGEST_DESCRIPTION)]
Role = Annotated[str, OneOf("energy role", tuple(ROLES))]
AnyEffect = Annotated[Effect, OneOf("effect", ("reject", "dormant", "require"))]
ConditionName = Annotated[str, "small letters, digits and underscores"]
Keys = Annotated[tuple[str, ...], "a text, or a list of texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRule(Dated):
    """Our name and words for a rule that was found.

    Args:
        id: of the rule.
        extracted: the keys of the found rules that it names, see :class:`codegen.model.facts.SourceRule`.
        message: a clause without values: why, and a hint.
        fields: the parameters that the message names; empty for all those that the rule tests.
        wrong: of a dormant rule, the fields that are not ignored, whatever upstream says.
        when: the condition that really decides, if upstream's is different.
        reason: why ``wrong`` or ``when`` holds.
        evidence: the upstream symbols that this rests on.
    """

    id: Line
    extracted: Keys
    message: Line
    fields: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    when: Condition | None = None
    reason: str = ""
    evidence: tuple[Symbol, ...] = ()

    @classmethod
    def inconsistencies(cls, table: Mapping[str, object]) -> Iterator[str]:
        """What is wrong with the entries of its table together."""
        if table.get("extracted") == []:
            yield "it names no rule that was found; write extracted, or when and fields"
        corrects = table.get("wrong") or "when" in table
        if corrects and not (table.get("reason") and table.get("evidence")):
            yield "it corrects what was found; say why, with reason and evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule(Dated):
    """A hand-written rule.

    Args:
        id: of the rule.
        effect: what follows.
        when: the condition.
        need: what is required, of a rule that requires something.
        fields: the parameters that it is about.
        message: a clause without values: why, and a hint.
        tightening: whether some model would run what it refuses; then ``reason`` says why it is refused.
        reason: why it is refused.
        evidence: the upstream symbols that it rests on.
        restates: the keys of the statements in the source that it restates, in some release or other, see
            :mod:`codegen.upstream.refusal_sites`. Where a release has none of them, the rule is unproven.
    """

    id: Line
    effect: AnyEffect = "reject"
    when: Condition
    need: Condition | None = None
    fields: tuple[str, ...]
    message: Line
    tightening: bool = False
    reason: str = ""
    evidence: tuple[Symbol, ...] = ()
    restates: Keys = ()

    @classmethod
    def inconsistencies(cls, table: Mapping[str, object]) -> Iterator[str]:
        """What is wrong with the entries of its table together."""
        if not (table.get("when") and table.get("fields")):
            yield "it names no rule that was found; write extracted, or when and fields"
        if (table.get("effect") == "require") is not ("need" in table):
            yield "need belongs to a rule that requires something, and to no other"
        if table.get("tightening") is True and not table.get("reason"):
            yield "it has no reason"
        if not (table.get("tightening") or table.get("evidence")):
            yield NO_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class BehaviourChange(Dated):
    """Other work or other results for the same settings, in some releases, which no parameter or rule shows.

    Args:
        fields: the parameters whose runs it is about.
        meaning: a sentence: what is different, and under which settings.
        evidence: the upstream symbols that it was read in.
    """

    fields: tuple[str, ...]
    meaning: Line
    evidence: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context(Dated):
    """Other settings under which an argument's values take effect."""

    set: Mapping[str, PlainValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalent(Dated):
    """A value that the call treats like the one that switches the parameter off."""

    value: PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOverrides(Dated):
    """What the overrides say about one argument of the call or of a nested class."""

    description: Description
    disabled_value: PlainValue = None
    examples: tuple[PlainValue, ...] = ()
    contexts: tuple[Context, ...] = ()
    claims: tuple[Claim, ...] = ()

    def contexts_in(self, version: str) -> tuple[Mapping[str, PlainValue], ...]:
        """The other settings under which its values take effect in a release, each of them by itself."""
        return tuple(context.set for context in self.contexts if context.applies(version))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamOverrides(FieldOverrides):
    """The overrides of one parameter; ``context`` is for all releases, if there are no ``contexts``."""

    role: Role
    role_reason: Line
    context: Mapping[str, PlainValue] = field(default_factory=dict)
    equivalent_values: tuple[Equivalent, ...] = ()

    def contexts_in(self, version: str) -> tuple[Mapping[str, PlainValue], ...]:
        """Like those of any argument; ``context``, where there are no ``contexts``."""
        if not self.contexts:
            return (self.context,) if self.context else ()
        return FieldOverrides.contexts_in(self, version)

    def equivalents_in(self, version: str) -> tuple[PlainValue, ...]:
        """Further values that a release treats like the one that switches it off, or like None."""
        return tuple(each.value for each in self.equivalent_values if each.applies(version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The whole file; arguments of nested classes by class and name.

    ``unrestated`` has the keys of refusals that need no rule, although they depend on a setting and cannot be
    read; each with the reason. ``evidence`` is what was read for the claims; it comes from another file.
    """

    elsewhere: ClassVar[tuple[str, ...]] = ("evidence",)

    params: Mapping[str, ParamOverrides] = field(default_factory=dict)
    nested: Mapping[str, Mapping[str, FieldOverrides]] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[NamedRule | WrittenRule, ...] = ()
    behaviour_changes: tuple[BehaviourChange, ...] = ()
    conditions: Mapping[ConditionName, Condition] = field(default_factory=dict)
    class_tightenings: tuple[Tightening, ...] = ()
    unrestated: Mapping[str, Line] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=dict)

    def entries(self) -> Mapping[str, FieldOverrides]:
        """The entries by the name of their parameter, or ``Class.argument``."""
        nested = (
            (model, name, entry) for model, fields in self.nested.items() for name, entry in fields.items()
        )
        return {**self.params, **{f"{model}.{name}": entry for model, name, entry in nested}}
