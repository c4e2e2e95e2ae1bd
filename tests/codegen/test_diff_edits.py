"""codegen.diff.edits: the edits between two forms of one definition, a row for each case."""

import ast
from textwrap import dedent, indent

import pytest

from codegen.diff.edits import Edit, edits
from codegen.diff.renames import applied
from codegen.upstream.symbols import Definition, digest


def _definition(body: str) -> Definition:
    [found] = ast.parse("def f(a, b=1):\n" + indent(dedent(body).strip(), "    ")).body
    assert isinstance(found, ast.FunctionDef)
    return found


def _between(old: str, new: str) -> tuple[Edit, ...]:
    return edits(_definition(old), _definition(new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("x = a", "# why\nx = (a)", []),
        ("'Words.'\nx = a", "'Others.'\nx = a", []),
        ("x = a < 1", "x = a <= 1", ["a comparison < became <="]),
        ("x = a is b", "x = a is not b", ["a comparison is became is not"]),
        ("x = a and b", "x = a or b", ["an operator and became or"]),
        ("x = a + 1.5e-05", "x = a + 1e-05", ["a number 1.5e-05 became 1e-05"]),
        ("x = a.one", "x = a.other", ["an attribute .one became .other"]),
        ("x = None", "x = False", ["a value None became False"]),
        ("x = 'eager'", "x = 'lazy'", ["a text 'eager' became 'lazy'"]),
        ("raise E('one of two')", "raise E('one of the three')", ["a text changed"]),
        ("x = g(a)", "x = g(a, key=b)", ["key=b was added"]),
        ("x = g(a) + b", "x = g(a)", ["+ b was dropped"]),
        ("x = a", "x = g(a)", ["an assignment changed"]),  # half of a call says nothing
        ("x = g(a[0], b)", "x = {k: w for k, w in a}", ["an assignment changed"]),
        ("x = a", "x = a\nif b:\n    return\n", ["a condition was added"]),
        ("x = a\nreturn x", "return x", ["an assignment was dropped"]),
        ("x = a", "return a", ["an assignment was dropped", "a return was added"]),
        ("x = a\ny = b\nreturn x", "y = b\nx = a\nreturn x", ["an assignment moved"]),
        ("x = a\nreturn x", "if b:\n    x = a\nreturn x", ["a condition was added", "an assignment moved"]),
        (
            "if a == 1:\n    x = 1\nelif a == 3:\n    x = 3\nelse:\n    x = 4",
            "if a == 1:\n    x = 1\nelif a == 2:\n    x = 2\nelif a == 3:\n    x = 3\nelse:\n    x = 4",
            ["a condition was added"],
        ),
        (
            "try:\n    x = a\nexcept E:\n    pass",
            "try:\n    x = a\nexcept* E:\n    pass",
            ["a function changed"],
        ),
    ],
)
def test_the_text_of_an_edit(old: str, new: str, said: list[str]) -> None:
    assert [str(edit) for edit in _between(old, new)] == said


def test_a_block_is_shown_whole_with_its_line() -> None:
    [edit] = _between("x = a", "x = a\nfor c in a:\n    if c:\n        g(c)\n")
    assert (edit.old_line, edit.new_line, edit.before) == (None, 3, "")
    assert edit.after == "for c in a:\n    if c:\n        g(c)"


def test_what_moved_has_both_lines() -> None:
    [edit] = _between("g(a)\nx = a\ny = b", "x = a\ny = b\ng(a)")
    assert (edit.old_line, edit.new_line, edit.before, edit.after) == (2, 4, "g(a)", "g(a)")


def test_a_changed_signature_is_shown() -> None:
    old, new = _definition("pass"), _definition("pass")
    assert isinstance(new, ast.FunctionDef)
    new.args.args[0].annotation = ast.parse("list[int]", mode="eval").body
    [edit] = edits(old, new)
    assert (str(edit), edit.before, edit.after) == (
        "list[int] was added",
        "def f(a, b=1):",
        "def f(a: list[int], b=1):",
    )


def test_a_copy_with_other_names_has_its_own_digest() -> None:
    old, new = _definition("return a.one"), _definition("return a.two")
    assert digest(old) != digest(new)  # it is remembered with the definition
    assert edits(applied(old, {"one": "two"}), new) == ()
