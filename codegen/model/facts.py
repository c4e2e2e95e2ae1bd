"""What extraction finds about one release, before people's overrides are laid over it."""

from dataclasses import dataclass

from codegen.engines.transformers.cross_field import FoundRules
from codegen.model.origins import Origin, Symbol
from codegen.model.regions import EVERYTHING, Region
from codegen.model.schema import Deprecation
from codegen.model.types import Choice, Type, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One argument as the source states it.

    Args:
        type: what the documentation or annotation says, None if neither names one.
        takes_none: whether None gets through, as far as the source tells.
        accepted: the numbers that are not provably refused.
        choices: the literal values that get through, None if it is not a closed set.
        choices_proved: whether a check in the code enforces ``choices`` (else the documentation lists them).
        unread: symbols that refuse some values in a way that cannot be read; an override must restate them.
        disabled_value: the effective default, if the code then skips the parameter.
        heading: the comment above its group upstream.
    """

    name: str
    type: Type | None = None
    takes_none: bool = True
    required: bool = False
    declared_default: Value = None
    effective_default: Value = None
    accepted: Region = EVERYTHING
    choices: Choice | None = None
    choices_proved: bool = False
    unread: tuple[Symbol, ...] = ()
    disabled_value: Value = None
    heading: str | None = None
    deprecation: Deprecation | None = None
    doc_digest: str | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundModel:
    """A nested configuration class as the source states it."""

    name: str
    upstream: str | None
    parameter: str
    fields: tuple[Found, ...]
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything extraction found in one release."""

    engine: str
    version: str
    params: tuple[Found, ...]
    nested: tuple[FoundModel, ...]
    rules: FoundRules
