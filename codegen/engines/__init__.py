"""The upstreams, one folder each: what is special about it, and nothing else.

A folder has ``engine.py`` with its row, one reader for each place that facts come from, and the files that
people and commands write about it. What is listed here is imported when it is asked for: reading sources is
slow to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.upstream.engine import Engine

ENGINES = {"transformers": "codegen.engines.transformers.engine"}
"""The module of each row, by the engine's name; the first is the default of the commands where nothing else
is said."""


def default() -> str:
    """The name of the first engine."""
    return next(iter(ENGINES))


def get(name: str) -> "Engine":
    """The row of an engine.

    Raises:
        KeyError: there is none of that name.
    """
    engine: Engine = import_module(ENGINES[name]).ENGINE
    return engine
