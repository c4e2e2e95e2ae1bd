"""A release in which a statement that a rule restates is gone or new, and hostile code in reach."""

import ast

import pytest

from codegen.engines.transformers.engine import GENERATE
from codegen.errors import UnknownShapeError
from codegen.model import lock
from codegen.model.origins import Symbol
from codegen.review import pipeline
from codegen.upstream.callgraph import Start
from codegen.upstream.reach import read
from codegen.upstream.refusal_sites import keys
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library, Module
from tests.codegen import places
from tests.codegen.conftest import Command, SourceCopy

WRITTEN = (
    "prompt-or-start-token",
    "_maybe_initialize_input_ids_for_generation: ValueError if bos_token_id is None",
)
EXTRACTED = ("beams-without-low-memory", "_beam_search: ValueError if sequential")
GONE = (WRITTEN, EXTRACTED)
"""A hand-written rule and one that is extracted, with the statements that they restate."""


def _replaced(source: SourceCopy, key: str, code: str) -> None:
    """Another statement in place of the one that has a key."""
    file = source.root / "transformers" / GENERATE
    text = file.read_text(encoding="utf-8")
    module = Module(GENERATE, text)
    found = keys(module, f"GenerationMixin.{key.partition(':')[0]}")
    [statement] = [each for each, name in found.items() if name == key]
    lines = text.split("\n")
    lines[statement.lineno - 1 : statement.end_lineno] = [" " * statement.col_offset + code]
    file.write_text("\n".join(lines), encoding="utf-8")
    ast.parse("\n".join(lines))


def _read(source: SourceCopy) -> pipeline.Reading:
    return pipeline.read(places.ENGINE, str(source.root), places.ROOT)


def _questions(reading: pipeline.Reading) -> str:
    return "\n".join(question.message for question in reading.questions)


@pytest.mark.parametrize(("rule", "key"), GONE)
def test_a_rule_is_kept_and_asked_about(rule: str, key: str, source_copy: SourceCopy) -> None:
    before = lock.load(places.ROOT / places.LOCK)
    _replaced(source_copy, key, "pass")
    reading = _read(source_copy)
    [kept] = [each for each in reading.schema.rules if each.id == rule]
    [known] = [each for each in before.rules if each.id == rule]
    assert (kept.when, kept.need, kept.fields) == (known.when, known.need, known.fields)
    assert kept.unproven
    asked = _questions(reading)
    assert f"the rule {rule} restates" in asked
    assert asked.index("make fidelity") < asked.index("limit its versions")


def test_check_has_findings_for_it(codegen: Command, source_copy: SourceCopy) -> None:
    _replaced(source_copy, WRITTEN[1], "pass")
    done = codegen("check", "--transformers", source_copy.root)
    assert done.code == 1
    assert f"decide: the rule {WRITTEN[0]} restates" in done.err


def test_a_message_is_no_difference(source_copy: SourceCopy) -> None:
    _replaced(source_copy, WRITTEN[1], "raise ValueError('something else')")
    reading = _read(source_copy)
    assert not any(rule.unproven for rule in reading.schema.rules)
    assert "restates" not in _questions(reading)


def test_a_new_statement_that_cannot_be_read_ends_the_reading(source_copy: SourceCopy) -> None:
    _replaced(source_copy, WRITTEN[1], "raise OSError('a statement that nobody restated')")
    with pytest.raises(UnknownShapeError, match=WRITTEN[1].replace("ValueError", "OSError")):
        _read(source_copy)


def test_a_lock_that_has_an_unproven_rule_keeps_it(
    source_copy: SourceCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replaced(source_copy, EXTRACTED[1], "pass")
    first = _read(source_copy).schema
    monkeypatch.setattr("codegen.review.pipeline._before", lambda _: first)
    assert _read(source_copy).schema == first


HOSTILE = (
    "raise ValueError if x else " + "(" * 200,
    "raise " + " + ".join(["x"] * 3000),
    "raise ValueError(x" + ".a" * 3000 + ")",
    "if " + "not " * 3000 + "x: raise ValueError",
    "def f():\n",
    "class C(C): pass",
    "from . import *",
    "from .utils import utils as utils",
    "import transformers.generation.utils as utils; utils.utils()",
    "getattr(self, self, self)()",
    "super().super().super()()",
    "x: 'x.x.x[x](' = x",
    "lambda x=lambda: x: x(x)(x)",
    "[x for x in x if (x := x)]",
    "x = x = x.x(x)",
)


@pytest.mark.parametrize("code", HOSTILE)
def test_hostile_code_in_reach_is_read_or_refused(code: str) -> None:
    indented = code.replace("\n", "\n        ")
    files = {
        "__init__.py": "",
        "main.py": f"class C(C):\n    def f(self, x):\n        {indented}\n    x = C\ndef start(c: C):\n    c.f()\n",
    }
    library = Library(SourceTree("pkg", "1.0", "a fake", "fake", files.__getitem__))
    try:
        found = read(library, Start(roots=(Symbol("main.py", "start"),)), lambda *_: {})
        texts = found.refusals
    except UnknownShapeError:
        return
    assert all(len(text) < 1000 for listed in texts.values() for text in listed)
