"""codegen.diff.implication: what follows from what. A wrong yes would present a new refusal as an old one."""

from collections.abc import Mapping

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from codegen.diff.implication import alternatives, follows, without
from codegen.model.condition_text import parse, text
from codegen.model.conditions import Condition, names
from codegen.model.values import PlainValue
from tests.codegen import strategies
from tests.codegen.test_conditions import generated


def _follows(condition: Condition, given_one: Condition) -> bool:
    ways = alternatives(given_one)
    return ways is not None and all(follows(condition, facts) for facts in ways)


@pytest.mark.parametrize(
    ("given_one", "condition", "expected"),
    [
        ("a and b", "a", True),
        ("a", "a and b", False),
        ("a", "a or b", True),
        ("a or b", "a", False),
        ("a or b", "b or a or c", True),
        ("a and (b or c)", "a and b or a and c", True),
        ("n == 1", "n != 2", True),
        ("n == 1", "n < 2 and n is not None", True),
        ("n == 1", "n > 1", False),
        ("flag == 1", "flag is not True", False),
        ("flag == 1 and flag is True", "a", False),
        ("n is not True and n in (1, 2)", "n is not True and n in (1, 2)", True),
        ("n in (1, 2)", "n in (1, 2, 3)", True),
        ("n in (1, 2)", "n == 1", False),
        ("n > 1", "n is not None", True),
        ("n > 1", "m is not None", False),
        ("not (n > 1)", "n is not None", False),
        ("a is True", "a is not False", True),
        ("a is not False", "a is True", False),
        ("a is None", "not a", True),
        ("a and not a", "b", True),
        ("False", "a", True),
        ("True", "a", False),
        (" and ".join(f"(a{n} or b{n})" for n in range(12)), "a0 or b0", False),
    ],
)
def test_what_follows(given_one: str, condition: str, expected: bool) -> None:
    assert _follows(parse(condition), parse(given_one)) is expected


@given(strategies.conditions, strategies.conditions, strategies.assignments)
def test_a_yes_is_never_wrong(one: Condition, other: Condition, assignment: Mapping[str, PlainValue]) -> None:
    assume(generated(one).holds(assignment))
    assert not _follows(other, one) or generated(other).holds(assignment)


@given(strategies.conditions)
@example(parse("config.depth == 'x' and 0 < config.depth"))  # orders a text and a number
@example(parse("subset(ids, ids) and (not n or ids is not None)"))  # what has tokens is not None
def test_a_condition_follows_from_itself(condition: Condition) -> None:
    assume(alternatives(condition) is not None)
    assert _follows(condition, condition)


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ('kind == "paged"', "False"),
        ('kind != "paged"', "True"),
        ('a and kind != "paged"', "a"),
        ('not (kind == "paged" or a)', "not a"),
        ('kind in ("paged", "fixed")', "kind in ('fixed',)"),
        ('kind in ("paged",)', "False"),
        ('kind not in ("paged",)', "True"),
        ('kind == "fixed"', "kind == 'fixed'"),
        ('other == "paged"', "other == 'paged'"),
    ],
)
def test_a_value_that_cannot_be(condition: str, left: str) -> None:
    assert text(without(parse(condition), lambda path, value: (path, value) == ("kind", "paged"))) == left


@given(strategies.conditions, strategies.assignments, st.data())
def test_without_a_value_nothing_else_changes(
    condition: Condition, assignment: Mapping[str, PlainValue], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(names(condition) or ("a",)))
    refused = data.draw(strategies.assignments)[path] if path in assignment else None
    assume(assignment.get(path) != refused)
    left = without(condition, lambda name, value: name == path and value == refused)
    assert generated(left).holds(assignment) == generated(condition).holds(assignment)


@pytest.mark.parametrize(
    ("condition", "left"),
    [("a is None and b", "False"), ("a is not None and b", "b"), ("b is None", "b is None")],
)
def test_a_none_that_cannot_be(condition: str, left: str) -> None:
    assert text(without(parse(condition), lambda path, value: (path, value) == ("a", None))) == left
