"""What is asked about a rule whose statement is gone, and what answers it."""

import json
from dataclasses import replace

import pytest

from codegen.model import lock
from codegen.model.conditions import IsTrue, Name
from codegen.model.schema import Effect, Rule, Schema
from codegen.review.executed import Executed, RuleResult, parts
from codegen.review.unproven import questions

VERSION = "2.4.0"


def schema(effect: Effect = "reject", unproven: str = "f: ValueError if a") -> Schema:
    rule = Rule(
        id="a-rule", effect=effect, fields=("a",), when=IsTrue(Name("a")), message="no", unproven=unproven
    )
    return Schema(engine="transformers", version=VERSION, params=(), rules=(rule,))


def record(tried: int, failed: int, of: Schema | None = None) -> Executed:
    """What fidelity found about a schema."""
    rules = {"a-rule": RuleResult(tried=tried, failed=failed)}
    known = parts(json.loads(lock.dumps(of or schema())))
    return Executed(engine="transformers", version=VERSION, parameters={}, rules=rules, lock=known)


def test_a_rule_whose_statement_is_there_asks_nothing() -> None:
    assert [*questions(schema(unproven=""), None)] == []


@pytest.mark.parametrize(
    "known",
    [
        None,
        record(0, 0),
        replace(record(9, 9), version="2.3.0"),
        record(9, 9, schema(unproven="")),  # when the statement was still there
    ],
)
def test_what_nobody_tried_is_to_be_run_before_anything_else(known: Executed | None) -> None:
    [question] = questions(schema(), known)
    assert question.subject == "a-rule"
    assert "transformers 2.4.0 does not have; it was kept. Run: make fidelity" in question.message
    assert question.message.index("make fidelity") < question.message.index("limit its versions")


def test_a_refusal_of_which_everything_failed_is_proved() -> None:
    assert [*questions(schema(), record(12, 12))] == []


def test_a_refusal_of_which_something_ran_is_wrong() -> None:
    [question] = questions(schema(), record(12, 5))
    assert "Of 12 combinations that it alone refuses 7 ran" in question.message


def test_fidelity_does_not_run_what_is_only_ignored() -> None:
    [question] = questions(schema("dormant"), record(0, 0, schema("dormant")))
    assert "Read what took its place" in question.message
