"""From a source tree to a Schema: what every command starts with."""

from dataclasses import dataclass
from pathlib import Path

from codegen.engines.transformers.extract import extract
from codegen.errors import LockError, UnknownShapeError
from codegen.model import lock
from codegen.model.schema import Schema
from codegen.render import files
from codegen.review import overrides
from codegen.review.merge import Question, merge
from codegen.upstream.source import SourceTree, locate
from codegen.upstream.symbols import Library

LEAST_SHARE = 0.8
"""Of the parameters of last time that have to be there again; fewer is taken for a failure to read the source."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One release, read.

    Args:
        tree: where its source is.
        library: its files, parsed.
        overrides_path: the file that people's part was read from.
        schema: what is known of it.
        questions: what is left for a person to decide.
    """

    tree: SourceTree
    library: Library
    overrides_path: Path
    schema: Schema
    questions: tuple[Question, ...]


def read(
    wanted: str | None, *, overrides_path: Path = files.OVERRIDES, checkout: Path = files.CHECKOUT
) -> Reading:
    """Read a release: the installed one, or what ``wanted`` names (see :func:`codegen.upstream.source.locate`).

    Raises:
        CodegenError: it cannot be had or read, or the overrides are wrong for it.
    """
    tree = locate(wanted, checkout)
    library = Library(tree)
    people = overrides.load(overrides_path)
    schema, questions = merge(extract(library), people, library)
    return Reading(tree, library, overrides_path, schema, questions)


def guard_against_loss(schema: Schema, root: Path) -> None:
    """Refuse a schema that lost a large part of the parameters that the lock under ``root`` has.

    Raises:
        UnknownShapeError: fewer than :data:`LEAST_SHARE` of last time's parameters.
        LockError: there is a lock, but it cannot be read.
    """
    path = root / files.LOCK
    if not path.exists():
        return
    try:
        before = lock.load(path)
    except LockError as error:
        raise LockError(f"{error} (delete it first)") from error
    if len(schema.params) < LEAST_SHARE * len(before.params):
        what = f"only {len(schema.params)} parameters were found, where {path.name} has {len(before.params)}"
        raise UnknownShapeError(f"transformers {schema.version}", what)
