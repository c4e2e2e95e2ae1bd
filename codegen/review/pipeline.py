"""From a source to a Schema: what every command that reads one release starts with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from codegen.errors import LockError, UnknownShapeError
from codegen.model import lock
from codegen.model.schema import Schema
from codegen.review import executed, overrides_file, unproven
from codegen.review.evidence_check import Examination, examine
from codegen.review.merge import merge
from codegen.review.merge_context import Question
from codegen.review.overrides import Overrides
from codegen.upstream.engine import Engine
from codegen.upstream.source import SourceTree, locate
from codegen.upstream.symbols import Library

LEAST_SHARE = 0.8
"""Share of the previous parameters that have to be there again; fewer counts as a failure to read the
source."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One release, read.

    Args:
        engine: the engine that the release belongs to.
        source: what named it; None for the installed one.
        tree: where its source is.
        library: its files, parsed.
        overrides: what people add.
        schema: what is known of it.
        questions: what is left to decide.
        evidence: whether what the claims rest on was read.
    """

    engine: Engine
    source: str | None
    tree: SourceTree
    library: Library
    overrides: Overrides
    schema: Schema
    questions: tuple[Question, ...]
    evidence: Examination


def read(engine: Engine, source: str | None, root: Path) -> Reading:
    """Read a release.

    The installed one, or what ``source`` names (see :func:`codegen.upstream.source.locate`).

    Args:
        engine: the engine that the release belongs to.
        source: names the release.
        root: of the checkout that the overrides are in.

    Raises:
        CodegenError: it is not available or cannot be read, or the overrides are wrong for it.
    """
    library = Library(locate(engine.package, source, root))
    stated = overrides_file.load(engine, root, library.tree.version)
    schema, asked = merge(
        engine.extract(library), stated, library, engine, partial(_before, root / engine.lock)
    )
    return Reading(
        engine,
        source,
        library.tree,
        library,
        stated,
        schema,
        (*asked, *_unproven(schema, root / engine.executed)),
        examine(stated, library, schema.version),
    )


def _before(path: Path) -> Schema | None:
    """The schema that the lock in a checkout has; None if there is none that can be read."""
    try:
        return lock.load(path)
    except LockError:
        return None


def _unproven(schema: Schema, path: Path) -> Iterator[Question]:
    """What is asked about rules whose statements are gone; fidelity's record is read only for these."""
    if any(rule.unproven for rule in schema.rules):
        yield from unproven.questions(schema, executed.load(path))


def with_reach(reading: Reading, root: Path, *, anew: bool = False) -> Reading:
    """The reading with the code in reach: what the lock in a checkout has of it, if its files are the same.

    Args:
        reading: the release.
        root: of the checkout.
        anew: whether it is read in any case.
    """
    engine = reading.engine
    if engine.reached is None:
        return reading
    reach = None if anew else lock.load_reach(root / engine.lock)
    if reach is None or reading.tree.digest(reach.files) != reach.digest:
        reach = engine.reached(reading.library).summary()
    return replace(reading, schema=replace(reading.schema, reach=reach))


def guard_against_loss(schema: Schema, path: Path) -> None:
    """Refuse a schema that lost a large part of the parameters that the lock at ``path`` has.

    Raises:
        UnknownShapeError: fewer than :data:`LEAST_SHARE` of last time's parameters.
        LockError: there is a lock, but it cannot be read.
    """
    if not path.exists():
        return
    try:
        before = lock.load(path)
    except LockError as error:
        raise LockError(f"{error} (delete it first)") from error
    if len(schema.params) < LEAST_SHARE * len(before.params):
        what = f"only {len(schema.params)} parameters were found, where {path.name} has {len(before.params)}"
        raise UnknownShapeError(schema.release, what)
