"""Facts and overrides, put together into a :class:`~codegen.model.schema.Schema`; and what is wrong with the overrides for this release.

Nothing is taken on trust: an override that names nothing, repeats what was found, allows what is provably refused,
contradicts an effective default or rests on a symbol that is not there is a mistake. What only asks for a person's attention
(a parameter without a role, evidence that changed since somebody read it) is a :class:`Question`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from codegen.errors import OverridesError, UnknownShapeError
from codegen.model import test_values
from codegen.model.conditions import text as condition_text
from codegen.model.facts import Facts, Found, FoundModel
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.regions import EVERYTHING
from codegen.model.schema import Deprecation, Field, NestedModel, Param, Schema, Tightening
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    NoData,
    Opaque,
    Scalar,
    Type,
    Value,
    admits,
    at,
    leaves,
    members_of,
    text,
    union,
    with_bound,
)
from codegen.review.coverage import is_bounded
from codegen.review.overrides import Claim, FieldOverrides, Overrides, ParamOverrides
from codegen.review.rule_merge import MergedRules, Refusals, merge_rules
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library, digest

OTHER_SECTION = "Other parameters"
UNDOCUMENTED = "undocumented"
"""Stands for the type of what neither source nor overrides name one of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that a person has to decide or to read again.

    Args:
        subject: the parameter or the symbol.
        message: what is asked, in a sentence.
        line: the line to put into the overrides once it was done, where there is one.
    """

    subject: str
    message: str
    line: str | None = None


def merge(
    facts: Facts, overrides: Overrides, library: Library, engine: Engine
) -> tuple[Schema, tuple[Question, ...]]:
    """The schema of the release that the facts are of, and the questions that it leaves open.

    Raises:
        OverridesError: the overrides have mistakes; all of them are listed.
        UnknownShapeError: a type or a refusal is stated neither by the source nor by an override.
    """
    merger = _Merger(facts, overrides, library, engine)
    schema = merger.schema()
    if merger.mistakes:
        raise OverridesError(str(engine.overrides), merger.mistakes)
    return schema, tuple(merger.questions)


def merge_lenient(
    facts: Facts, overrides: Overrides, library: Library, engine: Engine
) -> tuple[Schema, tuple[str, ...]]:
    """The schema of a release that nobody has looked at yet, and what the overrides say wrongly of it.

    For comparisons only: a type without a form as data stays in it as :class:`~codegen.model.types.Opaque`.

    Raises:
        UnknownShapeError: the source says something that cannot be read.
    """
    merger = _Merger(facts, overrides, library, engine, takes_opaque=True)
    schema = merger.schema()
    return schema, tuple(merger.mistakes)


class _Merger:
    def __init__(
        self,
        facts: Facts,
        overrides: Overrides,
        library: Library,
        engine: Engine,
        *,
        takes_opaque: bool = False,
    ) -> None:
        self.takes_opaque = takes_opaque
        self.engine = engine
        self.release = f"{engine.name} {facts.version}"
        self.facts = facts
        self.overrides = overrides
        self.library = library
        self.version = facts.version
        self.mistakes: list[str] = []
        self.questions: list[Question] = []

    def schema(self) -> Schema:
        models = {model.name: model for model in self.facts.nested}
        nested = self._models()
        params = tuple(self._param(found, nested) for found in self.facts.params)
        by_name = {param.name: param for param in params}
        self._unknown_entries(by_name, models)
        rules = merge_rules(self.facts, self.overrides, self.library, by_name, nested)
        self.mistakes += rules.mistakes
        self.questions += _unnamed(rules, self.engine.name)
        refusals = Refusals(params, rules.rules, self.engine.model_owned)
        return Schema(
            engine=self.engine.name,
            version=self.version,
            params=tuple(_combined(param, refusals) for param in params),
            nested=nested,
            rules=rules.rules,
            conditions=rules.conditions,
            class_tightenings=self.overrides.class_tightenings,
            evidence=dict(self._evidence()),
        )

    def _unknown_entries(self, params: dict[str, Param], models: dict[str, FoundModel]) -> None:
        """Entries for this release that name what it does not have."""
        for name, entry in self.overrides.params.items():
            if not entry.applies(self.version):
                continue
            if name not in params:
                self.mistakes.append(
                    f"{entry.place}: {self.release} has no such parameter; say for which versions it is"
                )
            self._context(entry, params)
        for model, fields in self.overrides.nested.items():
            known = {found.name for found in models[model].fields} if model in models else set()
            for name, field in fields.items():
                if not field.applies(self.version) or name in known:
                    continue
                what = f"{model} has no {name} in" if model in models else f"there is no class {model} in"
                self.mistakes.append(f"{field.place}: {what} {self.release}; say for which versions it is")

    def _context(self, entry: ParamOverrides, params: dict[str, Param]) -> None:
        """The other arguments that a parameter is tried with have to be there, and to be valid."""
        contexts = entry.context_in(self.version)
        if len(contexts) > 1:
            self.mistakes.append(f"{entry.place}.contexts: {len(contexts)} are for {self.release}")
        for other, value in (pair for context in contexts for pair in context.items()):
            if other == "extra":
                continue
            if other not in params:
                what = f"{self.release} has no parameter {other}"
            elif not admits(params[other].type, value):
                what = f"{value!r} is not a valid value of {other} in {self.release}"
            else:
                continue
            self.mistakes.append(f"{entry.place}.context: {what}")

    def _models(self) -> tuple[NestedModel, ...]:
        models: list[NestedModel] = []
        for found in self.facts.nested:
            entries = self.overrides.nested.get(found.name, {})
            fields = []
            for each in found.fields:
                entry = entries.get(each.name)
                entry = entry if entry is not None and entry.applies(self.version) else None
                field = self._field(each, entry)
                examples = self._examples(entry, field)
                values = test_values.make(field, examples, tuple(models))
                contexts = entry.context_in(self.version) if entry else ()
                fields.append(replace(field, test_values=values, contexts=contexts))
            models.append(
                NestedModel(
                    name=found.name,
                    upstream=found.upstream,
                    parameter=found.parameter,
                    fields=tuple(fields),
                    origins=found.origins,
                )
            )
        return tuple(models)

    def _examples(self, entry: FieldOverrides | None, field: Field) -> tuple[Value, ...]:
        """The examples of this release's type; one that no type of any release would take is caught by ``admits`` here."""
        examples = entry.examples if entry else ()
        for example in examples:
            if not admits(field.type, example):
                assert entry is not None
                self.mistakes.append(f"{entry.place}.examples: {example!r} is not a valid value of it")
        return examples

    def _param(self, found: Found, nested: tuple[NestedModel, ...]) -> Param:
        entry = self.overrides.params.get(found.name)
        entry = entry if entry is not None and entry.applies(self.version) else None
        plain = self._field(found, entry)
        if entry is None or entry.role is None:
            message = f"{found.name} has no energy role; add [params.{found.name}] with a role, a reason and a description"
            self.questions.append(Question(subject=found.name, message=message))
        values = test_values.make(plain, self._examples(entry, plain), nested)
        return Param(
            **{name: getattr(plain, name) for name in Field.__dataclass_fields__ if name != "test_values"},
            test_values=values,
            section=self._section(found.heading),
            role=entry.role if entry else None,
            role_reason=entry.role_reason if entry else "",
            deprecation=self._deprecation(found, self._claims(entry)),
            context=next(iter(entry.context_in(self.version)), {}) if entry else {},
            equivalent_values=self._equivalent_values(plain, entry),
        )

    def _equivalent_values(self, field: Field, entry: ParamOverrides | None) -> tuple[Value, ...]:
        """What ``generate()`` treats like the value that switches the parameter off, that one first."""
        off = (
            field.disabled_value
            if field.disabled_value is not None
            else False
            if field.default is False
            else None
        )
        further = entry.equivalents_in(self.version) if entry else ()
        for value in further:
            if not admits(field.type, value) or (value == off and type(value) is type(off)):
                assert entry is not None
                self.mistakes.append(
                    f"{entry.place}.equivalent_values: {value!r} is no other valid value of it"
                )
        # Where something else is done by default, None may mean that to whoever is handed it on, such as what drafts.
        unset = field.effective_default
        is_off_unset = off is not None and (unset is None or (field.takes_none and unset == off))
        group = (off, *([None] if is_off_unset else []), *further)
        return group if len(group) > 1 else ()

    def _section(self, heading: str | None) -> str:
        for words, title in self.overrides.sections:
            if heading is not None and words.lower() in heading.lower():
                return title
        return OTHER_SECTION

    def _claims(self, entry: FieldOverrides | None) -> list[Claim]:
        return [claim for claim in entry.claims if claim.applies(self.version)] if entry else []

    def _deprecation(self, found: Found, claims: list[Claim]) -> Deprecation | None:
        notes = [claim for claim in claims if claim.kind == "deprecated"]
        return (
            replace(found.deprecation or Deprecation(), note=str(notes[0].value))
            if notes
            else found.deprecation
        )

    def _field(self, found: Found, entry: FieldOverrides | None) -> Field:
        """One argument, without test values."""
        claims = self._claims(entry)
        self._unread(found, claims)
        shape = self._narrowed(self._shape(found, claims), claims)
        takes_none = self._takes_none(found, claims) or isinstance(shape, NoData)
        required = found.required and not any(claim.kind == "default" for claim in claims)
        default = self._default(found, claims)
        place = entry.place if entry else found.name
        if not required:
            self._check_default(place, shape, default, takes_none=takes_none)
        off = found.disabled_value
        if entry is not None and entry.disabled_value is not None:
            if entry.disabled_value == found.disabled_value:
                self.mistakes.append(f"{place}.disabled_value: repeats what extraction found")
            if not admits(shape, entry.disabled_value):
                self.mistakes.append(
                    f"{place}.disabled_value: {entry.disabled_value!r} is not a valid value of it"
                )
            off = entry.disabled_value
        field = Field(
            name=found.name,
            type=shape,
            takes_none=takes_none,
            required=required,
            declared_default=found.declared_default,
            effective_default=found.effective_default,
            default=default,
            description=entry.description if entry else "",
            described=entry is not None and bool(entry.description),
            disabled_value=off,
            unbounded_reason=next((claim.reason for claim in claims if claim.kind == "unbounded"), None),
            tightenings=tuple(Tightening(_what(claim), claim.reason) for claim in claims if claim.tightening),
            doc_digest=found.doc_digest,
            origins=(
                *found.origins,
                *(origin for claim in claims for origin in _origins(claim)),
            ),
        )
        self._check_unbounded(field, claims)
        return field if field.described else replace(field, description=_assembled(field, self.engine.name))

    def _takes_none(self, found: Found, claims: list[Claim]) -> bool:
        takes_none = found.takes_none
        for claim in claims:
            if claim.kind == "takes_none":
                if claim.value is found.takes_none:
                    self._mistake(claim, "repeats what extraction found")
                elif claim.value is True:
                    self._mistake(claim, "allows None, which the source refuses")
                takes_none = bool(claim.value)
        return takes_none

    def _default(self, found: Found, claims: list[Claim]) -> Value:
        """The default to show: the effective one, or one that ``generate()`` treats like it."""
        default = found.effective_default
        for claim in claims:
            if claim.kind not in ("default", "shown_default"):
                continue
            assert not isinstance(claim.value, Bound)
            if claim.value == default and type(claim.value) is type(default):
                self._mistake(claim, "repeats what extraction found")
            elif claim.kind == "shown_default" and default is not None:
                self._mistake(claim, f"hides the effective default, which is {default!r}")
            elif claim.kind == "shown_default" and claim.value:
                self._mistake(claim, "is true, but the effective default, None, is not")
            default = claim.value  # type: ignore[assignment]  # the reader admits plain values only
        return default

    def _unread(self, found: Found, claims: list[Claim]) -> None:
        """A refusal that cannot be read has to be restated by a claim that names it."""
        restated = {symbol for claim in claims for symbol in claim.evidence}
        for symbol in found.unread:
            if symbol not in restated:
                what = f"it refuses some values of {found.name} in a way that cannot be read"
                raise UnknownShapeError(self.library.place(symbol), f"{what}, and no override restates it")

    def _stated(self, found: Found, claims: list[Claim]) -> Type:
        """The type that a claim, or else the documentation, names."""
        shape = found.type
        for claim in claims:
            if claim.kind == "type":
                if claim.value == shape:
                    self._mistake(claim, "repeats what extraction found")
                shape = claim.value  # type: ignore[assignment]  # the reader made it a type
        return Opaque(UNDOCUMENTED) if shape is None else shape

    def _shape(self, found: Found, claims: list[Claim]) -> Type:
        """The type with everything the source says about it."""
        where = f"{self.release}, {found.name}"
        shape = self._stated(found, claims)
        if has_opaque(shape):
            if self.takes_opaque:
                return shape
            opaque = next(leaf.name for _, leaf in leaves(shape) if isinstance(leaf, Opaque))
            if opaque == UNDOCUMENTED:
                raise UnknownShapeError(
                    where, f"no documentation gives its type; state one in {self.engine.overrides}"
                )
            raise UnknownShapeError(
                where, f"{opaque} has no form as data; state a type in {self.engine.overrides}"
            )
        if found.choices is not None:
            listed = chosen(shape, found.choices)
            claimed = next((claim for claim in claims if claim.kind == "choices" and not claim.at), None)
            if claimed is None or found.choices_proved:
                shape = listed
            elif at(shape, (), partial(_claimed, claimed)) == listed:  # documented, but no check enforces it
                self._mistake(claimed, "repeats what extraction found")
        if found.accepted != EVERYTHING:
            bounds = found.accepted.bounds()
            if bounds is None:
                raise UnknownShapeError(where, "the numbers that get through are not one range")
            for bound in bounds:
                bounded = at(shape, (), partial(_bounded, bound))
                if bounded is None:
                    raise UnknownShapeError(
                        where, f"it is refused unless {bound}, but its type is {text(shape)}"
                    )
                shape = bounded
        return shape

    def _narrowed(self, proved: Type, claims: list[Claim]) -> Type:
        """The type with the claims laid over it; ``proved`` is what the source says, to compare each claim with."""
        shape = proved
        for claim in claims:
            if claim.kind not in ("bound", "min_length", "choices"):
                continue
            apply = partial(_claimed, claim)
            narrowed = at(shape, claim.at, apply)
            if narrowed is None:
                self._mistake(claim, f"does not fit its type, {text(shape)}")
                continue
            if at(proved, claim.at, apply) == proved:
                stated = any(
                    claim.value in leaf.bounds for _, leaf in leaves(proved) if isinstance(leaf, Scalar)
                )
                wider = claim.kind == "bound" and not stated
                self._mistake(
                    claim, "allows more than the source does" if wider else "repeats what extraction found"
                )
            elif claim.kind == "choices" and not _within(narrowed, shape):
                self._mistake(claim, "allows choices that the source refuses")
            elif narrowed == shape:
                self._mistake(claim, "adds nothing to the claims before it")
            shape = narrowed
        return shape

    def _check_default(self, place: str, shape: Type, default: Value, *, takes_none: bool) -> None:
        if default is None and not takes_none:
            self.mistakes.append(
                f"{place}: None is its default, so None has to be allowed, or another default shown"
            )
        if default is not None and not has_opaque(shape) and not admits(shape, default):
            self.mistakes.append(
                f"{place}: its default {default!r} would be refused; {text(shape)} is too narrow"
            )

    def _check_unbounded(self, field: Field, claims: list[Claim]) -> None:
        """A reason why nothing is bounded is wrong where everything is."""
        if is_bounded(replace(field, unbounded_reason=None)):
            for claim in claims:
                if claim.kind == "unbounded":
                    self._mistake(claim, "excuses nothing: every number and text in it is bounded")

    def _mistake(self, claim: Claim, what: str) -> None:
        kind = claim.kind.replace("_", " ")
        self.mistakes.append(f"{claim.place}: the {kind} claimed for {self.release} {what}")

    def _evidence(self) -> Iterator[tuple[Symbol, str]]:
        """The digest of every symbol that a claim for this release rests on; asks for a re-read of those that changed."""
        used: dict[Symbol, list[str]] = {}
        for symbol, name in self.overrides.evidence_of(self.version):
            used.setdefault(symbol, []).append(name)
        for symbol, names in sorted(used.items()):
            found = self.library.find(symbol)
            if found is None:
                self.mistakes.append(
                    f"evidence {symbol} (of {', '.join(dict.fromkeys(names))}) is not in {self.release}"
                )
                continue
            current = digest(found)
            known = self.overrides.evidence.get(symbol, {})
            if current not in known.values():
                line = f'"{symbol}"."{self.version}" = "{current}"'
                changed = "has changed since it was last read" if known else "has no digest yet"
                message = f"{symbol} {changed}; read it again for {', '.join(dict.fromkeys(names))}"
                self.questions.append(Question(subject=str(symbol), message=message, line=line))
            yield symbol, current


def has_opaque(shape: Type) -> bool:
    """Whether something in the type has no form as data."""
    return any(isinstance(leaf, Opaque) for _, leaf in leaves(shape))


def _combined(param: Param, refusals: Refusals) -> Param:
    """The parameter without the test values that a rule refuses under its context: they were made from its type alone."""
    kept = [
        value for value in param.test_values if not refusals.refused({**param.context, param.name: value})
    ]
    return replace(param, test_values=tuple(kept))


def _unnamed(rules: MergedRules, engine: str) -> Iterator[Question]:
    for rule in rules.unnamed:
        what = "refuses a combination" if rule.effect == "reject" else "says that it ignores something"
        message = f"{engine} {what} that has no name here ({condition_text(rule.when)}); add [[rules]] with its message"
        yield Question(subject=rule.key, message=message, line=f'extracted = "{rule.key}"')


def chosen(shape: Type, choices: Choice) -> Type:
    """The type with its texts (or whole numbers) narrowed to the choices; flags among the choices stay a ``bool``."""
    flags = {value for value in choices.values if isinstance(value, bool)}
    others = Choice(tuple(value for value in choices.values if not isinstance(value, bool)))
    members: list[Type] = []
    for member in members_of(shape):
        if isinstance(member, Scalar) and member.kind == "bool":
            members.append(member if len(flags) != 1 else Choice(tuple(flags)))
        elif isinstance(member, Scalar | Choice):
            members += [others] if others.values else []
        else:
            members.append(member)
    return union(*members)


def _bounded(bound: Bound, part: Type) -> Type | None:
    return with_bound(part, bound)


def _claimed(claim: Claim, part: Type) -> Type | None:
    """The part of a type that a claim is about, with the claim laid over it; None if it does not fit."""
    value = claim.value
    match claim.kind, part:
        case "bound", _:
            assert isinstance(value, Bound)
            return with_bound(part, value)
        case "min_length", ListOf() | MapOf():
            assert isinstance(value, int)
            return replace(part, min_length=value)
        case "min_length", Scalar(kind="str"):
            assert isinstance(value, int)
            return Scalar("str", (Bound(">=", value),))
        case "choices", Scalar() | Choice():
            assert isinstance(value, tuple)
            return _choice_of(part, tuple(each for each in value if isinstance(each, str | int | bool)))
    return None


def _choice_of(part: Scalar | Choice, values: tuple[str | int | bool, ...]) -> Type | None:
    if isinstance(part, Choice):
        return Choice(values)
    kinds = {"bool": bool, "int": int, "str": str}
    kind = kinds.get(part.kind)
    return Choice(values) if kind is not None and all(type(value) is kind for value in values) else None


def _within(narrowed: Type, shape: Type) -> bool:
    before = [leaf for _, leaf in leaves(shape)]
    for _, leaf in leaves(narrowed):
        if isinstance(leaf, Choice) and leaf not in before:
            return all(any(admits(old, value) for old in before) for value in leaf.values)
    return True


def _origins(claim: Claim) -> Iterator[Origin]:
    """Where a claim stands, and what it rests on."""
    yield Origin(OriginKind.CLAIM, about=claim.kind, reason=claim.reason)
    for symbol in claim.evidence:
        yield Origin(OriginKind.EVIDENCE, symbol, claim.kind)


def _what(claim: Claim) -> str:
    """What a tightening refuses, for people: ``<= 1``, ``[0] >= 0``, ``at least 1 item``."""
    place = "".join(step if step.startswith("[") else f" {step}" for step in claim.at).strip()
    match claim.kind:
        case "min_length":
            plain = f"at least {claim.value} long"
        case "choices":
            assert isinstance(claim.value, tuple)
            plain = f"one of {', '.join(map(repr, claim.value))}"
        case "takes_none":
            plain = "not None"
        case "type":
            plain = text(claim.value)  # type: ignore[arg-type]  # the reader made it a type
        case _:
            plain = str(claim.value)
    return f"{place} {plain}".strip()


def _assembled(field: Field, engine: str) -> str:
    """A description made from facts alone, for an argument that nobody has described yet."""
    return f"Passed to {engine} as {field.name} ({text(field.type, takes_none=field.takes_none)}); not described yet."
