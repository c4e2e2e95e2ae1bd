"""Schema to text, through ``templates/``.

What comes from upstream or from the overrides reaches a template only as :class:`Code`: a Python literal made by ``repr``, a
checked identifier, or a comment without line breaks. The environment refuses to print anything else, so no text can become
template source or code.
"""

import ast
import keyword
import math
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from codegen.errors import RenderError
from codegen.model import conditions
from codegen.model.origins import Origin
from codegen.model.schema import Field, NestedModel, Param, Rule, Schema
from codegen.model.types import (
    Bound,
    Choice,
    ListOf,
    MapOf,
    Nested,
    NoData,
    Scalar,
    TupleOf,
    Type,
    Union,
    Value,
    leaves,
    text,
)
from codegen.review.rule_merge import triggers
from codegen.upstream.engine import Engine

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LINE_LENGTH = 110
_BOUNDS = {">": "Gt", ">=": "Ge", "<": "Lt", "<=": "Le"}

# Attributes of pydantic's BaseModel, and of our base class, that a field must not hide. A parameter of such a name gets a trailing
# underscore in Python and keeps its own name everywhere else, as an alias.
RESERVED = frozenset(
    [
        "bypassed",
        "canonical",
        "check",
        "construct",
        "copy",
        "dict",
        "dormant",
        "extra",
        "fields_set",
        "from_generation_config",
        "from_generation_config_file",
        "from_orm",
        "generate_kwargs",
        "json",
        "params",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "rules",
        "schema",
        "schema_json",
        "to_data",
        "to_generation_config",
        "transformers_version",
        "unmet",
        "update_forward_refs",
        "upstream",
        "validate",
    ]
)


class Code(str):
    """Text that may be printed into the generated module as it is."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field as the template prints it."""

    name: Code
    annotation: Code
    arguments: Code


@dataclass(frozen=True, slots=True)
class ModelView:
    """One nested class as the template prints it."""

    name: Code
    docstring: Code
    upstream: Code
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class SectionView:
    """One group of parameters as the template prints it."""

    title: Code
    fields: tuple[FieldView, ...]


def literal(value: object) -> Code:
    """A Python literal that evaluates to the value: None, bool, int, float, str, and tuples and dicts of them.

    Raises:
        RenderError: the value has no literal.
    """
    match value:
        case None | bool() | int() | str():
            return Code(repr(value))
        case float() if math.isfinite(value):
            return Code(repr(value))
        case tuple():
            inside = ", ".join(literal(each) for each in value)
            return Code(f"({inside},)" if len(value) == 1 else f"({inside})")
        case Mapping():
            return Code(
                "{" + ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items()) + "}"
            )
    raise RenderError(f"{value!r} cannot be written as a Python literal.")


def identifier(name: str) -> Code:
    """A name that can be used as it is.

    Raises:
        RenderError: it is no ASCII identifier.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise RenderError(f"{name!r} is not a plain identifier, so it cannot become a field.")
    return Code(name)


def comment(words: str) -> Code:
    """A text that stays inside of one comment line."""
    return Code("".join(letter if letter.isprintable() else " " for letter in words))


def paragraph(words: str, width: int = 88) -> Code:
    """A literal of a text, broken into adjacent literals where it is long."""
    pieces = textwrap.wrap(
        words, width, drop_whitespace=False, break_long_words=False, break_on_hyphens=False
    )
    if len(pieces) <= 1 or "".join(pieces) != words:
        return literal(words)
    return Code("(\n" + "\n".join(literal(piece) for piece in pieces) + "\n)")


def field_name(name: str) -> Code:
    """The name of a parameter's field: its own, unless that is taken."""
    taken = keyword.iskeyword(name) or name in RESERVED or name.startswith("model_")
    return identifier(name + "_") if taken else identifier(name)


def annotation(shape: Type, *, takes_none: bool) -> Code:
    """The annotation of a field in the generated module."""
    plain = _annotation(shape)
    return Code(f"{plain} | None" if takes_none and not isinstance(shape, NoData) else plain)


def _annotation(shape: Type) -> str:
    match shape:
        case Scalar(kind="str", bounds=bounds) if bounds:
            return f"Annotated[str, MinLen({literal(bounds[0].limit)})]"
        case Scalar(kind=kind, bounds=bounds):
            limits = "".join(f", {_BOUNDS[bound.op]}({literal(bound.limit)})" for bound in bounds)
            return f"Annotated[{kind}{limits}]" if limits else kind
        case Choice(values=values):
            plain = f"Literal[{', '.join(map(literal, values))}]"
            return plain if all(isinstance(value, str) for value in values) else f"Annotated[{plain}, exact]"
        case ListOf(item=item, min_length=min_length):
            plain = f"Seq[{_annotation(item)}]"
            return f"Annotated[{plain}, MinLen({literal(min_length)})]" if min_length else plain
        case TupleOf(items=items):
            return f"Annotated[tuple[{', '.join(map(_annotation, items))}], FixedTuple]"
        case MapOf(key=Scalar(kind="str"), value=value, min_length=min_length):
            plain = f"FrozenMap[{_annotation(value)}]"
            return f"Annotated[{plain}, MinLen({literal(min_length)})]" if min_length else plain
        case MapOf(key=key, value=value, min_length=min_length):
            plain = f"Pairs[{_annotation(key)}, {_annotation(value)}]"
            return f"Annotated[{plain}, MinLen({literal(min_length)})]" if min_length else plain
        case Nested(name=name):
            return identifier(name)
        case NoData():
            return "None"
        case Union(members=members):
            plain = " | ".join(map(_annotation, members))
            return f"Annotated[{plain}, one_of]" if all(isinstance(m, Nested) for m in members) else plain
    raise RenderError(f"{text(shape)} has no annotation.")


def bounds_of(shape: Type) -> tuple[tuple[str, tuple[Bound, ...]], ...]:
    """The bounds in a type, with the path of what they are on."""
    return tuple(
        (path, leaf.bounds) for path, leaf in leaves(shape) if isinstance(leaf, Scalar) and leaf.bounds
    )


def constraints(shape: Type) -> tuple[str, ...]:
    """What a value has to satisfy, in short texts: ``> 0``, ``[0] >= 0``, ``each >= 0``."""
    found = []
    for path, bounds in bounds_of(shape):
        for bound in bounds:
            place = re.sub(r"(\[\])+", " each", path).strip()
            what = f"length {bound}" if _is_text_at(shape, path, bounds) else str(bound)
            found.append(f"{place} {what}".strip())
    found += [f"at least {length} long" for length in _min_lengths(shape)]
    return tuple(dict.fromkeys(found))


def _is_text_at(shape: Type, path: str, bounds: tuple[Bound, ...]) -> bool:
    return (path, Scalar("str", bounds)) in leaves(shape)


def _min_lengths(shape: Type) -> Iterator[int]:
    match shape:
        case ListOf(item=item, min_length=min_length):
            if min_length:
                yield min_length
            yield from _min_lengths(item)
        case MapOf(min_length=min_length) if min_length:
            yield min_length
        case Union(members=members):
            for member in members:
                yield from _min_lengths(member)


def choices(shape: Type) -> tuple[Value, ...]:
    """The closed set of values of a type, None left out; empty if it is not closed."""
    match shape:
        case Choice(values=values):
            return values
        case Scalar(kind="bool"):
            return (False, True)
        case Union(members=members):
            parts = [choices(member) for member in members]
            return tuple(value for part in parts for value in part) if all(parts) else ()
    return ()


def described(field: Field) -> str:
    """The description with what is generated after it: range, off value, deprecation."""
    parts = [field.description.rstrip()]
    limits = constraints(field.type)
    if limits:
        parts.append(f"Range: {', '.join(limits)}.")
    if field.disabled_value is not None:
        parts.append(f"Off: {field.disabled_value!r}.")
    if isinstance(field, Param) and field.deprecation is not None:
        words = str(field.deprecation).rstrip(".")
        parts.append(f"{words[0].upper()}{words[1:]}.")
    return " ".join(parts)


def _field(field: Field) -> FieldView:
    name = field_name(field.name)
    arguments = [] if field.required else [f"default={literal(shown_default(field))}"]
    if name != field.name:
        arguments.append(f"alias={literal(field.name)}")
    arguments.append(f"description={paragraph(described(field))}")
    return FieldView(name, annotation(field.type, takes_none=field.takes_none), Code(", ".join(arguments)))


def shown_default(field: Field) -> Value:
    """The default as it is printed: a float field shows a float, so that ``0`` and ``0.0`` in the source look alike."""
    value = field.default
    floats = [leaf for _, leaf in leaves(field.type) if isinstance(leaf, Scalar) and leaf.kind == "float"]
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and floats == [field.type] else value  # type: ignore[arg-type]  # an int


def facts(param: Param, schema: Schema, engine: Engine) -> dict[str, Value]:
    """What introspection tells of a parameter beside its field: plain data, all of it printed into the module."""
    deprecation = str(param.deprecation) if param.deprecation else None
    sources = _sources(param.origins, engine)
    return {
        "section": param.section,
        "type": text(param.type, takes_none=param.takes_none),
        "constraints": constraints(param.type),
        "choices": choices(param.type),
        "energy_role": param.role,
        "role_reason": param.role_reason,
        "declared_default": param.declared_default,
        "effective_default": param.effective_default,
        "off": param.disabled_value,
        "alike": param.equivalent_values,
        "deprecation": deprecation,
        "requires": tuple(rule.message for rule in schema.needs(param.name)),
        "tightenings": tuple((each.what, each.reason) for each in param.tightenings),
        "sources": sources,
        "test_values": param.test_values,
        "context": dict(param.context),
    }


def _sources(origins: tuple[Origin, ...], engine: Engine) -> tuple[str, ...]:
    """The definitions that facts came from, and the overrides where a person stated one; each once."""
    return tuple(dict.fromkeys(str(origin.symbol or engine.overrides) for origin in origins))


def rule(rule: Rule, schema: Schema, engine: Engine) -> Code:
    """The call that makes a rule in the generated module."""
    plain: dict[str, Value] = {"id": rule.id, "effect": rule.effect, "fields": rule.fields}
    if found := triggers(rule, schema.params, engine.model_owned):
        plain["triggers"] = found
    arguments = [f"{key}={literal(value)}" for key, value in plain.items()]
    arguments.append(f"when=lambda {_looked_up(rule.when)}: {conditions.code(rule.when)}")
    if rule.need is not None:
        arguments.append(f"need=lambda {_looked_up(rule.need)}: {conditions.code(rule.need)}")
    words: dict[str, Value] = {"text": conditions.text(rule.when)}
    if rule.need is not None:
        words["need_text"] = conditions.text(rule.need)
    words["message"] = rule.message
    if rule.tightening is not None:
        words["tightening"] = rule.tightening
    words["sources"] = _sources(rule.origins, engine)
    arguments += [f"{key}={literal(value)}" for key, value in words.items()]
    return Code(f"Rule({', '.join(arguments)})")


def _looked_up(condition: conditions.Condition) -> str:
    """The argument of a condition: where nothing is asked, it is not used."""
    return "v" if conditions.names(condition) else "_"


def sections(schema: Schema) -> tuple[SectionView, ...]:
    """The parameters in upstream's order, grouped where the section changes."""
    grouped: list[tuple[str, list[FieldView]]] = []
    for param in schema.params:
        if not grouped or grouped[-1][0] != param.section:
            grouped.append((param.section, []))
        grouped[-1][1].append(_field(param))
    return tuple(SectionView(comment(title), tuple(fields)) for title, fields in grouped)


def _models(schema: Schema) -> tuple[ModelView, ...]:
    return tuple(_model(model) for model in _in_order(schema.nested))


def _model(model: NestedModel) -> ModelView:
    what = "a plain dictionary" if model.upstream is None else f"``transformers.{model.upstream}``"
    docstring = f"Value of ``{model.parameter}``; sent to ``generate()`` as {what}."
    return ModelView(
        name=identifier(model.name),
        docstring=Code(f'"""{docstring}"""'),
        upstream=literal(model.upstream or ""),
        fields=tuple(_field(field) for field in model.fields),
    )


def _in_order(models: tuple[NestedModel, ...]) -> list[NestedModel]:
    """Each class after those that its fields name."""
    placed: list[NestedModel] = []
    waiting = list(models)
    while waiting:
        known = {model.name for model in placed}
        ready = [model for model in waiting if _names(model) <= known]
        if not ready:
            raise RenderError(
                f"The nested classes {', '.join(m.name for m in waiting)} name each other in a circle."
            )
        placed.append(ready[0])
        waiting.remove(ready[0])
    return placed


def _names(model: NestedModel) -> set[str]:
    return {leaf.name for field in model.fields for _, leaf in leaves(field.type) if isinstance(leaf, Nested)}


def environment() -> Environment:
    """The template environment: undefined names and unescaped values are errors."""
    return Environment(  # noqa: S701 - the output is Python and Markdown, not HTML; `finalize` is what escapes
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _only_code(value: object) -> Code:
    if not isinstance(value, Code):
        raise RenderError(f"A template printed {value!r} without escaping it.")
    return value


def module(schema: Schema, engine: Engine) -> str:
    """The text of ``backend_configs.py``, formatted.

    Raises:
        RenderError: a template or the formatter failed.
    """
    fields = sections(schema)
    models = _models(schema)
    groups = [*(section.fields for section in fields), *(model.fields for model in models)]
    used = {
        node.id
        for group in groups
        for view in group
        for node in ast.walk(ast.parse(view.annotation, mode="eval"))
        if isinstance(node, ast.Name)
    }
    try:
        raw = (
            environment()
            .get_template("backend_configs.py.jinja")
            .render(
                version=literal(schema.version),
                version_words=comment(schema.version),
                markers=_imports(used, ("Ge", "Gt", "Le", "Lt", "MinLen")),
                typing_names=_imports(used, ("Annotated", "Literal"), always=("ClassVar",)),
                base_names=_imports(
                    used,
                    ("FixedTuple", "FrozenMap", "Pairs", "Seq", "exact", "one_of"),
                    always=("BackendConfig", "NestedConfig"),
                ),
                models=models,
                sections=fields,
                facts=[
                    (literal(param.name), literal(facts(param, schema, engine))) for param in schema.params
                ],
                facts_names=_facts_names(schema, engine),
                rules=[rule(each, schema, engine) for each in schema.rules],
            )
        )
    except TemplateError as error:
        raise RenderError(f"The template backend_configs.py.jinja cannot be rendered: {error}") from error
    return formatted(raw)


def _facts_names(schema: Schema, engine: Engine) -> Code:
    """What the module imports from :mod:`llenergymeasure.config.metadata`."""
    functions = {*conditions.SUMMARIES, "subset"}
    texts = [rule(each, schema, engine) for each in schema.rules]
    called = {
        node.func.id
        for text in texts
        if any(f"{name}(" in text for name in functions)  # few are, and parsing takes long
        for node in ast.walk(ast.parse(text, mode="eval"))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    functions &= called
    return Code(", ".join(["ParamFacts", "Rule", *sorted(functions)]))


def _imports(used: set[str], names: tuple[str, ...], always: tuple[str, ...] = ()) -> Code:
    """The names of a module that the annotations use, as a sorted import statement lists them."""
    found = used & set(names)
    return Code(", ".join(sorted(found | set(always), key=lambda name: (name[0].islower(), name))))


def formatted(raw: str) -> str:
    """The text as ruff formats it, apart from any settings of the host.

    Raises:
        RenderError: ruff is missing or refuses the text.
    """
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--line-length",
        str(LINE_LENGTH),
        "--stdin-filename",
        "x.py",
        "-",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command; the text goes through its standard input
            command, input=raw, capture_output=True, text=True, encoding="utf-8", check=False
        )
    except OSError as error:
        raise RenderError(f"The formatter could not be run: {error}") from error
    if done.returncode != 0:
        raise RenderError(f"The formatter refused the rendered text: {done.stderr.strip()}")
    return done.stdout
