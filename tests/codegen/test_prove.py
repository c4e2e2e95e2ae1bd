"""codegen.render.prove: a module that says anything but what was meant fails, and the proof is named."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.errors import ProofError
from codegen.model.conditions import Compare, Constant, Name
from codegen.model.schema import Field, Schema
from codegen.render import module as render
from codegen.render.prove import prove
from tests.codegen import places
from tests.codegen.small_schema import SCHEMA

TEXT = render.module(SCHEMA, places.ENGINE)


def _fails(text: str, schema: Schema = SCHEMA) -> ProofError:
    with pytest.raises(ProofError) as raised:
        prove(text, schema, places.ENGINE, places.LIBRARY)
    error = raised.value
    assert str(error).startswith(f"The rendered module failed the proof '{error.proof}': ")
    assert str(error).endswith("Nothing was written.")
    return error


def test_what_was_rendered_passes() -> None:
    prove(TEXT, SCHEMA, places.ENGINE, places.LIBRARY)


def _swap(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        return text.replace(old, new)

    return edit


def _append(line: str) -> Callable[[str], str]:
    return lambda text: f"{text}\n{line}\n"


EXECUTED = 'open("canary", "w")'


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        # another value
        (_swap("default=20", "default=21"), "the arguments of PyTorchConfig.max_length"),
        (_swap("default=20", "default=20.0"), "the arguments of PyTorchConfig.max_length"),
        (_swap("default=1.0,", "default=True,"), "the arguments of PyTorchConfig.temperature"),
        (_swap("default=1.0,", "default=1,"), "the arguments of PyTorchConfig.temperature"),
        (_swap('do_sample: bool = Field(default=False', 'do_sample: bool = Field(default=0'), "PyTorchConfig.do_sample"),
        (_swap('default="default"', 'default="max"'), "the arguments of CompileConfig.mode"),
        (_swap('alias="copy"', 'alias="copied"'), "the arguments of PyTorchConfig.copy"),
        (_swap('description="What words does."', 'description="What words did."'), "PyTorchConfig.words"),
        (_swap('description="What keys does."', 'default=(), description="What keys does."'), "MarkConfig.keys"),
        (_swap('TRANSFORMERS_VERSION = "5.23.0"', 'TRANSFORMERS_VERSION = "5.23.1"'), "the version"),
        (_swap('"energy_role": "length"', '"energy_role": "cache"'), "PARAMS"),
        (_swap('"test_values": (20, 1, 2, 9)', '"test_values": (20, True, 2, 9)'), "PARAMS"),
        (_swap('"context": {"do_sample": True}', '"context": {"do_sample": 1}'), "PARAMS"),
        # another type
        (_swap("max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Gt(1)]"), "the annotation of PyTorchConfig.max_length"),
        (_swap("max_length: Annotated[int, Gt(0)]", "max_length: Annotated[int, Ge(0)]"), "the annotation of PyTorchConfig.max_length"),
        (_swap("do_sample: bool", "do_sample: object"), "the annotation of PyTorchConfig.do_sample"),
        (_swap("words: str | Seq[str] | None", "words: str | Seq[str]"), "the annotation of PyTorchConfig.words"),
        # another rule
        (_swap('when=lambda v: not (bool(v["do_sample"]))', 'when=lambda v: bool(v["do_sample"])'), "RULES"),
        (_swap('when=lambda v: not (bool(v["do_sample"]))', f'when=lambda v: not (bool(v["do_sample"])) and {EXECUTED}'), "RULES"),
        (_swap('when=lambda v: not (bool(v["do_sample"]))', f'when=lambda v={EXECUTED}: not (bool(v["do_sample"]))'), "RULES"),
        (_swap('when=lambda v: not (bool(v["do_sample"]))', 'when=lambda w: not (bool(v["do_sample"]))'), "RULES"),
        (_swap("when=lambda _: True", "when=lambda _: 1"), "RULES"),
        (_swap("when=lambda _: True", "when=len"), "RULES"),
        (_swap('need=lambda v: v["device.type"] == "cuda"', 'need=lambda v: v["device.type"] != "cuda"'), "RULES"),
        (_swap('need=lambda v: v["device.type"] == "cuda"', "need=None"), "RULES"),
        (_swap('v["max_length"] < 2', 'v["max_length"] < 2.0'), "RULES"),
        (_swap('text="not do_sample"', 'text="do_sample"'), "RULES"),
        (_swap('need_text="device.type == \'cuda\'"', 'need_text=""'), "RULES"),
        (_swap('message="it needs a GPU"', 'message="it needs a TPU"'), "RULES"),
        (_swap('message="it needs a GPU"', f"message={EXECUTED}"), "RULES"),
        (_swap('id="mark-needs-a-gpu"', 'id="mark-needs-a-cpu"'), "RULES"),
        (_swap('fields=("mark",),', 'fields=("words",),'), "RULES"),
        (_swap('triggers=("early",)', "triggers=()"), "RULES"),
        (_swap('triggers=("early",)', 'triggers=("max_length",)'), "RULES"),
        (_swap('tightening="Nobody means it.",\n', ""), "RULES"),
        (_swap('effect="dormant"', 'effect="reject"'), "RULES"),
        (_swap("RULES: tuple[Rule, ...] = (", f"RULES: tuple[Rule, ...] = ({EXECUTED},"), "RULES"),
        (_swap("RULES: tuple[Rule, ...] = (", "RULES: tuple[Rule, ...] = (*(), "), "RULES"),
        (_swap("RULES: tuple[Rule, ...] = (", "RULES: tuple = ("), "the annotation of RULES"),
        (_swap("RULES: tuple[Rule, ...] = (", "RULES: tuple[Rule, ...] = list("), "a statement that nobody meant"),
        (_swap("rules: ClassVar[tuple[Rule, ...]] = RULES", "rules: ClassVar[tuple[Rule, ...]] = ()"), "PyTorchConfig has a statement"),
        (_swap("    rules: ClassVar[tuple[Rule, ...]] = RULES\n", ""), "what PyTorchConfig says beside its fields"),
        (_swap("    params: ClassVar[Mapping[str, ParamFacts]] = PARAMS\n", ""), "what PyTorchConfig says beside its fields"),
        (_append("RULES: tuple[Rule, ...] = ()"), "a statement that nobody meant"),
        (_append("from llenergymeasure.config.metadata import EnergyRole"), "a statement that nobody meant"),
        # another order, another number
        (_swap('    depth: int = Field(default=3, description="What depth does.")\n', ""), "the fields of OtherMarkConfig"),
        (_swap('    do_sample: bool = Field(default=False, description="What do_sample does.")\n', ""), "the fields of PyTorchConfig"),
        (_swap("    # A section\n", "    more: int = Field(default=1, description='')\n"), "the fields of PyTorchConfig"),
        (lambda text: text.replace("    keys: ", "    ratio: ").replace("    ratio: Annotated", "    keys: Annotated"), "the fields of MarkConfig"),
        (lambda text: text.replace("class MarkConfig", "class ExtraConfig"), "ExtraConfig"),
        (_swap('TRANSFORMERS_VERSION = "5.23.0"\n', ""), "TRANSFORMERS_VERSION"),
        (lambda text: text[: text.index("PARAMS:")], "PARAMS, PyTorchConfig, RULES is missing"),
        (lambda text: text[: text.index("RULES:")], "PyTorchConfig, RULES is missing"),
        (lambda text: text[: text.index("class PyTorchConfig")], "PyTorchConfig"),
        # a statement that nobody meant
        (_append(EXECUTED), "a statement that nobody meant"),
        (_append("import os"), "a statement that nobody meant"),
        (_append("from os import system"), "a statement that nobody meant"),
        (_append("from pydantic import *"), "a statement that nobody meant"),
        (_append("from pydantic import BaseModel as Field"), "a statement that nobody meant"),
        (_append("from . import something"), "a statement that nobody meant"),
        (_append('TRANSFORMERS_VERSION = "5.23.0"'), "a statement that nobody meant"),
        (_append("PARAMS: dict = {}"), "PARAMS"),
        (_append(f"PARAMS: {EXECUTED} = {{}}"), "PARAMS"),
        (_append("class PyTorchConfig: ..."), "a statement that nobody meant"),
        (_append("class Another: ..."), "a statement that nobody meant"),
        (_append("if True: pass"), "a statement that nobody meant"),
        (_append("x: int"), "a statement that nobody meant"),
        (_swap("do_sample: bool = Field(", f"{EXECUTED}\n    do_sample: bool = Field("), "PyTorchConfig has a statement"),
        (_swap("    # A section\n", "    def __del__(self): ...\n"), "PyTorchConfig has a statement"),
        (_swap("    # A section\n", "    model_config = {}\n"), "PyTorchConfig has a statement"),
        (_swap("    # A section\n", "    evil: int = 3\n"), "PyTorchConfig has a statement"),
        (_swap("    # A section\n", f"    evil: ClassVar[int] = {EXECUTED}\n"), "PyTorchConfig has a statement"),
        (_swap('upstream: ClassVar[str] = "CompileConfig"', 'upstream: ClassVar[str] = "OtherConfig"'), "CompileConfig"),
        (_swap('upstream: ClassVar[str] = "MarkConfig"', f"upstream: ClassVar[str] = {EXECUTED}"), "MarkConfig"),
        (_swap('    upstream: ClassVar[str] = "MarkConfig"\n', ""), "MarkConfig"),
        (_swap("class PyTorchConfig(BackendConfig)", "class PyTorchConfig(NestedConfig)"), "PyTorchConfig"),
        (_swap("class PyTorchConfig(BackendConfig)", f"class PyTorchConfig(BackendConfig, key={EXECUTED})"), "PyTorchConfig"),
        (_swap("class PyTorchConfig", f"@{EXECUTED}\nclass PyTorchConfig"), "PyTorchConfig"),
        # an argument that is no literal
        (_swap("default=20", f"default={EXECUTED}"), "is not a literal"),
        (_swap("default=20", "default_factory=dict"), "is not a literal"),
        (_swap("default=20", "default=10 + 10"), "is not a literal"),
        (_swap("Field(default=20", "Field(20"), "a statement that nobody meant"),
        (_swap("Field(default=20", "Field(**{}, default=20"), "the arguments of PyTorchConfig.max_length"),
        (_swap("Field(default=20", "Fields(default=20"), "a statement that nobody meant"),
        (_swap('description="What words does."', 'description=f"What {EXECUTED} does."'), "is not a literal"),
        (_swap('"energy_role": "length"', f'"energy_role": {EXECUTED}'), "is not a literal"),
        # no Python
        (lambda text: text[: len(text) // 2], "it is not Python"),
        (_append("\x00"), "it is not Python"),
        (_append("x = " + "-" * 100_000 + "1"), "it is not Python"),
        (lambda _: "", "is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_module_that_was_tampered_with_fails_the_first_proof(
    edit: Callable[[str], str], what: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(str(tmp_path))
    error = _fails(edit(TEXT))
    assert error.proof == "parse"
    assert what in error.detail


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
    prove(render.module(schema, places.ENGINE), schema, places.ENGINE, places.LIBRARY)
    assert not list(Path(str(tmp_path)).iterdir())


def _with(param: str, **changes: object) -> Schema:
    changed = tuple(
        replace(each, **changes) if each.name == param else each  # type: ignore[arg-type]
        for each in SCHEMA.params
    )
    return replace(SCHEMA, params=changed)


def test_a_name_that_hides_what_the_module_uses_fails_the_import() -> None:
    schema = _with("words", name="Field")
    error = _fails(render.module(schema, places.ENGINE), schema)
    assert error.proof == "import"
    assert "a fresh process could not import it" in error.detail


def test_a_library_without_the_base_classes_fails_the_import(tmp_path: Path) -> None:
    """The library that is named is the one that counts, also where another is installed."""
    (tmp_path / "llenergymeasure").mkdir()
    (tmp_path / "llenergymeasure" / "__init__.py").touch()
    with pytest.raises(ProofError, match=r"No module named 'llenergymeasure\.config'") as raised:
        prove(TEXT, SCHEMA, places.ENGINE, tmp_path)
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
    error = _fails(render.module(schema, places.ENGINE), schema)
    assert error.proof == "values"
    assert what in error.detail


def test_the_other_failures_are_counted() -> None:
    schema = _with("max_length", test_values=(20, 0, -1, -2))
    assert _fails(render.module(schema, places.ENGINE), schema).detail.endswith(" And 2 more.")


def test_a_nested_value_that_is_refused_fails_the_last_proof() -> None:
    changed = tuple(
        replace(model, fields=tuple(_refused_mode(each) for each in model.fields)) for model in SCHEMA.nested
    )
    schema = replace(SCHEMA, nested=changed)
    error = _fails(render.module(schema, places.ENGINE), schema)
    assert error.proof == "values"
    assert "CompileConfig refuses {'mode': 'other'}" in error.detail


def _refused_mode(each: Field) -> Field:
    return replace(each, test_values=("other",)) if each.name == "mode" else each
