"""What may be printed into a generated Python file: literals, checked names, comments, docstrings.

Text from upstream or from the overrides can reach a template only as :class:`Code`, and only the modules of
this package make that. The template environment (:mod:`codegen.render.templates`) refuses to print anything
else, so no such text can become code.
"""

import keyword
import math
import re
import textwrap
from collections.abc import Mapping

from codegen.errors import RenderError

LINE_LENGTH = 110

# Attributes of pydantic's BaseModel and of our base class that a field must not hide. A parameter with such a
# name gets a trailing underscore in Python; everywhere else it keeps its own name, as an alias.
RESERVED = frozenset(
    [
        "bypassed",
        "canonical",
        "check",
        "construct",
        "copy",
        "default_facts",
        "descriptions",
        "dict",
        "dormant",
        "engine",
        "engine_version",
        "extra",
        "from_orm",
        "generate_kwargs",
        "json",
        "params",
        "parse_file",
        "parse_obj",
        "parse_raw",
        "rules",
        "schema",
        "schema_json",
        "to_data",
        "unmet",
        "update_forward_refs",
        "upstream",
        "validate",
    ]
)


class Code(str):
    """Text that may be printed into a generated file as it is."""

    __slots__ = ()


def literal(value: object) -> Code:
    """A Python literal of a value: None, bool, int, float, str, and tuples and dicts of them.

    Raises:
        RenderError: the value has no literal.
    """
    match value:
        case None | bool() | int() | str():
            return Code(repr(value))
        case float() if math.isfinite(value):
            return Code(repr(value))
        case tuple():
            inside = ", ".join(map(literal, value))
            return Code(f"({inside},)" if len(value) == 1 else f"({inside})")
        case Mapping():
            inside = ", ".join(f"{literal(key)}: {literal(each)}" for key, each in value.items())
            return Code(f"{{{inside}}}")
    raise RenderError(f"{value!r} cannot be written as a Python literal.")


def identifier(name: str) -> Code:
    """A name, checked so that it can be printed as code.

    Raises:
        RenderError: the name is not an ASCII identifier.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise RenderError(f"{name!r} is not a plain identifier, so it cannot become a name in Python.")
    return Code(name)


def field_name(name: str, reserved: frozenset[str]) -> Code:
    """The name of a parameter's field: its own, with an underscore behind it if that is taken.

    Args:
        name: the parameter's name, as upstream spells it.
        reserved: names that the class uses itself, besides :data:`RESERVED`.

    Raises:
        RenderError: the name is not an ASCII identifier.
    """
    taken = keyword.iskeyword(name) or name in RESERVED | reserved or name.startswith("model_")
    return identifier(f"{name}_" if taken else name)


def comment(words: str) -> Code:
    """A text that stays inside one comment line."""
    if words.isprintable():
        return Code(words)
    return Code("".join(letter if letter.isprintable() else " " for letter in words))


def docstring(words: str, indent: int = 4) -> Code:
    """A text as a docstring at that indentation, with its paragraphs and list items wrapped."""
    lines = [line for paragraph in words.split("\n") for line in _wrapped(paragraph, LINE_LENGTH - indent)]
    if len(lines) == 1 and len(closed := _closed(lines[0])) <= LINE_LENGTH - indent - len('""""""'):
        return Code(f'"""{closed}"""')
    margin = " " * indent
    first, *others = map(_escaped, lines)
    return Code("\n".join([f'"""{first}', *(f"{margin}{line}".rstrip() for line in others), f'{margin}"""']))


def _wrapped(paragraph: str, width: int) -> list[str]:
    hanging = "  " if paragraph.startswith("- ") else ""
    return textwrap.wrap(
        paragraph, width - 3, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    ) or [""]


def _escaped(line: str) -> str:
    """A line inside a docstring: printable, and unable to end it."""
    backslashed = line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if backslashed.isprintable():
        return backslashed
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in backslashed)


def _closed(line: str) -> str:
    """The only line of a docstring, escaped so that a quote at its end does not join the closing quotes."""
    return _escaped(line[:-1]) + '\\"' if line.endswith('"') else _escaped(line)
