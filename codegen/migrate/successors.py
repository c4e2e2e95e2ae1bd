"""``successors.toml``: what replaces a parameter, an argument or a value that a release no longer has."""

from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

from codegen.errors import SuccessorsError
from codegen.mistakes import Place
from codegen.model import structured
from codegen.model.values import PlainValue
from codegen.upstream.engine import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor:
    """A change that upstream made, and what an older configuration becomes.

    Args:
        place: of the entry.
        since: the release that made the change.
        reason: why the two are the same.
    """

    place: Place = Place()  # noqa: RUF009 - frozen
    since: Version
    reason: str

    def is_between(self, old: str, new: str) -> bool:
        """Whether it was made after the one release, and up to the other."""
        return Version(old) < self.since <= Version(new)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSuccessor(Successor):
    """A parameter, or ``parameter.argument``, under another name."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSuccessor(Successor):
    """Another value of a parameter, or of ``parameter.argument``."""

    parameter: str
    old: str | int
    new: PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Successors:
    """The whole file."""

    names: tuple[NameSuccessor, ...] = ()
    values: tuple[ValueSuccessor, ...] = ()


def load(engine: Engine, root: Path) -> Successors:
    """Read the file of an engine, in the checkout at ``root``.

    Raises:
        SuccessorsError: it is missing, or has mistakes; all of them are listed.
    """
    made = structured.converter()
    made.register_structure_hook_func(lambda type_: type_ == str | int, _replaced)
    try:
        return structured.structure(made, structured.toml(root / engine.successors), Successors)
    except structured.MistakenError as error:
        raise SuccessorsError(str(engine.successors), error.mistakes) from error


def _replaced(raw: object, _: object) -> str | int:
    if not isinstance(raw, str | int):
        raise ValueError("a text, a whole number or a flag is expected here")
    return raw
