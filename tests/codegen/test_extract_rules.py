"""codegen.engines.transformers.cross_field: combinations, from small sources and from the real releases."""

import textwrap
from pathlib import Path

import pytest

from codegen.engines.transformers.cross_field import SourceRules, UnreadRaise, read_rules
from codegen.engines.transformers.engine import CONFIGURATION, GENERATE
from codegen.errors import UnknownShapeError
from codegen.model.condition_text import text
from codegen.model.origins import Symbol
from tests.codegen import expectations, places, releases
from tests.codegen.fake_source import configuration, library

PARAMETERS = ["a", "b", "c", "flag", "num_beams", "use_cache", "tokens"]

MODE = """
if self.num_beams == 1:
    generation_mode = GenerationMode.GREEDY
else:
    generation_mode = GenerationMode.BEAM
return generation_mode
"""
GENERATE_BODY = "def generate(self, **kwargs):\n    self._validate_generation_mode()\n"
TABLE = "{GenerationMode.GREEDY: '_sample', GenerationMode.BEAM: '_beam_search'}"


def read(
    validate: str = "pass",
    *,
    mode: str = MODE,
    table: str | None = TABLE,
    mixin: str = "",
    others: str = "",
    top: str = "",
) -> SourceRules:
    """What is found in a release of these lines."""

    def method(name: str, arguments: str, body: str) -> str:
        inside = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
        return f"def {name}(self, {arguments}):\n{inside}\n"

    methods = (
        textwrap.dedent(others)
        + "\n"
        + method("validate", "strict=False", validate)
        + method("get_generation_mode", "assistant_model=None", mode)
    )
    if "def generate(" not in mixin:
        mixin = textwrap.dedent(mixin) + "\n" + GENERATE_BODY
    inside = textwrap.indent(textwrap.dedent(mixin), "    ")
    generate = (
        f"GENERATION_MODES_MAPPING = {table}\n" if table else ""
    ) + f"class GenerationMixin:\n{inside}\n"
    return read_rules(
        library(
            configuration=textwrap.dedent(top) + "\n" + configuration("pass", others=methods),
            generate=generate,
        ),
        PARAMETERS,
    )


def summaries(found: SourceRules) -> list[tuple[str, str, str]]:
    """Effect, key and condition of what was found."""
    return [(rule.effect, rule.key, text(rule.when)) for rule in found.rules]


def when(found: SourceRules) -> str:
    """The condition of the one rule."""
    [rule] = found.rules
    return text(rule.when)


# --- GenerationConfig.validate: what it refuses


@pytest.mark.parametrize(
    ("source", "condition"),
    [
        ("if self.a > 1 and self.b: raise ValueError", "a > 1 and b"),
        ("if self.a > 1:\n    if not self.b: raise ValueError", "a > 1 and not b"),
        ("if self.a or self.b is None: raise ValueError", "a or b is None"),
        ("if self.a:\n    pass\nelif self.b: raise ValueError", "not a and b"),
        ("if self.a:\n    pass\nelif self.b:\n    pass\nelse: raise ValueError", "not a and not b"),
        ("if 0 < self.a < self.b: raise ValueError", "0 < a and a < b"),
        ("if getattr(self, 'a') and getattr(self, 'b', None) == 2: raise ValueError", "a and b == 2"),
        ("if set(self.a).issubset(self.b): raise ValueError", "subset(a, b)"),
        ("if self.a in (1, 2) and self.b not in [3]: raise ValueError", "a in (1, 2) and b not in (3,)"),
        # early exits
        ("if self.a: return\nif self.b: raise ValueError", "not a and b"),
        ("if self.a:\n    self.x = 1\n    return\nif self.b: raise ValueError", "not a and b"),
        ("if self.a: return\nelse: self.x = 1\nif self.b: raise ValueError", "not a and b"),
        ("if self.a: self.x = 1\nelse: return\nif self.b: raise ValueError", "a and b"),
        ("if self.a: return\nif self.c: return\nif self.b: raise ValueError", "not a and not c and b"),
        ("if self.a: self.x = 1\nif self.b and self.c: raise ValueError", "b and c"),
        ("if self.a: raise TypeError\nif self.b and self.c: raise ValueError", "b and c"),  # refused either way
        ("for x in ('a', 'b'):\n    if self.flag: break\nif self.b and self.c: raise ValueError", "b and c"),
        ("for x in y:\n    if self.flag: continue\nif self.b and self.c: raise ValueError", "b and c"),
        ("if self.c:\n    if self.flag: return\nif self.a and self.b: raise ValueError", "(not flag or not c) and a and b"),
        ("if self.c: self.x = 1\nelse:\n    if self.flag: return\nif self.a and self.b: raise ValueError", "(c or not flag) and a and b"),
        ("with x:\n    if self.flag: return\nif self.a and self.b: raise ValueError", "not flag and a and b"),
        ("try:\n    if self.flag: return\nfinally: pass\nif self.a and self.b: raise ValueError", "not flag and a and b"),
        ("for x in ('a', 'c'):\n    if self.flag: break\n    if self.a and self.b: raise ValueError", "not flag and a and b"),
        ("match self.a:\n    case 1:\n        if self.b: raise ValueError", "a == 1 and b"),
        ("match self.a:\n    case 1 | 2: pass\n    case _:\n        if self.b: raise ValueError", "a != 1 and a != 2 and b"),
        # around it
        ("with context():\n    if self.a and self.b: raise ValueError", "a and b"),
        ("try:\n    if self.a and self.b: raise ValueError\nfinally: pass", "a and b"),
        ("try:\n    x()\nfinally:\n    if self.a and self.b: raise ValueError", "a and b"),
        ("while self.a:\n    if self.b: raise ValueError", "a and b"),
        ("for x in self.a:\n    if self.b: raise ValueError", "a and b"),
        # locals
        ("x = self.a\nif x and self.b: raise ValueError", "a and b"),
        ("x = self.a\ny = x\nif y and self.b: raise ValueError", "a and b"),
        ("x = set(self.a)\nif x.issubset(self.b): raise ValueError", "subset(a, b)"),
        ("x = {self.a} if isinstance(self.a, int) else set(self.a)\nif x.issubset(self.b): raise ValueError", "subset(a, b)"),
        ("x = {self.a} if isinstance(self.a, int) else set(self.a)\nif x and self.b: raise ValueError", "subset(a, a) and b"),
        ("x = {self.a} if isinstance(self.a, int) else set(self.a)\nif x and x.issubset(self.b): raise ValueError", "subset(a, b)"),
        ("if self.a is not None and self.b is not None and set(self.a).issubset(self.b): raise ValueError", "subset(a, b)"),
        ("x = self.a\nx = self.c\nif x and self.b: raise ValueError", "c and b"),
        ("x = self.a\nif x:\n    x = self.c\n    if x and self.b: raise ValueError", "a and c and b"),
        ("x = self.a\nif self.c: y = 1\nif x and self.b: raise ValueError", "a and b"),
        # who set a value does not matter
        ("if self.a and self.b and _should_warn('a', 'b', given): raise ValueError", "a and b"),
    ],
)  # fmt: skip
def test_a_raise_over_several_parameters(source: str, condition: str) -> None:
    found = read(source)
    assert when(found) == condition
    assert found.unread == ()
    [rule] = found.rules
    assert rule.effect == "reject"
    assert str(rule.symbol) == f"{CONFIGURATION}::GenerationConfig.validate"
    assert rule.key == f"validate: {', '.join(sorted(rule.fields))}"


@pytest.mark.parametrize(
    "source",
    [
        "pass",
        "raise ValueError",
        "if strict: raise ValueError",
        "if self.a > 1: raise ValueError",  # of one parameter: a bound, which validation reads
        "if self.a > 1 and strange(self.a): raise ValueError",
        "if self.unknown and self.a: raise ValueError",
        "x = self.a\nx = strange()\nif x and self.b: raise ValueError",
        "if self.a and self.b: self.x = 1",
        "def inner():\n    if self.a and self.b: raise ValueError",
        "for x in self.a:\n    raise ValueError",
    ],
)
def test_code_that_is_not_a_combination(source: str) -> None:
    assert read(source) == SourceRules((), ())


@pytest.mark.parametrize(
    ("source", "parameters"),
    [
        ("if self.a and strange(self.b): raise ValueError", ("a", "b")),
        # reached through something that is not a test
        ("try:\n    x()\nexcept KeyError:\n    if self.a and self.b: raise ValueError", ("a", "b")),
        (
            "try:\n    x()\nexcept KeyError: pass\nelse:\n    if self.a and self.b: raise ValueError",
            ("a", "b"),
        ),
        ("for x in self.a:\n    pass\nelse:\n    if self.b: raise ValueError", ("a", "b")),
        ("while self.a:\n    pass\nelse:\n    if self.b: raise ValueError", ("a", "b")),
        # reached only where something deeper did not leave
        ("if self.c:\n    if strange(): return\nif self.a and self.b: raise ValueError", ("c", "a", "b")),
        ("for x in y:\n    if self.flag: return\nif self.a and self.b: raise ValueError", ("flag", "a", "b")),
        ("while strange():\n    return\nif self.a and self.b: raise ValueError", ("a", "b")),
        (
            "for x in ('a',):\n    if self.flag:\n        if strange(): continue\n    if getattr(self, x) and self.b: raise ValueError",
            ("flag", "a", "b"),
        ),
        # the value of a local is not known any more, but what it may be made of is
        ("x = self.a\nif self.c: x = strange()\nif x and self.b: raise ValueError", ("c", "a", "b")),
        ("x = self.a\nfor y in z: x = strange(x)\nif x and self.b: raise ValueError", ("a", "b")),
        ("x = self.a\nx += 1\nif x and self.b: raise ValueError", ("a", "b")),
        ("x, y = strange(self.a)\nif x and self.b: raise ValueError", ("a", "b")),
        ("with strange(self.a) as x:\n    if x and self.b: raise ValueError", ("a", "b")),
        ("if self.a and not strange(self.b): raise ValueError", ("a", "b")),
        ("if self.a == self.b + 1: raise ValueError", ("a", "b")),
        ("if self.a and self.b and strange(): raise ValueError", ("a", "b")),
        ("if self.a:\n    if strange():\n        if self.b: raise ValueError", ("a", "b")),
        ("for x in strange(self.a):\n    if x and self.b: raise ValueError", ("a", "b")),
        ("for x in strange(self.a):\n    if self.b: raise ValueError", ("a", "b")),
        ("for x, y in zip(self.a, self.b):\n    raise ValueError", ("a", "b")),
        ("if strange(self.a): return\nif self.b: raise ValueError", ("a", "b")),
    ],
)
def test_a_raise_that_cannot_be_read_is_reported(source: str, parameters: tuple[str, ...]) -> None:
    found = read(source)
    assert found.rules == ()
    [unread] = found.unread
    assert unread.symbol == Symbol(CONFIGURATION, "GenerationConfig.validate")
    assert unread.parameters == parameters
    assert unread.key.startswith("validate: ValueError")


def test_an_unread_raise_is_reported_once_however_often_it_is_reached() -> None:
    source = "for x in (1, 2):\n    if self.a and strange(self.b, x): raise ValueError"
    assert len(read(source).unread) == 1


def test_each_unread_raise_has_a_key_of_its_own() -> None:
    found = read("if self.a and strange(self.b): raise ValueError\n" * 2)
    key = "validate: ValueError if self.a and strange(self.b)"
    assert [unread.key for unread in found.unread] == [key, f"{key} (2)"]


@pytest.mark.parametrize(
    ("source", "condition"),
    [
        ("if strange() or self.a and self.b: raise ValueError", "a and b"),  # the other way leads there too
        ("if self.a and self.b or strange(): raise ValueError", "a and b"),
        ("if strange() or other(): raise ValueError", None),
        ("if self.a and (strange() or self.b): raise ValueError", None),  # only at the top
    ],
)
def test_an_alternative_that_cannot_be_read_and_asks_nothing_is_left_out(
    source: str, condition: str | None
) -> None:
    found = read(source)
    assert [text(rule.when) for rule in found.rules] == ([] if condition is None else [condition])


def test_an_alternative_that_asks_a_parameter_is_not_left_out() -> None:
    found = read("if self.a and self.b or strange(self.c): raise ValueError")
    assert found.rules == ()
    assert [unread.parameters for unread in found.unread] == [("a", "b", "c")]


def test_two_raises_about_the_same_parameters_are_one_rule() -> None:
    found = read("if self.a > 1 and self.b: raise ValueError\nif self.b and self.a < 0: raise ValueError")
    assert summaries(found) == [("reject", "validate: a, b", "b and (a > 1 or a < 0)")]


# --- loops over tables


@pytest.mark.parametrize(
    ("source", "others", "top"),
    [
        ("for x in ('a', 'b'):\n    if getattr(self, x) and self.c: raise ValueError", "", ""),
        ("for x in ['a', 'b']:\n    if getattr(self, x) and self.c: raise ValueError", "", ""),
        ("names = ('a', 'b')\nfor x in names:\n    if getattr(self, x) and self.c: raise ValueError", "", ""),
        ("for x in NAMES:\n    if getattr(self, x) and self.c: raise ValueError", "", "NAMES = ('a', 'b')"),
        ("for x in NAMES:\n    if getattr(self, x) and self.c: raise ValueError", "", "NAMES = ('a',) + ('b',)"),
        ("for x in self.names:\n    if getattr(self, x) and self.c: raise ValueError", "names = ('a', 'b')", ""),
        ("for x in ('a', 'b'):\n    y = getattr(self, x)\n    if y is None: continue\n    if y and self.c: raise ValueError", "", ""),
    ],
)  # fmt: skip
def test_loops_over_tables_are_unrolled(source: str, others: str, top: str) -> None:
    found = read(source, others=others, top=top)
    assert [rule.key for rule in found.rules] == ["validate: a, c", "validate: b, c"]
    assert found.unread == ()
    conditions = [text(rule.when) for rule in found.rules]
    assert conditions in (["a and c", "b and c"], ["a is not None and a and c", "b is not None and b and c"])


@pytest.mark.parametrize(
    ("source", "others"),
    [
        ("for x in NOWHERE:\n    if getattr(self, x) and self.c: raise ValueError", ""),
        ("for x in self.names:\n    if getattr(self, x) and self.c: raise ValueError", "names = strange()"),
        ("for x in ():\n    if getattr(self, x) and self.c and self.b: raise ValueError", ""),
    ],
)
def test_a_loop_over_anything_but_a_table_is_one_iteration(source: str, others: str) -> None:
    assert read(source, others=others).rules == ()


# --- minor issues


IGNORED = 'minor_issues["{0}"] = "ignored"'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"if not self.flag:\n    {IGNORED.format('a')}", {("a",): "not flag"}),
        # its own value decides whether it is said, not whether it is so
        (f"if not self.flag:\n    if self.a is not None and self.a != 1.0:\n        {IGNORED.format('a')}", {("a",): "not flag"}),
        (f"if not self.flag:\n    if self.a is not None and _should_warn('flag', 'a', given):\n        {IGNORED.format('a')}", {("a",): "not flag"}),
        (f"if not self.flag:\n    if strange(self.a):\n        {IGNORED.format('a')}", {("a",): "not flag"}),
        # several are one rule
        (f"if not self.flag:\n    if self.a:\n        {IGNORED.format('a')}\n    if self.b:\n        {IGNORED.format('b')}\n    {IGNORED.format('a')}", {("a", "b"): "not flag"}),
        ("for x in ('a', 'b'):\n    if not self.flag and getattr(self, x) is True:\n        minor_issues[x] = 'ignored'", {("a", "b"): "not flag"}),
        (f"if not self.flag:\n    if self.a:\n        {IGNORED.format('a')}\nelif self.c:\n    {IGNORED.format('b')}", {("a",): "not flag", ("b",): "flag and c"}),
    ],
)  # fmt: skip
def test_what_is_called_ignored(source: str, expected: dict[tuple[str, ...], str]) -> None:
    found = read(source)
    assert {rule.fields: text(rule.when) for rule in found.rules} == expected
    assert {rule.effect for rule in found.rules} == {"dormant"}
    assert found.unread == ()


@pytest.mark.parametrize(
    "source",
    [
        IGNORED.format("a"),  # always
        f"if self.a < 0:\n    {IGNORED.format('a')}",  # a value that it should not have
        f"if not self.flag:\n    {IGNORED.format('unknown')}",
        "if not self.flag:\n    minor_issues[strange()] = 'ignored'",
        "if not self.flag:\n    minor_issues[name] = 'ignored'",
        "if not self.flag:\n    minor_issues[3] = 'ignored'",
        "if not self.flag:\n    other_issues['a'] = 'ignored'",
    ],
)
def test_issues_that_are_not_a_combination(source: str) -> None:
    assert read(source) == SourceRules((), ())


@pytest.mark.parametrize(
    "source",
    [
        f"if strange(self.flag):\n    if self.a:\n        {IGNORED.format('a')}",
        f"if not self.flag:\n    if strange(self.b):\n        {IGNORED.format('a')}",
        f"if not self.flag:\n    if strange():\n        {IGNORED.format('a')}",  # what this depends on is unknown
        f"if self.b:\n    if strange(): return\nif not self.flag:\n    {IGNORED.format('a')}",
    ],
)
def test_an_issue_that_cannot_be_read_is_reported(source: str) -> None:
    found = read(source)
    where = Symbol(CONFIGURATION, "GenerationConfig.validate")
    assert found == SourceRules((), (UnreadRaise(where, ("a",), "validate: minor_issues['a']"),))


# --- modes


HUB = "{GenerationMode.GREEDY: '_sample', GenerationMode.BEAM: 'owner/beams'}"


@pytest.mark.parametrize(
    ("mode", "condition"),
    [
        (MODE, "num_beams != 1"),
        ("if self.a is not None:\n    generation_mode = GenerationMode.BEAM\nelse:\n    generation_mode = GenerationMode.GREEDY", "a is not None"),
        ("generation_mode = GenerationMode.GREEDY\nif self.a > 1 and self.b:\n    generation_mode = GenerationMode.BEAM", "a > 1 and b"),
        ("generation_mode: str = GenerationMode.GREEDY\nif self.a:\n    generation_mode: object = GenerationMode.BEAM", "a"),
        # a later statement asks the mode that was chosen before, as a member or by its value
        ("generation_mode = GenerationMode.GREEDY\nif self.a:\n    generation_mode = GenerationMode.SAMPLE\nif self.b:\n    if generation_mode in ('greedy', GenerationMode.OTHER):\n        generation_mode = GenerationMode.BEAM", "not a and b"),
        ("generation_mode = GenerationMode.GREEDY\nif self.a:\n    generation_mode = GenerationMode.SAMPLE\nif generation_mode == GenerationMode.SAMPLE:\n    generation_mode = GenerationMode.BEAM", "a"),
        ("generation_mode = GenerationMode.GREEDY\nif assistant_model is not None or self.a:\n    generation_mode = GenerationMode.BEAM", "call.assistant_model or a"),
        ("generation_mode = GenerationMode.BEAM\nif assistant_model is not None:\n    generation_mode = GenerationMode.GREEDY", "not call.assistant_model"),
        ("generation_mode = GenerationMode.GREEDY\nif assistant_model is None and self.a:\n    generation_mode = GenerationMode.BEAM", "not call.assistant_model and a"),
        # what only warns splits nothing
        ("generation_mode = GenerationMode.BEAM\nif self.a:\n    logger.warning('x')\nelse:\n    if self.b:\n        logger.warning('y')\nif self.c:\n    generation_mode = GenerationMode.GREEDY", "not c"),
    ],
)  # fmt: skip
def test_a_mode_that_lives_on_the_hub_is_refused_unless_its_code_is_named(mode: str, condition: str) -> None:
    found = read(mode=mode + "\nreturn generation_mode", table=HUB)
    alone = f"({condition})" if " or " in condition else condition
    assert summaries(found) == [
        ("reject", "get_generation_mode: BEAM", f"{alone} and extra.custom_generate is None")
    ]
    assert str(found.rules[0].symbol) == f"{CONFIGURATION}::GenerationConfig.get_generation_mode"


def test_modes_in_core_are_not_refused() -> None:
    assert read() == SourceRules((), ())


@pytest.mark.parametrize(
    ("mode", "table", "place", "what"),
    [
        ("generation_mode = GenerationMode.GREEDY", HUB, GENERATE, "nothing chooses its mode BEAM"),
        ("for x in y: pass", TABLE, CONFIGURATION, "'for x in y:\\n    pass' is not known there"),
        ("generation_mode = strange()", TABLE, CONFIGURATION, "'generation_mode = strange()' is not known there"),
        ("other = GenerationMode.GREEDY", TABLE, CONFIGURATION, "is not known there"),
        ("if self.a:\n    import os", TABLE, CONFIGURATION, "'import os' is not known there"),
        ("if strange():\n    generation_mode = GenerationMode.GREEDY", TABLE, CONFIGURATION, "the mode depends on 'strange()'"),
        ("if strange(self.a):\n    pass", TABLE, CONFIGURATION, "the mode depends on 'strange(self.a)'"),
        (MODE, "strange()", GENERATE, "it is not a table of modes and names"),
        (MODE, "{GenerationMode.GREEDY: strange()}", GENERATE, "it is not a table of modes and names"),
        (MODE, "{'greedy': '_sample'}", GENERATE, "it is not a table of modes and names"),
        (MODE, "{**OTHERS}", GENERATE, "it is not a table of modes and names"),
        (MODE, None, GENERATE, "there is no GENERATION_MODES_MAPPING"),
    ],
)  # fmt: skip
def test_a_mode_that_is_not_understood_is_an_unknown_shape(
    mode: str, table: str | None, place: str, what: str
) -> None:
    with pytest.raises(UnknownShapeError) as raised:
        read(mode=mode, table=table)
    assert raised.value.where.startswith(f"transformers/{place}")
    assert what in raised.value.what


@pytest.mark.parametrize(
    ("missing", "what"),
    [
        ("validate", "there is no GenerationConfig.validate"),
        ("get_generation_mode", "there is no GenerationConfig.get_generation_mode"),
        ("GenerationMixin", "there is no GenerationMixin"),
        ("generate", "there is no GenerationMixin.generate"),
    ],
)
def test_a_function_that_is_not_there_is_an_unknown_shape(missing: str, what: str) -> None:
    others = "def validate(self): return\ndef get_generation_mode(self): return\n"
    files = configuration("pass", others=others).replace(f"def {missing}", "def renamed")
    generate = f"GENERATION_MODES_MAPPING = {TABLE}\nclass GenerationMixin:\n    def generate(self): pass\n"
    generate = generate.replace(f"class {missing}", "class Renamed").replace(f"def {missing}", "def renamed")
    with pytest.raises(UnknownShapeError, match=what):
        read_rules(library(configuration=files, generate=generate), PARAMETERS)


# --- GenerationMixin


def mixin(body: str, name: str = "_sample", arguments: str = "generation_config") -> str:
    """A method of it."""
    return (
        f"def {name}(self, {arguments}):\n"
        + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
        + "\n"
    )


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("_sample", "num_beams == 1 and a"),
        ("_beam_search", "num_beams != 1 and a"),
        ("_validate_generation_mode", "a"),
    ],
)
def test_a_raise_of_a_method_is_reached_by_its_modes(name: str, condition: str) -> None:
    found = read(mixin=mixin("if generation_config.a: raise ValueError", name))
    assert summaries(found) == [("reject", f"{name}: a", condition)]
    assert str(found.rules[0].symbol) == f"{GENERATE}::GenerationMixin.{name}"
    assert found.rules[0].fields == tuple(name for name in ("num_beams", "a") if name in condition)


def test_a_helper_is_reached_as_the_method_that_calls_it() -> None:
    table = "{GenerationMode.GREEDY: '_sample', GenerationMode.BEAM: '_assisted_decoding'}"
    found = read(
        mixin=mixin("if generation_config.a: raise ValueError", "_get_candidate_generator"), table=table
    )
    assert summaries(found) == [("reject", "_get_candidate_generator: a", "num_beams != 1 and a")]


CALLS = """
x = strange(self._first(generation_config))
if generation_config.b:
    self._second(generation_config)
elif generation_config.c:
    y = self._third(generation_config)
if strange(kwargs):
    self._fourth(generation_config)
if generation_config.tokens is None:
    return self._fifth(generation_config)
self._last(generation_config)
if generation_config.flag:
    self._second(generation_config)
"""


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("_first", "a"),
        ("_second", "(b or tokens is not None and flag) and a"),
        ("_third", "not b and c and a"),
        ("_last", "tokens is not None and a"),
    ],
)
def test_a_raise_of_a_method_is_reached_where_generate_calls_it(name: str, condition: str) -> None:
    refusing = mixin("if generation_config.a: raise ValueError", name)
    found = read(mixin=mixin(CALLS, "generate", "generation_config, **kwargs") + refusing)
    assert [text(rule.when) for rule in found.rules] == [condition]
    assert found.unread == ()


@pytest.mark.parametrize("name", ["_fourth", "_fifth"])
def test_a_call_that_is_not_known_to_happen_reaches_nothing(name: str) -> None:
    """Below a test that cannot be read; or instead of the decoding method."""
    refusing = mixin("if generation_config.a: raise ValueError", name)
    found = read(mixin=mixin(CALLS, "generate", "generation_config, **kwargs") + refusing)
    assert (found.rules, [unread.parameters for unread in found.unread]) == ((), [("a",)])


@pytest.mark.parametrize(
    ("test", "need"),
    [
        ("tokenizer is None", "call.tokenizer"),
        ("tokenizer is not None", "not call.tokenizer"),
        ("self.config.is_encoder_decoder", "not model.encoder_decoder"),
        ("self.config.is_encoder_decoder or tokenizer is None", "not model.encoder_decoder and call.tokenizer"),
    ],
)  # fmt: skip
def test_what_is_refused_because_of_the_call_or_the_model_is_needed(test: str, need: str) -> None:
    """Whether the setting is asked together with the fact, around it, or by the choice of the mode."""
    raises = "raise ValueError"
    for body, condition in (
        (f"if generation_config.a and ({test}): {raises}", "num_beams == 1 and a"),
        (f"if generation_config.a:\n    if {test}: {raises}", "num_beams == 1 and a"),
        (f"if {test}: {raises}", "num_beams == 1"),
        (f"tokenizer = strange(x)\nif {test}: {raises}", "num_beams == 1"),
    ):
        [rule] = read(mixin=mixin(body, arguments="generation_config, tokenizer, x")).rules
        assert (rule.effect, text(rule.when)) == ("require", condition)
        assert rule.need is not None
        assert text(rule.need) == need


def test_the_key_of_a_need_names_what_the_statement_asks() -> None:
    body = "if generation_config.a is not None and self.config.is_encoder_decoder: raise ValueError"
    [rule] = read(mixin=mixin(body)).rules
    assert (rule.key, rule.fields) == ("_sample: a, model.encoder_decoder", ("num_beams", "a"))


def test_a_fact_that_decides_what_else_is_asked_is_asked_once() -> None:
    body = """
    token = generation_config.a
    if self.config.is_encoder_decoder:
        token = token if token is not None else generation_config.b
    if self.config.is_encoder_decoder and token is None: raise ValueError
    """
    [rule] = read(mixin=mixin(body)).rules
    assert text(rule.when) == "num_beams == 1 and a is None and b is None"
    assert rule.need is not None
    assert text(rule.need) == "not model.encoder_decoder"


@pytest.mark.parametrize("made", ["torch.tensor(generation_config.a)", "generation_config.a.to(device)"])
def test_a_tensor_is_never_none(made: str) -> None:
    body = f"token = generation_config.a if generation_config.a is None else {made}\nif token is None: raise ValueError"
    assert when(read(mixin=mixin(body))) == "num_beams == 1 and a is None"


@pytest.mark.parametrize(
    "body",
    [
        "if generation_config.a or self.config.is_encoder_decoder: raise ValueError",
        "if self.config.is_encoder_decoder and strange(generation_config.a): raise ValueError",
        "if tokenizer is generation_config.a: raise ValueError",
    ],
)
def test_a_setting_and_a_fact_that_cannot_be_told_apart_are_reported(body: str) -> None:
    found = read(mixin=mixin(body))
    assert (found.rules, [unread.parameters for unread in found.unread]) == ((), [("a",)])


@pytest.mark.parametrize(
    "body", ["if self.config.is_encoder_decoder: raise ValueError", "if tokenizer is None: raise ValueError"]
)
def test_what_is_refused_whatever_is_set_is_nothing(body: str) -> None:
    assert read(mixin=mixin(body, "_validate_generation_mode")) == SourceRules((), ())


def test_two_needs_of_one_statement_are_two_rules() -> None:
    """The merge then reports two rules of one name: which need a message is about must stay clear."""
    body = "if generation_config.a:\n    if {}: raise ValueError\nif generation_config.b:\n    if {}: raise ValueError"
    same = read(
        mixin=mixin(body.format("tokenizer is None", "tokenizer is None").replace(".b:", ".a is None:"))
    )
    assert [text(rule.when) for rule in same.rules] == ["num_beams == 1 and (a or a is None)"]
    other = read(
        mixin=mixin(body.format("tokenizer is None", "tokenizer is not None").replace(".b:", ".a is None:"))
    )
    assert len(other.rules) == 2


def test_alternatives_that_the_branch_decides_are_left_out() -> None:
    old = mixin(
        """
        if generation_mode == GenerationMode.GREEDY:
            pass
        elif generation_config.b or generation_config.c:
            if not generation_config.b:
                if generation_config.a: raise ValueError
        """,
        "generate",
    ) + mixin("pass", "_group_beam_search")
    assert when(read(mixin=old, table=None)) == "num_beams != 1 and c and not b and a"


@pytest.mark.parametrize("name", ["_other_helper", "generate"])
def test_a_raise_that_depends_on_a_parameter_elsewhere_is_reported(name: str) -> None:
    found = read(mixin=mixin("if generation_config.a: raise ValueError", name))
    unread = UnreadRaise(
        Symbol(GENERATE, f"GenerationMixin.{name}"), ("a",), f"{name}: ValueError if generation_config.a"
    )
    assert found == SourceRules((), (unread,))


def test_a_raise_that_depends_on_no_parameter_is_nothing() -> None:
    body = "if self.config.other: raise ValueError\nraise TypeError"
    assert read(mixin="x = 3\n" + mixin(body) + mixin(body, "_other")) == SourceRules((), ())


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        ("if not model_kwargs['use_cache']: raise ValueError", "not use_cache"),
        ("if generation_mode == GenerationMode.BEAM and generation_config.a: raise ValueError", "num_beams != 1 and a"),
        ("if generation_mode == GenerationMode.UNHEARD or generation_config.a: raise ValueError", "a"),
        ("if generation_mode in (GenerationMode.BEAM, 'greedy') and generation_config.a: raise ValueError", "a"),
        ("if generation_mode in ('beam', 3) and generation_config.a: raise ValueError", "num_beams != 1 and a"),
        ("if assistant_model is not None and generation_config.a: raise ValueError", "call.assistant_model and a"),
        ("assistant_model = strange()\nif assistant_model is None and generation_config.a: raise ValueError", "not call.assistant_model and a"),
        ("if custom_generate is None and generation_config.a: raise ValueError", "extra.custom_generate is None and a"),
        ("if custom_generate is not None and generation_config.a: raise ValueError", "extra.custom_generate is not None and a"),
        ("generation_config = strange(generation_config)\nif generation_config.a: raise ValueError", "a"),
        ("cap = generation_config.a\nif cap is None: return\nif cap > 3: raise ValueError", "a > 3"),
        ("if getattr(generation_config, 'a', None) is not None: raise ValueError", "a is not None"),
    ],
)  # fmt: skip
def test_what_a_method_asks(body: str, condition: str) -> None:
    found = read(mixin=mixin(body, "_validate_generation_mode"))
    assert when(found) == condition
    assert found.unread == ()


@pytest.mark.parametrize(
    "body",
    [
        "if getattr(generation_config, strange()): raise ValueError",
        "if getattr(other, 'a'): raise ValueError",
        "if model_kwargs['other']: raise ValueError",
        "if other.a: raise ValueError",
    ],
)
def test_code_that_is_not_a_parameter(body: str) -> None:
    assert read(mixin=mixin(body)) == SourceRules((), ())


def test_the_old_shape_without_a_table() -> None:
    """Older releases have a branch for each mode."""
    old = mixin(
        """
        if generation_mode == GenerationMode.BEAM:
            if generation_config.a: raise ValueError
        elif generation_mode == GenerationMode.GREEDY:
            if generation_config.b: raise ValueError
        """,
        "generate",
    ) + mixin("if generation_config.c: raise ValueError", "_group_beam_search")
    found = read(mixin=old, table=None)
    assert summaries(found) == [
        ("reject", "generate: a", "num_beams != 1 and a"),
        ("reject", "generate: b", "num_beams == 1 and b"),
    ]
    assert [unread.parameters for unread in found.unread] == [("c",)]


PAGED = 'if kwargs.get("use_cache", None) == "paged":\n    x = 1\n    return self.other()\n'


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        (PAGED, "num_beams == 1 and a and use_cache != 'paged'"),
        (PAGED.replace(", None", ""), "num_beams == 1 and a and use_cache != 'paged'"),
        (PAGED.replace("use_cache", "unknown"), "num_beams == 1 and a"),
        (PAGED.replace("==", "!="), "num_beams == 1 and a"),
        (PAGED.replace("return", "y ="), "num_beams == 1 and a"),
        (PAGED.replace("kwargs", "others"), "num_beams == 1 and a"),
    ],
)
def test_a_value_that_passes_the_call_on_at_once_is_left_out(body: str, condition: str) -> None:
    """What the methods refuse is not refused there; what validate refuses is."""
    found = read(
        "if self.b and self.c: raise ValueError",
        mixin=mixin(body, "generate", "**kwargs") + mixin("if generation_config.a: raise ValueError"),
        table="{GenerationMode.GREEDY: '_sample', GenerationMode.BEAM: 'owner/beams'}",
    )
    refused = condition.replace("num_beams == 1 and a", "num_beams != 1 and extra.custom_generate is None")
    assert [text(rule.when) for rule in found.rules] == ["b and c", refused, condition]


def test_nothing_of_the_source_is_executed(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    hostile = "open('canary', 'w')"
    found = read(
        f"if self.a and {hostile}: raise ValueError\nx = {hostile}\nfor y in {hostile}:\n    if self.b and self.c: raise ValueError",
        mixin=mixin(f"if generation_config.a == {hostile}: raise ValueError"),
    )
    assert len(found.unread) == 2
    assert not list(Path(str(tmp_path)).iterdir())


# --- the real releases, reviewed against their sources


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_the_combinations_of_the_real_releases(version: str) -> None:
    found = {rule.key: text(rule.when) for rule in releases.facts(version).rules.rules}
    expected = expectations.of(version).rules
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_the_statements_of_the_real_releases(version: str) -> None:
    found = {rule.key for rule in releases.facts(version).rules.rules}
    assert found == set(expectations.of(version).statements)


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_what_the_real_releases_call_ignored(version: str) -> None:
    found = {
        rule.key: set(rule.fields) for rule in releases.facts(version).rules.rules if rule.effect == "dormant"
    }
    assert found == {key: set(fields) for key, fields in expectations.of(version).ignored.items()}


@pytest.mark.parametrize("version", places.SUPPORTED)
def test_what_cannot_be_read_in_the_real_releases(version: str) -> None:
    """Each is restated by a rule; a new one is an unknown shape until it is reviewed."""
    found = {(unread.symbol.name, *unread.parameters) for unread in releases.facts(version).rules.unread}
    assert found == set(expectations.of(version).unread)
