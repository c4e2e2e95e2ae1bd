"""Data of files as values of dataclasses, and back; all mistakes are reported at once, in sentences.

The types of a dataclass say what may stand in a file: missing, unknown and wrongly typed entries are found by
cattrs. A text with further constraints is ``Annotated`` with :class:`OneOf` or :class:`OneLine`; a class
whose entries have to fit each other has a class method ``inconsistencies`` that checks the raw table. This
module is slow to import; import it where a file is read.
"""

import dataclasses
import tomllib
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

from cattrs import Converter
from cattrs.cols import homogenous_tuple_structure_factory, mapping_structure_factory
from cattrs.errors import BaseValidationError, ClassValidationError, ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override
from packaging.version import InvalidVersion, Version

from codegen.mistakes import Mistake, Place
from codegen.model.markers import OneLine, OneOf
from codegen.model.origins import Symbol
from codegen.model.values import PlainValue, freeze

T = TypeVar("T")
Hook = Callable[[Any, Any], Any]

_MOST_NAMED = 3  # mistakes, in one message


class MistakenError(Exception):
    """The data is not of the form that was asked for; ``mistakes`` has all that is wrong with it."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        more = f"; and {len(mistakes) - _MOST_NAMED} more" if len(mistakes) > _MOST_NAMED else ""
        super().__init__("; ".join(map(str, mistakes[:_MOST_NAMED])) + more)
        self.mistakes = mistakes


def toml(path: Path) -> dict[str, Any]:
    """The tables of a file.

    Raises:
        MistakenError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        what = f"it cannot be read ({error.strerror})"
        raise MistakenError((Mistake(Place(), what),)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MistakenError((Mistake(Place(), f"it is not TOML: {error}"),)) from error


def table(raw: object) -> dict[str, object]:
    """The table itself.

    Raises:
        ValueError: it is anything else.
    """
    if not isinstance(raw, dict):
        raise ValueError("a table is expected here")
    return raw


def entries(raw: object) -> list[dict[str, object]]:
    """The list of tables itself.

    Raises:
        ValueError: it is anything else.
    """
    if not isinstance(raw, list):
        raise ValueError("a list is expected here")
    return [table(each) for each in raw]


def text(raw: object, _: object = None) -> str:
    """The text itself.

    Raises:
        ValueError: it is anything else.
    """
    found: str = _scalar(str, "a text", raw)
    return found


def structure(using: Converter, raw: object, cls: type[T]) -> T:
    """The data as a value of a class; each dataclass in it that has a ``place`` knows where it was.

    Args:
        using: a converter made by :func:`converter`, with the hooks of this kind of file.
        raw: the data of a file.
        cls: the class of the whole.

    Raises:
        MistakenError: it is of another form; all mistakes are in it.
    """
    try:
        value: T = _placed(using.structure(raw, cls), Place())
    except (BaseValidationError, ValueError) as error:
        raise MistakenError(tuple(_mistakes(error, Place(), raw))) from error
    return value


def converter() -> Converter:
    """A new converter with what all files have in common; a kind of file adds the hooks of its own types."""
    made = Converter(forbid_extra_keys=True, omit_if_default=True)
    for kind, noun in ((str, "a text"), (int, "a whole number"), (bool, "true or false")):
        made.register_structure_hook(kind, partial(_scalar, kind, noun))
    made.register_structure_hook(StrEnum, lambda raw, type_: type_(text(raw)))  # it is a text, too
    made.register_structure_hook_func(lambda type_: type_ == PlainValue, lambda raw, _: freeze(raw))
    made.register_structure_hook_func(lambda type_: type_ == int | float, _number)
    made.register_structure_hook_func(_is_literal, _literal)
    made.register_structure_hook(Symbol, lambda raw, _: Symbol.parse(text(raw)))
    made.register_unstructure_hook(Symbol, str)
    made.register_structure_hook(Version, _version)
    made.register_structure_hook_factory(dataclasses.is_dataclass, partial(_table, made))
    made.register_structure_hook_factory(_is_container, partial(_container, made))
    made.register_structure_hook_factory(lambda type_: _marker(type_) is not None, _marked)
    return made


def _scalar(kind: type, noun: str, raw: object, _: object = None) -> Any:
    if type(raw) is not kind:
        raise ValueError(f"{noun} is expected here")
    return raw


def _number(raw: object, _: object) -> int | float:
    if type(raw) not in (int, float):
        raise ValueError("a number is expected here")
    return raw  # type: ignore[return-value]  # one of the two


def _version(raw: object, _: object) -> Version:
    try:
        return Version(raw if isinstance(raw, str) else "")
    except InvalidVersion:
        raise ValueError(f'{raw!r} is not a release; write for example "1.2"') from None


def _literal(raw: object, type_: object) -> object:
    options = get_args(type_)
    if not any(raw == option and type(raw) is type(option) for option in options):
        raise ValueError(f"{raw!r} is none of {', '.join(map(str, options))}")
    return raw


def _table(using: Converter, cls: Any) -> Hook:
    """A dataclass is a table with its fields as keys."""
    own: dict[str, Any] = {name: override(omit=True) for name in _not_in_the_file(cls)}
    read = make_dict_structure_fn(cls, using, _cattrs_forbid_extra_keys=True, **own)
    inconsistencies: Callable[[Mapping[str, object]], Iterator[str]] | None = getattr(
        cls, "inconsistencies", None
    )

    def hook(raw: object, type_: Any) -> Any:
        wrong: list[Exception] = list(map(ValueError, inconsistencies(table(raw)))) if inconsistencies else []
        try:
            value = read(table(raw), type_)
        except ClassValidationError as error:
            raise error.derive([*error.exceptions, *wrong]) from None
        if wrong:
            raise ClassValidationError("", wrong, cls)
        return value

    return hook


def _not_in_the_file(cls: Any) -> tuple[str, ...]:
    """Fields that have no key: the place of the table, and those that the class lists in ``elsewhere``."""
    place = ("place",) if any(field.name == "place" for field in dataclasses.fields(cls)) else ()
    return *place, *getattr(cls, "elsewhere", ())


def _is_literal(type_: Any) -> bool:
    origin: object = get_origin(type_)
    return origin is Literal


def _is_container(type_: Any) -> bool:
    origin: object = get_origin(type_)
    return origin is tuple or origin is Mapping


def _container(using: Converter, type_: Any) -> Hook:
    """A list is not a text, and a mapping is not a list, although Python iterates over each."""
    is_list = get_origin(type_) is tuple
    kind, noun = (list, "a list") if is_list else (dict, "a table")
    factory = homogenous_tuple_structure_factory if is_list else mapping_structure_factory
    read: Hook = factory(type_, using)

    def hook(raw: object, type_: Any) -> Any:
        if not isinstance(raw, kind):
            raise ValueError(f"{noun} is expected here")
        return read(raw, type_)

    return hook


def _marker(type_: object) -> OneOf | OneLine | None:
    found = (each for each in getattr(type_, "__metadata__", ()) if isinstance(each, OneOf | OneLine))
    return next(found, None)


def _marked(type_: Any) -> Hook:
    """A text that has to be as its marker says."""
    marker = _marker(type_)

    def hook(raw: object, _: object) -> str:
        match marker:
            case OneOf(noun=noun, options=options):
                if raw not in options:
                    raise ValueError(f"{raw!r} is not a valid {noun}; {marker.hint}")
                return str(raw)
            case OneLine(longest=longest):
                words = text(raw).strip()
                if not words:
                    raise ValueError("it is empty")
                if "\n" in words:
                    raise ValueError("write it in one line")
                if longest is not None and len(words) > longest:
                    raise ValueError(f"{len(words)} characters; the most is {longest}")
                return words
        raise AssertionError(type_)

    return hook


def _mistakes(error: BaseException, place: Place, raw: object) -> Iterator[Mistake]:
    """Every mistake in a tree of errors, with its place."""
    if isinstance(error, BaseValidationError):
        for each in error.exceptions:
            note = next((note for note in getattr(each, "__notes__", ()) if hasattr(note, "type")), None)
            if note is None:
                yield from _mistakes(each, place, raw)
            elif isinstance(each, KeyError) and hasattr(note, "name"):
                marker = _marker(note.type)
                hint = f"; {marker.hint}" if isinstance(marker, OneOf) else ""
                yield Mistake(place, f"it has no {note.name.replace('_', ' ')}{hint}")
            else:
                step = note.name if hasattr(note, "name") else note.index
                inside = _inside(raw, step)
                yield from _mistakes(each, _entry(place, step, inside), inside)
    elif isinstance(error, ForbiddenExtraKeysError):
        names = {field.name for field in dataclasses.fields(error.cl)}
        known = ", ".join(sorted(names.difference(_not_in_the_file(error.cl))))
        for key in sorted(error.extra_fields):
            yield Mistake(place, f"{key!r} is not known; known are {known}")
    else:
        yield Mistake(place, str(error))


def _inside(raw: Any, step: str | int) -> object:
    try:
        return raw[step]
    except (KeyError, IndexError, TypeError):
        return None


def _entry(place: Place, step: str | int, item: object) -> Place:
    """The place of an entry; a rule is named by its unique id."""
    if place == Place.of("rules"):
        name = item.get("id") if isinstance(item, dict) else getattr(item, "id", None)
        step = name if isinstance(name, str) and name else step
    return place / step


def _placed(value: Any, place: Place) -> Any:
    """The value with its place filled in, and the places of everything in it that has one."""
    if isinstance(value, tuple) and value and hasattr(value[0], "place"):
        return tuple(_placed(each, _entry(place, index, each)) for index, each in enumerate(value))
    if isinstance(value, dict):
        return {key: _placed(each, place / str(key)) for key, each in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    inside = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    changes = {
        name: _placed(each, place / name) for name, each in inside.items() if isinstance(each, tuple | dict)
    }
    if "place" in inside:
        changes["place"] = place
    return dataclasses.replace(value, **changes) if changes else value  # type: ignore[type-var]  # no class
