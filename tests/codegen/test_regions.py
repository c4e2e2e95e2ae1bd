"""codegen.model.regions: sets of numbers, and what a condition in the source says about one."""

import ast
import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.model import conditions
from codegen.model.conditions import Name
from codegen.model.regions import EVERYTHING, NOTHING, Extent, Region, extent, of_bounds
from codegen.model.types import Bound
from codegen.upstream.reader import Reader
from tests.codegen import strategies

PROBES = [-100.0, -5, -2, -1.5, -1, -0.5, -0.25, 0, 0.25, 0.5, 0.75, 0.9, 1, 1.5, 2, 2.75, 3, 5, 100.0]

# A region and the plain Python predicate that it has to agree with.
Pair = tuple[Region, Callable[[float], bool]]


def _of_bound(bound: Bound) -> Pair:
    return of_bounds([bound]), bound.holds


def _combined(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: (p[0][0] & p[1][0], lambda x: p[0][1](x) and p[1][1](x))),
        st.tuples(inner, inner).map(lambda p: (p[0][0] | p[1][0], lambda x: p[0][1](x) or p[1][1](x))),
        inner.map(lambda p: (~p[0], lambda x: not p[1](x))),
    )


pairs: st.SearchStrategy[Pair] = st.recursive(strategies.bounds.map(_of_bound), _combined, max_leaves=6)


@given(pairs)
def test_regions_agree_with_plain_predicates(pair: Pair) -> None:
    region, holds = pair
    assert [probe in region for probe in PROBES] == [holds(probe) for probe in PROBES]


@given(pairs, pairs)
def test_one_region_lies_in_another_when_none_of_its_numbers_is_outside(one: Pair, other: Pair) -> None:
    if one[0] <= other[0]:
        assert all(probe in other[0] for probe in PROBES if probe in one[0])
    else:
        assert (one[0] & ~other[0]).spans


@given(st.lists(strategies.bounds, max_size=4))
def test_a_range_gives_its_bounds_back(bounds: list[Bound]) -> None:
    region = of_bounds(bounds)
    found = region.bounds()
    if found is None:
        assert region == NOTHING
    else:
        assert of_bounds(found) == region


@pytest.mark.parametrize(
    ("region", "bounds"),
    [
        (EVERYTHING, ()),
        (NOTHING, None),
        (of_bounds([Bound(">", 0), Bound("<=", 1)]), (Bound(">", 0), Bound("<=", 1))),
        (~of_bounds([Bound(">", 0), Bound("<=", 1)]), None),  # a gap
        (of_bounds([Bound(">=", 0.5)]), (Bound(">=", 0.5),)),
        (of_bounds([Bound("<", 1.0)]), (Bound("<", 1),)),
    ],
)
def test_bounds_of_a_region(region: Region, bounds: tuple[Bound, ...] | None) -> None:
    assert region.bounds() == bounds


# Conditions, as text. The value is x; p and q are unknown; isinstance is decided for a number.
constants = st.sampled_from(["-2", "-1", "0", "0.0", "0.5", "1", "1.0", "2", "2**1", "3"])
comparisons = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
known = st.one_of(
    st.builds("x {} {}".format, comparisons, constants),
    st.builds("{} {} x".format, constants, comparisons),
    st.builds("{} {} x {} {}".format, constants, comparisons, comparisons, constants),
    st.sampled_from(
        [
            "x is None",
            "x is not None",
            "isinstance(x, float)",
            "isinstance(x, (int, float))",
            "isinstance(x, str)",
            "isinstance(x, torch.Tensor)",
            "True",
            "False",
        ]
    ),
)
unknown = st.sampled_from(
    ["p", "q()", "p and q()", "len(p) > 2", "x % 2 == 0", "x < p", "check(x)", "x in p"]
)


def _conditions(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            inner.map("not ({})".format),
            st.builds("({}) and ({})".format, inner, inner),
            st.builds("({}) or ({})".format, inner, inner),
            st.builds("({}) or ({}) or ({})".format, inner, inner, inner),
        ),
        max_leaves=5,
    )


def _x(node: ast.expr) -> Name | None:
    return Name("x") if isinstance(node, ast.Name) and node.id == "x" else None


def _extent(condition: str) -> Extent:
    return extent(Reader(_x).test(ast.parse(condition, mode="eval").body), "x")


class _Anything:
    """Represents what the condition is not about; every comparison with it goes one way."""

    def __init__(self, answer: bool) -> None:
        self.answer = answer

    def __bool__(self) -> bool:
        return self.answer

    def __call__(self, *_: object) -> "_Anything":
        return self

    def __len__(self) -> int:
        return 3 if self.answer else 1

    def __contains__(self, _: object) -> bool:
        return self.answer

    def __gt__(self, _: object) -> bool:  # x < p is evaluated by p
        return self.answer


def _evaluated(condition: str, x: float, p: bool, q: bool) -> bool:
    def is_instance(_: object, kinds: object) -> bool:
        names = kinds if isinstance(kinds, tuple) else (kinds,)
        return bool({"int", "float"} & set(names))

    scope = {
        "__builtins__": {},
        "isinstance": is_instance,
        "len": len,
        "int": "int",
        "float": "float",
        "str": "str",
        "torch": type("torch", (), {"Tensor": "Tensor"}),
        "check": lambda value: _Anything(p != (value > 1)),
        "p": _Anything(p),
        "q": _Anything(q),
    }
    return bool(eval(condition, scope, {"x": x}))


@given(_conditions(known))
def test_what_is_understood_is_exact(condition: str) -> None:
    found = _extent(condition)
    meant = [_evaluated(condition, probe, False, False) for probe in PROBES]
    assert found.is_exact
    assert [probe in found.surely for probe in PROBES] == meant


@given(_conditions(known | unknown))
def test_conditions_not_understood_are_within_their_bounds(condition: str) -> None:
    found = _extent(condition)
    for p, q in itertools.product((False, True), repeat=2):
        for probe in PROBES:
            holds = _evaluated(condition, probe, p, q)
            assert holds or probe not in found.surely
            assert not holds or probe in found.possibly


@pytest.mark.parametrize(
    ("condition", "is_exact", "names"),
    [
        ("x % 2 == 0", False, ("x",)),
        ("check(x)", False, ("x",)),
        ("x < p", False, ("x",)),
        ("x in (1, 2)", False, ("x",)),
        ("isinstance(x, Decimal)", False, ("x",)),
        ("x > 0 and x.is_integer()", False, ("x",)),
        ("abs(x) > 1", False, ("x",)),
        ("p < 1", False, ()),
        ("x > 0 and p", False, ("x",)),
        ("not x <= 0", True, ("x",)),
        ("x", True, ("x",)),
        ("x if x > 1 else 0", True, ("x",)),
        ("(x or 1) > 2", True, ("x",)),
        ("(2 if x is None else x) > 2", True, ("x",)),
    ],
)
def test_a_condition_not_understood_still_names_its_parameters(
    condition: str, is_exact: bool, names: tuple[str, ...]
) -> None:
    assert _extent(condition).is_exact is is_exact
    assert conditions.names(Reader(_x).test(ast.parse(condition, mode="eval").body)) == names
