"""codegen.upstream.extracted: a helper written out where it is called, and what is left as it is."""

from textwrap import dedent

import pytest

from codegen.upstream.extracted import written_out
from codegen.upstream.normal import normal
from codegen.upstream.symbols import Module

WHOLE = {
    "an expression": (
        "def f(a, b):\n x = g(a + b)\n return x",
        "def f(a, b):\n x = g(_helper(a, b))\n return x\ndef _helper(c, d):\n return c + d",
    ),
    "an argument by its name": (
        "def f(a, b):\n return [a - b, 1]",
        "def f(a, b):\n return [_helper(d=b, c=a), 1]\ndef _helper(c, d):\n 'Text.'\n return c - d",
    ),
    "a constant": (
        "def f(a):\n return g(a, None)",
        "def f(a):\n return _helper(a, None)\ndef _helper(b, c):\n return g(b, c)",
    ),
    "a check": (
        "def f(a):\n if a > 1:\n  raise ValueError('no')\n return a",
        "def f(a):\n _helper(a)\n return a\ndef _helper(b):\n if b > 1:\n  raise ValueError('no')",
    ),
    "the end": (
        "def f(a):\n b = g(a)\n if b:\n  return 1\n c = h(b)\n return c",
        "def f(a):\n b = g(a)\n return _helper(b)\ndef _helper(b):\n if b:\n  return 1\n c = h(b)\n return c",
    ),
    "what is assigned": (
        "def f(a):\n if a:\n  c = g(a)\n  c = c + 1\n  h(c)",
        "def f(a):\n if a:\n  c = _helper(a)\n  h(c)\ndef _helper(b):\n c = g(b)\n c = c + 1\n return c",
    ),
}

LEFT = {
    "an argument that does something": "def f(a):\n return _helper(g(a))\ndef _helper(b):\n return b + b",
    "an argument that is assigned": "def f(a):\n _helper(a)\n return a\ndef _helper(b):\n b = g(b)\n h(b)",
    "a local that the caller has": "def f(a):\n c = 1\n _helper(a)\n return c\ndef _helper(b):\n c = b\n g(c)",
    "a global that is a local of the caller": "def f(a, g):\n return _helper(a)\ndef _helper(b):\n return g(b)",
    "a return in the middle": "def f(a):\n _helper(a)\n g(a)\ndef _helper(b):\n if b:\n  return\n h(b)",
    "a decorator": "def f(a):\n return _helper(a)\n@cached\ndef _helper(b):\n return g(b)",
    "a default": "def f(a):\n return _helper(a)\ndef _helper(b, c=1):\n return g(b, c)",
    "a generator": "def f(a):\n return _helper(a)\ndef _helper(b):\n yield b",
    "a function that is handed on": "def f(a):\n return g(a, _helper)\ndef _helper(b):\n return b",
    "one call of two": "def f(a):\n return _helper(a), _helper(g(a))\ndef _helper(b):\n return b + b",
}


def _written(text: str, name: str = "f") -> dict[str, str]:
    module = Module("file.py", dedent(text))
    definition = module.find(name)
    assert definition is not None
    return {helper: normal(made) for helper, made in written_out(definition, module, name)}


@pytest.mark.parametrize(("before", "after"), WHOLE.values(), ids=WHOLE.keys())
def test_a_helper_written_out_is_the_code_from_before(before: str, after: str) -> None:
    definition = Module("file.py", before).find("f")
    assert definition is not None
    assert _written(after) == {"_helper": normal(definition)}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT.keys())
def test_what_could_mean_something_else_is_left(text: str) -> None:
    assert _written(text) == {}


def test_a_method() -> None:
    after = """\
    class A:
        def f(self, a):
            self._helper(a)
            return a
        def _helper(self, b):
            self.c = b
    """
    definition = Module("file.py", "class A:\n def f(self, a):\n  self.c = a\n  return a").find("A.f")
    assert definition is not None
    assert _written(after, "A.f") == {"A._helper": normal(definition)}


def test_each_helper_by_itself() -> None:
    text = "def f(a):\n return _one(a) + _two(a)\ndef _one(b):\n return b.x\ndef _two(b):\n return b.y"
    assert {*_written(text)} == {"_one", "_two"}
