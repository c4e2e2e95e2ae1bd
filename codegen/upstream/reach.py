"""The code that an engine's call can reach, in one release: the call graph, and the refusals in it.

Building it takes about a second of CPU time. A lock keeps the refusals with the files that they were found
in; :func:`codegen.review.pipeline.with_reach` builds nothing where these are the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from codegen.errors import UnknownShapeError
from codegen.model.origins import Symbol
from codegen.model.schema import Reach
from codegen.upstream import interface
from codegen.upstream.callgraph import CallGraph, Start, build, classes
from codegen.upstream.interface import Interface
from codegen.upstream.refusal_sites import Site, sites
from codegen.upstream.symbols import Library

TOO_DEEP = "what it reaches is nested too deeply"

ReachedByMode = Mapping[str, frozenset[Symbol]]
"""What is reached in each mode in which the call can run (a decoding mode, say), by the name of the mode.
What every call reaches comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a call can reach.

    Args:
        library: the source.
        graph: the call graph.
        by_mode: what is reached in which mode.
        interface: what callers see of it.
        deprecating: the names of decorators that deprecate an argument.
    """

    library: Library
    graph: CallGraph
    by_mode: ReachedByMode
    interface: Interface
    deprecating: frozenset[str]
    _sites: dict[Symbol, tuple[Site, ...]] = field(default_factory=dict)

    def sites(self, symbol: Symbol) -> tuple[Site, ...]:
        """Where a definition refuses, in the order of the source.

        Raises:
            UnknownShapeError: it is nested too deeply.
        """
        if symbol not in self._sites:
            try:
                self._sites[symbol] = sites(self.library.module(symbol.path), symbol.qualname)
            except RecursionError as error:
                raise UnknownShapeError(self.library.place(symbol), TOO_DEEP) from error
        return self._sites[symbol]

    @property
    def refusals(self) -> dict[Symbol, tuple[str, ...]]:
        """The refusals of every definition in the graph, as texts."""
        found = {symbol: tuple(map(str, self.sites(symbol))) for symbol in self.graph.edges}
        return {symbol: texts for symbol, texts in found.items() if texts}

    def modes_using(self, symbol: Symbol) -> tuple[str, ...]:
        """The modes in which a definition is reached."""
        return tuple(name for name, reached in self.by_mode.items() if symbol in reached)

    def shown_modes_using(self, symbol: Symbol) -> tuple[str, ...]:
        """The modes to name for a definition: only the first of them if every call reaches it."""
        found = self.modes_using(symbol)
        return found[:1] if found[:1] == tuple(self.by_mode)[:1] else found

    def summary(self) -> Reach:
        """What the lock keeps of it."""
        files = self.graph.files
        return Reach(files=files, digest=self.library.tree.digest(files), refusals=self.refusals)


def read(library: Library, start: Start, by_mode: Callable[[Library, CallGraph], ReachedByMode]) -> Reached:
    """What is reached in a release.

    Args:
        library: its source.
        start: where the graph starts and ends.
        by_mode: finds what is reached in which mode.

    Raises:
        UnknownShapeError: a file is not Python, or is nested too deeply.
    """
    known = classes(library, start)
    try:
        graph = build(known, start)
    except RecursionError as error:
        raise UnknownShapeError(f"{library.tree.package} {library.tree.version}", TOO_DEEP) from error
    roots = [root for each in start.roots if (root := known.inherited_function(each)) is not None]
    return Reached(
        library=library,
        graph=graph,
        by_mode=by_mode(library, graph),
        interface=interface.read(known, tuple(roots), graph.edges, start.deprecating),
        deprecating=start.deprecating,
    )
