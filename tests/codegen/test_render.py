"""codegen.render: texts from upstream or from the overrides stay data, whatever they say."""

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

from codegen.errors import RenderError
from codegen.model.condition_text import parse
from codegen.model.conditions import ALWAYS, Compare, Constant, Name
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
)
from codegen.model.values import PlainValue
from codegen.render import docs_page, files, formatting, module, phrases, python, templates
from codegen.render.annotations import annotation
from codegen.render.expressions import Printer
from codegen.render.formatting import formatted
from codegen.render.markdown import cell
from codegen.render.python import Code
from llenergymeasure.config import conditions as library
from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.metadata import ParamInfo
from llenergymeasure.config.metadata import Rule as LibraryRule
from llenergymeasure.config.nested import NestedConfig
from tests.codegen import places, strategies
from tests.codegen.places import ENGINE, MODULE
from tests.codegen.rendering import rendered
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
def test_a_literal_evaluates_to_its_value(value: PlainValue) -> None:
    evaluated = ast.literal_eval(python.literal(value))
    assert repr(evaluated) == repr(value)


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: f"{words[:12]!r}")
def test_hostile_texts_as_literals(words: str) -> None:
    made = python.literal(words)
    assert ast.literal_eval(made) == words
    assert made.isprintable()


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: f"{words[:12]!r}")
def test_hostile_texts_as_docstrings(words: str) -> None:
    _is_a_docstring_of(words)
    _is_a_docstring_of(f"Before.\n\n- {words}\n- after {words}")


@given(st.text(st.characters(), max_size=300))
@example("a b " * 60)
@example("word-" * 60)
@example('ends with a quote "')
@example('ends with quotes """"')
@example("ends with a backslash \\")
@example('"')
def test_a_docstring_says_its_text(words: str) -> None:
    _is_a_docstring_of(words)


def _is_a_docstring_of(words: str) -> None:
    code = f"class A:\n    a: int\n    {python.docstring(words)}\n"
    [_, statement] = ast.parse(code).body[0].body  # type: ignore[attr-defined]
    assert ast.literal_eval(statement.value).split() == words.split()
    assert all(line.isprintable() for line in code.split("\n"))
    assert not [line for line in code.split("\n") if line != line.rstrip()]


def test_a_docstring_is_one_line_if_it_fits_and_wraps_at_the_line_length() -> None:
    assert python.docstring("What it does.") == '"""What it does."""'
    assert python.docstring("x" * 100) == f'"""{"x" * 100}"""'
    assert python.docstring("x" * 101) == f'"""{"x" * 101}\n    """'
    assert python.docstring("What it does.\n\nRequires:\n- one\n- another") == (
        '"""What it does.\n\n    Requires:\n    - one\n    - another\n    """'
    )
    long = python.docstring("word " * 50 + "\n- " + "item " * 50)
    assert max(map(len, long.split("\n"))) <= python.LINE_LENGTH
    assert long.count("\n      item") == 2  # the lines of an item are indented like its text


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), b"bytes", object(), {1}, [1], (object(),)],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_literal_is_refused(value: object) -> None:
    with pytest.raises(RenderError, match="cannot be written as a Python literal"):
        python.literal(value)


@given(st.text(st.characters(), max_size=50))
@example("\r")
@example("\u2028")
@example("\u202e")
@example("\x0c")
def test_a_comment_stays_in_its_line(words: str) -> None:
    made = python.comment(words)
    assert len(f"# {made}".splitlines()) == 1
    assert not [letter for letter in made if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@given(st.text(st.characters(), max_size=50))
@example("|")
@example("\\|")
@example("`|`")
@example("[x](y)")
@example("<script>")
def test_a_cell_stays_in_its_cell(words: str) -> None:
    made = cell(words)
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
def test_a_cell_has_no_markup_except_code(words: str, made: str) -> None:
    assert cell(words) == made


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
    assert python.field_name(name, ENGINE.reserved) == rendered


def test_every_name_of_the_base_classes_counts_as_taken_and_no_other() -> None:
    names = {
        name
        for base in (*PyTorchConfig.__bases__, NestedConfig)
        for name in (*dir(base), *base.model_fields, *base.__class_vars__)
    }
    assert {
        name for name in names if not name.startswith(("_", "model_"))
    } == python.RESERVED | ENGINE.reserved


@pytest.mark.parametrize(
    "name", ["", "a b", "1a", "größe", "a.b", "a\n", "a:", "__import__('os')", "\u202ea"]
)
def test_text_that_is_not_a_plain_identifier_is_refused(name: str) -> None:
    with pytest.raises(RenderError, match="not a plain identifier"):
        python.field_name(name, ENGINE.reserved)


POSITIVE = (Bound(">", 0),)


@pytest.mark.parametrize(
    ("type_", "takes_none", "code"),
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
        (MapOf(Scalar("str"), Scalar("int")), True, "FrozenMap[str, int] | None"),
        (MapOf(Scalar("str", (Bound(">=", 1),)), Scalar("int")), False, "FrozenMap[Annotated[str, MinLen(1)], int]"),
        (MapOf(Scalar("str"), Scalar("int"), min_length=1), False, "Annotated[FrozenMap[str, int], MinLen(1)]"),
        (MapOf(ListOf(Scalar("int")), Scalar("float")), False, "Pairs[Seq[int], float]"),
        (MapOf(ListOf(Scalar("int")), Scalar("float"), min_length=1), False, "Annotated[Pairs[Seq[int], float], MinLen(1)]"),
        (Nested("CompileConfig"), True, "CompileConfig | None"),
        (Union((Nested("AConfig"), Nested("BConfig"))), True, "Annotated[AConfig | BConfig, one_of] | None"),
        (Union((Scalar("str"), ListOf(Scalar("str")))), True, "str | Seq[str] | None"),
        (NoData(), True, "None"),
    ],
)  # fmt: skip
def test_the_annotation_of_a_type(type_: Type, takes_none: bool, code: str) -> None:
    assert annotation(type_, takes_none=takes_none) == code


def test_a_type_that_cannot_be_data_has_no_annotation() -> None:
    with pytest.raises(RenderError, match="Callable has no annotation"):
        annotation(Opaque("Callable"), takes_none=False)


@pytest.mark.parametrize(
    ("type_", "constraints"),
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
def test_constraints_in_short_texts(type_: Type, constraints: tuple[str, ...]) -> None:
    assert phrases.constraints(type_) == constraints


@pytest.mark.parametrize(
    ("type_", "choices"),
    [
        (Choice(("a", 1)), ("a", 1)),
        (Scalar("bool"), (False, True)),
        (Union((Scalar("bool"), Choice(("never",)))), (False, True, "never")),
        (Union((Choice(("low",)), ListOf(Scalar("int")))), ()),
        (Scalar("int"), ()),
    ],
)
def test_the_choices_of_a_type(type_: Type, choices: tuple[PlainValue, ...]) -> None:
    assert phrases.choices(type_) == choices


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({}, "What a does. Range: > 0."),
        ({"disabled_value": 0}, "What a does. Range: > 0. Off: 0."),
        ({"disabled_value": False}, "What a does. Range: > 0. Off: False."),
        ({"deprecation": Deprecation()}, "What a does. Range: > 0. Deprecated upstream."),
        (
            {"deprecation": Deprecation(since="2.1", removal="3", moved_to_hub=True, note="Use b.")},
            (
                "What a does. Range: > 0. Deprecated upstream since 2.1; its decoding mode moved to the Hub; "
                "its removal was announced for 3. Use b."
            ),
        ),
        ({"description": "Why.  "}, "Why. Range: > 0."),
    ],
    ids=lambda value: "",
)
def test_a_description_ends_with_what_is_generated(parts: dict[str, object], words: str) -> None:
    type_ = Scalar("int", (Bound(">", 0),))
    assert phrases.described(param("a", type_, 1, **parts)) == words
    assert phrases.described(param("a", Scalar("bool"), default=False)) == "What a does."


@pytest.mark.parametrize(
    ("type_", "default", "shown"),
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
def test_a_float_shows_a_float(type_: Type, default: PlainValue, shown: PlainValue) -> None:
    assert repr(module.shown_default(param("a", type_, default))) == repr(shown)


def test_what_is_known_of_a_parameter() -> None:
    type_ = Union((Scalar("int", (Bound(">", 0),)), Choice(("auto",))))
    given = param(
        "a", type_, 3, takes_none=True, disabled_value="auto", declared_default=2, equivalent_values=("auto", None),
        tightenings=(Tightening("> 0", "No."),), deprecation=Deprecation(note="Use b."),
    )  # fmt: skip
    made = eval(module.param_info(given, SCHEMA, ENGINE), {"ParamInfo": ParamInfo})
    assert made == ParamInfo(
        section="A section",
        type="int | Literal['auto'] | None",
        description="What a does. Range: > 0. Off: 'auto'.\n\nDeprecated upstream. Use b.",
        constraints=("> 0",),
        energy_role="decoding",
        role_reason="It changes the work.",
        declared_default=2,
        effective_default=3,
        disabled_value="auto",
        equivalent_values=("auto", None),
        deprecation="deprecated upstream. Use b.",
        tightenings={"> 0": "No."},
    )


def test_what_is_empty_is_left_out() -> None:
    plain = param("a", Scalar("int"), takes_none=True, role=None, role_reason="")
    assert module.param_info(plain, SCHEMA, ENGINE) == (
        "ParamInfo(section='A section', type='int | None', description='What a does.',)"
    )


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([], "What a does."),
        (["it needs a GPU"], "What a does.\n\nRequires: it needs a GPU."),
        (
            ["it needs b", "it needs c; set it"],
            "What a does.\n\nRequires:\n- it needs b\n- it needs c; set it",
        ),
    ],
)
def test_the_documentation_says_what_is_needed(messages: list[str], words: str) -> None:
    needs = tuple(
        Rule(id=str(at), effect="require", fields=("a",), when=ALWAYS, need=parse("call.x"), message=message)
        for at, message in enumerate(messages)
    )
    other = Rule(
        id="other", effect="require", fields=("b",), when=ALWAYS, need=parse("call.x"), message="b needs it"
    )
    schema = replace(SCHEMA, rules=(*needs, other))
    assert phrases.documentation(param("a", Scalar("bool"), default=False), schema) == words


def test_an_alias_is_printed_where_the_name_is_taken() -> None:
    text = rendered(SCHEMA)[MODULE]
    assert 'copy_: int = Field(0, alias="copy")\n' in text
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
        templates.environment({}).from_string(template).render(words="a text", code=Code("x"), none=None)


@pytest.mark.parametrize("template", ["{{ nowhere }}", "{{ code.nowhere }}", "{% if nowhere %}{% endif %}"])
def test_an_undefined_name_is_an_error(template: str) -> None:
    with pytest.raises((jinja2.UndefinedError, RenderError)):
        templates.environment({}).from_string(template).render(code=Code("x"))


def test_escaped_values_are_printed_as_they_are() -> None:
    template = templates.environment({}).from_string("{{ code }}\n{% if code %}{{ code }}{% endif %}\n")
    assert template.render(code=Code("{{ x }}")) == "{{ x }}\n{{ x }}"


def _everywhere(words: str) -> Schema:
    """A schema with a text wherever a text goes."""
    default = param("default", Scalar("str"), words)
    chosen = param("chosen", Choice((words, "b")), "b", role_reason=words, section=words)
    chosen = replace(chosen, description=words, tightenings=(Tightening(words, words),))
    nested = replace(SCHEMA.nested[0], fields=(field("mode", Scalar("str"), words),))
    said = Compare(Name("default"), "==", Constant(words))
    rule = Rule(
        id=words, effect="require", fields=(words,), when=said, need=said, message=words, tightening=words,
        origins=(Origin(OriginKind.RULE, Symbol(words, words), words),),
    )  # fmt: skip
    return replace(
        SCHEMA,
        params=(default, chosen),
        nested=(nested,),
        rules=(rule,),
        class_tightenings=(Tightening(words, words),),
    )


@pytest.mark.parametrize("words", HOSTILE, ids=lambda words: f"{words[:12]!r}")
def test_hostile_texts_anywhere_are_only_texts(words: str) -> None:
    schema = _everywhere(words)
    texts = rendered(schema)
    calls, arguments = _calls(texts[ENGINE.metadata_module])
    assert calls == {"ParamInfo"}
    assert ast.literal_eval(arguments["role_reason"]) == words
    assert {key: ast.literal_eval(value) for key, value in arguments.items()}["tightenings"] == {words: words}
    calls, arguments = _calls(texts[ENGINE.rules_module])
    assert calls == {"Rule"}
    for key in ("id", "message", "tightening"):
        assert ast.literal_eval(arguments[key]) == words
    condition = arguments["when"]
    assert isinstance(condition, ast.Compare)
    assert ast.literal_eval(condition.comparators[0]) == words
    for name in (MODULE, ENGINE.nested_module):
        assert _calls(texts[name]) == (set(), {})
    page = docs_page.page(schema)
    assert len(page.splitlines()) == len(docs_page.page(_everywhere("plain")).splitlines())


def _calls(text: str) -> tuple[set[str], dict[str, ast.expr]]:
    """The functions that a module calls, and the arguments of its last call."""
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    arguments = {each.arg or "**": each.value for each in found[-1].keywords} if found else {}
    return {ast.unparse(node.func) for node in found}, arguments


def test_rules_come_out_as_they_are_meant() -> None:
    assert [module.rule(each, SCHEMA, ENGINE, Printer({})) for each in SCHEMA.rules] == [
        (
            "Rule(id='early-needs-length', effect='reject', fields=('early', 'max_length'), triggers=('early',), "
            "when=all_of(v.early == 'never', v.max_length < 2), message='one token cannot end early; set early=False',)"
        ),
        (
            "Rule(id='greedy-ignores-temperature', effect='dormant', fields=('temperature',), "
            "when=not_(v.do_sample), message='greedy decoding ignores it',)"
        ),
        (
            "Rule(id='bad-needs-vocabulary', effect='require', fields=('bad', 'words'), "
            "when=all_of(v.bad.is_not(None), v.call.batch_size % v.bits == 0), "
            "need=any_of(all_of(highest(v.bad) < v.model.vocab_size, subset(v.bad, v.words)), v.extra.mark.in_((1, 'a'))), "
            "message='the model has no such token', tightening='It is a mistake.',)"
        ),
        (
            "Rule(id='mark-needs-a-gpu', effect='require', fields=('mark',), when=ALWAYS, "
            "need=v.device.type == 'cuda', message='it needs a GPU',)"
        ),
    ]


@pytest.mark.parametrize(
    ("conditions", "printed"),
    [
        ({}, ""),
        ({"unused": "other == 1"}, ""),
        ({"never": "early == 'never'"}, 'never = v.early == "never"'),
        (
            {"both": "early == 'never' and max_length < 2", "short": "max_length < 2"},
            'short = v.max_length < 2\nboth = all_of(v.early == "never", short)',
        ),
    ],
)
def test_conditions_with_a_name_come_before_the_rules(conditions: dict[str, str], printed: str) -> None:
    named = replace(SCHEMA, conditions={name: parse(text) for name, text in conditions.items()})
    text = rendered(named)[ENGINE.rules_module]
    between = text[text.index("import Rule\n") + len("import Rule\n") : text.index("RULES: ")]
    assert between.strip().removeprefix("# Conditions that several rules share.").strip() == printed


def test_rules_are_rules_of_the_library() -> None:
    """What is rendered makes the dataclass that the runtime reads, and its conditions say what was meant."""
    names = {"Rule": LibraryRule, **vars(library)}
    made = [eval(module.rule(each, SCHEMA, ENGINE, Printer({})), names) for each in SCHEMA.rules]
    assert [rule.id for rule in made] == [rule.id for rule in SCHEMA.rules]
    assignment = {
        "bad": ((1, 2),),
        "words": (1,),
        "bits": 2,
        "call.batch_size": 4,
        "model.vocab_size": 3,
        "extra.mark": "a",
    }
    needy = made[2]
    assert (needy.when.holds(assignment), needy.need.holds(assignment)) == (True, True)
    assert needy.need.holds(assignment | {"extra.mark": None}) is False
    assert needy.when.holds(assignment | {"bits": 3}) is False


@pytest.mark.parametrize(
    ("written", "imported"),
    [
        ("subset(a, b)", "subset, v"),
        ("highest(a) > length(b)", "highest, length, v"),
        ("lowest(a) > 0 and a == 'highest(v['", "all_of, lowest, v"),
        ("2 < a", "Constant, v"),
        ("True", "ALWAYS"),
    ],
)
def test_a_rule_imports_what_it_asks_and_nothing_else(written: str, imported: str) -> None:
    rule = replace(SCHEMA.rules[1], when=parse(written))
    text = rendered(replace(SCHEMA, rules=(rule,)))[ENGINE.rules_module]
    assert f"\nfrom llenergymeasure.config.conditions import {imported}\n" in text


def test_a_nested_class_comes_after_those_that_it_names() -> None:
    first = replace(SCHEMA.nested[0], fields=(field("inner", Nested("MarkConfig")),))
    text = rendered(replace(SCHEMA, nested=(first, *SCHEMA.nested[1:])))[ENGINE.nested_module]
    assert text.index("class MarkConfig") < text.index("class CompileConfig")


def test_a_cycle_of_nested_classes_is_refused() -> None:
    circular = replace(SCHEMA.nested[0], fields=(field("inner", Nested("CompileConfig")),))
    with pytest.raises(RenderError, match="CompileConfig refer to each other in a cycle"):
        rendered(replace(SCHEMA, params=(), nested=(circular,)))


def test_only_what_is_used_is_imported() -> None:
    flag = param("a", Scalar("bool"), default=False)
    named = param("b", Choice(("Seq Ge Annotated",)), "Seq Ge Annotated")
    text = rendered(replace(SCHEMA, params=(flag,), nested=(), rules=()))[MODULE]
    assert (
        "\nfrom typing import TYPE_CHECKING, ClassVar, Unpack\n\nfrom llenergymeasure.config.base import BackendConfig\n"
        in text
    )
    text = rendered(replace(SCHEMA, params=(named,), nested=(), rules=()))[MODULE]
    assert (
        "\nfrom typing import TYPE_CHECKING, ClassVar, Literal, Unpack\n\nfrom llenergymeasure.config.base import BackendConfig\n"
        in text
    )


def test_the_class_comes_first_and_has_its_sections() -> None:
    text = rendered(SCHEMA)[MODULE]
    assert text.startswith(
        '"""Every parameter of ``generate()`` in transformers, typed.\n\nGENERATED from transformers 2.3.0'
    )
    assert [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)] == ["PyTorchConfig"]
    places = ["# Length", "max_length:", "# A section", "temperature:"]
    assert sorted(places, key=text.index) == places


@pytest.mark.parametrize("path", places.MODULES, ids=str)
def test_a_generated_module_passes_ruff(path: Path) -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--config", "pyproject.toml", "--stdin-filename", str(path), "-"],
        cwd=places.ROOT, input=rendered(SCHEMA)[path], capture_output=True, text=True, check=False,
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
    with pytest.raises(RenderError, match=r"The formatter refused the rendered text of x\.py"):
        formatted({Path("x.py"): "def f(:"})
    monkeypatch.setattr(formatting, "find_ruff_bin", lambda: "/no/such/ruff")
    with pytest.raises(RenderError, match="The formatter could not be run"):
        formatted({Path("x.py"): "x = 1"})
