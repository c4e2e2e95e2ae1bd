"""The page ``docs/parameters.md``: every parameter by energy role, rendered from the Schema."""

from dataclasses import dataclass

from jinja2 import TemplateError

from codegen import render
from codegen.errors import RenderError
from codegen.ir import ROLES, Field, Param, Schema
from codegen.render import Code
from codegen.types import text


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter as the page prints it."""

    name: Code
    type: Code
    default: Code
    description: Code
    why: Code


@dataclass(frozen=True, slots=True)
class Group:
    """One energy role as the page prints it."""

    role: Code
    about: Code
    rows: tuple[Row, ...]


def page(schema: Schema) -> str:
    """The text of the page.

    Raises:
        RenderError: the template failed.
    """
    groups = [
        Group(
            render.comment(role),
            cell(f"{about[0].upper()}{about[1:]}."),
            tuple(_row(param) for param in schema.params if param.role == role),
        )
        for role, about in ROLES.items()
    ]
    undecided = tuple(_row(param) for param in schema.params if param.role is None)
    if undecided:
        groups.append(Group(Code("undecided"), Code("Nobody has given these a role yet."), undecided))
    models = [
        (
            render.comment(model.name),
            cell(f"`{model.parameter}`"),
            [(cell(f.name), *_type_and_default(f), cell(render.described(f))) for f in model.fields],
        )
        for model in schema.nested
    ]
    tightenings = [
        (cell(name), cell(each.what), cell(each.reason))
        for name, found in [
            *(("every parameter", (each,)) for each in schema.class_tightenings),
            *((f"`{param.name}`", param.tightenings) for param in schema.params),
            *(
                (f"`{model.parameter}.{field.name}`", field.tightenings)
                for model in schema.nested
                for field in model.fields
            ),
        ]
        for each in found
    ]
    try:
        return (
            render.environment()
            .get_template("parameters.md.jinja")
            .render(
                version=render.comment(schema.transformers_version),
                count=render.literal(len(schema.params)),
                groups=[group for group in groups if group.rows],
                models=models,
                tightenings=tightenings,
            )
        )
    except TemplateError as error:
        raise RenderError(f"The template parameters.md.jinja cannot be rendered: {error}") from error


def cell(words: str) -> Code:
    """A text that stays inside of one cell of a Markdown table, and is no markup but backticks."""
    escaped = render.comment(words)
    for mark, stand_in in (
        ("\\", "\\\\"),
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("|", "\\|"),
        ("[", "\\["),
        ("]", "\\]"),
        ("*", "\\*"),
    ):
        escaped = Code(escaped.replace(mark, stand_in))
    return Code(" ".join(escaped.split()))


def _type_and_default(field: Field) -> tuple[Code, Code]:
    default = "required" if field.required else repr(field.default)
    return cell(text(field.type, takes_none=field.takes_none)), cell(default)


def _row(param: Param) -> Row:
    return Row(
        name=cell(param.name),
        type=cell(text(param.type, takes_none=param.takes_none)),
        default=cell(repr(param.default)),
        description=cell(render.described(param)),
        why=cell(param.role_reason),
    )
