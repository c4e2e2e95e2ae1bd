"""Two schemas, compared: every difference as a :class:`~codegen.diff.findings.Finding`, most severe first.

The order of parameters, and of anything else that has names, does not count as a difference.
"""

from collections import Counter
from collections.abc import Iterator

from codegen.diff import definitions, parameters, reach, refusal_diff, rule_diff
from codegen.diff.catalog import make_finding
from codegen.diff.finding_kinds import KINDS
from codegen.diff.findings import LEVELS, Finding, Where
from codegen.diff.parameters import Subject
from codegen.diff.sides import Side
from codegen.mistakes import Place
from codegen.model.schema import Field, NestedModel, Param, Schema
from codegen.model.type_text import text
from codegen.model.values import PlainValue
from codegen.review.overrides import Overrides

_Arguments = dict[tuple[str, str, str], Field]
"""Arguments of nested classes by parameter, class and name."""


def compare(
    before: Side, after: Side, overrides: Overrides | None = None, *, in_reach: bool = True
) -> tuple[Finding, ...]:
    """What changed from one side to the other.

    Args:
        before: the old side.
        after: the new side.
        overrides: the overrides, to know which evidence was reviewed already.
        in_reach: whether the code that the call can run is compared, too, and not only the schemas.
    """
    code_changes = reach.changes(before, after) if in_reach else None
    findings = [
        *_params(before, after),
        *_classes(before, after),
        *_arguments(before, after),
        *rule_diff.compare(before, after),
        *_behaviour(before, after, overrides),
        *_class_tightenings(before.schema, after.schema),
        *_mistakes(before, after),
        *definitions.compare(before, after, overrides, code_changes),
        *(refusal_diff.compare(before, after, code_changes) if in_reach else ()),
        *(reach.compare(before, after, code_changes) if code_changes is not None else ()),
    ]
    kinds = list(KINDS)
    return tuple(sorted(findings, key=lambda finding: (LEVELS.index(finding.level), kinds.index(finding.id))))


def _params(before: Side, after: Side) -> Iterator[Finding]:
    old = {param.name: param for param in before.schema.params}
    new = {param.name: param for param in after.schema.params}
    for name, param in old.items():
        if name not in new:
            yield _removed(param, before)
    for name, param in new.items():
        if name not in old:
            yield _added(param, after)
        else:
            subject = Subject(name, old[name], param, param.role or old[name].role, after)
            yield from parameters.compare(subject, before)


def _removed(param: Param, before: Side) -> Finding:
    announced = param.deprecation is not None
    meaning = f"{param.name} was removed{', as announced' if announced else ''}; a configuration that sets it is refused."
    subject = Subject(param.name, param, param, param.role, before)
    type_ = text(param.type, takes_none=param.takes_none)
    return subject.finding("param-removed", (type_, None), meaning, level="info" if announced else None)


def _added(param: Param, after: Side) -> Finding:
    role = f"its energy role is {param.role}" if param.role else "its energy role is not decided yet"
    meaning = f"{param.name} is new, unset it is {param.effective_default!r}; {role}."
    subject = Subject(param.name, param, param, param.role, after)
    type_ = text(param.type, takes_none=param.takes_none)
    return subject.finding("param-added", (None, type_), meaning, level="info" if param.role else None)


def _classes(before: Side, after: Side) -> Iterator[Finding]:
    """Nested classes of parameters that both sides have.

    For an added or removed parameter, the finding about it is enough.
    """
    both = {param.name for param in before.schema.params} & {param.name for param in after.schema.params}
    old = {(model.parameter, model.name): model for model in before.schema.nested}
    new = {(model.parameter, model.name): model for model in after.schema.nested}
    for key in dict.fromkeys([*old, *new]):
        parameter, name = key
        if parameter not in both:
            continue
        if key not in new:
            meaning = f"{parameter} no longer takes {name}."
            yield _of_class("class-removed", old[key], before, meaning, (name, None))
        elif key not in old:
            yield _of_class("class-added", new[key], after, f"{parameter} takes {name} now.", (None, name))
        elif old[key].upstream != new[key].upstream:
            meaning = f"generate() takes {name} as {_form(new[key])} now; it was {_form(old[key])}."
            yield _of_class("class-changed", new[key], after, meaning, (old[key].upstream, new[key].upstream))


def _form(model: NestedModel) -> str:
    return f"the class {model.upstream}" if model.upstream else "a plain dictionary"


def _of_class(
    kind: str, model: NestedModel, side: Side, meaning: str, values: tuple[PlainValue, PlainValue]
) -> Finding:
    symbol = model.origins[0].symbol if model.origins else None
    return make_finding(
        kind, model.parameter, meaning=meaning, values=values, where=side.where(symbol, model.name)
    )


def _arguments(before: Side, after: Side) -> Iterator[Finding]:
    """The arguments of classes that both sides have."""
    old, new = _by_name(before.schema), _by_name(after.schema)
    classes = {key[:2] for key in old} & {key[:2] for key in new}
    shown = Counter((parameter, name) for parameter, _, name in old.keys() | new.keys())
    roles = {param.name: param.role for param in (*before.schema.params, *after.schema.params)}
    for key in dict.fromkeys([*old, *new]):
        if key[:2] not in classes:
            continue
        parameter, owner, argument = key
        name = (
            f"{parameter}.{argument}"
            if shown[parameter, argument] == 1
            else f"{parameter}.{owner}.{argument}"
        )
        role = roles.get(parameter)
        if key not in new:
            yield _argument_removed(name, old[key], role, before)
        elif key not in old:
            yield _argument_added(name, new[key], role, after)
        else:
            yield from parameters.compare(Subject(name, old[key], new[key], role, after, nested=True), before)


def _by_name(schema: Schema) -> _Arguments:
    return {
        (model.parameter, model.name, field.name): field for model in schema.nested for field in model.fields
    }


def _argument_removed(name: str, field: Field, role: str | None, before: Side) -> Finding:
    meaning = f"{name} was removed; a configuration that sets it is refused."
    subject = Subject(name, field, field, role, before)
    return subject.finding("argument-removed", (text(field.type), None), meaning)


def _argument_added(name: str, field: Field, role: str | None, after: Side) -> Finding:
    start = "it has to be given" if field.required else f"unset it is {field.effective_default!r}"
    role_text = (
        f"its energy role is {role}, that of its parameter" if role else "its energy role is not decided yet"
    )
    subject = Subject(name, field, field, role, after)
    return subject.finding(
        "argument-added",
        (None, text(field.type)),
        f"{name} is new, {start}; {role_text}.",
        level="info" if role and field.described else "risky",
    )


def _behaviour(before: Side, after: Side, overrides: Overrides | None) -> Iterator[Finding]:
    """Changes of behaviour that the overrides state for the new release, and not for the old one."""
    for change in overrides.behaviour_changes if overrides else ():
        if change.applies(after.schema.version) and not change.applies(before.schema.version):
            where = after.where(change.evidence[0], "") if change.evidence else Where()
            yield make_finding(
                "behaviour-changed", change.fields, meaning=change.meaning, values=(None, None), where=where
            )


def _class_tightenings(before: Schema, after: Schema) -> Iterator[Finding]:
    old = [tightening.what for tightening in before.class_tightenings]
    new = [tightening.what for tightening in after.class_tightenings]
    for what in dict.fromkeys([*old, *new]):
        if what in old and what in new:
            continue
        kind, meaning = (
            ("tightening-removed", f"No longer refused for every parameter: {what}.")
            if what in old
            else ("tightening-added", f"Refused for every parameter now: {what}.")
        )
        values = (what if what in old else None, what if what in new else None)
        yield make_finding(kind, "every parameter", meaning=meaning, values=values)


def _mistakes(before: Side, after: Side) -> Iterator[Finding]:
    for mistake in after.mistakes:
        if mistake in before.mistakes:
            continue
        subject = _subject(mistake.place)
        yield make_finding(
            "override-mistaken",
            subject,
            meaning=f"{after.engine.overrides}, {mistake}.",
            values=(None, mistake.what),
        )


def _subject(place: Place) -> str:
    """What a mistake in the overrides is about: a parameter, an argument of a class, or another entry."""
    match place.steps:
        case ("params", name, *_):
            return str(name)
        case ("nested", model, name, *_):
            return f"{model}.{name}"
    return str(place)
