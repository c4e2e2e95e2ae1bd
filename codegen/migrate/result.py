"""The result of migrating one file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """One file, migrated.

    Args:
        path: of the file.
        before: its text.
        after: its text afterwards; the same if nothing is to be changed.
        notes: what was done, line by line, each with ``line: ``.
        open: what a person has to decide, in the same form.
    """

    path: Path
    before: str = ""
    after: str = ""
    notes: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the text changed."""
        return self.before != self.after
