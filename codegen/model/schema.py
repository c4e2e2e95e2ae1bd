"""The intermediate representation: what is known of one upstream release. Frozen, plain, ordered.

Everything downstream (lock, rendering, coverage, diffs) reads a :class:`Schema` and nothing else. Values that
came as lists are tuples here; mappings are dicts that are never changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from codegen.model.conditions import Condition
from codegen.model.origins import Origin, Symbol
from codegen.model.types import Type
from codegen.model.values import PlainValue

ROLES = {
    "length": "how many tokens are generated",
    "decoding": "the work per token",
    "batching": "how many sequences run at once",
    "cache": "the memory traffic of keys and values",
    "compile": "how the forward pass is compiled",
    "speculation": "how tokens are drafted and verified",
    "output": "which extra tensors are computed and kept",
    "none": "no effect on the work",
}
"""The energy roles, in the order in which they are listed, with what each one is about."""


@dataclass(frozen=True, slots=True)
class Tightening:
    """Something that upstream accepts and this schema refuses, on purpose.

    Args:
        what: what a field requires beyond upstream, such as ``<= 1``; of a whole class, what it refuses.
        reason: why.
    """

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Upstream says that the parameter will be removed.

    Args:
        since: the release that deprecated it, if the source says so.
        removal: the release in which upstream intends to remove it, if the source says so.
        moved_to_hub: whether the decoding mode it belongs to lives on the Hub now, as remote code.
        note: our own, in a sentence.
    """

    since: str | None = None
    removal: str | None = None
    moved_to_hub: bool = False
    note: str | None = None

    def __str__(self) -> str:
        parts = [f"deprecated upstream since {self.since}" if self.since else "deprecated upstream"]
        if self.moved_to_hub:
            parts.append("its decoding mode moved to the Hub")
        if self.removal:
            parts.append(f"its removal was announced for {self.removal}")
        sentence = "; ".join(parts)
        return f"{sentence}. {self.note}" if self.note else sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One argument: of ``generate()``, or of a nested configuration class.

    Args:
        name: as upstream spells it.
        type: without None.
        takes_none: whether None is a value.
        required: whether it has no default (nested classes only).
        declared_default: what the signature or ``kwargs.pop`` says.
        effective_default: what ``generate()`` uses if it is not set.
        default: what the field shows: the effective default, or a value that ``generate()`` treats alike.
        description: a sentence or two, without what is generated after it.
        described: whether ``description`` is hand-written.
        disabled_value: the value that switches it off, if there is one besides None and False.
        unbounded_reason: why a number or text in it needs no bound, if an override says so.
        tightenings: what it refuses although upstream takes it.
        test_values: valid values in YAML form, made from the type.
        contexts: other arguments of the same nested class that its values are tried with, each by itself
            (nested classes only).
        doc_digest: of upstream's documentation, None where there is none.
        origins: where each fact came from.
    """

    name: str
    type: Type
    takes_none: bool
    required: bool = False
    declared_default: PlainValue = None
    effective_default: PlainValue = None
    default: PlainValue = None
    description: str = ""
    described: bool = False
    disabled_value: PlainValue = None
    unbounded_reason: str | None = None
    tightenings: tuple[Tightening, ...] = ()
    test_values: tuple[PlainValue, ...] = ()
    contexts: tuple[Mapping[str, PlainValue], ...] = ()
    doc_digest: str | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Param(Field):
    """A parameter of ``generate()``: a :class:`Field` with what only those have.

    Args:
        section: our title of its group.
        role: its energy role, one of :data:`ROLES`; None until an override gives one.
        role_reason: why that one, in a line.
        deprecation: what upstream says about its removal.
        context: the other settings under which its values take effect.
        equivalent_values: values that ``generate()`` treats like the first of them, which is the one that
            switches it off; empty where there are no two such values.
    """

    section: str
    role: str | None = None
    role_reason: str = ""
    deprecation: Deprecation | None = None
    context: Mapping[str, PlainValue] = field(default_factory=dict)
    equivalent_values: tuple[PlainValue, ...] = ()


Effect = Literal["reject", "dormant", "require"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What follows from the values of several parameters together, or from a parameter and its surroundings.

    Args:
        id: of the rule, the same from release to release.
        effect: ``reject``: the combination fails in ``generate()``. ``dormant``: as long as it holds, the
            fields have no effect on the work, each by itself. ``require``: as long as it holds, the fields
            need something of the model, the call, the device or the packages, else ``generate()`` fails.
        fields: the parameters involved; those that are dormant; those that need something.
        when: the condition.
        need: what is needed (of a ``require`` only).
        message: our own, in a clause without values: why, and a hint.
        tightening: why it is refused although some model would run it; None where every model fails.
        origins: where it was read, or what it restates.
        unproven: the statement that it restates and that this release no longer has; empty for a rule whose
            statement is there, or that restates none.
    """

    id: str
    effect: Effect
    fields: tuple[str, ...]
    when: Condition
    need: Condition | None = None
    message: str
    tightening: str | None = None
    origins: tuple[Origin, ...] = ()
    unproven: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedModel:
    """A configuration class that is the value of a parameter.

    Args:
        name: of the class, here and in types.
        upstream: what the call takes: the name of a class of the package, or None for a plain dict.
        parameter: the parameter that takes it.
    """

    name: str
    upstream: str | None
    parameter: str
    fields: tuple[Field, ...]
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The code that a call can reach, as far as it is kept.

    Args:
        files: those that it was found in.
        digest: of their texts; where it is the same, so is all of this.
        refusals: by function, every statement that raises, or that warns and sets something, in the order of
            the source: what is raised, and under which condition.
    """

    files: tuple[str, ...]
    digest: str
    refusals: Mapping[Symbol, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """Everything that is known of one release.

    Args:
        engine: the name of the upstream.
        version: of the release.
        conditions: those that several rules share, by their names in the generated module.
        evidence: the digest of every upstream symbol that an override rests on.
        reach: the code that the call can reach; None where it is not known.
    """

    engine: str
    version: str
    params: tuple[Param, ...]
    nested: tuple[NestedModel, ...] = ()
    rules: tuple[Rule, ...] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    class_tightenings: tuple[Tightening, ...] = ()
    evidence: Mapping[Symbol, str] = field(default_factory=dict)
    reach: Reach | None = None

    @property
    def release(self) -> str:
        """The release, for display."""
        return f"{self.engine} {self.version}"

    def fields(self) -> Iterator[tuple[str, Field]]:
        """Every parameter, and then every argument of a nested class as ``parameter.argument``."""
        yield from ((param.name, param) for param in self.params)
        for model in self.nested:
            yield from ((f"{model.parameter}.{field.name}", field) for field in model.fields)

    def param(self, name: str) -> Param | None:
        """The parameter of that name, or None."""
        return next((param for param in self.params if param.name == name), None)

    def field(self, path: str) -> Field | None:
        """The parameter of a name, or a nested argument by ``parameter.argument``; None if there is none."""
        parameter, _, argument = path.partition(".")
        if not argument:
            return self.param(parameter)
        arguments = (each for model in self.nested if model.parameter == parameter for each in model.fields)
        return next((each for each in arguments if each.name == argument), None)

    def needs(self, name: str) -> tuple[Rule, ...]:
        """The rules that say what a parameter needs of the model, the call, the device or the packages."""
        return tuple(rule for rule in self.rules if rule.effect == "require" and name in rule.fields)
