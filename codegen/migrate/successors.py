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
    """A change that upstream made, and how an older configuration follows it.

    Args:
        place: where the entry is in the file.
        since: the release that made the change.
        reason: why the old and the new form mean the same.
    """

    place: Place = Place()  # noqa: RUF009 - frozen
    since: Version
    reason: str

    def is_between(self, old: str, new: str) -> bool:
        """Whether the change was made after the old release, and not after the new one."""
        return Version(old) < self.since <= Version(new)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSuccessor(Successor):
    """A new name of a parameter, or of ``parameter.argument``."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSuccessor(Successor):
    """A new value of a parameter, or of ``parameter.argument``, with the meaning of an old one."""

    parameter: str
    old: str | int
    new: PlainValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Successors:
    """The whole file."""

    names: tuple[NameSuccessor, ...] = ()
    values: tuple[ValueSuccessor, ...] = ()


def load(engine: Engine, root: Path) -> Successors:
    """Read the ``successors.toml`` of an engine.

    Args:
        engine: the engine.
        root: the root of the checkout.

    Raises:
        SuccessorsError: the file is missing, or has mistakes; all of them are listed.
    """
    converter = structured.converter()
    converter.register_structure_hook_func(lambda type_: type_ == str | int, _old_value)
    try:
        return structured.structure(converter, structured.toml(root / engine.successors), Successors)
    except structured.MistakenError as error:
        raise SuccessorsError(str(engine.successors), error.mistakes) from error


def _old_value(raw: object, _: object) -> str | int:
    if not isinstance(raw, str | int):
        raise ValueError("a text, a whole number or a flag is expected here")
    return raw
