"""What extraction finds about one release, before the hand-written overrides are merged into it."""

from dataclasses import dataclass

from codegen.model.conditions import Condition
from codegen.model.origins import Origin, Symbol
from codegen.model.regions import EVERYTHING, Region
from codegen.model.schema import Deprecation, Effect
from codegen.model.types import Choice, Type
from codegen.model.values import PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceField:
    """One argument as the source states it.

    Args:
        type: what the documentation or annotation says, None if neither names one.
        takes_none: whether None is accepted, as far as the source shows.
        accepted: the numbers that are not provably refused.
        choices: the literal values that are accepted, None if it is not a closed set.
        choices_proved: whether a check in the code enforces ``choices`` (else the documentation lists them).
        unread: symbols that refuse some values in a way that cannot be read; an override must restate them.
        disabled_value: the effective default, if the code then skips the parameter.
        heading: the comment above its group upstream.
    """

    name: str
    type: Type | None = None
    takes_none: bool = True
    required: bool = False
    declared_default: PlainValue = None
    effective_default: PlainValue = None
    accepted: Region = EVERYTHING
    choices: Choice | None = None
    choices_proved: bool = False
    unread: tuple[Symbol, ...] = ()
    disabled_value: PlainValue = None
    heading: str | None = None
    deprecation: Deprecation | None = None
    doc_digest: str | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClass:
    """A nested configuration class as the source states it."""

    name: str
    upstream: str | None
    parameter: str
    fields: tuple[SourceField, ...]
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceRule:
    """A rule across parameters as the source states it.

    Args:
        key: the function, with the parameters that it tests or the mode that it chooses; the same from
            release to release.
        effect: what follows.
        fields: the parameters involved; of a dormant rule, those that the source calls ignored.
        when: the condition, as far as it could be read.
        symbol: the function.
        need: what a rule that requires something requires of the call or the model.
    """

    key: str
    effect: Effect
    fields: tuple[str, ...]
    when: Condition
    symbol: Symbol
    need: Condition | None = None


@dataclass(frozen=True, slots=True)
class UnreadRaise:
    """A raise that depends on parameters in a way that is not understood.

    Args:
        symbol: the function that it stands in.
        parameters: those that the tests before it mention.
        key: names it, see :mod:`codegen.upstream.refusal_sites`.
    """

    symbol: Symbol
    parameters: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class SourceRules:
    """All rules across parameters that a release states, and the raises that could not be read."""

    rules: tuple[SourceRule, ...]
    unread: tuple[UnreadRaise, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything extraction found in one release."""

    engine: str
    version: str
    params: tuple[SourceField, ...]
    nested: tuple[SourceClass, ...] = ()
    rules: SourceRules = SourceRules((), ())
