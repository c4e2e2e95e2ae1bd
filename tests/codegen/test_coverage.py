"""codegen.review.coverage: what counts as typed, described, bounded and testable."""

from dataclasses import replace

import pytest

from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Union,
)
from codegen.review import coverage
from codegen.review.coverage import Coverage, Covered
from tests.codegen.small_schema import SCHEMA, param

INT, FLOAT, STR, BOOL = (Scalar(kind) for kind in ("int", "float", "str", "bool"))
POSITIVE = Scalar("int", (Bound(">", 0),))


def _row(type_: Type, **parts: object) -> Covered:
    [row] = coverage.measure(replace(SCHEMA, params=(param("a", type_, **parts),))).rows  # type: ignore[arg-type]
    return row


@pytest.mark.parametrize(
    ("type_", "bounded"),
    [
        (BOOL, True),
        (Choice(("a",)), True),
        (Nested("AConfig"), True),
        (NoData(), True),
        (POSITIVE, True),
        (Scalar("str", (Bound(">=", 1),)), True),
        (INT, False),
        (FLOAT, False),
        (STR, False),
        (ListOf(POSITIVE), True),
        (ListOf(INT), False),
        (TupleOf((POSITIVE, FLOAT)), False),
        (MapOf(ListOf(POSITIVE), POSITIVE), True),
        (MapOf(STR, POSITIVE), False),
        (Union((POSITIVE, INT)), False),
        (Union((BOOL, Choice(("a",)))), True),
    ],
)
def test_every_number_and_text_inside_needs_a_bound(type_: Type, bounded: bool) -> None:
    assert _row(type_).bounded is bounded
    assert _row(type_, unbounded_reason="A person said why.").bounded


def test_what_a_complete_parameter_has() -> None:
    assert _row(POSITIVE).complete
    assert not _row(POSITIVE, described=False).complete
    assert not _row(Opaque("dict")).typed
    assert not _row(Nested("UnknownConfig")).tested  # no values could be made
    assert _row(NoData()).tested  # only None can be
    broken = replace(param("a", POSITIVE), test_values=(0,))
    assert not coverage.measure(replace(SCHEMA, params=(broken,))).rows[0].tested


def _coverage(*rows: tuple[str, bool]) -> Coverage:
    return Coverage(
        "transformers 2.3.0",
        tuple(
            Covered(name=str(at), role=role, typed=whole, described=True, bounded=True, tested=True)
            for at, (role, whole) in enumerate(rows)
        ),
    )


@pytest.mark.parametrize(
    ("rows", "percent", "enough"),
    [
        ([("length", True)] * 19 + [("cache", False)], 95.0, True),
        ([("length", True)] * 18 + [("cache", False)], 100 * 18 / 19, False),
        ([("length", True)] + [("none", False)] * 9, 100.0, True),  # those that change nothing do not count
        ([("length", True), (coverage.NO_ROLE, False)], 50.0, False),  # those that nobody judged do
        ([], 100.0, True),
    ],
)
def test_the_percentage_is_of_those_that_change_the_work(
    rows: list[tuple[str, bool]], percent: float, enough: bool
) -> None:
    found = _coverage(*rows)
    assert found.percent == pytest.approx(percent)
    assert found.enough is enough


def test_the_table_counts_by_role() -> None:
    text = coverage.table(_coverage(("length", True), ("length", False), ("none", True)))
    assert [line.split() for line in text.splitlines()[:4]] == [
        ["role", "parameters", "typed", "described", "bounded", "test", "values", "covered"],
        ["length", "2", "1", "2", "2", "2", "1"],
        ["none", "1", "1", "1", "1", "1", "1"],
        ["all", "3", "2", "3", "3", "3", "2"],
    ]
    assert (
        "transformers 2.3.0: 50.0 % of the energy-impactful parameters are covered (1 of 2; at least 95 %"
        in text
    )
    assert "\n  1: not typed\n" in text
    assert text.endswith("were not executed here; they are counted as they are.")
