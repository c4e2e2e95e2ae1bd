"""Which expressions in transformers' methods stand for parameters, decoding modes or arguments."""

import ast
from collections.abc import Collection, Mapping

from codegen.model.conditions import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Constant,
    IsTrue,
    Name,
    Subset,
    Term,
    any_of,
    negated,
)
from codegen.upstream.inlining import Options
from codegen.upstream.reader import Reader, attribute

OWNERS = ("self", "generation_config")
"""Names of the generation config, in its own methods and in those of ``GenerationMixin``."""

Modes = Mapping[str, Condition]
"""Under which condition each decoding mode is chosen, by the name of its member in the enumeration."""

_PROVENANCE = "_should_warn"
"""Decides whether an issue is logged, by who set the value; it says nothing about the values."""

_TOKENIZER = Name("call.tokenizer")
FACTS = frozenset({"call.tokenizer", "model.encoder_decoder"})
"""The facts of the call and the model that can be read; what is refused with one needs its opposite."""

OPTIONS = Options(
    fixed=frozenset(
        {
            "generation_config",
            "generation_mode",
            "assistant_model",
            "custom_generate",
            "minor_issues",
            "model_kwargs",
            "tokenizer",
        }
    ),
    opaque=frozenset({_PROVENANCE}),
)
"""These locals stand for themselves, whatever is assigned to them; who set a value is not followed."""


def reader(
    parameters: Collection[str],
    modes: Modes | None = None,
    *,
    owners: tuple[str, ...] = (),
    includes_unknown: bool = True,
) -> Reader:
    """Reads tests as conditions over parameters, decoding modes and facts.

    Args:
        parameters: the names of all parameters.
        modes: when each mode is chosen; a test of any other mode never holds.
        owners: see :class:`codegen.upstream.reader.Reader`.
        includes_unknown: see there, too.
    """

    def read_term(node: ast.expr) -> Term | None:
        name = attribute(node, OWNERS)
        if name is not None and name in parameters:
            return Name(name)
        if (fact := _fact(node)) is not None:
            return fact
        match node:
            case ast.Subscript(value=ast.Name(id="model_kwargs"), slice=ast.Constant(value="use_cache")):
                return Name("use_cache")  # generate() puts the parameter there
            case ast.Call(func=ast.Name(id="set"), args=[inner]) | ast.Set(elts=[inner]):
                return read_term(inner)
            case ast.IfExp(body=one, orelse=other) if (found := read_term(one)) is not None:
                return found if read_term(other) == found else None
        return None

    def read_condition(node: ast.expr) -> Condition | None:
        if _is_set(node) and isinstance(of := read_term(node), Name):
            return Subset(of, of)  # it has tokens: a set that contains only 0 is true, although 0 is not
        if (found := _of_a_fact(node)) is not None:
            return found
        return _of_the_call(node) if (chosen := _of_the_mode(node, modes or {})) is None else chosen

    return Reader(read_term, read_condition, owners, includes_unknown)


def _fact(node: ast.expr) -> Name | None:
    """The fact of the call or the model that an expression stands for, if it is one of :data:`FACTS`."""
    match node:
        case ast.Name(id="tokenizer"):
            return _TOKENIZER
        case ast.Attribute(
            value=ast.Attribute(value=ast.Name(id="self"), attr="config"), attr="is_encoder_decoder"
        ):
            return Name("model.encoder_decoder")
    return None


def _of_a_fact(node: ast.expr) -> Condition | None:
    """A test of a fact, in the form that hand-written conditions have."""
    match node:
        case ast.Compare(
            left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ) if _fact(left) == _TOKENIZER:
            given = IsTrue(_TOKENIZER)
            return given if isinstance(op, ast.IsNot) else negated(given)
        case ast.Compare(
            left=ast.Call(
                func=ast.Attribute(value=ast.Name(id="torch"), attr="tensor") | ast.Attribute(attr="to")
            ),
            ops=[ast.Is() | ast.IsNot() as op],
            comparators=[ast.Constant(value=None)],
        ):
            return ALWAYS if isinstance(op, ast.IsNot) else NEVER  # it is a tensor
    return None


def _is_set(node: ast.expr) -> bool:
    match node:
        case ast.Set() | ast.Call(func=ast.Name(id="set")):
            return True
        case ast.IfExp(body=one, orelse=other):
            return _is_set(one) and _is_set(other)
    return False


def _of_the_mode(node: ast.expr, modes: Modes) -> Condition | None:
    """A test of the decoding mode."""
    match node:
        case ast.Compare(
            left=ast.Name(id="generation_mode"), ops=[ast.Eq()], comparators=[ast.Attribute() as mode]
        ):
            return modes.get(_mode(mode), NEVER)
        case ast.Compare(
            left=ast.Name(id="generation_mode"), ops=[ast.In()], comparators=[ast.Tuple(elts=listed)]
        ):
            return any_of(*(modes.get(_mode(each), NEVER) for each in listed))
    return None


def _mode(node: ast.expr) -> str:
    """The name of a mode, which is a member of the enumeration, or its value in small letters."""
    match node:
        case ast.Attribute(value=ast.Name(id="GenerationMode"), attr=name):
            return name
        case ast.Constant(value=str(value)):
            return value.upper()
    return ""


def _of_the_call(node: ast.expr) -> Condition | None:
    """A test of what ``generate()`` was given besides the parameters, or of who set one."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name == _PROVENANCE:
            return ALWAYS
        case ast.Name(id="strict"):
            return NEVER  # generate() validates without it
        case ast.Compare(
            left=ast.Name(id=name), ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]
        ):
            match name:
                case "custom_generate":
                    given: Condition = Compare(Name("extra.custom_generate"), "is not", Constant(None))
                case "assistant_model":
                    given = IsTrue(Name("call.assistant_model"))
                case _:
                    return None
            return given if isinstance(op, ast.IsNot) else negated(given)
    return None
