"""codegen.proof: files that differ from the schema fail, and the error names the proof that failed."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from codegen.errors import ProofError
from codegen.model.condition_text import parse
from codegen.model.conditions import Compare, Constant, Name
from codegen.model.schema import Field, Schema
from codegen.model.types import Choice, ListOf, MapOf, Nested, TupleOf, Union
from codegen.proof.prove import prove
from codegen.render import annotations, arguments, data, expressions, module, phrases, python
from tests.codegen import places
from tests.codegen.places import ENGINE
from tests.codegen.rendering import Texts, rendered
from tests.codegen.small_schema import SCHEMA

TEXTS = rendered(SCHEMA)
CLASS, NESTED, METADATA, RULES, SETTINGS, VOCABULARY = places.MODULES
SOURCES, VALUES = ENGINE.sources_file, ENGINE.test_values_file


def _fails(texts: Texts, schema: Schema = SCHEMA) -> ProofError:
    with pytest.raises(ProofError) as raised:
        prove(texts, schema, ENGINE, places.LIBRARY)
    error = raised.value
    assert str(error).startswith(f"The rendered files failed the proof '{error.proof}': ")
    assert str(error).endswith("Nothing was written.")
    return error


def test_what_was_rendered_passes() -> None:
    prove(TEXTS, SCHEMA, ENGINE, places.LIBRARY)


def test_the_proofs_do_not_use_the_renderer() -> None:
    program = "import sys, codegen.proof.prove; print([n for n in sys.modules if n.startswith(('codegen.render', 'jinja2'))])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=places.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def _edited(name: Path, old: str, new: str) -> dict[Path, str]:
    assert TEXTS[name].count(old) == 1, f"{old!r} is there {TEXTS[name].count(old)} times"
    return {**TEXTS, name: TEXTS[name].replace(old, new)}


TEMPERATURE = (
    'temperature: Annotated[float, Gt(0)] = 1.0\n    """What temperature does. Range: > 0. Off: 1.0."""\n'
)
RATIO = '    ratio: Annotated[float, Gt(0), Lt(1)] = 0.25\n    """What ratio does. Range: > 0, < 1."""\n'
KEYS = '    keys: Seq[int]\n    """What keys does."""\n'
EARLY = TEXTS[RULES][TEXTS[RULES].index("    Rule(") : TEXTS[RULES].index('    Rule(\n        id="greedy')]
WORDS = TEXTS[METADATA][
    TEXTS[METADATA].index('    "words": ParamInfo(') : TEXTS[METADATA].index('    "bad": ParamInfo(')
]

EDITS = (
    # fields: names, order, aliases, defaults, constants
    ("fields", CLASS, "do_sample: bool = False", "do_samples: bool = False"),
    ("fields", CLASS, f"    {TEMPERATURE}\n", ""),
    ("fields", CLASS, f"    {TEMPERATURE}", f"    {TEMPERATURE}\n    more: int = 1\n"),
    ("fields", CLASS, 'Field(0, alias="copy")', 'Field(0, alias="copied")'),
    ("fields", CLASS, 'Field(0, alias="copy")', "0"),
    ("fields", CLASS, "= 20", "= 21"),
    ("fields", CLASS, "= 20", "= 20.0"),
    ("fields", CLASS, "Gt(0)] = 1.0", "Gt(0)] = 1"),
    ("fields", CLASS, "Gt(0)] = 1.0", "Gt(0)] = True"),
    ("fields", CLASS, "Gt(0)] = 1.0", "Gt(0)]"),
    ("fields", CLASS, "do_sample: bool = False", "do_sample: bool = 0"),
    ("fields", CLASS, "do_sample: bool = False", "do_sample: bool"),
    ("fields", CLASS, "only_none: None = None", "only_none: None = ()"),
    ("fields", CLASS, 'engine_version: ClassVar[str] = "2.3.0"', 'engine_version: ClassVar[str] = "2.3.1"'),
    ("fields", CLASS, '    engine_version: ClassVar[str] = "2.3.0"\n', ""),
    ("fields", CLASS, 'engine: ClassVar[str] = "transformers"', 'engine: ClassVar[str] = "vllm"'),
    ("fields", NESTED, KEYS, KEYS.replace("Seq[int]\n", "Seq[int] = ()\n")),
    ("fields", NESTED, 'Literal["default", "max"] = "default"', 'Literal["default", "max"] = "max"'),
    ("fields", NESTED, 'upstream: ClassVar[str] = "MarkConfig"', 'upstream: ClassVar[str] = "OtherConfig"'),
    ("fields", NESTED, '    upstream: ClassVar[str] = "MarkConfig"\n', ""),
    ("fields", NESTED, f"{RATIO}\n{KEYS}", f"{KEYS}\n{RATIO}"),
    ("fields", CLASS, "(GenerationConfigMixin, BackendConfig)", "(BackendConfig)"),
    ("fields", NESTED, "class MarkConfig(NestedConfig)", "class MarkConfig(CompileConfig)"),
    # types: bounds, None, choices, lists, tuples, mappings, nested classes
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Ge(0)]"),
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Gt(1)]"),
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: int"),
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Gt(0), Ge(0)]"),
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Gt(0)] | None"),
    ("types", CLASS, "max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, MinLen(0)]"),
    ("types", CLASS, "temperature: Annotated[float, Gt(0)]", "temperature: Annotated[float, Gt(0), exact]"),
    ("types", CLASS, "do_sample: bool", "do_sample: object"),
    ("types", CLASS, "do_sample: bool", "do_sample: int"),
    ("types", CLASS, "words: str | Seq[str] | None", "words: str | Seq[str]"),
    ("types", CLASS, "words: str | Seq[str] | None", "words: Seq[str] | str | None"),
    ("types", CLASS, 'early: bool | Literal["never"]', 'early: bool | Literal["ever"]'),
    ("types", CLASS, "bits: Annotated[Literal[2, 4], exact]", "bits: Literal[2, 4]"),
    ("types", CLASS, "bits: Annotated[Literal[2, 4], exact]", "bits: Annotated[Literal[4, 2], exact]"),
    ("types", CLASS, "bits: Annotated[Literal[2, 4], exact]", "bits: Annotated[Literal[2, 4, 8], exact]"),
    ("types", CLASS, "bad: Seq[Seq[Annotated[int, Ge(0)]]]", "bad: Seq[Annotated[int, Ge(0)]]"),
    ("types", CLASS, "bad: Seq[Seq[Annotated[int, Ge(0)]]]", "bad: tuple[Seq[Annotated[int, Ge(0)]], ...]"),
    ("types", CLASS, "bad: Seq[Seq[Annotated[int, Ge(0)]]]", "bad: Annotated[Seq[Seq[Annotated[int, Ge(0)]]], MinLen(1)]"),
    ("types", CLASS, "float], MinLen(1)] | None", "float], MinLen(2)] | None"),
    ("types", CLASS, "float], FixedTuple] | None", "int], FixedTuple] | None"),
    ("types", CLASS, "compile_config: CompileConfig | None", "compile_config: MarkConfig | None"),
    ("types", CLASS, "Annotated[OtherMarkConfig | MarkConfig, one_of] | None", "OtherMarkConfig | MarkConfig | None"),
    ("types", CLASS, "Annotated[OtherMarkConfig | MarkConfig, one_of]", "Annotated[MarkConfig | OtherMarkConfig, one_of]"),
    ("types", CLASS, "only_none: None", "only_none: int | None"),
    ("types", NESTED, "options: FrozenMap[str, bool | int]", "options: FrozenMap[str, int]"),
    ("types", NESTED, "ratio: Annotated[float, Gt(0), Lt(1)]", "ratio: Annotated[float, Lt(1), Gt(0)]"),
    # descriptions: of the field, and in its docstring
    ("descriptions", CLASS, "What temperature does. Range", "What temperature did. Range"),
    ("descriptions", CLASS, "Range: > 0. Off: 1.0.", "Range: >= 0. Off: 1.0."),
    ("descriptions", CLASS, " Off: 1.0.", ""),
    ("descriptions", CLASS, TEMPERATURE, TEMPERATURE.partition("\n")[0] + "\n"),
    ("descriptions", CLASS, "Requires: it needs a GPU.", "Requires: it needs a TPU."),
    ("descriptions", CLASS, "its removal was announced for 3", "its removal was announced for 4"),
    ("descriptions", METADATA, "What temperature does. Range: > 0. Off: 1.0.", "What temperature does. Off: 1.0."),
    ("descriptions", METADATA, "\\n\\nRequires: it needs a GPU.", ""),
    ("descriptions", METADATA, '"keys": "What keys does."', '"keys": "What keys did."'),
    ("descriptions", METADATA, '        "keys": "What keys does.",\n', ""),
    ("descriptions", METADATA, WORDS, ""),
    ("descriptions", NESTED, 'DESCRIPTIONS["MarkConfig"]', 'DESCRIPTIONS["CompileConfig"]'),
    # arguments: what type checkers see
    ("arguments", SETTINGS, "do_sample: bool\n", "do_sample: int\n"),
    ("arguments", SETTINGS, "    do_sample: bool\n", ""),
    ("arguments", SETTINGS, "    extra: Mapping[str, Any]\n", ""),
    ("arguments", SETTINGS, "Mapping[tuple[int, ...], float]", "Mapping[int, float]"),
    ("arguments", NESTED, "keys: Required[Sequence[int]]", "keys: Sequence[int]"),
    ("arguments", NESTED, 'mode: Literal["default", "max"]\n', "mode: str\n"),
    # metadata: every key
    ("metadata", METADATA, 'section="Other parameters"', 'section="A section"'),
    ("metadata", METADATA, 'type="Literal[2, 4]"', 'type="int"'),
    ("metadata", METADATA, 'constraints=("[0] >= 0",)', 'constraints=("[0] > 0",)'),
    ("metadata", METADATA, '        constraints=("[0] >= 0",),\n', ""),
    ("metadata", METADATA, 'constraints=("keys each >= 0", "at least 1 long")', 'constraints=("keys each >= 0",)'),
    ("metadata", METADATA, "choices=(2, 4)", "choices=(2, 4, 8)"),
    ("metadata", METADATA, 'choices=(False, True, "never")', 'choices=(0, 1, "never")'),
    ("metadata", METADATA, 'energy_role="length"', 'energy_role="cache"'),
    ("metadata", METADATA, 'role_reason="It changes the work.",\n        effective_default=20', 'role_reason="It does.",\n        effective_default=20'),
    ("metadata", METADATA, "effective_default=20", "declared_default=20"),
    ("metadata", METADATA, "effective_default=20", "effective_default=20.0"),
    ("metadata", METADATA, "disabled_value=1.0", "disabled_value=1"),
    ("metadata", METADATA, "disabled_value=1.0", "disabled_value=1.0, equivalent_values=(1.0, None)"),
    ("metadata", METADATA, 'tightenings={"[0] >= 0": "No such start."}', "tightenings={}"),
    ("metadata", METADATA, 'deprecation="deprecated upstream; its', 'deprecation="deprecated; its'),
    ("metadata", METADATA, f"{WORDS}", WORDS + WORDS.replace("words", "more_words")),
    ("metadata", VOCABULARY, '"none": "no effect on the work"', '"none": "no effect"'),
    ("metadata", VOCABULARY, ', "output", "none"]', ', "output"]'),
    ("metadata", VOCABULARY, '["reject", "dormant", "require"]', '["reject", "require"]'),
    ("metadata", VOCABULARY, '("model", "call", "device", "packages")', '("model", "call", "device")'),
    ("fields", CLASS, '{"call.assistant_model": False}', '{"call.assistant_model": True}'),
    # rules: what they say
    ("rules", RULES, EARLY, ""),
    ("rules", RULES, EARLY, EARLY + EARLY),
    ("rules", RULES, 'id="mark-needs-a-gpu"', 'id="mark-needs-a-cpu"'),
    ("rules", RULES, 'effect="dormant"', 'effect="reject"'),
    ("rules", RULES, 'fields=("mark",)', 'fields=("words",)'),
    ("rules", RULES, 'triggers=("early",)', "triggers=()"),
    ("rules", RULES, 'triggers=("early",)', 'triggers=("max_length",)'),
    ("rules", RULES, 'message="it needs a GPU"', 'message="it needs a TPU"'),
    ("rules", RULES, '        tightening="It is a mistake.",\n', ""),
    ("rules", RULES, "not_(v.do_sample)", "v.do_sample"),
    ("rules", RULES, "v.max_length < 2", "v.max_length <= 2"),
    ("rules", RULES, "v.max_length < 2", "v.max_length < 3"),
    ("rules", RULES, "v.max_length < 2", "v.max_length < 2.0"),
    ("rules", RULES, "v.max_length < 2", "v.min_length < 2"),
    ("rules", RULES, "all_of(v.early", "any_of(v.early"),
    ("rules", RULES, "when=ALWAYS", "when=v.mark"),
    ("rules", RULES, 'v.device.type == "cuda"', 'v.device.type != "cuda"'),
    ("rules", RULES, 'v.device.type == "cuda"', 'v.device.type == "cpu"'),
    ("rules", RULES, '        need=v.device.type == "cuda",\n', ""),
    ("rules", RULES, "v.extra.mark.in_", "v.extra.mark.not_in"),
    ("rules", RULES, "v.bad.is_not(None)", "v.bad.is_(None)"),
    ("rules", RULES, "subset(v.bad, v.words)", "subset(v.words, v.bad)"),
    ("rules", RULES, "highest(v.bad) < v.model", "v.bad < v.model"),
    ("rules", RULES, "v.call.batch_size % v.bits", "v.bits % v.call.batch_size"),
    # data
    ("data", SOURCES, "GenerationConfig.validate", "GenerationConfig.invalidate"),
    ("data", SOURCES, '"temperature": [', '"temperate": ['),
    ("data", VALUES, '"max_length": {"values": [20,', '"max_length": {"values": [20.0,'),
    ("data", VALUES, ', "context": {"do_sample": true}', ""),
    ("data", VALUES, '{\n "max_length"', '\n "max_length"'),
)  # fmt: skip


@pytest.mark.parametrize(("proof", "name", "old", "new"), EDITS, ids=lambda value: f"{value}"[:30])
def test_an_edit_of_what_was_rendered_is_found(proof: str, name: str, old: str, new: str) -> None:
    error = _fails(_edited(name, old, new))
    assert error.proof == proof, error


NAMED = replace(SCHEMA, conditions={"never_early": parse("early == 'never'"), "unused": parse("bits == 2")})


@pytest.mark.parametrize(
    ("proof", "old", "new"),
    [
        ("rules", 'never_early = v.early == "never"', 'never_early = v.early == "ever"'),
        ("rules", "all_of(never_early,", "all_of(not_(never_early),"),
        ("parse", "RULES: ", "more = 1\nRULES: "),
        ("import", 'never_early = v.early == "never"\n', ""),
    ],
)
def test_an_edit_of_a_condition_with_a_name_is_found(proof: str, old: str, new: str) -> None:
    texts = rendered(NAMED)
    prove(texts, NAMED, ENGINE, places.LIBRARY)
    assert "unused" not in texts[RULES]
    assert texts[RULES].count(old) == 1
    error = _fails({**texts, RULES: texts[RULES].replace(old, new)}, NAMED)
    assert error.proof == proof, error


EXECUTED = 'open("canary", "w")'


def _append(name: Path, line: str) -> dict[Path, str]:
    return {**TEXTS, name: f"{TEXTS[name]}\n{line}\n"}


UNKNOWN = "has a statement of a form that is not known"


@pytest.mark.parametrize(
    ("texts", "what"),
    [
        *(
            (_append(name, line), UNKNOWN)
            for name in places.MODULES
            for line in (
                EXECUTED,
                "import os",
                "from os import system",
                "from pydantic import *",
                "from pydantic import BaseModel",
                "from typing import Annotated as Any",
                "from . import something",
                "if True: pass",
                "x: int",
                "x, y = 1, 2",
                "del v",
                f"x = {EXECUTED}",
                "x = [each for each in ()]",
                "x = lambda: 1",
                "x = 10 ** 10",
                "x = (y := 1)",
                "x = ().__class__",
                "x = f'{1}'",
                f"class Another({EXECUTED}): ...",
                "@property\nclass Another: ...",
                "class Another(metaclass=type): ...",
                "def f(): ...",
            )
        ),
        *(
            (_append(name, line), what)
            for name in places.MODULES
            for line, what in (
                ("class Another: 'words'", "does not define what was meant: Another"),
                ("more = 1", "does not define what was meant: more"),
                ("x = " + "-" * 100_000 + "1", "is not Python"),
                ("\x00", "is not Python"),
            )
        ),
        (_append(METADATA, "PARAMS: dict[str, ParamInfo] = {}"), "defines PARAMS twice"),
        (_append(RULES, "RULES: tuple[Rule, ...] = ()"), "defines RULES twice"),
        (_append(NESTED, "class MarkConfig(NestedConfig): 'words'"), "defines MarkConfig twice"),
        (
            _edited(CLASS, "class PyTorchConfig", "class OtherConfig"),
            "OtherConfig in backend_configs.py has a statement",
        ),
        (
            _edited(NESTED, "class MarkConfig", "class ExtraConfig"),
            "ExtraConfig in pytorch_nested.py has a statement",
        ),
        (_edited(METADATA, "DESCRIPTIONS: dict", "WORDS: dict"), "DESCRIPTIONS, WORDS"),
        (_edited(CLASS, "do_sample: bool =", f"{EXECUTED}\n    do_sample: bool ="), UNKNOWN),
        (_edited(CLASS, "    # A section\n", "    def __del__(self): ...\n"), UNKNOWN),
        (_edited(CLASS, "    # A section\n", "    model_config = {}\n"), UNKNOWN),
        (_edited(CLASS, "    # A section\n", f"    evil: ClassVar[int] = {EXECUTED}\n"), UNKNOWN),
        (_edited(CLASS, "class PyTorchConfig", f"@{EXECUTED}\nclass PyTorchConfig"), UNKNOWN),
        (_edited(CLASS, "Mixin, BackendConfig):", f"Mixin, BackendConfig, key={EXECUTED}):"), UNKNOWN),
        (_edited(CLASS, "= 20", f"= {EXECUTED}"), UNKNOWN),
        (_edited(CLASS, "= 20", "= 10 + 10"), UNKNOWN),
        (_edited(CLASS, "Field(0", "Fields(0"), UNKNOWN),
        (_edited(CLASS, "Field(0", "Field(**{}, default=0"), UNKNOWN),
        (_edited(CLASS, "Field(0", "Field(*(), default=0"), UNKNOWN),
        (_edited(METADATA, 'energy_role="length"', f"energy_role={EXECUTED}"), UNKNOWN),
        (_edited(METADATA, 'energy_role="length"', 'energy_role=f"length"'), UNKNOWN),
        (_edited(RULES, "not_(v.do_sample)", f"lambda v={EXECUTED}: True"), UNKNOWN),
        (_edited(RULES, "not_(v.do_sample)", f"not_({EXECUTED})"), UNKNOWN),
        (_edited(RULES, "not_(v.do_sample)", "v.do_sample.holds({})"), UNKNOWN),
        (_edited(RULES, "not_(v.do_sample)", "v.__class__"), UNKNOWN),
        (_edited(RULES, "RULES: tuple[Rule, ...] = (", f"RULES: tuple[Rule, ...] = ({EXECUTED},"), UNKNOWN),
        (_edited(RULES, "RULES: tuple[Rule, ...] = (", "RULES: tuple[Rule, ...] = list("), UNKNOWN),
        ({**TEXTS, CLASS: TEXTS[CLASS].rpartition('"""')[0]}, "is not Python"),
        ({**TEXTS, CLASS: ""}, "PyTorchConfig"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_statement_of_another_form_fails_the_first_proof(
    texts: dict[Path, str], what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = _fails(texts)
    assert error.proof == "parse"
    assert what in error.detail
    assert not list(tmp_path.iterdir())


# Faults of the renderer itself


def _patched(target: ModuleType, name: str, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setattr(target, name, value)


def _row(target: ModuleType, table: str, key: Any, value: Any) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda monkeypatch: monkeypatch.setitem(getattr(target, table), key, value)


def _changed(
    target: ModuleType, name: str, change: Callable[[Any], Any]
) -> Callable[[pytest.MonkeyPatch], None]:
    """A function whose result is changed; filters of templates are looked up in their table."""

    def fault(monkeypatch: pytest.MonkeyPatch) -> None:
        real = getattr(target, name)

        def wrong(*arguments: Any, **named: Any) -> Any:
            return python.Code(change(real(*arguments, **named)))

        monkeypatch.setattr(target, name, wrong)
        if name in module._FILTERS and module._FILTERS[name] is real:
            monkeypatch.setitem(module._FILTERS, name, wrong)  # type: ignore[index]

    return fault


def _changed_list(
    target: ModuleType, name: str, change: Callable[[Any], Any]
) -> Callable[[pytest.MonkeyPatch], None]:
    def fault(monkeypatch: pytest.MonkeyPatch) -> None:
        real = getattr(target, name)
        monkeypatch.setitem(module._FILTERS, name, lambda *arguments: change(real(*arguments)))  # type: ignore[index]

    return fault


FAULTS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "a bound of another side": ("types", _row(annotations, "_MARKERS", ">", "Ge")),
    "a bound that includes its limit": ("types", _row(annotations, "_MARKERS", ">=", "Gt")),
    "a bound left out": ("types", _changed(annotations, "_marker", lambda _: "exact")),
    "a limit as text": ("types", _changed(annotations, "_marker", lambda code: code.replace("0)", "1)"))),
    "None not taken": ("types", _changed(annotations, "annotation", lambda code: code.removesuffix(" | None"))),
    "None taken everywhere": ("types", _changed(annotations, "annotation", lambda code: code if code == "None" else f"{code} | None")),
    "choices that take True for 1": ("types", _row(annotations, "_RENDERERS", Choice, lambda t: f"Literal[{', '.join(map(repr, t.values))}]")),
    "the last choice left out": ("types", _row(annotations, "_RENDERERS", Choice, lambda t: annotations._choice(replace(t, values=t.values[:-1] or t.values)) + (" | str" if t.values == ("never",) else ""))),
    "no least length": ("types", _patched(annotations, "_with_min_length", lambda code, length: code)),
    "a least length of one more": ("types", _patched(annotations, "_with_min_length", lambda code, length: f"Annotated[{code}, MinLen({length + 1})]")),
    "a list that takes no list": ("types", _row(annotations, "_RENDERERS", ListOf, lambda t: f"tuple[{annotations._render(t.item)}, ...]")),
    "a tuple without its mark": ("types", _row(annotations, "_RENDERERS", TupleOf, lambda t: f"tuple[{', '.join(map(annotations._render, t.items))}]")),
    "a mapping for pairs": ("types", _row(annotations, "_RENDERERS", MapOf, lambda t: f"FrozenMap[str, {annotations._render(t.value)}]")),
    "a union in another order": ("types", _row(annotations, "_RENDERERS", Union, lambda t: annotations._union(replace(t, members=t.members[::-1])))),
    "one nested class for every other": ("import", _row(annotations, "_RENDERERS", Nested, lambda _: "CompileConfig")),
    "a default of another type": ("fields", _patched(module, "shown_default", lambda field: field.default if field.default != 20 else 20.0)),
    "no default": ("fields", _changed(module, "declaration", lambda code: code.removesuffix(" = False"))),
    "a whole number for a fraction": ("fields", _changed(module, "declaration", lambda code: code.replace("= 1.0", "= 1"))),
    "no alias": ("fields", _changed(module, "declaration", lambda code: code.replace('Field(0, alias=\'copy\')', "0"))),
    "another alias": ("fields", _changed(module, "declaration", lambda code: code.replace("'copy'", "'copied'"))),
    "a field that is required": ("fields", _changed(module, "declaration", lambda code: code.removesuffix(" = None"))),
    "a name with an underscore": ("fields", _patched(python, "field_name", lambda name, reserved: python.identifier(f"{name}_"))),
    "the last parameter left out": ("fields", _changed_list(module, "sections", lambda groups: [*groups[:-1]])),
    "another order": ("fields", _changed_list(module, "sections", lambda groups: groups[::-1])),
    "a limit of another kind in the words": ("descriptions", _patched(phrases, "_bounds", lambda path, leaf: iter([f"{path} >= 1"] if leaf.bounds else []))),
    "no off value in the words": ("descriptions", _patched(phrases, "_meaning", lambda field: field.description)),
    "no requirement in the words": ("descriptions", _patched(phrases, "_requirements", lambda needs: "")),
    "no deprecation in the words": ("descriptions", _patched(phrases, "_deprecation", lambda field: "")),
    "docstrings cut off": ("descriptions", _changed(python, "docstring", lambda code: code.replace("does", "d"))),
    "arguments that take no list": ("arguments", _row(arguments, "_FORMS", ListOf, lambda t: [f"tuple[{arguments._render(t.item)}, ...]"])),
    "arguments that take no mapping": ("arguments", _row(arguments, "_FORMS", Nested, lambda t: [t.name])),
    "choices of a closed set left out": ("metadata", _patched(phrases, "choices", lambda type_: ())),
    "a fact left out": ("metadata", _row(module, "_PARAM_DEFAULTS", "energy_role", "decoding")),
    "a fact without its default": ("metadata", _row(module, "_PARAM_DEFAULTS", "disabled_value", 1.0)),
    "a less-or-equal for less": ("rules", _changed(expressions, "_comparison", lambda code: code.replace(" < ", " <= "))),
    "an equal for unequal": ("rules", _changed(expressions, "_comparison", lambda code: code.replace("==", "!="))),
    "a membership turned round": ("rules", _row(expressions, "_METHODS", "in", "not_in")),
    "an identity turned round": ("rules", _row(expressions, "_METHODS", "is not", "is_")),
    "a negation left out": ("rules", _changed(module, "rule", lambda code: code.replace("not_(v.do_sample)", "v.do_sample"))),
    "another connective": ("rules", _changed(module, "rule", lambda code: code.replace("all_of", "any_of"))),
    "another constant": ("rules", _changed(module, "rule", lambda code: code.replace("< 2", "< 3"))),
    "another name": ("rules", _changed(expressions, "_value", lambda code: code.replace("v.early", "v.earlier"))),
    "a summary of another kind": ("rules", _changed(module, "rule", lambda code: code.replace("highest(", "lowest("))),
    "a subset turned round": ("rules", _changed(module, "rule", lambda code: code.replace("subset(v.bad, v.words)", "subset(v.words, v.bad)"))),
    "a remainder turned round": ("rules", _changed(module, "rule", lambda code: code.replace("v.call.batch_size % v.bits", "v.bits % v.call.batch_size"))),
    "no need": ("rules", _changed(module, "rule", lambda code: code.replace("need=v.device.type == 'cuda', ", ""))),
    "another effect": ("rules", _changed(module, "rule", lambda code: code.replace("'dormant'", "'reject'"))),
    "other triggers": ("rules", _patched(module, "triggers", lambda rule, params, model_owned: rule.fields)),
    "other fields": ("rules", _changed(module, "rule", lambda code: code.replace("fields=('mark',)", "fields=('words',)"))),
    "another message": ("rules", _changed(module, "rule", lambda code: code.replace("GPU", "TPU"))),
    "no tightening": ("rules", _changed(module, "rule", lambda code: code.replace("tightening='It is a mistake.',", ""))),
    "sources left out": ("data", _patched(data, "_sources", lambda origins, engine: [])),
}  # fmt: skip


@pytest.mark.parametrize(("proof", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_renderer_is_found(
    proof: str, fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    texts = rendered(SCHEMA)
    assert texts != TEXTS
    error = _fails(texts)
    assert error.proof == proof, error


def test_hostile_texts_are_not_executed_by_the_proof(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    hostile = 'end"""\nopen("canary", "w")\n"""{{ 7*7 }}\\N{BULLET}'
    schema = _with("words", description=hostile, role_reason=hostile)
    needy = replace(
        SCHEMA.rules[-1],
        id=hostile,
        fields=(hostile,),
        message=hostile,
        tightening=hostile,
        when=Compare(Name("words"), "==", Constant(hostile)),
        need=Compare(Name("words"), "!=", Constant(hostile)),
    )
    schema = replace(schema, rules=(*schema.rules, needy))
    prove(rendered(schema), schema, ENGINE, places.LIBRARY)
    assert not list(Path(str(tmp_path)).iterdir())


def _with(param: str, **changes: object) -> Schema:
    changed = tuple(
        replace(each, **changes) if each.name == param else each  # type: ignore[arg-type]
        for each in SCHEMA.params
    )
    return replace(SCHEMA, params=changed)


def test_a_name_that_hides_what_the_module_uses_fails_the_import() -> None:
    schema = _with("words", name="Field")
    error = _fails(rendered(schema), schema)
    assert error.proof == "import"
    assert "a fresh process could not import it" in error.detail


def test_a_library_without_the_base_classes_fails_the_import(tmp_path: Path) -> None:
    """The library that is named is the one that counts, also where another is installed."""
    (tmp_path / "llenergymeasure").mkdir()
    (tmp_path / "llenergymeasure" / "__init__.py").touch()
    with pytest.raises(ProofError, match=r"No module named 'llenergymeasure\.config'") as raised:
        prove(TEXTS, SCHEMA, ENGINE, tmp_path)
    assert raised.value.proof == "import"


@pytest.mark.parametrize(
    ("schema", "what"),
    [
        (_with("max_length", test_values=(20, 0)), "PyTorchConfig refuses {'max_length': 0}"),
        (_with("max_length", default=0), "PyTorchConfig refuses {'max_length': 0}"),
        (_with("early", test_values=("sometimes",)), "PyTorchConfig refuses {'early': 'sometimes'}"),
        (_with("do_sample", test_values=("yes",)), "PyTorchConfig refuses {'do_sample': 'yes'}"),
        (_with("bits", test_values=(True,)), "PyTorchConfig refuses {'bits': True}"),
        (_with("max_length", test_values=(None,)), "PyTorchConfig refuses {'max_length': None}"),
        (_with("temperature", context={"no_such": 1}), "no_such"),
        (_with("compile_config", test_values=({"mode": "other"},)), "compile_config"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_is_refused_fails_the_last_proof(schema: Schema, what: str) -> None:
    error = _fails(rendered(schema), schema)
    assert error.proof == "values"
    assert what in error.detail


def test_the_other_failures_are_counted() -> None:
    schema = _with("max_length", test_values=(20, 0, -1, -2))
    assert _fails(rendered(schema), schema).detail.endswith(" And 2 more.")


def test_a_nested_value_that_is_refused_fails_the_last_proof() -> None:
    changed = tuple(
        replace(model, fields=tuple(_refused_mode(each) for each in model.fields)) for model in SCHEMA.nested
    )
    schema = replace(SCHEMA, nested=changed)
    error = _fails(rendered(schema), schema)
    assert error.proof == "values"
    assert "CompileConfig refuses {'mode': 'other'}" in error.detail


def _refused_mode(each: Field) -> Field:
    return replace(each, test_values=("other",)) if each.name == "mode" else each
