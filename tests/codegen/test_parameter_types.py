"""codegen.model.types, type_text and type_paths: the algebra, its two notations, its bounds."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.model.regions import of_bounds
from codegen.model.type_paths import changed_at, leaves, steps
from codegen.model.type_text import UnreadableTypeError, parse, text
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
    admits,
    union,
    with_bound,
)
from tests.codegen import strategies

BOOL, INT, FLOAT, STR = (Scalar(kind) for kind in ("bool", "int", "float", "str"))
NUMBERS = st.one_of(st.integers(-9, 9), st.floats(-9, 9))


@given(strategies.written_types, st.booleans())
def test_what_is_written_reads_back(type_: Type, takes_none: bool) -> None:
    read, none = parse(text(type_, takes_none=takes_none))
    assert repr((read, none)) == repr((type_, takes_none))  # repr tells 1 from True, == does not


@pytest.mark.parametrize(
    ("written", "type_", "takes_none"),
    [
        ("`int`", INT, False),
        ("`int", INT, False),
        ("int`", INT, False),
        ("`Optional[int]`", INT, True),
        ("Optional[Union[int, str]]", Union((INT, STR)), True),
        ("bool or str", Union((BOOL, STR)), False),
        ("`bool` or `str`", Union((BOOL, STR)), False),
        ("`str or list[str]`", Union((STR, ListOf(STR))), False),
        ("int or None", INT, True),
        ("None | int", INT, True),
        ("Union[int, list[int]]", Union((INT, ListOf(INT))), False),
        ("Union[bool, str, None]", Union((BOOL, STR)), True),
        ("tuple(int, float)", TupleOf((INT, FLOAT)), False),
        ("list(int)", ListOf(INT), False),
        ("`List[List[int]]`", ListOf(ListOf(INT)), False),
        ("tuple[int, ...]", ListOf(INT), False),
        ("dict[tuple[int], float]", MapOf(ListOf(INT), FLOAT), False),
        ("Dict[str, int]", MapOf(STR, INT), False),
        ("Sequence[str]", ListOf(STR), False),
        ("'int | None'", INT, True),
        ('Literal["low", "high"] | list[int]', Union((Choice(("low", "high")), ListOf(INT))), False),
        ("Literal['one or two', 'a`b']", Choice(("one or two", "a`b")), False),
        ("Literal['a'] | int | Literal['b']", Union((INT, Choice(("a", "b")))), False),
        ("int | int", INT, False),
        ("CompileConfig", Nested("CompileConfig"), False),
        ("dict", Opaque("dict"), False),
        ("Callable[[int], str]", Opaque("Callable"), False),
        ("torch.dtype", Opaque("torch.dtype"), False),
        ("int:", INT, False),
        ("None", None, True),
    ],
)
def test_every_spelling_of_a_type_is_read(written: str, type_: Type | None, takes_none: bool) -> None:
    assert parse(written) == (type_, takes_none)


def test_a_type_that_is_only_none_is_written_once() -> None:
    assert text(NoData()) == "None"
    assert text(NoData(), takes_none=True) == "None"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "int |",
        "a sentence about it",
        "int, optional",
        "list[int",
        "tuple[int, None]",
        "list[int | None]",
        "open('canary', 'w')",
        "1",
        "'int |'",
        "Literal[open]",
        "Literal[[1]]",
        "Literal[1.5]",
        "Literal[None]",
        "in\x00t",
        "(" * 5000,
        "list[" * 5000 + "int" + "]" * 5000,
        " | ".join(["int"] * 50_000),
        "-" * 50_000 + "1",
    ],
    ids=lambda written: f"{written[:24]!r}",
)
def test_text_that_is_not_a_type_is_refused(written: str) -> None:
    with pytest.raises(UnreadableTypeError):
        parse(written)


def test_a_million_blanks_cost_no_time() -> None:
    assert parse("int" + " " * 1_000_000 + "| None") == (INT, True)


@given(strategies.bounds, strategies.bounds)
def test_one_bound_implies_another_when_its_numbers_are_among_those_of_the_other(
    one: Bound, other: Bound
) -> None:
    assert one.implies(other) == (of_bounds([one]) <= of_bounds([other]))


@given(st.sampled_from([INT, FLOAT]), st.lists(strategies.bounds, max_size=5), NUMBERS)
def test_bounds_add_up(type_: Scalar, bounds: list[Bound], value: float) -> None:
    narrowed: Type = type_
    for bound in bounds:
        result = with_bound(narrowed, bound)
        assert result is not None
        narrowed = result
    assert admits(narrowed, value) == (admits(type_, value) and all(bound.holds(value) for bound in bounds))
    assert isinstance(narrowed, Scalar)
    assert len(narrowed.bounds) <= 2  # the tighter one is kept for each side


@pytest.mark.parametrize(
    ("bound", "whole"),
    [
        (Bound(">", 0.5), Bound(">=", 1)),
        (Bound(">=", -0.5), Bound(">=", 0)),
        (Bound("<", 0.5), Bound("<=", 0)),
        (Bound("<=", -0.5), Bound("<=", -1)),
        (Bound(">", 2.0), Bound(">", 2)),
    ],
)
def test_whole_numbers_have_whole_bounds(bound: Bound, whole: Bound) -> None:
    assert repr(with_bound(INT, bound)) == repr(Scalar("int", (whole,)))
    assert with_bound(FLOAT, bound) == Scalar("float", (bound,))


@pytest.mark.parametrize("type_", [BOOL, STR, Choice((1, 2)), ListOf(INT), Nested("AConfig")])
def test_only_numbers_have_bounds(type_: Type) -> None:
    assert with_bound(type_, Bound(">", 0)) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", ()),
        ("[0]", ("[0]",)),
        ("[][]", ("[]", "[]")),
        ("keys[]", ("keys", "[]")),
        ("[].values", ("[]", "values")),
        ("values", ("values",)),
    ],
)
def test_a_path_has_steps(path: str, expected: tuple[str, ...]) -> None:
    assert steps(path) == expected


@pytest.mark.parametrize("path", ["0", "[", "[a]", "[-1]", "key", "keys!", "[] []", "x[]"])
def test_text_that_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not a path into a type"):
        steps(path)


@given(strategies.data_types)
def test_every_leaf_is_reached_by_its_path(type_: Type) -> None:
    for path, leaf in leaves(type_):
        marked = changed_at(type_, steps(path), partial(_swapped, leaf, NoData()))
        assert marked is not None
        assert NoData() in [each for _, each in leaves(marked)]


def _swapped(old: Type, new: Type, part: Type) -> Type | None:
    return new if part == old else None


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        (INT, "", Scalar("int", (Bound(">", 0),))),
        (Union((INT, STR)), "", Union((Scalar("int", (Bound(">", 0),)), STR))),
        (Union((INT, ListOf(INT))), "[]", Union((INT, ListOf(Scalar("int", (Bound(">", 0),)))))),
        (TupleOf((INT, FLOAT)), "[1]", TupleOf((INT, Scalar("float", (Bound(">", 0),))))),
        (TupleOf((INT, FLOAT)), "[2]", None),
        (TupleOf((INT, FLOAT)), "[]", None),
        (MapOf(ListOf(INT), STR), "keys[]", MapOf(ListOf(Scalar("int", (Bound(">", 0),))), STR)),
        (MapOf(STR, FLOAT), "values", MapOf(STR, Scalar("float", (Bound(">", 0),)))),
        (ListOf(INT), "", None),
        (ListOf(INT), "[0]", None),
        (INT, "[]", None),
        (STR, "", None),
    ],
)
def test_a_change_at_a_path(type_: Type, path: str, expected: Type | None) -> None:
    assert changed_at(type_, steps(path), lambda part: with_bound(part, Bound(">", 0))) == expected


@pytest.mark.parametrize(
    ("type_", "value", "admitted"),
    [
        (BOOL, True, True),
        (BOOL, 1, False),
        (INT, True, False),
        (INT, 2, True),
        (INT, 2.0, False),
        (FLOAT, 2, True),
        (FLOAT, True, False),
        (FLOAT, "2", False),
        (STR, "", True),
        (Scalar("str", (Bound(">=", 1),)), "", False),
        (Choice((1,)), True, False),
        (Choice((True,)), 1, False),
        (Choice(("a",)), "a", True),
        (ListOf(INT), (), True),
        (ListOf(INT, min_length=1), (), False),
        (ListOf(INT), [1], False),
        (TupleOf((INT, FLOAT)), (1, 2.5), True),
        (TupleOf((INT, FLOAT)), (1,), False),
        (TupleOf((INT, FLOAT)), (1.5, 2.5), False),
        (MapOf(STR, INT), {"a": 1}, True),
        (MapOf(STR, INT), {"a": "b"}, False),
        (MapOf(STR, INT, min_length=1), {}, False),
        (MapOf(ListOf(INT), FLOAT), (((5, 6), -2.0),), True),
        (MapOf(ListOf(INT), FLOAT), {"5": -2.0}, False),
        (MapOf(ListOf(INT), FLOAT), ((5, 6, -2.0),), False),
        (Nested("AConfig"), {}, True),
        (Nested("AConfig"), (), False),
        (Union((INT, STR)), "a", True),
        (Union((INT, STR)), 1.5, False),
        (INT, None, False),
    ],
)
def test_which_values_are_of_a_type(type_: Type, value: object, admitted: bool) -> None:
    assert admits(type_, value) is admitted  # type: ignore[arg-type]


def test_a_union_is_flat_and_without_duplicates() -> None:
    assert union(INT, union(STR, INT), STR) == Union((INT, STR))
    assert union(union(INT, INT)) == INT
    assert repr(union(Choice((1,)), Choice((True, "a")))) == repr(Choice((1, True, "a")))
