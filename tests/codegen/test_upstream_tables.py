"""codegen.upstream.tables: numbers, texts and tables that are written down in the source."""

import ast

import pytest

from codegen.upstream.tables import class_constants, constants, folded, number, rows
from tests.codegen.fake_source import module

SOURCE = module(
    """
    TABLE = ("low", "high")
    MORE = TABLE + ("never",)
    LIST = ["a"] + ["b"]
    PAIRS = {"a": 1, "b": 2}
    POWER = 2**24
    IS_BAD = lambda value: value < 0
    LATER = FIRST
    FIRST = 3
    COMPUTED = tuple(names())
    CYCLE = CYCLE + ("a",)
    ONE, OTHER = 1, 2
    TWICE = ("a",)
    if something:
        TWICE = ("a", "b")
        ONCE = 1

    class Config:
        kept = ("a",)
        changed = 1
        field: int = 0

        def __init__(self):
            self.changed = 2
            self.other = self.kept
    """
)


def _read(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def test_the_constants_of_a_module() -> None:
    found = {name: ast.unparse(value.expression) for name, value in constants(SOURCE).items()}
    assert found == {
        "TABLE": "('low', 'high')",
        "MORE": "('low', 'high', 'never')",
        "LIST": "['a', 'b']",
        "PAIRS": "{'a': 1, 'b': 2}",
        "POWER": "16777216",
        "IS_BAD": "lambda value: value < 0",
        "LATER": "3",
        "FIRST": "3",
        "ONCE": "1",
    }


def test_the_constants_of_a_class() -> None:
    assert class_constants(SOURCE, "Config").keys() == {"self.kept"}
    assert class_constants(SOURCE, "Nowhere") == {}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("2**3", "8"),
        ("2**100000000", "2 ** 100000000"),  # not worked out: it would take forever
        ("10**20**20", f"10 ** {20**20}"),
        ("('a',) + (b,)", "('a', b)"),
        ("['a'] + ('b',)", "['a'] + ('b',)"),
        ("tuple(['a', b])", "('a', b)"),
        ("frozenset({'a'})", "('a',)"),
        ("tuple(names())", "tuple(names())"),
        ("len([a, b])", "2"),
        ("len([*a])", "len([*a])"),
        ("x in {True, False, 'never'}", "x in (True, False, 'never')"),
        ("{'a': x}['a']", "x"),
        ("{'a': x, **more}['a']", "{'a': x, **more}['a']"),
        ("{'a': x}['b']", "{'a': x}['b']"),
        ("{'a': x, 'a': y}['a']", "y"),
        ("{'a': x}.get('b', 1)", "1"),
        ("{'a': x}.get('b')", "None"),
        ("(a, b)[1]", "b"),
        ("(a, b)[2]", "(a, b)[2]"),
        ("(*a, b)[1]", "(*a, b)[1]"),
    ],
)
def test_what_is_written_down_is_worked_out(text: str, left: str) -> None:
    assert ast.unparse(folded(_read(text))) == left


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("('a', b)", ["'a'", "b"]),
        ("()", []),
        ("{'a': 1, 'b': x}", ["'a'", "'b'"]),
        ("{'a': 1, 'b': x}.keys()", ["'a'", "'b'"]),
        ("{'a': 1, 'b': x}.values()", ["1", "x"]),
        ("{'a': 1, 'b': x}.items()", ["('a', 1)", "('b', x)"]),
        ("enumerate(['a', x])", ["(0, 'a')", "(1, x)"]),
        ("zip(['a', 'b'], (x, y))", ["('a', x)", "('b', y)"]),
        ("range(3)", ["0", "1", "2"]),
        ("range(1000000000000)", None),
        (f"({'1, ' * 100})", None),
        ("{**a}", None),
        ("(*a,)", None),
        ("zip(['a'], names)", None),
        ("names", None),
        ("names()", None),
    ],
)
def test_what_a_loop_iterates_over(text: str, found: list[str] | None) -> None:
    table = rows(_read(text))
    assert (None if table is None else [ast.unparse(row) for row in table]) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-1", -1),
        ("--0.5", 0.5),
        ("2**24", 2**24),
        ("-(2**3)", -8),
        ("True", None),
        ("'1'", None),
        ("x", None),
        ("2**0.5", None),
        ("2**-1", None),
        ("2**100000000", None),
        ("1 + 1", None),
    ],
)
def test_which_expressions_are_numbers(text: str, value: float | None) -> None:
    found = number(_read(text))
    assert (type(found), found) == (type(value), value)
