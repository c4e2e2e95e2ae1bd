"""Merges facts and overrides into a :class:`~codegen.model.schema.Schema`, and checks the overrides.

An override that names nothing, contradicts the source or rests on a symbol that is not there is a mistake.
What only needs attention, such as a parameter without a role, is a question.
:mod:`~codegen.review.field_merge` merges one argument, :mod:`~codegen.review.rule_merge` the rules. Whether
somebody has read what the claims rest on is checked by :mod:`~codegen.review.evidence_check`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from codegen.errors import OverridesError
from codegen.mistakes import Mistake, Place
from codegen.model import test_values
from codegen.model.condition_text import text as condition_text
from codegen.model.facts import Facts, SourceClass, SourceField
from codegen.model.origins import Symbol
from codegen.model.schema import Effect, Field, NestedModel, Param, Rule, Schema
from codegen.model.types import admits
from codegen.model.values import PlainValue, same
from codegen.review.basis import bases
from codegen.review.field_merge import claims_of, deprecation, merge_field
from codegen.review.merge_context import MergeContext, Question
from codegen.review.overrides import FieldOverrides, Overrides, ParamOverrides
from codegen.review.refusals import Refusals
from codegen.review.rule_merge import Unnamed, merge_rules
from codegen.upstream.engine import Engine
from codegen.upstream.symbols import Library, digest

OTHER_SECTION = "Other parameters"


def merge(
    facts: Facts,
    overrides: Overrides,
    library: Library,
    engine: Engine,
    previous: Callable[[], Schema | None] = lambda: None,
) -> tuple[Schema, tuple[Question, ...]]:
    """The schema of the release that the facts are of, and the questions that it leaves open.

    Args:
        facts: what was read.
        overrides: the hand-written additions.
        library: the source.
        engine: whose release it is.
        previous: gives the schema that was there before, whose rules are kept where their statements are
            gone.

    Raises:
        OverridesError: the overrides have mistakes; all of them are listed.
        UnknownShapeError: a type or a refusal is stated neither by the source nor by an override.
    """
    context = MergeContext(
        engine=engine, version=facts.version, library=library, overrides=overrides, previous=previous
    )
    schema = _schema(facts, context)
    if context.mistakes:
        raise OverridesError(str(engine.overrides), context.mistakes)
    return schema, tuple(context.questions)


def merge_lenient(
    facts: Facts,
    overrides: Overrides,
    library: Library,
    engine: Engine,
    previous: Callable[[], Schema | None] = lambda: None,
) -> tuple[Schema, tuple[Mistake, ...]]:
    """The schema of a release that is not reviewed yet, and what the overrides state wrongly about it.

    For comparisons only: a type that cannot be written as data stays in it as
    :class:`~codegen.model.types.Opaque`, and a raise across parameters that cannot be read is a mistake.

    Raises:
        UnknownShapeError: the source says something that cannot be read.
    """
    context = MergeContext(
        engine=engine,
        version=facts.version,
        library=library,
        overrides=overrides,
        lenient=True,
        previous=previous,
    )
    return _schema(facts, context), tuple(context.mistakes)


def _schema(facts: Facts, context: MergeContext) -> Schema:
    nested = _models(facts, context)
    params = tuple(_param(source, nested, context) for source in facts.params)
    _check_entries(facts, {param.name: param for param in params}, context)
    merged = merge_rules(facts.rules, params, nested, context)
    for unnamed in merged.unnamed:
        _ask_for_a_name(unnamed, context)
    refusals = Refusals(params, merged.rules, context.engine)
    return Schema(
        engine=context.engine.name,
        version=context.version,
        params=tuple(_without_refused_values(param, refusals) for param in params),
        nested=nested,
        rules=merged.rules,
        conditions=merged.conditions,
        class_tightenings=context.overrides.class_tightenings,
        evidence=dict(_evidence(merged.rules, context)),
    )


def _check_entries(facts: Facts, params: Mapping[str, Param], context: MergeContext) -> None:
    """Note the entries for this release that name something it does not have."""
    for name, entry in context.overrides.params.items():
        if entry.applies(context.version):
            if name not in params:
                what = f"{context.release} has no such parameter; state the versions it applies to"
                context.mistake(entry.place, what)
            _check_contexts(entry, params, context)
    models = {model.name: model for model in facts.nested}
    for name, fields in context.overrides.nested.items():
        for place, what in _unknown_entries(name, models.get(name), fields, context.version):
            context.mistake(place, f"{what} {context.release}; state the versions it applies to")


def _unknown_entries(
    name: str, model: SourceClass | None, entries: Mapping[str, FieldOverrides], version: str
) -> Iterator[tuple[Place, str]]:
    """The entries of a nested class that name none of its arguments, each with the start of a sentence."""
    known = {source.name for source in model.fields} if model else set()
    for argument, entry in entries.items():
        if entry.applies(version) and argument not in known:
            yield entry.place, f"{name} has no {argument} in" if model else f"there is no class {name} in"


def _check_contexts(entry: ParamOverrides, params: Mapping[str, Param], context: MergeContext) -> None:
    """Note other settings that a parameter is tried with, but that are not there, or not valid."""
    settings = entry.contexts_in(context.version)
    if len(settings) > 1:
        context.mistake(entry.place / "contexts", f"{len(settings)} are for {context.release}")
    for other, value in (pair for each in settings for pair in each.items()):
        if other == "extra":
            continue
        if other not in params:
            context.mistake(entry.place / "context", f"{context.release} has no parameter {other}")
        elif not admits(params[other].type, value):
            what = f"{value!r} is not a valid value of {other} in {context.release}"
            context.mistake(entry.place / "context", what)


def _models(facts: Facts, context: MergeContext) -> tuple[NestedModel, ...]:
    models: list[NestedModel] = []
    for source in facts.nested:
        fields = tuple(_argument(source, field, tuple(models), context) for field in source.fields)
        models.append(
            NestedModel(
                name=source.name,
                upstream=source.upstream,
                parameter=source.parameter,
                fields=fields,
                origins=source.origins,
            )
        )
    return tuple(models)


def _argument(
    model: SourceClass, source: SourceField, models: tuple[NestedModel, ...], context: MergeContext
) -> Field:
    entry = context.overrides.nested.get(model.name, {}).get(source.name)
    entry = entry if entry is not None and entry.applies(context.version) else None
    field = merge_field(source, entry, Place.of("nested", model.name, source.name), context)
    values = test_values.make(field, _examples(entry, field, context), models)
    contexts = entry.contexts_in(context.version) if entry else ()
    return replace(field, test_values=values, contexts=contexts)


def _param(source: SourceField, nested: tuple[NestedModel, ...], context: MergeContext) -> Param:
    entry = context.overrides.params.get(source.name)
    entry = entry if entry is not None and entry.applies(context.version) else None
    field = merge_field(source, entry, Place.of("params", source.name), context)
    if entry is None:
        what = f"add [params.{source.name}] with a role, a reason and a description"
        context.ask(source.name, f"{source.name} has no energy role; {what}")
    values = test_values.make(field, _examples(entry, field, context), nested)
    return Param(
        **{name: getattr(field, name) for name in Field.__dataclass_fields__ if name != "test_values"},
        test_values=values,
        section=_section(source.heading, context.overrides.sections),
        role=entry.role if entry else None,
        role_reason=entry.role_reason if entry else "",
        deprecation=deprecation(source, claims_of(entry, context.version)),
        context=next(iter(entry.contexts_in(context.version)), {}) if entry else {},
        equivalent_values=_equivalent_values(field, entry, context),
    )


def _examples(entry: FieldOverrides | None, field: Field, context: MergeContext) -> tuple[PlainValue, ...]:
    """The examples; one that is not of this release's type is a mistake."""
    examples = entry.examples if entry else ()
    for example in examples:
        if entry is not None and not admits(field.type, example):
            context.mistake(entry.place / "examples", f"{example!r} is not a valid value of it")
    return examples


def _equivalent_values(
    field: Field, entry: ParamOverrides | None, context: MergeContext
) -> tuple[PlainValue, ...]:
    """The values that the call treats like the one that disables the parameter, that one first."""
    disabled = field.disabled_value
    if disabled is None and field.default is False:
        disabled = False
    further = entry.equivalents_in(context.version) if entry else ()
    for value in further:
        if entry is not None and (same(value, disabled) or not admits(field.type, value)):
            context.mistake(entry.place / "equivalent_values", f"{value!r} is not another valid value of it")
    # None counts only where an unset parameter is disabled. Elsewhere, code that receives None, such as the
    # drafting model, may do what the default does.
    unset = field.effective_default
    is_disabled_unset = disabled is not None and (unset is None or (field.takes_none and unset == disabled))
    group = (disabled, *([None] if is_disabled_unset else []), *further)
    return group if len(group) > 1 else ()


def _section(heading: str | None, sections: Mapping[str, str]) -> str:
    words = (heading or "").lower()
    return next((title for key, title in sections.items() if key.lower() in words), OTHER_SECTION)


def _without_refused_values(param: Param, refusals: Refusals) -> Param:
    """The parameter without the test values, made from its type alone, that a rule refuses in its context."""
    values = (
        value for value in param.test_values if not refusals.refused({**param.context, param.name: value})
    )
    return replace(param, test_values=tuple(values))


_WHAT_IT_DOES: Mapping[Effect, str] = {
    "reject": "refuses a combination",
    "require": "needs something of the call or the model for a combination",
    "dormant": "says that it ignores something",
}


def _ask_for_a_name(rule: Unnamed, context: MergeContext) -> None:
    what = _WHAT_IT_DOES[rule.effect]
    meaning = f"{context.engine.name} {what} that has no name here ({condition_text(rule.when)})"
    context.ask(rule.key, f"{meaning}; add [[rules]] with its message", f'extracted = "{rule.key}"')


def _evidence(rules: tuple[Rule, ...], context: MergeContext) -> Iterator[tuple[Symbol, str]]:
    """The digest of every symbol that a claim for this release rests on."""
    unproven = {rule.id for rule in rules if rule.unproven}
    used: dict[Symbol, list[str]] = {}
    for basis in bases(context.overrides, context.version):
        used.setdefault(basis.symbol, []).append(basis.claim)
    for symbol, names in sorted(used.items()):
        definition = context.library.find(symbol)
        if definition is None:
            concerned = ", ".join(dict.fromkeys(names))
            if not unproven.issuperset(names):  # what is unproven is asked about by itself
                what = f"{context.release} has no such symbol (of {concerned})"
                context.mistake(Place.of("evidence", str(symbol)), what)
            continue
        yield symbol, digest(definition)
