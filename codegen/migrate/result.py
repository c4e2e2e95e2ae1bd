"""The result of migrating one file."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """One file, migrated.

    Args:
        path: the path of the file.
        before: its text.
        after: its text after the migration; the same if nothing changes.
        notes: what was done, each as ``LINE: text``.
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
