"""codegen.upstream.normal: code that does the same has one form, and other code has another."""

import ast
import keyword
import random
import textwrap
from collections.abc import Mapping

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from codegen.upstream import normal as normal_form
from codegen.upstream.normal import cleaned, normal
from codegen.upstream.symbols import short_digest
from tests.codegen import mutation


def form(text: str) -> str:
    """The normal form of the statements of a text: of the one definition, or of all of them."""
    body = ast.parse(textwrap.dedent(text)).body
    is_definition = len(body) == 1 and isinstance(body[0], ast.FunctionDef | ast.ClassDef)
    return normal(body[0] if is_definition else body)


def renamed(text: str, **options: tuple[str, ...]) -> str:
    """The form of statements, where some names are local, or stay."""
    return normal_form.form(cleaned(ast.parse(text).body), **options)


SAME = {
    "comments and layout": ("def f(a):\n  return a+1", "def f(a):  # why\n\n    return (a + 1)"),
    "a docstring": ("def f(a):\n return a", "def f(a):\n 'Text.'\n 'More.'\n return a"),
    "annotations": ("def f(a, *b, **c):\n d = a", "def f(a: int, *b: str, **c: 'X') -> None:\n d: int = a"),
    "a declaration": ("def f(a):\n return a", "def f(a):\n b: int\n return a"),
    "a parameter's name": ("def f(a):\n return a.x", "def f(b):\n return b.x"),
    "locals": ("def f(a):\n b = a\n for c in b: g(c)", "def f(x):\n y = x\n for z in y: g(z)"),
    "names that change places": ("def f(a, b):\n return a - b", "def f(b, a):\n return b - a"),
    "a comprehension's name": ("[a for a in x if a]", "[b for b in x if b]"),
    "a lambda's parameter": ("x = lambda a: a + y", "x = lambda b: b + y"),
    "what a handler binds": ("try: f()\nexcept E as a: g(a)", "try: f()\nexcept E as b: g(b)"),
    "a pattern's names": ("match x:\n case [a, *b]: f(a, b)", "match x:\n case [c, *d]: f(c, d)"),
    "a closure": ("def f(a):\n def g(b): return a + b\n return g", "def f(c):\n def g(d): return c + d\n return g"),
    "a name of the function around": (
        "def f(a):\n def g():\n  nonlocal a\n  a = 1\n g()",
        "def f(b):\n def g():\n  nonlocal b\n  b = 1\n g()",
    ),
    "a message": ("if a: raise E('x')", "if a: raise E(f'y {a}' + str(b))"),
    "a message under a name": ("if a: raise E(text='x')", "if a: raise E(text='y')"),
    "no message": ("raise ValueError", "raise ValueError('x')"),
    "a message in a local": ("def f(a):\n raise E('x')", "def f(a):\n m = 'x'\n m += str(a)\n raise E(m)"),
    "an annotated message in a local": ("def f(a):\n raise E('x')", "def f(a):\n m: str = 'x'\n raise E(m)"),
    "a warning": ("f()", "warnings.warn('x', FutureWarning, stacklevel=2)\nf()"),
    "a logged line": ("f()", "logger.warning_once(f'x {len(a)}')\nf()"),
    "a test around a warning": ("f()", "if a is not None and not b.c:\n logger.info('x')\nf()"),
    "tests around a warning": ("f()", "if a:\n if b:\n  logger.info('x')\n elif c:\n  pass\nf()"),
    "a warning in one branch": ("if not a:\n f()", "if a:\n logger.info('x')\nelse:\n f()"),
    "a warning in the other": ("if a: f()", "if a: f()\nelse: logger.info('x')"),
    "a text for a log": ("def f(a):\n g()", "def f(a):\n m = f'{a}'\n logger.info(m)\n g()"),
    "a branch for type checkers": ("f()", "if TYPE_CHECKING:\n from a import b\nf()"),
    "branches in the other order": ("if a:\n f()\nelse:\n g()", "if not a:\n g()\nelse:\n f()"),
    "branches of None in the other order": ("if a is None: f()\nelse: g()", "if a is not None: g()\nelse: f()"),
    "branches under two tests": (
        "if not (a and b):\n f()\nelif c not in d:\n g()\nelse:\n h()",
        "if a and b:\n if c in d:\n  h()\n else:\n  g()\nelse:\n f()",
    ),
    "a conditional expression in the other order": ("x = a if b not in c else d", "x = d if b in c else a"),
    "a branch for others": ("f()", "if not typing.TYPE_CHECKING: f()\nelse: g()"),
    "imports for annotations": ("f()", "from typing import Any\nfrom __future__ import annotations\nf()"),
    "decorators that document": ("def f(): g()", "@auto_docstring(x=1)\n@override\ndef f(): g()"),
    "nested tests": ("if a:\n if b and c: f()", "if a and b and c: f()"),
    "a negated test": ("if not a is None: f()", "if a is not None: f()"),
    "what returns nothing": ("def f(a):\n g(a)", "def f(a):\n g(a)\n return None"),
    "an f-string without a value": ("a.x = f'b'", "a.x = 'b'"),
    "annotations of a plain class": ("class A:\n b = 1", "class A:\n b: int = 1"),
    "the types of fields": ("@dataclass\nclass A:\n b: int = 1", "@dataclass\nclass A:\n b: str = 1"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_code_that_does_the_same_has_one_form(one: str, other: str) -> None:
    assert form(one) == form(other)


DIFFERENT = {
    "a number": ("f(1)", "f(2)"),
    "a type of number": ("f(1)", "f(True)"),
    "a text": ("f('a')", "f('b')"),
    "a text that is kept": ("def f(a):\n m = 'x'\n return m", "def f(a):\n m = 'y'\n return m"),
    "a function's name": ("def f(): pass", "def g(): pass"),
    "an attribute": ("f(a.b)", "f(a.c)"),
    "a global": ("def f():\n return A", "def f():\n return B"),
    "an argument's name": ("f(a=b)", "f(c=b)"),
    "another local": ("def f(a, b):\n return a", "def f(a, b):\n return b"),
    "a local and a global": ("def f(a):\n return a", "def f(a):\n return b"),
    "the order of parameters": ("def f(a, b):\n return a - b", "def f(a, b):\n return b - a"),
    "a default": ("def f(a=1): pass", "def f(a=2): pass"),
    "a kind of parameter": ("def f(a, b): pass", "def f(a, *, b): pass"),
    "an exception": ("raise ValueError('x')", "raise TypeError('x')"),
    "what an exception has": ("raise E(a)", "raise E(b)"),
    "no exception": ("if a: raise E('x')", "if a: pass"),
    "a local that is raised": ("def f(a):\n raise a", "def f(a):\n raise a('x')"),
    "a test before an exception": ("if a > 1: raise E('x')", "if a >= 1: raise E('x')"),
    "a test that may fail": ("if a > 1: logger.info('x')", "pass"),
    "a test that does something": ("if f(): logger.info('x')", "pass"),
    "a test that assigns": ("if (a := b): logger.info('x')", "pass"),
    "a log that does something": ("logger.info(a.pop())", "pass"),
    "an assignment in a log": ("logger.info(a := 1)", "pass"),
    "what only looks like a log": ("pipeline.info('x')", "pass"),
    "a level that is set": ("logger.setLevel(1)", "pass"),
    "a loop around a log": ("for a in b: logger.info('x')", "pass"),
    "branches in the other order, under a test of equality": ("if a == b: f()\nelse: g()", "if a != b: g()\nelse: f()"),
    "branches under the opposite test": ("if a is None: f()\nelse: g()", "if a is not None: f()\nelse: g()"),
    "another branch": ("if a: f()\nelse: g()", "if not a: f()\nelse: g()"),
    "equality": ("if not a == b: f()", "if a != b: f()"),  # a class may define the two as it likes
    "tests with an else": ("if a:\n if b: f()\n else: g()", "if a and b: f()\nelse: g()"),
    "a decorator": ("def f(): pass", "@cached\ndef f(): pass"),
    "an import": ("def f():\n from a import b\n b()", "def f():\n from c import b\n b()"),
    "a field": ("@dataclass\nclass A:\n b: int = 1", "@dataclass\nclass A:\n b = 1"),
    "a field without a default": ("@dataclass\nclass A:\n b: int", "@dataclass\nclass A:\n pass"),
    "a field that is none": ("@dataclass\nclass A:\n b: int = 1", "@dataclass\nclass A:\n b: ClassVar[int] = 1"),
    "an attribute of a class": ("class A:\n b = 1", "class A:\n c = 1"),
    "a local that is looked up": ("def f(a):\n return locals()", "def f(b):\n return locals()"),
    "a return in between": ("def f(a):\n if a: return\n g()", "def f(a):\n g()"),
    "what is returned": ("def f(a):\n return None", "def f(a):\n return a"),
    "a nested function": ("def f():\n def g(): pass\n g()", "def f():\n def h(): pass\n h()"),
    "a text that is compared": ("def f(a):\n m = 'x'\n return a == m", "def f(a):\n m = 'y'\n return a == m"),
    "a text in a closure": (
        "def f():\n m = 'x'\n def g(): return m\n return g",
        "def f():\n m = 'y'\n def g(): return m\n return g",
    ),
    "a local that is not always a text": (
        "def f(a):\n m = 'x'\n m = a\n raise E(m)",
        "def f(a):\n m = 'x'\n m = 1\n raise E(m)",
    ),
    "a name outside of a comprehension": ("[a for a in x]\na", "[b for b in x]\nb"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_other_code_has_another_form(one: str, other: str) -> None:
    assert form(one) != form(other)


def test_names_that_matter_are_kept() -> None:
    one, other = "def f(a, b):\n return a", "def f(b, a):\n return b"
    assert form(one) == form(other)
    assert renamed(one, keep=("a",)) != renamed(other, keep=("a",))
    assert renamed(one, keep=("a",)) == renamed("def f(a, c):\n return a", keep=("a",))


def test_statements_may_come_from_inside_of_a_function() -> None:
    assert form("x = a.b") == form("y = a.b")
    assert form("x = a.b") != form("x = c.b")
    assert renamed("x = a.b", local=("a", "x")) == renamed("x = c.b", local=("c", "x"))


def test_the_source_stays_as_it_is() -> None:
    node = ast.parse("def f(a: int):\n 'Text.'\n if a: raise E('x')")
    before = ast.dump(node)
    normal(node)
    assert ast.dump(node) == before


def test_a_digest_is_of_the_form() -> None:
    one, other = (ast.parse(text).body[0] for text in ("def f(a): return a", "def f(b) -> int: return b"))
    assert short_digest(normal(one)) == short_digest(normal(other)) == "01ef2ca5eb9425c0"


# --- properties

NAMES = ("limit", "found", "item", "error", "inner", "known")
TEMPLATE = '''
@property
{decorator}
def check(self, {limit}{annotation}, *, flag=None){returns}:
    """{text}"""
    {found}{annotation} = [{item}.width for {item} in self.items if {item}.width > {limit}]
    {message} = "{text}"
    try:
        {known} = TABLE["key"]
        while {known} is None or {found}[0] in {known}:
            {found} = {found}[1:]
    except KeyError as {error}:
        if {limit} < 0:
            raise ValueError(f"{text} {{{error}}}") from {error}
        {known} = self.other({limit}, flag=flag)
    if not {found}:
        logger.warning({message})
    elif flag is not None and {known}.size != 3:
        def helper({inner}):
            return {inner} + {limit}
        return helper(len({found})), {known}
    if self.mode == "fast" or 2 <= {limit} <= 9:
        {known} += 1
        raise OSError("{text}")
    return -{known}
'''
words = st.text("abcdefgh_", min_size=1, max_size=5).filter(
    lambda word: not keyword.iskeyword(word) and word not in ("flag", "message", "self", "check")
)
annotations = st.sampled_from(["int", "list[str] | None", "'Later'", "Literal['a']"])
prose = st.text(
    st.characters(codec="ascii", exclude_characters='"\\{}', exclude_categories=["Cc"]), max_size=20
)


def written(names: Mapping[str, str], annotation: str | None = None, text: str = "text") -> str:
    return TEMPLATE.format(
        **names,
        message="message",
        text=text,
        annotation=f": {annotation}" if annotation else "",
        returns=f" -> {annotation}" if annotation else "",
        decorator="@auto_docstring" if annotation else "",
    )


PLAIN = form(written({name: name for name in NAMES}))


@given(st.lists(words, min_size=len(NAMES), max_size=len(NAMES), unique=True), annotations, prose)
def test_names_annotations_and_messages_do_not_count(names: list[str], annotation: str, text: str) -> None:
    chosen = dict(zip(NAMES, names, strict=True))
    assert form(written(chosen, annotation, text)) == PLAIN


CODE = """
def check(self, limit, *, flag=None):
    found = [item.width for item in self.items if item.width > limit]
    try:
        known = TABLE["key"]
        while known is None or found[0] in known:
            found = found[1:]
    except KeyError as error:
        if limit < 0:
            raise Unknown(limit, 3) from error
        known = self.other(limit, flag=flag)
    if flag is not None and known.size != 3:
        return helper(len(found)), known
    if self.mode == "fast" or 2 <= limit <= 9:
        known += 1
        self.mode = "slow"
    return -known
"""


@settings(max_examples=300)
@given(st.sampled_from(list(mutation.KINDS)), st.randoms(use_true_random=False))
def test_every_other_edit_counts(kind: str, rng: random.Random) -> None:
    file, function = mutation._Text(CODE), ast.parse(CODE).body[0]
    start, end, _, new, _ = rng.choice(list(mutation.KINDS[kind](function, file, rng)))
    assume(file.text[start:end] != new)
    try:
        edited = form(file.replaced(start, end, new))
    except SyntaxError:  # the file was cut inside of a statement
        return
    assert edited != form(CODE)
