"""A comparison as text, in four formats with the same content.

They are for a terminal, a pull request, a program, and the log of a GitHub workflow.
"""

from collections.abc import Callable
from importlib import import_module

from codegen.diff.formats.report import Report

FORMATS = {"text": "text", "markdown": "markdown", "json": "as_json", "github": "github"}
"""The module of each format, by the format's name on the command line."""


def render(report: Report, name: str) -> str:
    """The text of a report in the format of that name; no other format is imported."""
    renderer: Callable[[Report], str] = import_module(f"{__name__}.{FORMATS[name]}").render
    return renderer(report)
