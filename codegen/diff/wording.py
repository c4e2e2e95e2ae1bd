"""The change of upstream's text about an argument, where both sources are available. For a terminal.

Never saved.
"""

import difflib

from codegen.diff.sides import Side
from codegen.model.schema import Field


def rewording(before: Side, after: Side, old: Field, new: Field) -> tuple[str, ...]:
    """The two entries as lines of a diff; empty where one of the sources is not available."""
    first, second = _documented(before, old), _documented(after, new)
    if first is None or second is None:
        return ()
    lines = difflib.ndiff(first, second)
    return tuple(line.rstrip() for line in lines if line[:1] in "+-")


def _documented(side: Side, field: Field) -> list[str] | None:
    return None if side.library is None else side.engine.documented(side.library, field)
