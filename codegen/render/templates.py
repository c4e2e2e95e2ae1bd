"""The environment that templates are rendered in: undefined names and unescaped values are errors."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from codegen.errors import RenderError
from codegen.render.python import Code

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"


def environment(filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """An environment with these filters, which prints nothing but :class:`~codegen.render.python.Code`."""
    made = Environment(  # noqa: S701 - the output is Python and Markdown, not HTML; `finalize` is what escapes
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(filters)
    return made


def _only_code(value: object) -> Code:
    if not isinstance(value, Code):
        raise RenderError(f"A template printed {value!r} without escaping it.")
    return value


def render(environment: Environment, template: str, **values: Any) -> str:
    """The text that a template gives.

    Raises:
        RenderError: it failed.
    """
    try:
        return environment.get_template(template).render(**values)
    except TemplateError as error:
        raise RenderError(f"The template {template} cannot be rendered: {error}") from error
