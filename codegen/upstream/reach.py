"""The code that an engine's call can reach, in one release: the call graph, and the refusals in it.

Building it takes about a second of CPU time. A lock keeps the refusals with the files that they were found
in; :func:`codegen.review.pipeline.with_reach` builds nothing where these are the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from codegen.model.origins import Symbol
from codegen.model.schema import Reach
from codegen.upstream.callgraph import CallGraph, Start, build
from codegen.upstream.refusal_sites import Site, sites
from codegen.upstream.source import SourceTree
from codegen.upstream.symbols import Library


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a call can reach.

    Args:
        graph: the call graph.
        ways: what is reached in each way in which the call works (a decoding mode, say), by its name.
        sites: where it refuses.
    """

    graph: CallGraph
    ways: Mapping[str, frozenset[Symbol]]
    sites: Mapping[Symbol, tuple[Site, ...]]

    def ways_to(self, symbol: Symbol) -> tuple[str, ...]:
        """The ways in which a definition is reached."""
        return tuple(name for name, reached in self.ways.items() if symbol in reached)


def read(
    library: Library, start: Start, ways: Callable[[Library, CallGraph], Mapping[str, frozenset[Symbol]]]
) -> Reached:
    """What is reached in a release.

    Args:
        library: its source.
        start: where the graph starts and ends.
        ways: finds what is reached in which way.
    """
    graph = build(library, start)
    found = {symbol: sites(library.module(symbol.path), symbol.qualname) for symbol in graph.edges}
    return Reached(
        graph=graph,
        ways=ways(library, graph),
        sites={symbol: listed for symbol, listed in found.items() if listed},
    )


def summary(reached: Reached, tree: SourceTree) -> Reach:
    """What is kept of it."""
    files = reached.graph.files
    refusals = {symbol: tuple(map(str, listed)) for symbol, listed in reached.sites.items()}
    return Reach(files=files, digest=tree.digest(files), refusals=refusals)
