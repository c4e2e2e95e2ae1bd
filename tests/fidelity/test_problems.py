"""Problems have the same cause however often they are met, and with whatever numbers; tightenings that are
no longer needed are among them."""

from typing import Any

import pytest

from tests.fidelity import judging, outside, tightenings
from tests.fidelity.oracle import Outcome
from tests.fidelity.problems import Problem, failure, normal
from tests.fidelity.reports import Refusals, Report
from tests.fidelity.schema import Schema


@pytest.mark.parametrize(
    ("message", "cause"),
    [
        ("ValueError: top_k is 5\nand more", "ValueError: top_k is #"),
        ("size [1, 2, 3] at 0x7f3a", "size [#] at #"),
        ("'PagedAttentionCache' object has no attribute 'get_seq_length'",) * 2,
        (
            "index 97 is out of bounds for int64 with size 48",
            "index # is out of bounds for int64 with size #",
        ),
        ("-1.5e-3 is not", "# is not"),
        ("", ""),
    ],
)
def test_what_differs_from_case_to_case_is_not_part_of_a_cause(message: str, cause: str) -> None:
    assert normal(message) == cause


def test_a_failure_is_what_was_raised_and_where() -> None:
    outcome = Outcome((), "ValueError: 3 beams", "generation/utils.py::GenerationMixin.generate")
    assert failure(outcome) == "ValueError: # beams (generation/utils.py::GenerationMixin.generate)"


def test_500_cases_with_one_cause_are_one_problem_with_the_smallest_example() -> None:
    total, other = Report(), Report()
    for number in range(250):
        total.found(Problem(kind="unsound", what="ValueError", model="Bart", example=f"case {900 + number}"))
        other.found(Problem(kind="unsound", what="ValueError", model="Bart", example=f"case {number}"))
    other.found(Problem(kind="unsound", what="ValueError", model="Llama"))
    total.add(other)
    first, second = total.problems
    assert (first.cause, first.count, first.example) == ("unsound: ValueError, with Bart", 500, "case 0")
    assert (second.cause, second.count) == ("unsound: ValueError, with Llama", 1)


def test_refusals_are_counted_over_jobs() -> None:
    total, other = Report(), Report()
    total.refused("one", failed=True)
    other.refused("one", failed=False)
    total.add(other)
    assert total.refusals == {"one": Refusals(tried=2, failed=1)}


def _seen(behaviour: str, reason: str = "r") -> dict[str, dict[str, str]]:
    return {"top_p: <= 1": {"reason": reason, "behaviour": behaviour}}


@pytest.mark.parametrize(
    ("before", "now", "is_stale"),
    [
        (_seen("same"), _seen("same"), False),
        (_seen("same"), _seen("effect"), True),
        (_seen("fails"), _seen("effect"), True),
        (_seen("fails"), _seen("same"), False),
        (_seen("effect"), _seen("effect"), False),
        (_seen("same", "another reason"), _seen("effect"), False),
        ({}, _seen("effect"), False),
        (_seen("same"), {}, False),
    ],
)
def test_a_tightening_is_stale_where_what_it_refuses_begins_to_work(
    before: Any, now: Any, is_stale: bool
) -> None:
    assert bool(list(tightenings.stale(now, before))) == is_stale
    assert tightenings.kept(now, before) == (before if is_stale else now)


def test_what_speaks_for_a_tightening_counts_most(schema: Schema) -> None:
    beyond: Any = {"top_p: <= 1": ["effect", "same"], "max_time: >= 0": ["effect", "effect"]}
    declared = next(rule.id for rule in schema.config.rules if rule.tightening)
    refusals = {"greedy-returns-one": Refusals(5, 5), declared: Refusals(9, 1)}
    found = tightenings.behaviours(schema, beyond, refusals)
    assert {name: each["behaviour"] for name, each in found.items()} == {
        "top_p: <= 1": "same",
        "max_time: >= 0": "effect",
        declared: "fails",  # the other rule is no tightening
    }


def test_what_a_user_asked_for_is_never_stale(schema: Schema) -> None:
    names = {name.partition(":")[0].partition(".")[0] for name in tightenings.own_tightenings(schema)}
    assert not names & tightenings.ASKED_FOR
    assert schema.params.keys() >= tightenings.ASKED_FOR


def test_the_class_wide_tightenings_are_known_by_the_words_that_the_overrides_use(schema: Schema) -> None:
    declared = {each["what"] for each in schema.lock["class_tightenings"]}
    assert declared >= {*outside.CLASS_WIDE.values(), judging.MODELS_OWN}
