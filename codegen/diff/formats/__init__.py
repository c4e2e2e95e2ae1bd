"""One comparison in four formats that all say the same.

For a terminal, a pull request, a program and GitHub's log.
"""

from collections.abc import Callable
from importlib import import_module

from codegen.diff.formats.report import Report

FORMATS = {"text": "text", "markdown": "markdown", "json": "as_json", "github": "github"}
"""The module of each format, by the format's name on the command line."""


def render(report: Report, name: str) -> str:
    """The text of a report in one format; its module is imported only now."""
    module: Callable[[Report], str] = import_module(f"{__name__}.{FORMATS[name]}").render
    return module(report)
