"""codegen.review.rule_merge: found and hand-written rules, put together; by which fields a rule is looked up;
what is surely refused."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from codegen.engines.transformers.cross_field import SourceRule, SourceRules, UnreadRaise
from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import OverridesError, UnknownShapeError
from codegen.model import lock
from codegen.model.condition_text import parse, text
from codegen.model.conditions import Condition, names
from codegen.model.facts import Facts, SourceClass, SourceField
from codegen.model.origins import Symbol
from codegen.model.schema import Param, Rule, Schema
from codegen.model.types import Nested, Scalar
from codegen.model.values import PlainValue
from codegen.review import overrides, overrides_file
from codegen.review.merge import merge, merge_lenient
from codegen.review.merge_context import MergeContext, Question
from codegen.review.refusals import Refusals, triggers
from codegen.review.rule_merge import merge_rules
from codegen.upstream.symbols import digest
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.conditions import UnknownValueError
from tests.codegen import places, releases, strategies
from tests.codegen.fake_source import library
from tests.codegen.small_schema import param
from tests.codegen.test_conditions import meaning

SYMBOL = Symbol(CONFIGURATION, "f")
OTHER = Symbol(CONFIGURATION, "g")
SOURCE = library(configuration="def f():\n    return 1\n\ndef g():\n    return 2\n")
INT, BOOL = Scalar("int"), Scalar("bool")

# Parameters of an imagined release: b cannot be None, gone exists only in older ones, unheard in none.
PARAMS = (
    SourceField(name="a", type=INT),
    SourceField(name="b", type=INT, takes_none=False, effective_default=1),
    SourceField(name="flag", type=BOOL),
    SourceField(name="mark", type=Nested("Mark")),
    SourceField(name="eos_token_id", type=INT),
)
MARK = SourceClass(
    name="Mark", upstream="Mark", parameter="mark", fields=(SourceField(name="depth", type=INT),)
)
DESCRIBED = "".join(
    f'[params.{name}]\nrole = "length"\nrole_reason = "It counts."\ndescription = "Counts."\n{versions}'
    for name, versions in (("a", ""), ("b", ""), ("flag", ""), ("mark", ""), ("eos_token_id", ""), ("gone", 'versions = "<2"\n'))
)  # fmt: skip


def found(
    when: str, key: str = "validate: a, b", effect: Any = "reject", fields: tuple[str, ...] = ()
) -> SourceRule:
    """A combination as extraction would give it."""
    condition = parse(when)
    return SourceRule(key, effect, fields or names(condition), condition, SYMBOL)


def rule(*lines: str, name: str = "a-with-b", evidence: bool = False) -> str:
    """A rule of the overrides that has a name and a message."""
    head = f'[[rules]]\nid = "{name}"\nmessage = "b has no room for a; leave a out"\n'
    return head + "\n".join([*lines, f'evidence = ["{SYMBOL}"]\n' if evidence else ""]) + "\n"


NAMED = rule('extracted = "validate: a, b"')

Rules = Callable[..., tuple[Schema, tuple[Question, ...]]]


@pytest.fixture
def merged(tmp_path: Path) -> Rules:
    """Merges found rules with the rules of an overrides file."""

    def run(
        *rules: SourceRule,
        toml: str = "",
        unread: tuple[UnreadRaise, ...] = (),
        version: str = "2.3.0",
        previous: Schema | None = None,
    ) -> Any:
        stated = places.with_overrides(tmp_path, DESCRIBED + toml)
        facts = Facts(
            engine="transformers",
            version=version,
            params=PARAMS,
            nested=(MARK,),
            rules=SourceRules(rules, unread),
        )
        return merge(facts, stated, SOURCE, places.ENGINE, lambda: previous)

    return run


def _one(result: tuple[Schema, tuple[Question, ...]]) -> Rule:
    [only] = result[0].rules
    return only


def _mistakes(merged: Rules, *rules: SourceRule, toml: str) -> tuple[str, ...]:
    with pytest.raises(OverridesError) as raised:
        merged(*rules, toml=toml)
    return tuple(map(str, raised.value.mistakes))


def test_a_found_rule_that_is_named_has_our_words_and_its_own_condition(merged: Rules) -> None:
    schema, questions = merged(found("a > 1 and b < 2"), toml=NAMED)
    only = _one((schema, questions))
    assert (only.id, only.effect, only.fields) == ("a-with-b", "reject", ("a", "b"))
    assert (text(only.when), only.need, only.tightening) == ("a > 1 and b < 2", None, None)
    assert only.message == "b has no room for a; leave a out"
    assert [origin.symbol for origin in only.origins] == [SYMBOL, None]
    assert questions == ()


def test_a_found_rule_that_needs_something_keeps_the_need(merged: Rules) -> None:
    needing = replace(found("a > 1", effect="require"), need=parse("call.tokenizer and b is not None"))
    only = _one(merged(needing, toml=NAMED))
    assert only.need is not None
    assert (only.id, only.effect, text(only.need)) == ("a-with-b", "require", "call.tokenizer")


def test_a_found_need_without_a_name_is_worded_and_asked_about(merged: Rules) -> None:
    needing = replace(found("a > 1", effect="require"), need=parse("call.tokenizer"))
    schema, [question] = merged(needing)
    assert _one((schema, ())).message == "transformers needs call.tokenizer with a > 1"
    assert "transformers needs something of the call or the model for a combination" in str(question)


@pytest.mark.parametrize(
    ("effect", "message"),
    [
        ("reject", "transformers refuses a > 1 and b < 2"),
        ("dormant", "transformers says it ignores this with a > 1 and b < 2"),
    ],
)
def test_a_found_rule_that_nobody_has_named_is_kept_and_asked_about(
    merged: Rules, effect: str, message: str
) -> None:
    given = found("a > 1 and b < 2", key="validate: a, eos_token_id", effect=effect)
    schema, [question] = merged(given)
    only = _one((schema, ()))
    assert (only.id, only.effect, only.message) == ("validate-a-eos-token-id", effect, message)
    assert question.subject == "validate: a, eos_token_id"
    assert "that has no name here (a > 1 and b < 2); add [[rules]] with its message" in question.message
    assert question.line == 'extracted = "validate: a, eos_token_id"'
    assert merged(given, toml=rule(str(question.line)))[1] == ()


def test_fields_can_be_fewer_and_some_wrong(merged: Rules) -> None:
    three = found("a > 1", fields=("a", "b", "flag"), effect="dormant")
    assert _one(merged(three, toml=NAMED)).fields == ("a", "b", "flag")
    fewer = rule('extracted = "validate: a, b"', 'fields = ["flag", "a"]')
    assert _one(merged(three, toml=fewer)).fields == ("flag", "a")
    wrong = rule('extracted = "validate: a, b"', 'wrong = ["b"]', 'reason = "It is used."', evidence=True)
    assert _one(merged(three, toml=wrong)).fields == ("a", "flag")
    strange = wrong.replace('["b"]', '["mark"]')
    [mistake] = _mistakes(merged, three, toml=strange)
    assert mistake == "rules.a-with-b.wrong: the rule does not list mark"
    assert _one(merged(three, toml=wrong.replace('["b"]', '["b", "gone"]'))).fields == ("a", "flag")


def test_a_corrected_condition_takes_the_place_of_the_found_one(merged: Rules) -> None:
    corrected = rule(
        'extracted = "validate: a, b"', 'when = "a > 2"', 'reason = "It says so below."', evidence=True
    )
    assert text(_one(merged(found("a > 1 and b < 2"), toml=corrected)).when) == "a > 2"


def test_one_entry_can_name_what_several_functions_refuse(merged: Rules) -> None:
    keys = 'extracted = ["validate: a, b", "generate: a"]'
    [first] = merged(found("a > 1 and b < 2"), toml=rule(keys))[0].rules
    [second] = merged(found("a > 1", key="generate: a"), toml=rule(keys))[0].rules
    assert (first.id, text(first.when)) == ("a-with-b", "a > 1 and b < 2")
    assert (second.id, text(second.when)) == ("a-with-b", "a > 1")


WRITTEN = rule('effect = "reject"', 'when = "a > 1 and flag"', 'fields = ["a"]', evidence=True)
NEEDY = rule(
    'effect = "require"', 'when = "a is not None"', 'need = "a < model.vocab_size"', 'fields = ["a"]', evidence=True
)  # fmt: skip


def test_hand_written_rules(merged: Rules) -> None:
    only = _one(merged(toml=WRITTEN))
    assert (only.effect, only.fields, text(only.when), only.need) == (
        "reject",
        ("a",),
        "a > 1 and flag",
        None,
    )
    assert [origin.symbol for origin in only.origins] == [None, SYMBOL]
    needy = _one(merged(toml=NEEDY))
    assert needy.need is not None
    assert (needy.effect, text(needy.need)) == ("require", "a < model.vocab_size")
    tight = WRITTEN.replace(f'evidence = ["{SYMBOL}"]', 'tightening = true\nreason = "It is a mistake."')
    assert _one(merged(toml=tight)).tightening == "It is a mistake."


@pytest.mark.parametrize(
    ("when", "kept"),
    [
        ("gone is None and a > 1", "a > 1"),  # this release has none: that is as if it were None
        ("gone > 3 or a > 1", "a > 1"),
        ("gone.depth is None and a > 1", "a > 1"),
        ("b is not None and a > 1", "a > 1"),  # cannot be None
        ("b is None or a > 1", "a > 1"),
        ("not (a > 1 and b is not None) or flag", "not (a > 1) or flag"),
        ("a is None and b == 1", "a is None and b == 1"),
    ],
)  # fmt: skip
def test_what_this_release_lacks_is_not_asked_for(merged: Rules, when: str, kept: str) -> None:
    assert text(_one(merged(found(when), toml=NAMED)).when) == kept
    assert text(_one(merged(toml=WRITTEN.replace("a > 1 and flag", when))).when) == kept


def test_fields_that_this_release_lacks_are_left_out(merged: Rules) -> None:
    assert _one(merged(toml=WRITTEN.replace('["a"]', '["gone", "a"]'))).fields == ("a",)
    named = rule('extracted = "validate: a, b"', 'fields = ["a", "gone"]')
    assert _one(merged(found("a > 1"), toml=named)).fields == ("a",)


def test_a_found_rule_that_can_never_hold_is_left_out(merged: Rules) -> None:
    schema, questions = merged(found("gone > 1 and a > 1"), found("b is None", key="generate: b"))
    assert (schema.rules, questions) == ((), ())


@pytest.mark.parametrize(
    ("toml", "mistake"),
    [
        # names what is not there
        (NAMED, "rules.a-with-b: transformers 2.3.0 has no rule 'validate: a, b', nor has the lock one of that name; state it with when"),
        (rule('extracted = ["x", "y"]'), "rules.a-with-b: transformers 2.3.0 has no rule 'x' or 'y'"),
        (WRITTEN.replace("flag", "unheard"), "rules.a-with-b: transformers 2.3.0 has no parameter unheard"),
        (WRITTEN.replace("flag", "unheard.depth"), "rules.a-with-b: transformers 2.3.0 has no parameter unheard.depth"),
        (WRITTEN.replace("flag", "a.depth"), "rules.a-with-b: transformers 2.3.0 has no parameter a.depth"),
        (WRITTEN.replace("flag", "mark.width"), "rules.a-with-b: mark has no argument width in transformers 2.3.0"),
        (WRITTEN.replace("flag", "weather.sunny"), "rules.a-with-b: transformers 2.3.0 has no parameter weather.sunny"),
        (WRITTEN.replace("flag", "model"), "rules.a-with-b: transformers 2.3.0 has no parameter model"),
        (NEEDY.replace("model.vocab_size", "unheard"), "rules.a-with-b: transformers 2.3.0 has no parameter unheard"),
        (WRITTEN.replace('["a"]', '["a", "unheard"]'), "rules.a-with-b.fields: transformers 2.3.0 has no parameter unheard"),
        # can never hold
        (WRITTEN.replace("a > 1 and flag", "gone > 1 and flag"), "rules.a-with-b: it can never hold in transformers 2.3.0; state the versions it applies to"),
        (WRITTEN.replace("a > 1 and flag", "b is None"), "rules.a-with-b: it can never hold in transformers 2.3.0"),
        (WRITTEN.replace('["a"]', '["gone"]'), "rules.a-with-b: it can never hold in transformers 2.3.0"),
        # two of one name
        (WRITTEN + WRITTEN, "rules.a-with-b: there are two of that name for transformers 2.3.0"),
        (WRITTEN + NEEDY, "rules.a-with-b: there are two of that name for transformers 2.3.0"),
    ],
)  # fmt: skip
def test_each_mistake_is_reported_with_its_place(merged: Rules, toml: str, mistake: str) -> None:
    mistakes = _mistakes(merged, toml=toml)
    assert [each for each in mistakes if each.startswith(mistake)], mistakes


def test_a_name_taken_twice_by_found_rules_is_a_mistake_too(merged: Rules) -> None:
    two = rule('extracted = ["validate: a, b", "generate: a"]')
    [mistake] = _mistakes(merged, found("a > 1"), found("a > 2", key="generate: a"), toml=two)
    assert mistake == "rules.a-with-b: there are two of that name for transformers 2.3.0"


@pytest.mark.parametrize(
    "asked",
    [
        "mark.depth > 1",
        "extra.custom_generate is None",
        "call.tokenizer",
        "model.vocab_size > 2",
        "packages.hqq",
        "device.type == 'cpu'",
    ],
)
def test_what_a_condition_may_use_besides_parameters(merged: Rules, asked: str) -> None:
    assert text(_one(merged(toml=WRITTEN.replace("flag", asked))).when) == f"a > 1 and {asked}"


def test_rules_for_other_releases_are_left_alone(merged: Rules) -> None:
    old = 'versions = "<2"\n'
    schema, questions = merged(
        found("a > 1 and b < 2"),
        toml=NAMED + NAMED + old + WRITTEN.replace("::f", "::gone").replace("flag", "unheard") + old,
    )
    assert [each.id for each in schema.rules] == ["a-with-b"]
    assert (schema.evidence, questions) == ({}, ())


KEY = "g: ValueError if strange(a)"
UNREAD = UnreadRaise(OTHER, ("a", "flag"), KEY)
RESTATES = f"restates = {KEY!r}\n"


def test_an_unread_raise_that_no_rule_restates_is_an_unknown_shape(merged: Rules) -> None:
    on_its_function = WRITTEN.replace("::f", "::g")
    other_statement = on_its_function + "restates = 'g: ValueError if strange(b)'\n"
    corrected = rule(
        'extracted = "validate: a, b"', 'when = "a > 2"', 'reason = "x"', f'evidence = ["{OTHER}"]'
    )
    other_release = on_its_function + RESTATES + 'versions = "<2"\n'
    for toml in ("", WRITTEN, on_its_function, other_statement, corrected, other_release):
        with pytest.raises(UnknownShapeError) as raised:
            merged(found("a > 1"), toml=toml, unread=(UNREAD,))
        assert raised.value.where == f"transformers/{CONFIGURATION}, g"
        assert "depending on a, flag, in a way that cannot be read, and no rule restates it" in str(
            raised.value
        )
        assert KEY in str(raised.value)


def test_a_comparison_goes_on_where_no_rule_restates_an_unread_raise(tmp_path: Path) -> None:
    stated = places.with_overrides(tmp_path, DESCRIBED)
    rules = SourceRules((found("a > 1"),), (UNREAD,))
    facts = Facts(engine="transformers", version="2.3.0", params=PARAMS, nested=(MARK,), rules=rules)
    schema, [mistake] = merge_lenient(facts, stated, SOURCE, places.ENGINE)
    assert [text(each.when) for each in schema.rules] == ["a > 1"]
    assert str(mistake.place) == "unrestated"
    assert f"transformers/{CONFIGURATION}, g" in mistake.what
    assert "no rule restates it" in mistake.what
    assert KEY in mistake.what


def test_an_unread_raise_is_answered_by_a_rule_that_restates_it(merged: Rules) -> None:
    answered = _one(merged(toml=WRITTEN.replace("::f", "::g") + RESTATES, unread=(UNREAD, UNREAD)))
    assert (answered.id, answered.unproven) == ("a-with-b", "")


def test_an_unread_raise_may_need_no_rule_for_a_reason(merged: Rules) -> None:
    schema, _ = merged(toml=f"[unrestated]\n{KEY!r} = 'It is about models.'\n", unread=(UNREAD,))
    assert schema.rules == ()


def test_a_rule_whose_statement_is_gone_is_kept_as_unproven(merged: Rules) -> None:
    kept = _one(merged(toml=WRITTEN + "restates = 'f: ValueError if gone'\n"))
    assert (kept.id, kept.unproven) == ("a-with-b", "'f: ValueError if gone'")


def test_a_rule_whose_function_is_gone_is_kept_as_unproven(merged: Rules) -> None:
    kept = _one(merged(toml=WRITTEN.replace("::f", "::gone")))
    assert kept.unproven == f"{CONFIGURATION}::gone"


def test_a_rule_restates_one_statement_or_another(merged: Rules) -> None:
    restated = f"restates = ['f: ValueError if gone', {KEY!r}]\n"
    assert _one(merged(toml=WRITTEN + restated, unread=(UNREAD,))).unproven == ""


def test_a_found_rule_that_is_gone_is_kept_as_the_lock_has_it(merged: Rules) -> None:
    before, _ = merged(found("a > 1 and b < 2"), toml=NAMED)
    kept = _one(merged(toml=NAMED, previous=before))
    assert kept == replace(before.rules[0], unproven="'validate: a, b'")
    again, _ = merged(toml=NAMED, previous=replace(before, rules=(kept,)))
    assert again.rules == (kept,)


def test_a_found_rule_that_is_gone_and_was_never_there_is_a_mistake(merged: Rules) -> None:
    [mistake] = _mistakes(merged, toml=NAMED)
    assert "has no rule 'validate: a, b', nor has the lock one of that name" in mistake


def test_what_a_rule_rests_on_has_its_digest_in_the_schema(merged: Rules) -> None:
    current = digest(SOURCE.module(CONFIGURATION).need("f"))
    schema, questions = merged(toml=WRITTEN)
    assert (schema.evidence, questions) == ({SYMBOL: current}, ())


def test_test_values_that_a_rule_refuses_under_their_context_are_dropped(merged: Rules) -> None:
    plain = merged()[0].param("a")
    assert plain is not None
    narrowed = merged(toml=WRITTEN.replace("a > 1 and flag", "a < 1 and b == 1"))[0].param("a")
    assert narrowed is not None
    assert [value for value in plain.test_values if value is None or value >= 1] == list(narrowed.test_values)  # type: ignore[operator]
    assert narrowed.test_values != plain.test_values


# --- by which fields a rule is looked up


OWNED = places.ENGINE.model_owned
TRIGGERED = (
    param("a", INT, None),
    param("b", INT, 1),
    param("flag", BOOL, default=False),
    param("eos_token_id", INT, None),
)


def _rule(when: str | Condition, effect: Any = "reject") -> Rule:
    condition = parse(when) if isinstance(when, str) else when
    return Rule(id="x", effect=effect, fields=("a",), when=condition, message="no")


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("a > 1 and b == 1", ("a",)),  # with b alone it cannot hold
        ("b == 1 and a > 1", ("a",)),
        ("b > 1 and a is None", ("b",)),
        ("not flag and b > 1", ("b",)),
        ("a > 1 or b > 1", ("a", "b")),  # any of them
        ("a == eos_token_id", ("a", "eos_token_id")),  # the model's own token is not known
        ("eos_token_id is not None and a > 1", ("a",)),
        ("a > 1 and extra.custom_generate is None", ("a",)),
        ("extra.custom_generate is not None and not flag", ("extra",)),
        ("highest(a) > 1", ("a",)),
        ("call.batch_size > 1", ()),
    ],
)  # fmt: skip
def test_as_few_fields_as_possible_trigger_a_rule(when: str, found: tuple[str, ...]) -> None:
    assert triggers(_rule(when), TRIGGERED, OWNED) == found


def test_only_rules_that_reject_are_looked_up() -> None:
    assert triggers(_rule("a > 1", "dormant"), TRIGGERED, OWNED) == ()
    assert triggers(_rule("a > 1", "require"), TRIGGERED, OWNED) == ()


REAL = lock.load(places.ROOT / places.LOCK)
REFUSALS = Refusals(REAL.params, REAL.rules, places.ENGINE)
REJECTING = [each for each in REAL.rules if each.effect == "reject"]
GENERATED = {rule.id: rule for rule in PyTorchConfig.rules}


def _holds(rule: Rule, assignment: dict[str, PlainValue]) -> bool | None:
    """What the generated condition of a rule says; None where something is not known."""

    class Known(dict[str, PlainValue]):
        def __missing__(self, path: str) -> PlainValue:
            head, _, rest = path.partition(".")
            if head == "extra":
                return None
            if rest and head in self:
                inner = self[head]
                return inner.get(rest) if isinstance(inner, dict) else None
            if path == "call.assistant_model":
                return False
            raise UnknownValueError(path)

    try:
        return GENERATED[rule.id].when.holds(Known(assignment))
    except UnknownValueError:
        return None


@settings(max_examples=60)
@given(st.data())
def test_a_real_rule_never_holds_over_the_defaults_without_one_of_its_triggers(data: st.DataObject) -> None:
    defaults: dict[str, PlainValue] = {
        each.name: each.effective_default for each in REAL.params if each.name not in OWNED
    }
    values = {each.name: st.sampled_from(each.test_values) for each in REAL.params}
    assignment = defaults | data.draw(st.fixed_dictionaries({}, optional=values))
    for each in REJECTING:
        looked_up = triggers(each, REAL.params, OWNED)
        without = {name: value for name, value in assignment.items() if name not in looked_up}
        kept = {name: defaults[name] for name in looked_up if name in defaults}
        assert not _holds(each, without | kept), (each.id, looked_up)


@pytest.mark.parametrize("each", REJECTING, ids=lambda each: each.id)
def test_a_real_rule_that_rejects_has_triggers(each: Rule) -> None:
    assert triggers(each, REAL.params, OWNED)
    assert set(triggers(each, REAL.params, OWNED)) <= {*(param.name for param in REAL.params), "extra"}


def test_no_test_value_of_the_installed_release_is_refused_under_its_context() -> None:
    for each in REAL.params:
        for value in each.test_values:
            assert not REFUSALS.refused({**each.context, each.name: value}), (
                each.name,
                value,
            )


@pytest.mark.parametrize(
    ("when", "values", "expected"),
    [
        ("a > 1 and b == 1", {"a": 2}, True),
        ("a > 1 and b == 1", {"a": 2, "b": 3}, False),
        ("a > 1 and b == 1", {}, False),
        ("a > 1 and eos_token_id is None", {"a": 2}, False),  # the model may have one
        ("a > 1 and eos_token_id == 2", {"a": 2, "eos_token_id": 2}, True),
        ("a > 1 and model.vocab_size < 9", {"a": 2}, False),  # undecided
        ("a > 1 and extra.custom_generate is None", {"a": 2}, True),
        ("a > 1 and extra.custom_generate is None", {"a": 2, "extra": {"custom_generate": "x"}}, False),
        ("mark.depth > 1", {"mark": {"depth": 2}}, True),
        ("mark.depth > 1", {"mark": {}}, False),
        ("mark.depth is None", {"mark": None}, True),
    ],
)  # fmt: skip
def test_what_is_surely_refused(when: str, values: dict[str, PlainValue], expected: bool) -> None:
    params: tuple[Param, ...] = (*TRIGGERED, param("mark", BOOL, None))
    assert Refusals(params, (_rule(when),), places.ENGINE).refused(values) is expected
    assert (
        Refusals(params, (_rule(when, "dormant"), _rule(when, "require")), places.ENGINE).refused(values)
        is False
    )


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_every_supported_release_has_its_rules_and_asks_nothing(version: str) -> None:
    stated = overrides_file.load(places.ENGINE, places.ROOT)
    schema, questions = merge(releases.facts(version), stated, releases.library(version), places.ENGINE)
    assert [question for question in questions if "rule" in question.message] == []
    assert len(schema.rules) > 20
    assert {each.effect for each in schema.rules} == {"reject", "dormant", "require"}
    assert len({each.id for each in schema.rules}) == len(schema.rules)


NAMES = ("n", "m", "config", "i", "j", "flag", "word", "ids", "more_ids")


@settings(max_examples=200)
@given(strategies.conditions, strategies.assignments, st.sets(st.sampled_from(NAMES)))
def test_a_condition_means_the_same_where_absent_is_none_and_none_is_impossible(
    condition: Condition, assignment: dict[str, PlainValue], absent: set[str]
) -> None:
    """Parameters of other releases are None in this one; those that this assignment has a value for take no
    None."""
    assignment = {
        path: None if path.partition(".")[0] in absent else value for path, value in assignment.items()
    }
    params = tuple(
        param(name, INT, 0, takes_none=assignment.get(name) is None) for name in NAMES if name not in absent
    )
    older = overrides.ParamOverrides(
        versions=SpecifierSet("<2"), description="Old.", role="none", role_reason="It was."
    )
    context = MergeContext(
        engine=places.ENGINE,
        version="2.3.0",
        library=SOURCE,
        overrides=overrides.Overrides(params=dict.fromkeys(absent, older)),
    )
    given = SourceRule("validate: a", "reject", NAMES, condition, SYMBOL)
    if "i" in absent or "j" in absent:  # what cannot be divided is nobody's rule
        assume(" % " not in text(condition))
    kept = merge_rules(SourceRules((given,), ()), params, (), context).rules
    assert any(meaning(each.when, assignment) for each in kept) is meaning(condition, assignment)
