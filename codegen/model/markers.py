"""What a text in a file has to be, if its type alone does not say it.

Read by :mod:`codegen.model.structured`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a closed set of texts.

    Args:
        noun: what each of them is, for messages.
        options: all of them.
        where: what lists them, in a clause; without it, the message lists them.
    """

    noun: str
    options: tuple[str, ...]
    where: str = ""

    @property
    def hint(self) -> str:
        """What can be written."""
        return self.where or f"choose one of {', '.join(self.options)}"


@dataclass(frozen=True, slots=True)
class OneLine:
    """A text of one line that is not empty.

    Args:
        longest: how many characters it may have.
    """

    longest: int | None = None
