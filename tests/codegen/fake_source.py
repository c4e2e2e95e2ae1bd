"""A fake transformers of a few lines, for tests of extraction that need no release."""

import ast
import textwrap

from codegen.engines.transformers.engine import CACHES, CONFIGURATION, GENERATE, PROCESSORS
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library, Module


def library(
    *,
    configuration: str = "",
    processors: str = "",
    generate: str = "",
    caches: str = "",
    version: str = "2.3.0",
) -> Library:
    """A fake release with these texts as its files."""
    files = {CONFIGURATION: configuration, PROCESSORS: processors, GENERATE: generate, CACHES: caches}
    dedented = {path: textwrap.dedent(text) for path, text in files.items()}
    return Library(SourceTree("transformers", version, "a fake", "fake", dedented.__getitem__))


def module(text: str, path: str = CONFIGURATION) -> Module:
    """One file of a fake release."""
    return Module(path, textwrap.dedent(text), "transformers")


def configuration(body: str, docstring: str = "", others: str = "") -> str:
    """The text of a configuration_utils.py whose ``GenerationConfig.__init__`` has this body."""
    inside = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8)
    documented = textwrap.indent(f'r"""\n{textwrap.dedent(docstring)}\n"""', " " * 4) if docstring else ""
    more = textwrap.indent(textwrap.dedent(others), " " * 4)
    return f"class GenerationConfig:\n{documented}\n    def __init__(self, **kwargs):\n{inside}\n{more}\n"


def function(text: str) -> ast.FunctionDef:
    """The one function of a snippet."""
    node = ast.parse(textwrap.dedent(text)).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node
