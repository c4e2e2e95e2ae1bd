"""The upstreams, one folder each: what is special about it, and nothing else.

A folder has ``engine.py`` with its :class:`~codegen.upstream.engine.Engine`, one reader for each place that
facts come from, and the files that people and commands write about it. An engine is imported when it is asked
for, as what reads sources is slow to import.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codegen.upstream.engine import Engine

ENGINES = {"transformers": "codegen.engines.transformers.engine"}
"""The module of each engine, by name; commands use the first unless they are told otherwise."""


def default() -> str:
    """The name of the first engine."""
    return next(iter(ENGINES))


def get(name: str) -> "Engine":
    """The engine of a name.

    Raises:
        KeyError: there is none of that name.
    """
    engine: Engine = import_module(ENGINES[name]).ENGINE
    return engine
