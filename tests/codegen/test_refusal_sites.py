"""Where a function refuses: what is raised, under which condition, and the key of each statement."""

import ast
import textwrap

import pytest

from codegen.upstream.paths import paths_to
from codegen.upstream.refusal_sites import keys, sites
from codegen.upstream.symbols import Module

SITES = {
    "always": ("raise ValueError('no')", ["ValueError"]),
    "in a branch": ("if x > 1: raise ValueError", ["ValueError if x > 1"]),
    "in the other branch": (
        "if x is None: y()\nelse: raise ValueError",
        ["ValueError if x is not None"],
    ),
    "under two tests": (
        "if x:\n if not y: raise OSError",
        ["OSError if x and (not y)"],
    ),
    "after an early exit": ("if x: return 1\nraise ValueError", ["ValueError if not x"]),
    "a local is followed": ("z = x.y\nif z is None: raise ValueError", ["ValueError if x.y is None"]),
    "a walrus is followed": ("if (z := x.y) is None: raise ValueError", ["ValueError if x.y is None"]),
    "what cannot be followed is an ellipsis": (
        "for z in x:\n if z > 1: raise ValueError",
        ["ValueError if z > 1 where x and ... > 1"],
    ),
    "an assertion": ("assert x > 1, 'no'", ["AssertionError if not x > 1"]),
    "two ways to one statement": (
        "for z in ('a', 'b'):\n if x == z: raise ValueError",
        ["ValueError if (x == 'a') or (x == 'b')"],
    ),
    "raised again": ("try: y()\nexcept ValueError: raise", ["raise if ..."]),
    "what was made before": ("e = x\nif y: raise e", ["raise e if y"]),
    "in an inner function": ("def g():\n if x: raise ValueError\nreturn g", ["ValueError if x"]),
    "a message does not count": ("m = f'{x}'\nif x: raise ValueError(m + 'no')", ["ValueError if x"]),
    "in a match": (
        "match x:\n case 1: raise ValueError\n case _: ...",
        ["ValueError if x == 1"],
    ),
    "a warning is none": ("if x: logger.warning('no')", []),
    "a warning that sets something": (
        "if x:\n logger.warning('no')\n y = 1",
        ["warning, sets y if x"],
    ),
    "a warning after what it is about": (
        "if x:\n self.y = 1\n warnings.warn('no')",
        ["warning, sets self.y if x"],
    ),
    "a warning beside its own text": ("if x:\n m = 'no'\n logger.warning(m)", []),
    "a warning beside something else": ("if x:\n logger.warning('no')\n z()\n y = 1", []),
}


def module(body: str, *, before: str = "") -> Module:
    inside = textwrap.indent(textwrap.dedent(body), "    ")
    return Module("a.py", f"{before}def f(self, x, y):\n{inside}\n")


@pytest.mark.parametrize("name", SITES)
def test_what_is_refused(name: str) -> None:
    body, expected = SITES[name]
    assert [str(each) for each in sites(module(body), "f")] == expected


def test_a_function_that_cannot_be_followed_has_its_tests_as_they_are_written() -> None:
    made = Module("a.py", "async def f(x):\n    z = x.y\n    if z is None: raise ValueError\n")
    assert [str(each) for each in sites(made, "f")] == ["ValueError if z is None"]


def test_a_condition_without_end_is_cut_off() -> None:
    body = " and ".join(f"x.attribute{number} is not None" for number in range(100))
    [found] = sites(module(f"if {body}: raise ValueError"), "f")
    assert len(found.when) < 310
    assert found.when.endswith("...")


def test_anything_but_a_function_has_no_sites() -> None:
    made = Module("a.py", "class C: ...\nx = 1\n")
    assert sites(made, "C") == sites(made, "x") == sites(made, "nowhere") == ()
    assert keys(made, "C") == {}


KEYS = {
    "the innermost test": (
        "if x:\n z = y.b\n if z is None: raise ValueError('no')",
        ["f: ValueError if z is None"],
    ),
    "no test": ("raise ValueError", ["f: ValueError"]),
    "another exception": (
        "if x: raise ValueError\nif x: raise OSError",
        ["f: ValueError if x", "f: OSError if x"],
    ),
    "as many tests as are needed": (
        "if x:\n if y: raise ValueError\nelif y: raise ValueError",
        ["f: ValueError if x and y", "f: ValueError if not x and y"],
    ),
    "statements that are all alike": (
        "if x: raise ValueError\ny()\nif x: raise ValueError",
        ["f: ValueError if x", "f: ValueError if x (2)"],
    ),
    "no warnings": ("if x:\n logger.warning('no')\n y = 1", []),
}


@pytest.mark.parametrize("name", KEYS)
def test_the_key_of_each_statement(name: str) -> None:
    body, expected = KEYS[name]
    assert list(keys(module(body), "f").values()) == expected


@pytest.mark.parametrize(
    "edited",
    [
        "if q: return None\nif x:\n z = y.b\n if z is None: raise ValueError('no')",
        "if x:\n z = other(y)\n if z is None: raise ValueError('something else')",
        "if q: raise ValueError\nif x and q:\n z = y.b\n while q:\n  if z is None: raise ValueError",
    ],
)
def test_a_key_stays_under_edits_elsewhere(edited: str) -> None:
    assert "f: ValueError if z is None" in keys(module(edited), "f").values()


def test_that_calls_are_not_followed_for_sites_changes_nothing_elsewhere() -> None:
    source = module("g(x)", before="def g(x):\n    if x:\n        raise ValueError\n\n")
    assert len(sites(source, "g")) == 1
    [(_, path)] = paths_to((ast.Raise,), source, "f")
    assert path.function == "g"
