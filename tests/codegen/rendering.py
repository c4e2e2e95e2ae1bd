"""Renders a schema as texts, and loads the configuration class from them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codegen.model.schema import Schema
from codegen.render import data
from codegen.render.formatting import formatted
from codegen.render.module import modules
from tests import generated
from tests.codegen.places import ENGINE

Texts = Mapping[Path, str]


def rendered(schema: Schema) -> dict[Path, str]:
    """The generated files that lie next to the library's own modules, by path."""
    return {
        **formatted(modules(schema, ENGINE)),
        ENGINE.sources_file: data.sources(schema, ENGINE),
        ENGINE.test_values_file: data.test_values(schema),
    }


def made(texts: Texts, folder: Path) -> Any:
    """The configuration class of generated modules, loaded from a folder."""
    for path, text in texts.items():
        (folder / path.name).write_text(text, encoding="utf-8")
    return generated.load(folder).PyTorchConfig
