"""The page ``docs/parameters.md``: every parameter by energy role, rendered from the Schema."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from codegen.model import condition_text, conditions
from codegen.model.schema import ROLES, Effect, Field, Param, Rule, Schema
from codegen.model.type_text import text
from codegen.render import python, templates
from codegen.render.markdown import cell, code_span
from codegen.render.phrases import described
from codegen.render.python import Code
from codegen.review import coverage

_EFFECTS: dict[Effect, tuple[str, str]] = {
    "reject": (
        "Combinations that are refused",
        "`generate()` fails on them, so a configuration cannot be made.",
    ),
    "dormant": (
        "Settings that have no effect",
        "As long as the condition holds, each of the parameters could be left out and the same work would be done.",
    ),
    "require": (
        "Settings that need something",
        "They need it of the model, the call, the device or the installed packages. This is checked before a measurement.",
    ),
}


class Group(NamedTuple):
    """A part of the page: its title, a sentence about it, and what it lists."""

    title: str
    about: str
    members: tuple[Any, ...]


def page(schema: Schema) -> str:
    """The text of the page.

    Raises:
        RenderError: the template failed.
    """
    return templates.render(
        templates.environment(_FILTERS),
        "parameters.md.jinja",
        schema=schema,
        roles=[group for group in _roles(schema.params) if group.members],
        effects=[group for group in _effects(schema.rules) if group.members],
        tightenings=list(coverage.tightenings(schema)),
    )


def _roles(params: tuple[Param, ...]) -> list[Group]:
    groups: list[tuple[str | None, str]] = [*ROLES.items(), (None, "no energy role is decided for these yet")]
    return [
        Group(
            role or "undecided",
            f"{about[0].upper()}{about[1:]}.",
            tuple(param for param in params if param.role == role),
        )
        for role, about in groups
    ]


def _effects(rules: tuple[Rule, ...]) -> list[Group]:
    return [
        Group(title, about, tuple(rule for rule in rules if rule.effect == effect))
        for effect, (title, about) in _EFFECTS.items()
    ]


def _condition(rule: Rule) -> Code:
    when = Code("always") if rule.when == conditions.ALWAYS else code_span(condition_text.text(rule.when))
    return when if rule.need is None else Code(f"{when} needs {code_span(condition_text.text(rule.need))}")


def _type(field: Field) -> Code:
    return cell(text(field.type, takes_none=field.takes_none))


def _default(field: Field) -> Code:
    return cell("required" if field.required else repr(field.default))


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "cell": cell,
    "code": lambda words: cell(f"`{words}`"),
    "codes": lambda names: cell(", ".join(f"`{name}`" for name in names)),
    "comment": python.comment,
    "condition": _condition,
    "default_value": _default,
    "described": lambda field: cell(described(field)),
    "literal": python.literal,
    "place": lambda where: cell(where if where == "every parameter" else f"`{where}`"),
    "type": _type,
}
