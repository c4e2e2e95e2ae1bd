"""The page ``docs/parameters.md``: every parameter by energy role, rendered from the Schema."""

import re
from dataclasses import dataclass

from jinja2 import TemplateError

from codegen.errors import RenderError
from codegen.model import conditions
from codegen.model.schema import ROLES, Effect, Field, Param, Rule, Schema
from codegen.model.types import text
from codegen.render import module as render
from codegen.render.module import Code
from codegen.review import coverage


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


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules of one effect as the page prints them: id, parameters, condition, message."""

    title: Code
    about: Code
    rows: tuple[tuple[Code, Code, Code, Code], ...]


_EFFECTS: dict[Effect, tuple[str, str]] = {
    "reject": (
        "Combinations that are refused",
        "`generate()` fails on them, so a configuration cannot be made.",
    ),
    "dormant": (
        "Settings that have no effect",
        "As long as the condition holds, each of the parameters could be left out and the same work were done.",
    ),
    "require": (
        "Settings that need something",
        "Of the model, the call, the device or the installed packages; it is looked at before a measurement starts.",
    ),
}


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
        (cell(where if where == "every parameter" else f"`{where}`"), cell(what), cell(reason))
        for where, what, reason in coverage.tightenings(schema)
    ]
    rules = [
        RuleGroup(
            Code(title),
            Code(about),
            tuple(
                (
                    cell(f"`{rule.id}`"),
                    cell(", ".join(f"`{name}`" for name in rule.fields)),
                    _condition(rule),
                    cell(rule.message),
                )
                for rule in schema.rules
                if rule.effect == effect
            ),
        )
        for effect, (title, about) in _EFFECTS.items()
    ]
    try:
        return (
            render.environment()
            .get_template("parameters.md.jinja")
            .render(
                version=render.comment(schema.version),
                count=render.literal(len(schema.params)),
                groups=[group for group in groups if group.rows],
                models=models,
                tightenings=tightenings,
                rules=[group for group in rules if group.rows],
            )
        )
    except TemplateError as error:
        raise RenderError(f"The template parameters.md.jinja cannot be rendered: {error}") from error


def cell(words: str) -> Code:
    """A text that stays inside of one cell of a Markdown table, and is no markup but code between backticks.

    Nor is it what GitHub makes of plain words: a mention, a link to an issue or an address, a formula.
    """
    plain = " ".join(render.comment(words).split())
    paired = plain.count("`") % 2 == 0 and "``" not in plain and "\\" not in plain
    pieces = re.split("(`[^`]+`)", plain) if paired else [plain]
    return Code(
        "".join(
            piece.replace("|", "\\|") if number % 2 else _prose(piece) for number, piece in enumerate(pieces)
        )
    )


def _prose(words: str) -> str:
    escaped = re.sub(r"[\\|\[\]*$`~]|(?<![^\W_])_|_(?![^\W_])", r"\\\g<0>", words)  # in a word, _ is plain
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"@(?=\w)|#(?=\d)|:(?=//)|\bwww(?=\.)", r"\g<0><!-- -->", escaped)


def _condition(rule: Rule) -> Code:
    when = Code("always") if rule.when == conditions.ALWAYS else _span(conditions.text(rule.when))
    return when if rule.need is None else Code(f"{when} needs {_span(conditions.text(rule.need))}")


def _span(words: str) -> Code:
    """A text as code inside of a table's cell: in there, nothing is markup but a backtick, and a bar ends the cell."""
    return Code("`" + render.comment(words).replace("`", "'").replace("|", "\\|") + "`")


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
