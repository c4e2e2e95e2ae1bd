"""codegen.render.module and codegen.render.docs_page: what is upstream's or people's stays data, whatever it says."""

import ast
import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel

from codegen.errors import RenderError
from codegen.model.conditions import ALWAYS, Compare, Constant, Name, parse
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import Deprecation, Rule, Schema, Tightening
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Opaque,
    Scalar,
    TupleOf,
    Type,
    Union,
    Value,
)
from codegen.render import docs_page, files
from codegen.render import module as render
from codegen.render.module import Code
from llenergymeasure.config import metadata as facts_module
from llenergymeasure.config.base import BackendConfig
from tests.codegen import places, strategies
from tests.codegen.small_schema import SCHEMA, field, param

HOSTILE = (
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "\\'",
    'end"""\nimport os',
    "{{ 7*7 }}",
    "{% raw %}",
    "{% endraw %}{{ cycler.__init__.__globals__.os.system('id') }}",
    "{# a comment #}",
    "\n",
    "\r\n",
    "\x00",
    "\u2028",
    "\u202e txet \u2066",
    "\\N{BULLET}",
    "\\x41\\u0041",
    "${HOME} `id` $(id)",
    "größe 日本語 \U0001f600",
    "\ud800",
    "# noqa\n# type: ignore",
    "</td> | --- | [x](y) <script>",
    "x" * 100_000,
    " " * 300,
    "\t",
)


@given(strategies.values)
def test_a_literal_evaluates_to_its_value(value: Value) -> None:
    evaluated = ast.literal_eval(render.literal(value))
    assert repr(evaluated) == repr(value)


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: f"{words[:12]!r}")
def test_hostile_texts_as_literals(words: str) -> None:
    for made in (render.literal(words), render.paragraph(words)):
        assert ast.literal_eval(made) == words
        assert made.isprintable() or "\n" in made


@given(st.text(max_size=300))
@example("a b " * 60)
@example("word-" * 60)
def test_a_paragraph_evaluates_to_its_text(words: str) -> None:
    assert ast.literal_eval(render.paragraph(words)) == words


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), b"bytes", object(), {1}, [1], (object(),)],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_literal_is_refused(value: object) -> None:
    with pytest.raises(RenderError, match="cannot be written as a Python literal"):
        render.literal(value)


@given(st.text(st.characters(), max_size=50))
@example("\r")
@example("\u2028")
@example("\u202e")
@example("\x0c")
def test_a_comment_stays_in_its_line(words: str) -> None:
    made = render.comment(words)
    assert len(f"# {made}".splitlines()) == 1
    assert not [letter for letter in made if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@given(st.text(st.characters(), max_size=50))
@example("|")
@example("\\|")
@example("`|`")
@example("[x](y)")
@example("<script>")
def test_a_cell_stays_in_its_cell(words: str) -> None:
    made = docs_page.cell(words)
    assert "\n" not in made
    assert "<" not in made.replace("<!-- -->", "")
    unescaped = made.replace("\\\\", "").replace("\\|", "").replace("\\[", "").replace("\\]", "")
    assert "|" not in unescaped
    assert "[" not in unescaped


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("In GenerationConfig.__init__, top_k is 1.", "In GenerationConfig.\\_\\_init\\_\\_, top_k is 1."),
        (
            "Run `python -m codegen diff __a__ <b> [c] *d*`.",
            "Run `python -m codegen diff __a__ <b> [c] *d*`.",
        ),
        ("`a|b`", "`a\\|b`"),
        ("`a\\|b`", "\\`a\\\\\\|b\\`"),
        ("one ` alone", "one \\` alone"),
        ("``a``", "\\`\\`a\\`\\`"),
        ("*a* ~~b~~ $c$ <d> &amp;", "\\*a\\* \\~\\~b\\~\\~ \\$c\\$ &lt;d&gt; &amp;amp;"),
        ("ask @someone about #12", "ask @<!-- -->someone about #<!-- -->12"),
        ("https://a.example, www.b.example", "https:<!-- -->//a.example, www<!-- -->.b.example"),
        ("a @ b # c: d", "a @ b # c: d"),
    ],
)
def test_a_cell_is_no_markup_but_code(words: str, made: str) -> None:
    assert docs_page.cell(words) == made


@pytest.mark.parametrize(
    ("name", "rendered"),
    [
        ("temperature", "temperature"),
        ("copy", "copy_"),
        ("json", "json_"),
        ("schema", "schema_"),
        ("validate", "validate_"),
        ("extra", "extra_"),
        ("lambda", "lambda_"),
        ("None", "None_"),
        ("model_config", "model_config_"),
        ("model_anything", "model_anything_"),
        ("generate_kwargs", "generate_kwargs_"),
    ],
)
def test_names_that_clash_get_an_underscore(name: str, rendered: str) -> None:
    assert render.field_name(name) == rendered


def test_every_name_of_the_base_classes_counts_as_taken() -> None:
    ours = {name for name in dir(BackendConfig) if not name.startswith("_")} | set(BackendConfig.model_fields)
    ours |= {name for name in dir(BaseModel) if not name.startswith("_")}
    assert {name for name in ours if render.field_name(name) == name} == set()


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "größe", "a.b", "a\n", "a:", "__import__('os')", "\u202ea"]
)
def test_what_is_no_plain_identifier_is_refused(name: str) -> None:
    with pytest.raises(RenderError, match="not a plain identifier"):
        render.field_name(name)


POSITIVE = (Bound(">", 0),)


@pytest.mark.parametrize(
    ("shape", "takes_none", "annotation"),
    [
        (Scalar("bool"), False, "bool"),
        (Scalar("int", POSITIVE), True, "Annotated[int, Gt(0)] | None"),
        (Scalar("float", (Bound(">=", 0), Bound("<", 0.5))), False, "Annotated[float, Ge(0), Lt(0.5)]"),
        (Scalar("float", (Bound("<=", -1),)), False, "Annotated[float, Le(-1)]"),
        (Scalar("str", (Bound(">=", 1),)), False, "Annotated[str, MinLen(1)]"),
        (Choice(("low", "hi'gh")), True, "Literal['low', \"hi'gh\"] | None"),
        (Choice((1, True, "a")), False, "Annotated[Literal[1, True, 'a'], exact]"),
        (ListOf(Scalar("str")), True, "Seq[str] | None"),
        (ListOf(ListOf(Scalar("int", POSITIVE)), min_length=2), False, "Annotated[Seq[Seq[Annotated[int, Gt(0)]]], MinLen(2)]"),
        (TupleOf((Scalar("int"), Scalar("float"))), False, "Annotated[tuple[int, float], FixedTuple]"),
        (MapOf(Scalar("str"), Scalar("int")), True, "FrozenMap[int] | None"),
        (MapOf(Scalar("str"), Scalar("int"), min_length=1), False, "Annotated[FrozenMap[int], MinLen(1)]"),
        (MapOf(ListOf(Scalar("int")), Scalar("float")), False, "Pairs[Seq[int], float]"),
        (MapOf(ListOf(Scalar("int")), Scalar("float"), min_length=1), False, "Annotated[Pairs[Seq[int], float], MinLen(1)]"),
        (Nested("CompileConfig"), True, "CompileConfig | None"),
        (Union((Nested("AConfig"), Nested("BConfig"))), True, "Annotated[AConfig | BConfig, one_of] | None"),
        (Union((Scalar("str"), ListOf(Scalar("str")))), True, "str | Seq[str] | None"),
        (NoData(), True, "None"),
    ],
)  # fmt: skip
def test_annotations(shape: Type, takes_none: bool, annotation: str) -> None:
    assert render.annotation(shape, takes_none=takes_none) == annotation


def test_a_type_without_data_form_has_no_annotation() -> None:
    with pytest.raises(RenderError, match="Callable has no annotation"):
        render.annotation(Opaque("Callable"), takes_none=False)


@pytest.mark.parametrize(
    ("shape", "constraints"),
    [
        (Scalar("int", POSITIVE), ("> 0",)),
        (Scalar("float", (Bound(">=", 0), Bound("<=", 1))), (">= 0", "<= 1")),
        (ListOf(ListOf(Scalar("int", (Bound(">=", 0),)))), ("each >= 0",)),
        (TupleOf((Scalar("int", (Bound(">=", 0),)), Scalar("float", POSITIVE))), ("[0] >= 0", "[1] > 0")),
        (Scalar("str", (Bound(">=", 1),)), ("length >= 1",)),
        (ListOf(Scalar("int"), min_length=2), ("at least 2 long",)),
        (MapOf(ListOf(Scalar("int", (Bound(">=", 0),))), Scalar("float")), ("keys each >= 0",)),
        (Union((Scalar("int", POSITIVE), ListOf(Scalar("int", POSITIVE)))), ("> 0", "each > 0")),
        (Scalar("bool"), ()),
    ],
)
def test_constraints_in_short_texts(shape: Type, constraints: tuple[str, ...]) -> None:
    assert render.constraints(shape) == constraints


@pytest.mark.parametrize(
    ("shape", "choices"),
    [
        (Choice(("a", 1)), ("a", 1)),
        (Scalar("bool"), (False, True)),
        (Union((Scalar("bool"), Choice(("never",)))), (False, True, "never")),
        (Union((Choice(("low",)), ListOf(Scalar("int")))), ()),
        (Scalar("int"), ()),
    ],
)
def test_closed_sets(shape: Type, choices: tuple[Value, ...]) -> None:
    assert render.choices(shape) == choices


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "What a does. Range: > 0."),
        ({"disabled_value": 0}, "What a does. Range: > 0. Off: 0."),
        ({"disabled_value": False}, "What a does. Range: > 0. Off: False."),
        ({"deprecation": Deprecation()}, "What a does. Range: > 0. Deprecated upstream."),
        (
            {"deprecation": Deprecation(since="5.1", removal="6", moved_to_hub=True, note="Use b.")},
            (
                "What a does. Range: > 0. Deprecated upstream since 5.1; its decoding mode moved to the Hub; "
                "its removal was announced for 6. Use b."
            ),
        ),
        ({"description": "Why.  "}, "Why. Range: > 0."),
    ],
    ids=lambda value: "",
)
def test_a_description_ends_with_what_is_generated(parts: dict[str, object], words: str) -> None:
    shape = Scalar("int", (Bound(">", 0),))
    assert render.described(param("a", shape, 1, **parts)) == words
    assert render.described(param("a", Scalar("bool"), default=False)) == "What a does."


@pytest.mark.parametrize(
    ("shape", "default", "shown"),
    [
        (Scalar("float"), 0, 0.0),
        (Scalar("float"), 0.5, 0.5),
        (Scalar("int"), 0, 0),
        (Scalar("bool"), False, False),
        (Scalar("float"), None, None),
        (Union((Scalar("int"), Scalar("float"))), 1, 1),
        (Union((Scalar("float"), Scalar("str"))), 1, 1),
        (TupleOf((Scalar("int"), Scalar("float"))), (1, 2), (1, 2)),
    ],
)
def test_a_float_shows_a_float(shape: Type, default: Value, shown: Value) -> None:
    assert repr(render.shown_default(param("a", shape, default))) == repr(shown)


def test_facts_for_introspection() -> None:
    shape = Union((Scalar("int", (Bound(">", 0),)), Choice(("auto",))))
    origins = tuple(
        Origin(kind, Symbol.parse(symbol))
        for kind, symbol in (
            (OriginKind.TYPE, "x.py::f"),
            (OriginKind.GATE, "y.py::g"),
            (OriginKind.CHECK, "x.py::f"),
        )
    )
    given = param(
        "a", shape, 3, takes_none=True, disabled_value="auto", declared_default=2, equivalent_values=("auto", None),
        tightenings=(Tightening("> 0", "No."),), deprecation=Deprecation(note="Use b."), origins=origins,
        context={"do_sample": True},
    )  # fmt: skip
    need = Rule(
        id="x",
        effect="require",
        fields=("a",),
        when=ALWAYS,
        need=parse("call.tokenizer"),
        message="it needs it",
    )
    other = replace(need, fields=("b",), message="b needs it")
    assert render.facts(given, replace(SCHEMA, params=(given,), rules=(need, other)), places.ENGINE) == {
        "section": "A section",
        "type": "int | Literal['auto'] | None",
        "constraints": ("> 0",),
        "choices": (),
        "energy_role": "decoding",
        "role_reason": "It changes the work.",
        "declared_default": 2,
        "effective_default": 3,
        "off": "auto",
        "alike": ("auto", None),
        "deprecation": "deprecated upstream. Use b.",
        "requires": ("it needs it",),
        "tightenings": (("> 0", "No."),),
        "sources": ("x.py::f", "y.py::g"),
        "test_values": given.test_values,
        "context": {"do_sample": True},
    }
    assert render.facts(param("a", shape, 3), SCHEMA, places.ENGINE)["deprecation"] is None


def test_an_alias_is_printed_where_the_name_is_taken() -> None:
    text = render.module(SCHEMA, places.ENGINE)
    assert 'copy_: int = Field(\n        default=0,\n        alias="copy",\n' in text
    assert text.count("alias=") == 1


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ words }}", "printed 'a text' without escaping it"),
        ("{{ 7 * 7 }}", "printed 49 without escaping it"),
        ("{{ words | upper }}", "without escaping it"),
        ("{{ code ~ words }}", "without escaping it"),
        ("{% for each in [words] %}{{ each }}{% endfor %}", "without escaping it"),
        ("{{ none }}", "printed None without escaping it"),
    ],
)
def test_a_template_prints_only_what_was_escaped(template: str, what: str) -> None:
    with pytest.raises(RenderError, match=what):
        render.environment().from_string(template).render(words="a text", code=Code("x"), none=None)


@pytest.mark.parametrize("template", ["{{ nowhere }}", "{{ code.nowhere }}", "{% if nowhere %}{% endif %}"])
def test_an_undefined_name_is_an_error(template: str) -> None:
    with pytest.raises((jinja2.UndefinedError, RenderError)):
        render.environment().from_string(template).render(code=Code("x"))


def test_escaped_values_are_printed_as_they_are() -> None:
    template = render.environment().from_string("{{ code }}\n{% if code %}{{ code }}{% endif %}\n")
    assert template.render(code=Code("{{ x }}")) == "{{ x }}\n{{ x }}"


def _everywhere(words: str) -> Schema:
    """A schema with a text wherever a text goes."""
    default = param("default", Scalar("str"), words)
    told = param("told", Choice((words, "b")), "b", role_reason=words, section=words)
    told = replace(told, description=words, tightenings=(Tightening(words, words),))
    nested = replace(SCHEMA.nested[0], fields=(field("mode", Scalar("str"), words),))
    said = Compare(Name("default"), "==", Constant(words))
    rule = Rule(
        id=words, effect="require", fields=(words,), when=said, need=said, message=words, tightening=words,
        origins=(Origin(OriginKind.RULE, Symbol(words, words), words),),
    )  # fmt: skip
    return replace(
        SCHEMA,
        params=(default, told),
        nested=(nested,),
        rules=(rule,),
        class_tightenings=(Tightening(words, words),),
    )


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: f"{words[:12]!r}")
def test_hostile_texts_anywhere_are_only_texts(words: str) -> None:
    text = render.module(_everywhere(words), places.ENGINE)
    tree = ast.parse(text)
    facts, rules = [node.value for node in tree.body if isinstance(node, ast.AnnAssign)]
    assert facts is not None
    assert rules is not None
    assert ast.literal_eval(facts)["told"]["role_reason"] == words
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls == {"Field", "Rule"}
    [arguments] = [
        {each.arg: each.value for each in node.keywords}
        for node in ast.walk(rules)
        if isinstance(node, ast.Call)
    ]
    for key in ("id", "message", "tightening"):
        assert ast.literal_eval(arguments[key]) == words
    condition = arguments["when"]
    assert isinstance(condition, ast.Lambda)
    assert isinstance(condition.body, ast.Compare)
    assert ast.literal_eval(condition.body.comparators[0]) == words
    page = docs_page.page(_everywhere(words))
    assert len(page.splitlines()) == len(docs_page.page(_everywhere("plain")).splitlines())


RENDERED = [ast.unparse(ast.parse(render.rule(each, SCHEMA, places.ENGINE))) for each in SCHEMA.rules]


def test_rules_come_out_as_they_are_meant() -> None:
    assert RENDERED == [
        (
            "Rule(id='early-needs-length', effect='reject', fields=('early', 'max_length'), triggers=('early',), "
            "when=lambda v: v['early'] == 'never' and (v['max_length'] is not None and v['max_length'] < 2), "
            "text=\"early == 'never' and max_length < 2\", message='one token cannot end early; set early=False', "
            "sources=('generation/configuration_utils.py::GenerationConfig.validate',))"
        ),
        (
            "Rule(id='greedy-ignores-temperature', effect='dormant', fields=('temperature',), "
            "when=lambda v: not bool(v['do_sample']), text='not do_sample', message='greedy decoding does not look at it', sources=())"
        ),
        (
            "Rule(id='bad-needs-vocabulary', effect='require', fields=('bad', 'words'), "
            "when=lambda v: v['bad'] is not None and v['call.batch_size'] % v['bits'] == 0, "
            "need=lambda v: (v['model.vocab_size'] is not None and highest(v['bad']) < v['model.vocab_size']) "
            "and subset(v['bad'], v['words']) or v['extra.mark'] in (1, 'a'), "
            "text='bad is not None and call.batch_size % bits == 0', "
            "need_text=\"highest(bad) < model.vocab_size and subset(bad, words) or extra.mark in (1, 'a')\", "
            "message='the model has no such token', tightening='Nobody means it.', sources=())"
        ),
        (
            "Rule(id='mark-needs-a-gpu', effect='require', fields=('mark',), when=lambda _: True, "
            "need=lambda v: v['device.type'] == 'cuda', text='True', need_text=\"device.type == 'cuda'\", "
            "message='it needs a GPU', sources=())"
        ),
    ]


def test_rules_are_rules_of_the_library() -> None:
    """What is rendered makes the dataclass that the runtime reads, and its functions say what was meant."""
    functions = {
        name: getattr(facts_module, name) for name in ("Rule", "subset", "highest", "lowest", "length")
    }
    made = [eval(each, functions) for each in RENDERED]
    assert [rule.id for rule in made] == [rule.id for rule in SCHEMA.rules]
    world = {
        "bad": ((1, 2),),
        "words": (1,),
        "bits": 2,
        "call.batch_size": 4,
        "model.vocab_size": 3,
        "extra.mark": "a",
    }
    needy = made[2]
    assert (needy.when(world), needy.need(world)) == (True, True)
    assert needy.need(world | {"extra.mark": None}) is False
    assert needy.when(world | {"bits": 3}) is False


def test_a_rule_imports_the_functions_that_it_asks_and_no_other() -> None:
    def imported(written: str) -> str:
        rule = replace(SCHEMA.rules[1], when=parse(written))
        text = render.module(replace(SCHEMA, params=(), nested=(), rules=(rule,)), places.ENGINE)
        [line] = [
            line for line in text.splitlines() if line.startswith("from llenergymeasure.config.metadata")
        ]
        return line.partition(" import ")[2]

    assert imported("subset(a, b)") == "ParamFacts, Rule, subset"
    assert imported("highest(a) > length(b)") == "ParamFacts, Rule, highest, length"
    assert imported("lowest(a) > 0 and a == 'highest(v['") == "ParamFacts, Rule, lowest"


def test_a_nested_class_comes_after_those_that_it_names() -> None:
    first = replace(SCHEMA.nested[0], fields=(field("inner", Nested("MarkConfig")),))
    text = render.module(replace(SCHEMA, params=(), nested=(first, *SCHEMA.nested[1:])), places.ENGINE)
    assert text.index("class MarkConfig") < text.index("class CompileConfig")


def test_a_circle_of_nested_classes_is_refused() -> None:
    circular = replace(SCHEMA.nested[0], fields=(field("inner", Nested("CompileConfig")),))
    with pytest.raises(RenderError, match="CompileConfig name each other in a circle"):
        render.module(replace(SCHEMA, params=(), nested=(circular,)), places.ENGINE)


def test_only_what_is_used_is_imported() -> None:
    flag = param("a", Scalar("bool"), default=False)
    named = param("b", Choice(("Seq Ge Annotated",)), "Seq Ge Annotated")
    text = render.module(replace(SCHEMA, params=(flag,), nested=(), rules=()), places.ENGINE)
    assert "from typing import ClassVar\n\nfrom pydantic import Field\n" in text
    assert "from llenergymeasure.config.metadata import ParamFacts, Rule\n" in text
    text = render.module(replace(SCHEMA, params=(named,), nested=(), rules=()), places.ENGINE)
    assert "from typing import ClassVar, Literal\n\nfrom pydantic import Field\n" in text
    assert "from llenergymeasure.config.base import BackendConfig, NestedConfig\n" in text


def test_it_reads_well() -> None:
    text = render.module(SCHEMA, places.ENGINE)
    assert text.startswith(
        '"""Every parameter of Hugging Face ``generate()``, typed.\n\nGENERATED from transformers 5.23.0'
    )
    assert (
        text.index("# Length")
        < text.index("max_length:")
        < text.index("# A section")
        < text.index("temperature:")
    )
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", "pyproject.toml", "--stdin-filename", str(places.MODULE), "-"],
        cwd=places.ROOT, input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


PROGRAM = """
import sys
sys.path.insert(0, {root!r})
from codegen.render import files
from tests.codegen import places
from tests.codegen.small_schema import SCHEMA
for path, text in files.generate(SCHEMA, places.ENGINE).items():
    sys.stdout.buffer.write(path.as_posix().encode() + b"\\n" + text.encode())
"""


def test_the_same_bytes_under_any_hash_seed_folder_and_locale(tmp_path: Path) -> None:
    meant = b"".join(
        path.as_posix().encode() + b"\n" + text.encode()
        for path, text in files.generate(SCHEMA, places.ENGINE).items()
    )
    program = PROGRAM.format(root=str(places.ROOT))
    library = {"PYTHONPATH": str(places.LIBRARY)}
    for variables in (
        {"PYTHONHASHSEED": "0", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "random", "LC_ALL": "tr_TR.UTF-8", "COLUMNS": "20", "TZ": "Asia/Tokyo"},
    ):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=tmp_path,
            env=os.environ | library | variables,
            capture_output=True,
            check=False,
        )
        assert done.stdout == meant, done.stderr.decode()


def test_a_formatter_that_fails_is_a_render_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RenderError, match="The formatter refused the rendered text"):
        render.formatted("def f(:")
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(RenderError, match="The formatter could not be run"):
        render.formatted("x = 1")
