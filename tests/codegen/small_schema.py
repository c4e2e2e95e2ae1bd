"""A small schema with every kind of parameter, for tests of what comes after extraction."""

from typing import Any

from codegen.model import test_values
from codegen.model.condition_text import parse
from codegen.model.conditions import ALWAYS
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import Deprecation, Field, NestedModel, Param, Rule, Schema, Tightening
from codegen.model.types import Bound, Choice, ListOf, MapOf, Nested, NoData, Scalar, TupleOf, Type, Union
from codegen.model.values import PlainValue

BOOL, INT, FLOAT, STR = (Scalar(kind) for kind in ("bool", "int", "float", "str"))
NOT_NEGATIVE = Scalar("int", (Bound(">=", 0),))
OPEN_UNIT = Scalar("float", (Bound(">", 0), Bound("<", 1)))


def field(name: str, type_: Type, default: PlainValue = None, **parts: Any) -> Field:
    """One argument of a nested class."""
    given = {"takes_none": default is None and not parts.get("required"), "description": f"What {name} does."}
    plain = Field(name=name, type=type_, default=default, effective_default=default, **(given | parts))
    values = test_values.make(plain, (), ())
    return Field(**{key: getattr(plain, key) for key in Field.__dataclass_fields__} | {"test_values": values})


def param(
    name: str, type_: Type, default: PlainValue = None, *, models: tuple[NestedModel, ...] = (), **parts: Any
) -> Param:
    """One parameter, with test values from its type."""
    given = {
        "takes_none": default is None,
        "description": f"What {name} does.",
        "described": True,
        "section": "A section",
        "role": "decoding",
        "role_reason": "It changes the work.",
        "origins": (
            Origin(OriginKind.TYPE, Symbol("generation/configuration_utils.py", "GenerationConfig")),
        ),
    }
    plain = Param(name=name, type=type_, default=default, effective_default=default, **(given | parts))
    values = test_values.make(plain, (), models)
    return Param(**{key: getattr(plain, key) for key in Param.__dataclass_fields__} | {"test_values": values})


COMPILE = NestedModel(
    name="CompileConfig",
    upstream="CompileConfig",
    parameter="compile_config",
    fields=(
        field("fullgraph", BOOL, default=False),
        field("mode", Choice(("default", "max")), default="default"),
        field("options", MapOf(STR, Union((BOOL, INT)))),
    ),
)
MARK = NestedModel(
    name="MarkConfig",
    upstream="MarkConfig",
    parameter="mark",
    fields=(field("ratio", OPEN_UNIT, default=0.25), field("keys", ListOf(INT), required=True)),
)
OTHER_MARK = NestedModel(
    name="OtherMarkConfig", upstream=None, parameter="mark", fields=(field("depth", INT, default=3),)
)
MODELS = (COMPILE, OTHER_MARK, MARK)

RULES = (
    Rule(
        id="early-needs-length",
        effect="reject",
        fields=("early", "max_length"),
        when=parse("early == 'never' and max_length < 2"),
        message="one token cannot end early; set early=False",
        origins=(
            Origin(OriginKind.RULE, Symbol("generation/configuration_utils.py", "GenerationConfig.validate")),
        ),
    ),
    Rule(
        id="greedy-ignores-temperature",
        effect="dormant",
        fields=("temperature",),
        when=parse("not do_sample"),
        message="greedy decoding ignores it",
    ),
    Rule(
        id="bad-needs-vocabulary",
        effect="require",
        fields=("bad", "words"),
        when=parse("bad is not None and call.batch_size % bits == 0"),
        need=parse("highest(bad) < model.vocab_size and subset(bad, words) or extra.mark in (1, 'a')"),
        message="the model has no such token",
        tightening="It is a mistake.",
    ),
    Rule(
        id="mark-needs-a-gpu",
        effect="require",
        fields=("mark",),
        when=ALWAYS,
        need=parse("device.type == 'cuda'"),
        message="it needs a GPU",
    ),
)

SCHEMA = Schema(
    engine="transformers",
    version="2.3.0",
    params=(
        param("max_length", Scalar("int", (Bound(">", 0),)), 20, section="Length", role="length"),
        param("early", Union((BOOL, Choice(("never",)))), default=False, section="Length"),
        param(
            "temperature",
            Scalar("float", (Bound(">", 0),)),
            1.0,
            disabled_value=1.0,
            context={"do_sample": True},
        ),
        param("do_sample", BOOL, default=False),
        param("words", Union((STR, ListOf(STR))), unbounded_reason="any text can stop it"),
        param("bad", ListOf(ListOf(NOT_NEGATIVE))),
        param("bias", MapOf(ListOf(NOT_NEGATIVE, min_length=1), FLOAT, min_length=1)),
        param(
            "decay", TupleOf((NOT_NEGATIVE, FLOAT)), tightenings=(Tightening("[0] >= 0", "No such start."),)
        ),
        param("bits", Choice((2, 4)), 4),
        param("only_none", NoData()),
        param("copy", INT, 0, deprecation=Deprecation(removal="3", note="It is unused.")),
        param("compile_config", Nested("CompileConfig"), models=MODELS, role="compile"),
        param("mark", Union((Nested("OtherMarkConfig"), Nested("MarkConfig"))), models=MODELS),
        param("unknown_yet", INT, role=None, role_reason="", described=False, section="Other parameters"),
    ),
    nested=MODELS,
    rules=RULES,
    class_tightenings=(Tightening("numbers are numbers", "A text is a mistake."),),
    evidence={Symbol("generation/utils.py", "GenerationMixin"): "0123456789abcdef"},
)
