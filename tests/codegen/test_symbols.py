"""codegen.upstream.symbols: finding definitions, and digests of what they do."""

import ast
import textwrap

import pytest

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.errors import SourceError, UnknownShapeError
from codegen.model.origins import Symbol
from codegen.upstream.symbols import Module, digest, text_digest
from tests.codegen.fake_source import library, module

TEXT = """
TABLE = ("a",)
annotated: int = 3

def first():
    pass

class Outer:
    attribute = 1

    def method(self):
        # a comment
        return 2

    class Inner:
        async def deep(self):
            pass

if is_available():
    class Hidden:
        pass
else:
    def otherwise():
        pass
"""


@pytest.mark.parametrize(
    ("qualified", "line"),
    [
        ("TABLE", 2),
        ("annotated", 3),
        ("first", 5),
        ("Outer", 8),
        ("Outer.attribute", 9),
        ("Outer.method", 11),
        ("Outer.Inner.deep", 16),
        ("Hidden", 20),
        ("otherwise", 23),
    ],
)
def test_definitions_are_found(qualified: str, line: int) -> None:
    found = module(TEXT).find(qualified)
    assert found is not None
    assert found.lineno == line


@pytest.mark.parametrize("qualified", ["", "nowhere", "Outer.nowhere", "first.inside", "TABLE.a", "method"])
def test_what_is_not_there(qualified: str) -> None:
    assert module(TEXT).find(qualified) is None
    with pytest.raises(UnknownShapeError, match="there is no"):
        module(TEXT).need(qualified)


def test_a_definition_of_another_kind_is_refused() -> None:
    with pytest.raises(UnknownShapeError, match="TABLE is not a function"):
        module(TEXT).function("TABLE")
    with pytest.raises(UnknownShapeError, match="first is not a class"):
        module(TEXT).class_("first")


def test_a_place_is_shown_with_its_line() -> None:
    source = library(configuration=TEXT)
    assert source.where(Symbol(CONFIGURATION, "Outer.method"), "nothing") == f"fake/{CONFIGURATION}:11"
    assert source.where(Symbol(CONFIGURATION, "Outer.method"), "comment") == f"fake/{CONFIGURATION}:12"
    assert source.where(Symbol(CONFIGURATION, "nowhere"), "nothing") == f"fake/{CONFIGURATION}"
    assert source.find(Symbol(CONFIGURATION, "Hidden")) is not None
    assert source.find(Symbol(CONFIGURATION, "nowhere")) is None
    assert source.find(Symbol("no/such/file.py", "Outer")) is None


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(SourceError, match=r"a fake has no file transformers/nowhere\.py"):
        library().module("nowhere.py")


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "x = '",
        "x = (" + "(" * 500,
        "x = " + "-" * 100_000 + "1",
        "x = " + "+".join(["1"] * 100_000),
        "x = 1\x00",
        "\tx = 1\n  y = 2",
        "# coding: nonsense\nx = '\\N{NO SUCH NAME}'",
    ],
    ids=lambda text: f"{text[:20]!r}",
)
def test_a_file_that_is_not_python_is_an_unknown_shape(text: str) -> None:
    with pytest.raises(UnknownShapeError, match=r"transformers/a\.py") as raised:
        Module("a.py", text, "transformers")
    assert "not Python that can be parsed" in raised.value.what


def _digest(text: str) -> str:
    return digest(ast.parse(textwrap.dedent(text)).body[0])


FUNCTION = """
def f(x):
    '''What it does.'''
    return x + 1
"""


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("def f(x):\n    return x + 1", True),
        ("def f(x):\n    '''Other words.'''\n    return x + 1", True),
        ("\n\n\ndef f(x):\n    # why\n\n    return (x+1)", True),
        ("def f(x):\n    return x + 2", False),
        ("def f(x):\n    return x + 1.0", False),
        ("def f(x):\n    return x + True", False),
        ("def f(x):\n    return x - 1", False),
        ("def f(x, y):\n    return x + 1", False),
        ("def f(x=None):\n    return x + 1", False),
        ("def f(x: int):\n    return x + 1", False),
        ("def g(x):\n    return x + 1", False),
        ("async def f(x):\n    return x + 1", False),
        ("@decorated\ndef f(x):\n    return x + 1", False),
        ("def f(x):\n    'What it does.'\n    'And a second text.'\n    return x + 1", False),
    ],
)
def test_a_digest_covers_what_a_definition_does(other: str, same: bool) -> None:
    assert (_digest(other) == _digest(FUNCTION)) is same


@pytest.mark.parametrize("block", ["if a:", "for a in b:", "while a:", "with a:", "try:"])
def test_a_change_inside_of_a_block_counts(block: str) -> None:
    end = "\n    finally:\n        pass" if block == "try:" else ""
    first, second = (f"def f(a, b):\n    {block}\n        {inside}{end}" for inside in ("'text'", "'other'"))
    assert _digest(first) != _digest(second)


def test_empty_lists_do_not_hide_a_change() -> None:
    assert _digest("x = [], 1") != _digest("x = 1, []")
    assert _digest("def f(*, a): pass") != _digest("def f(a): pass")
    assert _digest("def f(a, /): pass") != _digest("def f(a): pass")


def test_the_digest_of_a_text_ignores_its_blanks() -> None:
    assert text_digest("a  b\n c") == text_digest("a b c")
    assert text_digest("a b") != text_digest("ab")
    assert text_digest("\ud800")  # a docstring may write a lone surrogate as an escape
