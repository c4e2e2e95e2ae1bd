"""A malicious source: it yields a correct module or a clear refusal, and none of it is executed."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

from codegen.engines.transformers.engine import CONFIGURATION
from codegen.model import lock
from tests.codegen import places
from tests.codegen.conftest import Command, SourceCopy

CANARY = "__import__('pathlib').Path('canary').touch()"

HARMLESS = (  # each is a text like any other, wherever it is
    "'",
    '"',
    "'''",
    '"""',
    f'"""\n{CANARY}\n"""',
    f"'), default_factory={CANARY}, description=('",
    "\\",
    "\\'",
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% raw %}",
    "{% endraw %}",
    "{# #}",
    "\n",
    "\r",
    "\x00",
    "\x0c",
    "\u2028",
    "\u202e\u2066 txet",
    "\\N{BULLET}\\x41",
    "größe 日本語 \U0001f600",
    "$(touch canary) `touch canary`",
    "| --- | <script>",
    "a" * 1_000_000,
    "(" * 10_000,
)


def _empty_of_canaries(folder: Path) -> bool:
    return not list(folder.rglob("canary"))


def test_hostile_texts_make_a_correct_module(
    codegen: Command, source_copy: SourceCopy, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scratch)
    for number, words in enumerate(HARMLESS):
        name = f"sparkle_{number}"
        source_copy.declare(f"        self.{name} = kwargs.pop({name!r}, {words!r})\n")
        indented = words.replace("\n", "\n            ").replace("\r", "\r            ")
        source_copy.document(f"{name} (`str`, *optional*):\n            Says {indented}\n\n")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    assert _empty_of_canaries(scratch)
    module = ast.parse((scratch / places.MODULE).read_text(encoding="utf-8"))
    [cls] = [node for node in module.body if isinstance(node, ast.ClassDef) and node.name == "PyTorchConfig"]
    defaults = {
        ast.unparse(node.target): node.value
        for node in cls.body
        if isinstance(node, ast.AnnAssign) and node.value is not None
    }
    schema = lock.load(scratch / places.LOCK)
    for number, words in enumerate(HARMLESS):
        assert ast.literal_eval(defaults[f"sparkle_{number}"]) == words
        param = schema.param(f"sparkle_{number}")
        assert param is not None
        assert param.default == words
        assert "Says" not in param.description  # no sentence of upstream's is kept
    page = (scratch / places.PAGE).read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `sparkle_")]
    assert len(rows) == len(HARMLESS)
    assert {line.replace("\\\\", "").replace("\\|", "").count("|") for line in rows} == {6}


CHOICES = (
    "low",
    "it's",
    'say "no"',
    "{{ 7*7 }}",
    "{% raw %}",
    "\\N{BULLET}",
    "größe",
    "\u202e",
    "a or b",
    "`",
    "\n",
)


def test_hostile_choices_make_a_correct_module(
    codegen: Command, source_copy: SourceCopy, scratch: Path
) -> None:
    source_copy.declare('        self.sparkle = kwargs.pop("sparkle", "low")\n')
    source_copy.document(f"sparkle (`Literal[{', '.join(map(repr, CHOICES))}]`):\n            Which.\n\n")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    param = lock.load(scratch / places.LOCK).param("sparkle")
    assert param is not None
    assert set(param.test_values) == {*CHOICES, None}


REFUSED = (
        # what no data can be
        ("kwargs.pop('sparkle', '\\ud800')", "sparkle (`str`):", "that UTF-8 cannot encode"),
        ("kwargs.pop('sparkle', float('inf'))", "sparkle (`float`):", "the default of sparkle is float('inf')"),
        ("kwargs.pop('sparkle', 1e999)", "sparkle (`float`):", "the default of sparkle is 1e999"),
        ("kwargs.pop('sparkle', 3)", "sparkle (`str`):", "its default 3 would be refused"),
        (f"kwargs.pop('sparkle', {CANARY})", "sparkle (`str`):", "which is not a literal"),
        (f"kwargs.pop({CANARY}, None)", "sparkle (`str`):", "which is not a literal"),
        # what no type can be
        ("kwargs.pop('sparkle', None)", f"sparkle (`{CANARY}`):", "cannot read"),
        ("kwargs.pop('sparkle', None)", f"sparkle (`Literal[{CANARY}]`):", "as a choice"),
        ("kwargs.pop('sparkle', None)", "sparkle (`int\x00`):", "cannot read"),
        ("kwargs.pop('sparkle', None)", f"sparkle (`{'list[' * 2000}int{']' * 2000}`):", "cannot read"),
        ("kwargs.pop('sparkle', None)", f"sparkle (`{' | '.join(['int'] * 20_000)}`):", "cannot read"),
        ("kwargs.pop('sparkle', None)", "sparkle (`\u202etni`):", "cannot read"),
        ("kwargs.pop('sparkle', None)", "sparkle (`größe`):", "größe cannot be written as data"),
        ("kwargs.pop('sparkle', None)", "sparkle (`NoSuchConfig`):", "NoSuchConfig"),
        # what no source can be
        ("(" * 1000, "sparkle (`int`):", "not Python that can be parsed"),
        ("-" * 100_000 + "1", "sparkle (`int`):", "not Python that can be parsed"),
        ("kwargs.pop('sparkle', '\\N{NO SUCH}')", "sparkle (`int`):", "not Python that can be parsed"),
)  # fmt: skip


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: f"{row[0][:40]} {row[1][:30]}")
def test_what_cannot_be_is_refused(
    codegen: Command, source_copy: SourceCopy, scratch: Path, row: tuple[str, str, str]
) -> None:
    statement, entry, what = row
    source_copy.document(f"{entry}\n            What it does.\n\n")
    source_copy.declare(f"        self.sparkle = {statement}\n")
    before = {path: path.read_bytes() for path in scratch.rglob("*") if path.is_file()}
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 2
    assert what in done.err
    assert len(done.err) < 2000
    assert "Traceback" not in done.err
    assert {path: path.read_bytes() for path in scratch.rglob("*") if path.is_file()} == before
    assert _empty_of_canaries(scratch)


REFUSES = "if value <= 0:\n    raise ValueError"
CALLS_TWICE = (f"def _f{at}(self):\n    self._f{at + 1}()\n    self._f{at + 1}()\n" for at in range(20))
ENDLESS = (  # what grows without bound when each path, call or value of it is followed
    ("".join(f"{' ' * at}for v{at} in ({'1, ' * 10}):\n" for at in range(8)) + " " * 8 + "assert self.top_k", "", "too many paths"),
    ("if self.top_k:\n    pass\n" + "".join(f"elif self.top_k == {at}:\n    raise ValueError\n" for at in range(2000)), "", "nested too deep"),
    ("value = self.top_k\n" + "value = value + 1\n" * 3000 + REFUSES, "", "nested too deep"),
    ("value = self.top_k\n" + "value = (value, value)\n" * 100 + REFUSES, "", "top_k"),
    ("value = self.top_k\n" + "if odd():\n    value = value + value\n" * 40 + REFUSES, "", "top_k"),
    ("self._f0()", "".join(CALLS_TWICE) + "def _f20(self):\n    assert self.top_k", "in a way that cannot be read"),
)  # fmt: skip


@pytest.mark.parametrize("row", ENDLESS, ids=lambda row: row[0][:40] + row[-1])
def test_what_has_no_end_is_refused(
    codegen: Command, source_copy: SourceCopy, scratch: Path, row: tuple[str, str, str]
) -> None:
    body, methods, what = row
    first, method = "        minor_issues = {}", "    def validate(self, strict="
    source_copy.change(CONFIGURATION, re.escape(first), f"{textwrap.indent(body, ' ' * 8)}\n{first}")
    source_copy.change(CONFIGURATION, re.escape(method), f"{textwrap.indent(methods, ' ' * 4)}\n{method}")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 2
    assert what in done.err


def test_a_hostile_module_is_never_run(
    codegen: Command, source_copy: SourceCopy, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The source may do anything when it is imported: it is never imported."""
    monkeypatch.chdir(scratch)
    for path in sorted((source_copy.root / "transformers").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "from __future__" not in text:
            path.write_text(f"{CANARY}\nraise SystemExit(77)\n{text}", encoding="utf-8")
    done = codegen("refresh", "--transformers", source_copy.root, "--into", scratch)
    assert done.code == 0, done.err
    assert _empty_of_canaries(scratch)


def test_a_huge_source_costs_no_more_than_its_size(codegen: Command, source_copy: SourceCopy) -> None:
    source_copy.change(CONFIGURATION, r"\A", "# " + "x" * 5_000_000 + "\n")
    source_copy.document("sparkle:\n            " + "word " * 200_000 + "\n\n")
    done = codegen("explain", "top_k", "--transformers", source_copy.root)
    assert done.code == 2  # it is documented, but not declared
    assert "its docstring names sparkle" in done.err
