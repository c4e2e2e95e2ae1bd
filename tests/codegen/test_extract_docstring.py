"""codegen.engines.transformers.docstring: the irregular entries of upstream's ``Args``."""

import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codegen.engines.transformers import docstring
from codegen.model.types import Choice

Row = tuple[str, str | None, tuple[str, ...] | None]


def _read(entries: str) -> list[Row]:
    text = "What it is.\n\nArgs:\n" + textwrap.indent(textwrap.dedent(entries).strip("\n"), "    ")
    return [
        (entry.name, entry.type, entry.choices.values if entry.choices else None)  # type: ignore[misc]
        for entry in docstring.read(text).values()
    ]


@pytest.mark.parametrize(
    ("entry", "row"),
    [
        ("a (`int`, *optional*, defaults to 20):", ("a", "`int`", None)),
        ("a (`int`):", ("a", "`int`", None)),
        ("a(`int`, *optional*):", ("a", "`int`", None)),
        ("a: (`bool`, *optional*):", ("a", "`bool`", None)),
        ("a:(`bool`):", ("a", "`bool`", None)),
        ("a  (`int`, *optional*):", ("a", "`int`", None)),
        ("a (`int`)  :", ("a", "`int`", None)),
        ("a (`int`, *optional*)):", ("a", "`int`", None)),
        ("a (`int`)):", ("a", "`int`", None)),
        ("a (int, *optional*):", ("a", "int", None)),
        ("a (`int, *optional*):", ("a", "`int", None)),
        ("a (`tuple(int, float)`, *optional*):", ("a", "`tuple(int, float)`", None)),
        ("a (`dict[tuple[int], float]`, *optional*):", ("a", "`dict[tuple[int], float]`", None)),
        ("a (`list[list[int]]` or `int`, *optional*):", ("a", "`list[list[int]]` or `int`", None)),
        ("a (`Union[int, list[int]]`, *optional*): Says it at once.", ("a", "`Union[int, list[int]]`", None)),
        ("a (`bool` or `str`, *optional*, defaults to `False`):", ("a", "`bool` or `str`", None)),
        ("a (`str`, *optional*, defaults to `\"(x\"`):", ("a", "`str`", None)),
        ("a:", ("a", None, None)),
        ("a (`int`):\n    Accepted values are [1, 2]", ("a", "`int`", ("1", "2"))),
        ("a (`str`):\n    One of:\n    - `\"low\"`: less\n    - `\"high\"`: more", ("a", "`str`", ("low", "high"))),
        ("a (`str`):\n    - `\"low\"`\n    - `\"low\"` again", ("a", "`str`", ("low",))),
        ("a (`str`):\n    accepted values are [`low`, `high`]", ("a", "`str`", ("low", "high"))),
        ("a (`str`):\n    - not a choice", ("a", "`str`", None)),
    ],
)  # fmt: skip
def test_one_entry(entry: str, row: Row) -> None:
    assert _read(entry) == [row]


@pytest.mark.parametrize(
    "heading",
    [
        "> Parameters that control the length",
        "Parameters that only matter with beams",
        "A sentence, which ends here.",
        "",
        "---",
        "(`int`): no name",
        "two words (`int`):",
        "<Tip>",
    ],
)
def test_headings_between_entries_are_passed_over(heading: str) -> None:
    assert [name for name, *_ in _read(f"a (`int`):\n    One.\n\n{heading}\n\nb (`int`):\n    Two.")] == [
        "a",
        "b",
    ]


def test_what_is_indented_deeper_belongs_to_the_entry() -> None:
    assert _read("a (`int`):\n    Like\n    b (`str`):\n    does not count.\nc (`bool`):") == [
        ("a", "`int`", None),
        ("c", "`bool`", None),
    ]


def test_args_end_where_the_indentation_ends() -> None:
    text = "Args:\n    a (`int`):\n        One.\n\nReturns:\n    b (`int`): what comes back."
    assert list(docstring.read(text)) == ["a"]


@pytest.mark.parametrize("text", [None, "", "No arguments.", "Args", "Arguments:\n    a (`int`):", "Args:"])
def test_no_args(text: str | None) -> None:
    assert docstring.read(text) == {}


def test_the_first_of_two_entries_counts() -> None:
    assert _read("a (`int`):\na (`str`):") == [("a", "`int`", None)]


def test_the_digest_tells_texts_apart_but_not_their_layout() -> None:
    def digest(text: str) -> str:
        return docstring.read(f"Args:\n{text}")["a"].digest

    first = digest("    a (`int`):\n        What it does.")
    assert digest("    a (`int`):\n        What\n        it  does.\n") == first
    assert digest("  a (`int`):\n      What it does.") == first
    assert digest("    a (`int`):\n        What it did.") != first
    assert digest("    a (`str`):\n        What it does.") != first


@given(st.text(st.characters(), max_size=200))
@example("\ud800 \x00 \u202e")  # a docstring may write these as escapes
def test_any_text_is_read(text: str) -> None:
    for documented in (text, f"Args:\n    a (`int`):\n        {text}\n", f"Args:\n    a ({text}):\n"):
        for entry in docstring.read(documented).values():
            assert entry.choices is None or isinstance(entry.choices, Choice)


@pytest.mark.parametrize(
    "line",
    [
        "a" + " " * 1_000_000 + "b",
        "a (" + " " * 1_000_000 + "x",
        "a (" + ")" * 1_000_000,
        "a (" + ") " * 500_000 + "x",
        "a (`int`): " + "accepted values are [" * 50_000,
        "a (`int`): " + "x" * 1_000_000,
        "a (`int`):\n" + "            -" * 80_000,
        "a (`int`):\n    -" + " " * 1_000_000 + "x",
        "a (`int`" + "," * 1_000_000 + "):",
    ],
    ids=lambda line: f"{line[:16]!r}",
)
def test_a_megabyte_costs_no_time(line: str) -> None:
    docstring.read(f"Args:\n    {line}\n")
