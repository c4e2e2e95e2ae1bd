"""codegen.review.merge: facts and the hand-written overrides, put together; and what is wrong with them for a
release."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from codegen.engines.transformers.cross_field import SourceRules
from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import OverridesError, UnknownShapeError
from codegen.model.facts import Facts, SourceClass, SourceField
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.regions import of_bounds
from codegen.model.schema import Deprecation, Param, Schema, Tightening
from codegen.model.types import Bound, Choice, ListOf, Nested, NoData, Opaque, Scalar, TupleOf, Type, Union
from codegen.model.values import PlainValue
from codegen.review.field_merge import narrowed_to
from codegen.review.merge import merge
from codegen.review.merge_context import Question
from codegen.upstream.symbols import Library, digest
from tests.codegen import places
from tests.codegen.fake_source import library

SYMBOL = Symbol(CONFIGURATION, "f")
LIBRARY = library(configuration="def f():\n    return 1\n")
INT, FLOAT, STR, BOOL = (Scalar(kind) for kind in ("int", "float", "str", "bool"))
NO_RULES = SourceRules((), ())
POSITIVE = of_bounds([Bound(">", 0)])

Merge = Callable[..., tuple[Schema, tuple[Question, ...]]]


def found(name: str = "a", type_: Type | None = INT, **parts: Any) -> SourceField:
    """What extraction would say of a parameter."""
    return SourceField(name=name, type=type_, **parts)


def entry(*lines: str, name: str = "a") -> str:
    """A parameter of the overrides that has all it needs."""
    head = f'[params.{name}]\nrole = "length"\nrole_reason = "It counts."\ndescription = "Counts."\n'
    return head + "\n".join(lines) + "\n"


def fact(claim: str, *, name: str = "params.a", tightening: bool = False) -> str:
    """A claim that has all it needs."""
    ground = "tightening = true" if tightening else f'evidence = ["{SYMBOL}"]'
    return f'[[{name}.claims]]\n{claim}\nreason = "It is so."\n{ground}\n'


NESTED = '[nested.Mark.flag]\ndescription = "Whether."\n'


@pytest.fixture
def merged(tmp_path: Path) -> Merge:
    """Merges facts with the text of an overrides file."""

    def run(
        *params: SourceField,
        toml: str = "",
        nested: tuple[SourceClass, ...] = (),
        source: Library = LIBRARY,
        rules: SourceRules = NO_RULES,
    ) -> tuple[Schema, tuple[Question, ...]]:
        stated = places.with_overrides(tmp_path, toml)
        facts = Facts(engine="transformers", version="2.3.0", params=params, nested=nested, rules=rules)
        return merge(facts, stated, source, places.ENGINE)

    return run


def _param(result: tuple[Schema, object]) -> Param:
    [param] = result[0].params
    return param


def test_facts_without_overrides_make_a_schema(merged: Merge) -> None:
    type_ = Scalar("int", (Bound(">", 0),))
    schema, questions = merged(
        found(accepted=POSITIVE, declared_default=None, effective_default=20, disabled_value=20)
    )
    param = _param((schema, questions))
    assert (param.type, param.takes_none, param.default, param.disabled_value) == (type_, True, 20, 20)
    assert (param.role, param.described, param.section) == (None, False, "Other parameters")
    assert param.description == "Passed to transformers as a (int | None); not described yet."
    assert param.test_values == (20, None, 1, 2, 9)
    assert [question.subject for question in questions] == ["a"]
    assert questions[0].message.startswith("a has no energy role; add [params.a] with a role")


def test_what_the_overrides_add_to_the_facts(merged: Merge) -> None:
    toml = entry("disabled_value = 0", "context = { b = true }", "examples = [7]")
    toml += '[sections]\n"the length" = "Length"\n'
    counted = found(heading="Parameters for the LENGTH of it", effective_default=3)
    param = merged(counted, found(name="b", type_=BOOL), toml=toml)[0].param("a")
    assert param is not None
    assert (param.role, param.role_reason) == ("length", "It counts.")
    assert (param.description, param.described, param.disabled_value) == ("Counts.", True, 0)
    assert (param.section, param.context) == ("Length", {"b": True})
    assert param.test_values[:3] == (3, None, 7)


@pytest.mark.parametrize(
    ("before", "claim", "after"),
    [
        (found(), 'bound = ">= 0"', Scalar("int", (Bound(">=", 0),))),
        (found(accepted=POSITIVE), 'bound = "<= 9"', Scalar("int", (Bound(">", 0), Bound("<=", 9)))),
        (found(accepted=POSITIVE), 'bound = ">= 2"', Scalar("int", (Bound(">=", 2),))),
        (found(type_=ListOf(INT)), 'bound = ">= 0"\nat = "[]"', ListOf(Scalar("int", (Bound(">=", 0),)))),
        (found(type_=Union((INT, ListOf(INT)))), 'bound = ">= 0"\nat = "[]"', Union((INT, ListOf(Scalar("int", (Bound(">=", 0),)))))),
        (found(type_=ListOf(INT)), "min_length = 1", ListOf(INT, min_length=1)),
        (found(type_=STR), "min_length = 1", Scalar("str", (Bound(">=", 1),))),
        (found(type_=STR), 'choices = ["x", "y"]', Choice(("x", "y"))),
        (found(type_=INT), "choices = [2, 4]", Choice((2, 4))),
        (found(type_=STR, choices=Choice(("x", "y", "z")), choices_proved=True), 'choices = ["x", "y"]', Choice(("x", "y"))),
        (found(type_=STR, choices=Choice(("x",))), 'choices = ["x", "y"]', Choice(("x", "y"))),  # only documented
        (found(type_=Union((STR, ListOf(STR))), choices=Choice(("x",))), 'choices = ["y"]\nat = "[]"', Union((Choice(("x",)), ListOf(Choice(("y",)))))),
        (found(type_=None), 'type = "tuple[int, float]"', TupleOf((INT, FLOAT))),
        (found(type_=None), 'type = "None"', NoData()),
        (found(type_=INT), 'type = "float"', FLOAT),
        (found(type_=Opaque("dict")), 'type = "dict[str, int] | str"', None),
    ],
)  # fmt: skip
def test_claims_about_types(merged: Merge, before: SourceField, claim: str, after: Type | None) -> None:
    param = _param(merged(before, toml=entry() + fact(claim)))
    if after is not None:
        assert param.type == after
    assert not param.tightenings
    kind = claim.split(maxsplit=1)[0]
    assert param.origins[-2:] == (
        Origin(OriginKind.CLAIM, None, kind, "It is so."),
        Origin(OriginKind.EVIDENCE, SYMBOL, kind),
    )


@pytest.mark.parametrize(
    ("claim", "what"),
    [
        ('bound = "<= 1"', "<= 1"),
        ('choices = ["x"]', "one of 'x'"),
        ("min_length = 2", "at least 2 long"),
        ('bound = ">= 0"\nat = "[0]"', "[0] >= 0"),
        ("takes_none = false", "not None"),
        ('type = "tuple[int, float]"', "tuple[int, float]"),
    ],
)
def test_a_tightening_is_listed_with_its_reason(merged: Merge, claim: str, what: str) -> None:
    types = {"choices": STR, "min_length": STR, "bound": INT}
    type_ = TupleOf((INT, FLOAT)) if "[0]" in claim else types.get(claim.split(maxsplit=1)[0], INT)
    default = 1 if claim.startswith("takes_none") else None
    param = _param(
        merged(found(type_=type_, effective_default=default), toml=entry() + fact(claim, tightening=True))
    )
    assert param.tightenings == (Tightening(what, "It is so."),)


def test_a_shown_default_may_replace_none(merged: Merge) -> None:
    shown = _param(merged(found(type_=BOOL), toml=entry() + fact("shown_default = false")))
    assert (shown.default, shown.effective_default, shown.takes_none) == (False, None, True)
    plain = _param(
        merged(found(type_=BOOL), toml=entry() + fact("shown_default = false") + fact("takes_none = false", tightening=True))
    )  # fmt: skip
    assert (plain.default, plain.takes_none) == (False, False)


@pytest.mark.parametrize(
    ("contexts", "expected"),
    [
        ('context = { b = true }', {"b": True}),
        ('contexts = [{ set = { b = true } }]', {"b": True}),
        ('contexts = [{ set = { b = true }, versions = "<2" }, { set = { b = false }, versions = ">=2" }]', {"b": False}),
        ('contexts = [{ set = { b = true }, versions = "<2" }]', {}),
        ('context = { b = true, extra = { custom_generate = "owner/name" } }', {"b": True, "extra": {"custom_generate": "owner/name"}}),
        ('', {}),
    ],
)  # fmt: skip
def test_a_parameter_has_one_context_in_a_release(
    merged: Merge, contexts: str, expected: dict[str, PlainValue]
) -> None:
    param = merged(found(), found("b", BOOL), toml=entry(contexts) + entry(name="b"))[0].param("a")
    assert param is not None
    assert param.context == expected


def test_an_argument_of_a_nested_class_is_tried_under_each_of_its_contexts(merged: Merge) -> None:
    fields = (
        found("flag", BOOL, takes_none=False, effective_default=False),
        found("depth", INT, takes_none=False, effective_default=1),
    )
    mark = SourceClass(name="Mark", upstream="Mark", parameter="a", fields=fields)
    contexts = 'contexts = [{ set = { flag = true } }, { set = { flag = false } }, { set = { flag = true }, versions = "<2" }]\n'
    toml = entry() + '[nested.Mark.depth]\ndescription = "x"\n' + contexts
    schema, _ = merged(found(type_=Nested("Mark")), toml=toml, nested=(mark,))
    assert schema.nested[0].fields[1].contexts == ({"flag": True}, {"flag": False})
    values = schema.params[0].test_values
    assert {"flag": True, "depth": 0} in values
    assert {"flag": False, "depth": 0} in values
    assert {"depth": 0} not in values
    assert {"flag": True} in values


@pytest.mark.parametrize(
    ("before", "lines", "equivalent_values"),
    [
        (found(), (), ()),
        (found(disabled_value=0, effective_default=3, takes_none=False), (), ()),
        (found(disabled_value=0, effective_default=3), (), ()),
        (found(disabled_value=0, effective_default=0), (), (0, None)),
        (found(type_=BOOL), (fact("shown_default = false"), fact("takes_none = false", tightening=True)), (False, None)),
        (found(type_=BOOL, effective_default=False), (), (False, None)),
        (found(type_=BOOL, effective_default=True), (), ()),
        (found(type_=BOOL, effective_default=False, takes_none=False), ("equivalent_values = [true]",), (False, True)),
        (found(), ("equivalent_values = [0, 2]",), (None, 0, 2)),
        (found(), ('equivalent_values = [0, { value = 2, versions = ">=2" }, { value = 3, versions = "<2" }]',), (None, 0, 2)),
        (found(), ("disabled_value = 1", "equivalent_values = [0]"), (1, None, 0)),
        (found(type_=ListOf(INT)), ("equivalent_values = [[]]",), (None, ())),
    ],
)  # fmt: skip
def test_equivalent_values_start_with_the_value_that_switches_it_off(
    merged: Merge, before: SourceField, lines: tuple[str, ...], equivalent_values: tuple[PlainValue, ...]
) -> None:
    assert repr(_param(merged(before, toml=entry(*lines))).equivalent_values) == repr(equivalent_values)


def test_a_claim_gives_a_reason_or_a_note(merged: Merge) -> None:
    toml = entry() + fact("unbounded = true") + fact('deprecated = "Use b."')
    param = _param(merged(found(deprecation=Deprecation(removal="3")), toml=toml))
    assert param.unbounded_reason == "It is so."
    assert param.deprecation == Deprecation(removal="3", note="Use b.")


# Every mistake that the overrides can make for a release: what was found, what is claimed, what is said.
@pytest.mark.parametrize(
    ("before", "toml", "mistake"),
    [
        # names no parameter
        (found(), entry() + entry(name="b"), "params.b: transformers 2.3.0 has no such parameter; state the versions it applies to"),
        # repeats what was found
        (found(accepted=POSITIVE), entry() + fact('bound = "> 0"'), "params.a.claims[0]: the bound claimed for transformers 2.3.0 repeats what extraction found"),
        (found(), entry() + fact('type = "int"'), "the type claimed for transformers 2.3.0 repeats"),
        (found(type_=STR, choices=Choice(("x",)), choices_proved=True), entry() + fact('choices = ["x"]'), "the choices claimed for transformers 2.3.0 repeats"),
        (found(type_=STR, choices=Choice(("x",))), entry() + fact('choices = ["x"]'), "the choices claimed for transformers 2.3.0 repeats"),
        (found(takes_none=False, effective_default=1), entry() + fact("takes_none = false"), "the takes none claimed for transformers 2.3.0 repeats"),
        (found(effective_default=3), entry() + fact("default = 3"), "the default claimed for transformers 2.3.0 repeats"),
        (found(disabled_value=1, effective_default=1), entry("disabled_value = 1"), "params.a.disabled_value: repeats what extraction found"),
        (found(), entry() + fact('bound = ">= 0"') + fact('bound = ">= 0"'), "params.a.claims[1]: the bound claimed for transformers 2.3.0 adds nothing"),
        (found(), entry() + fact('bound = ">= 0"') + fact('bound = ">= -1"'), "params.a.claims[1]: the bound claimed for transformers 2.3.0 adds nothing"),
        # contradicts the effective default
        (found(effective_default=0), entry() + fact('bound = "> 0"'), "params.a: its default 0 would be refused; int is too narrow"),
        (found(effective_default=1.5), entry(), "params.a: its default 1.5 would be refused"),
        (found(type_=STR, effective_default="x"), entry() + fact('choices = ["y"]'), "params.a: its default 'x' would be refused"),
        (found(effective_default=None), entry() + fact("takes_none = false"), "params.a: None is its default, so None has to be allowed"),
        (found(type_=BOOL), entry() + fact("shown_default = true"), "params.a.claims[0]: the shown default claimed for transformers 2.3.0 is true, but the effective default, None, is not"),
        (found(), entry() + fact("shown_default = 4"), "the shown default claimed for transformers 2.3.0 is true"),
        (found(effective_default=3), entry() + fact("shown_default = 4"), "the shown default claimed for transformers 2.3.0 hides the effective default, which is 3"),
        # is wider than a proved rejection
        (found(accepted=POSITIVE), entry() + fact('bound = ">= 0"'), "the bound claimed for transformers 2.3.0 allows more values than the source does"),
        (found(takes_none=False, effective_default=1), entry() + fact("takes_none = true"), "allows None, which the source refuses"),
        (found(type_=STR, choices=Choice(("x",)), choices_proved=True), entry() + fact('choices = ["x", "y"]'), "allows choices that the source refuses"),
        (found(type_=INT, accepted=POSITIVE), entry() + fact("choices = [0, 1]"), "allows choices that the source refuses"),
        # excuses what is bounded already
        (found(accepted=POSITIVE), entry() + fact("unbounded = true"), "params.a.claims[0]: the unbounded claimed for transformers 2.3.0 excuses nothing"),
        (found(), entry() + fact("unbounded = true") + fact('bound = "> 0"'), "params.a.claims[0]: the unbounded claimed for transformers 2.3.0 excuses nothing"),
        (found(type_=BOOL), entry() + fact("unbounded = true"), "the unbounded claimed for transformers 2.3.0 excuses nothing"),
        (found(), entry() + NESTED + fact("unbounded = true", name="nested.Mark.flag"), "nested.Mark.flag.claims[0]: the unbounded claimed for transformers 2.3.0 excuses nothing"),
        # does not fit the type
        (found(type_=STR), entry() + fact('bound = "> 0"'), "the bound claimed for transformers 2.3.0 does not fit its type, str"),
        (found(), entry() + fact("min_length = 1"), "does not fit its type, int"),
        (found(), entry() + fact('bound = "> 0"\nat = "[]"'), "does not fit its type, int"),
        (found(type_=FLOAT), entry() + fact("choices = [1]"), "does not fit its type, float"),
        (found(), entry("examples = [1, 2.5]"), "params.a.examples: 2.5 is not a valid value of it"),
        (found(accepted=POSITIVE), entry("disabled_value = 0"), "params.a.disabled_value: 0 is not a valid value of it"),
        # rests on nothing
        (found(), (entry() + fact('bound = "> 0"')).replace("::f", "::gone"), "::gone': transformers 2.3.0 has no such symbol (of a.bound)"),
        (found(), (entry() + fact('bound = "> 0"')).replace(CONFIGURATION, "gone.py"), "gone.py::f': transformers 2.3.0 has no such symbol (of a.bound)"),
        (found(), entry("context = { nowhere = 1 }"), "params.a.context: transformers 2.3.0 has no parameter nowhere"),
        # is tried next to what cannot be
        (found(), entry('context = { a = "x" }'), "params.a.context: 'x' is not a valid value of a in transformers 2.3.0"),
        (found(accepted=POSITIVE), entry("context = { a = 0 }"), "params.a.context: 0 is not a valid value of a"),
        (found(), entry("context = { a = 0 }") + fact('bound = "> 0"'), "params.a.context: 0 is not a valid value of a"),
        (found(type_=Nested("Mark")), entry("context = { a = 1 }"), "params.a.context: 1 is not a valid value of a"),
        (found(), entry("contexts = [{ set = { a = 1 } }, { set = { a = 2 } }]"), "params.a.contexts: 2 are for transformers 2.3.0"),
        (found(), entry('contexts = [{ set = { nowhere = 1 }, versions = ">=2" }]'), "params.a.context: transformers 2.3.0 has no parameter nowhere"),
        # is equivalent to itself, or to an impossible value
        (found(), entry("equivalent_values = [2.5]"), "params.a.equivalent_values: 2.5 is not another valid value of it"),
        (found(disabled_value=0), entry("equivalent_values = [0]"), "params.a.equivalent_values: 0 is not another valid value of it"),
        (found(accepted=POSITIVE), entry("equivalent_values = [0]"), "params.a.equivalent_values: 0 is not another valid value of it"),
        # nested
        (found(), entry() + '[nested.Mark.gone]\ndescription = "x"\n', "nested.Mark.gone: Mark has no gone in transformers 2.3.0; state the versions it applies to"),
        (found(), entry() + '[nested.Gone.ratio]\ndescription = "x"\n', "nested.Gone.ratio: there is no class Gone in transformers 2.3.0; state the versions it applies to"),
        (found(), entry() + '[nested.Gone.ratio]\ndescription = "x"\nversions = ">=2"\n' + fact('bound = "> 0"', name="nested.Gone.ratio"), "nested.Gone.ratio: there is no class Gone in transformers 2.3.0"),
        (found(), entry() + '[nested.Mark.gone]\ndescription = "x"\n' + fact('bound = "> 0"', name="nested.Mark.gone"), "nested.Mark.gone: Mark has no gone in transformers 2.3.0"),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) and not value.startswith("[") else "",
)  # fmt: skip
def test_each_mistake_is_reported_with_its_place(
    merged: Merge, before: SourceField, toml: str, mistake: str
) -> None:
    mark = SourceClass(
        name="Mark", upstream="Mark", parameter="a", fields=(found(name="ratio"), found("flag", BOOL))
    )
    with pytest.raises(OverridesError) as raised:
        merged(before, toml=toml, nested=(mark,))
    assert [each for each in raised.value.mistakes if mistake in str(each)], raised.value.mistakes


def test_all_mistakes_are_reported_at_once(merged: Merge) -> None:
    toml = entry() + entry(name="b") + entry(name="c") + fact('type = "int"')
    with pytest.raises(OverridesError) as raised:
        merged(found(), toml=toml)
    assert len(raised.value.mistakes) == 3


@pytest.mark.parametrize("value", ["false", "0", "0.0", '""', "[]"])
def test_a_shown_default_is_as_false_as_none(merged: Merge, value: str) -> None:
    types = {"false": BOOL, "0": INT, "0.0": FLOAT, '""': STR, "[]": ListOf(INT)}
    param = _param(merged(found(type_=types[value]), toml=entry() + fact(f"shown_default = {value}")))
    assert param.default is not None
    assert not param.default


def test_what_is_for_other_releases_is_left_alone(merged: Merge) -> None:
    toml = entry() + entry('versions = "<2"', name="b")
    toml += fact('bound = "> 0"\nversions = "<2"') + fact('bound = ">= 0"\nversions = ">=2"')
    param = _param(merged(found(), toml=toml))
    assert param.type == Scalar("int", (Bound(">=", 0),))


@pytest.mark.parametrize(
    ("before", "what"),
    [
        (found(type_=None), "no documentation gives its type; state one in codegen/engines/transformers/overrides.toml"),
        (found(type_=Opaque("Callable")), "Callable cannot be written as data"),
        (found(type_=ListOf(Opaque("Tensor"))), "Tensor cannot be written as data"),
        (found(type_=STR, accepted=POSITIVE), "it is refused unless > 0, but its type is str"),
        (found(accepted=~POSITIVE & ~of_bounds([Bound("<", -1)]) | POSITIVE & of_bounds([Bound(">", 1)])), "the numbers that get through are not one range"),
        (found(unread=(SYMBOL,)), "refuses some values of a in a way that cannot be read, and no override restates it"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)  # fmt: skip
def test_what_neither_the_source_nor_an_override_states_is_an_unknown_shape(
    merged: Merge, before: SourceField, what: str
) -> None:
    for toml in ("", entry()):
        with pytest.raises(UnknownShapeError) as raised:
            merged(before, toml=toml)
        assert what in raised.value.what


def test_an_unread_check_is_answered_by_a_claim_that_names_it(merged: Merge) -> None:
    param = _param(merged(found(unread=(SYMBOL,)), toml=entry() + fact('bound = ">= 0"')))
    assert param.type == Scalar("int", (Bound(">=", 0),))


def test_what_claims_rest_on_has_its_digest_in_the_schema(merged: Merge) -> None:
    current = digest(LIBRARY.module(CONFIGURATION).need("f"))
    schema, questions = merged(found(), toml=entry() + fact('bound = "> 0"'))
    assert (schema.evidence, questions) == ({SYMBOL: current}, ())


@pytest.mark.parametrize(
    "toml",
    [
        entry() + fact('bound = "> 0"\nversions = "<2"').replace("::f", "::gone"),
        entry() + entry('versions = "<2"', name="b") + fact('bound = "> 0"', name="params.b").replace("::f", "::gone"),
        entry() + '[nested.Gone.width]\ndescription = "x"\nversions = "<2"\n' + fact('bound = "> 0"', name="nested.Gone.width").replace("::f", "::gone"),
    ],
    ids=["a claim", "a parameter", "a nested class"],
)  # fmt: skip
def test_evidence_for_what_this_release_does_not_have_is_not_looked_for(merged: Merge, toml: str) -> None:
    schema, questions = merged(found(), toml=toml)
    assert (schema.evidence, questions) == ({}, ())


def test_a_nested_entry_says_nothing_of_other_releases(merged: Merge) -> None:
    mark = SourceClass(name="Mark", upstream="Mark", parameter="a", fields=(found("ratio"), found("width")))
    toml = "".join(
        f'[nested.Mark.{name}]\nversions = "{versions}"\ndescription = "Of some releases."\n'
        + fact('bound = "> 0"', name=f"nested.Mark.{name}")
        for name, versions in (("ratio", "<2"), ("width", ">=2"))
    )
    ratio, width = merged(found(), toml=entry() + toml, nested=(mark,))[0].nested[0].fields
    assert (ratio.described, ratio.type) == (False, INT)
    assert (width.described, width.type) == (True, Scalar("int", (Bound(">", 0),)))


def test_nested_fields_are_merged_in_the_same_way(merged: Merge) -> None:
    fields = (
        found(name="ratio", type_=FLOAT, takes_none=False, declared_default=0.5, effective_default=0.5),
        found(name="keys", type_=ListOf(INT), takes_none=False, required=True),
        found(name="width", type_=None),
    )
    mark = SourceClass(name="MarkConfig", upstream="MarkConfig", parameter="a", fields=fields)
    toml = entry() + '[nested.MarkConfig.width]\ndescription = "How wide."\nexamples = [3]\n'
    toml += fact('type = "int"', name="nested.MarkConfig.width")
    schema, _ = merged(found(type_=Nested("MarkConfig")), toml=toml, nested=(mark,))
    ratio, keys, width = schema.nested[0].fields
    assert (ratio.default, ratio.described, keys.required) == (0.5, False, True)
    assert (width.type, width.description, width.test_values) == (INT, "How wide.", (None, 3, 1, 0, -1))
    assert {"keys": (1,), "ratio": 1.5} in schema.params[0].test_values


@pytest.mark.parametrize(
    ("type_", "choices", "expected"),
    [
        (STR, ("x", "y"), Choice(("x", "y"))),
        (Union((BOOL, STR)), (True, False, "never"), Union((BOOL, Choice(("never",))))),
        (Union((BOOL, STR)), (True, "never"), Union((Choice((True,)), Choice(("never",))))),
        (Union((STR, ListOf(INT))), ("x",), Union((Choice(("x",)), ListOf(INT)))),
        (INT, (1, 2), Choice((1, 2))),
    ],
)
def test_choices_narrow_texts_and_whole_numbers(
    type_: Type, choices: tuple[str | int | bool, ...], expected: Type
) -> None:
    narrowed = narrowed_to(type_, Choice(choices))
    assert set(narrowed.members if isinstance(narrowed, Union) else [narrowed]) == set(
        expected.members if isinstance(expected, Union) else [expected]
    ) or narrowed == Choice((True, "never"))
