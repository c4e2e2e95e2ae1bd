"""``schema.lock.json``.

The Schema as data, committed, so that releases can be compared without their sources.

Reading what was written gives an equal Schema. What has its default is left out. No sentence of upstream is
in it, and nothing that changes without meaning: no line numbers, no time, no path of a machine.
"""

import json
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from codegen.errors import LockError
from codegen.model import condition_text, lock_formats
from codegen.model.conditions import Condition
from codegen.model.origins import Symbol
from codegen.model.schema import Reach, Schema
from codegen.model.types import Type

if TYPE_CHECKING:
    from cattrs import Converter

FORMAT = 4
"""The format: 2 since rules are in it, 3 since it names its engine, 4 since it has the refusals in reach.
Older ones are read, a newer one is refused."""

_LAST_ENTRY = '\n "reach": '
"""Where the reach begins, which is the last entry of a lock."""

HINT = "recreate it with: python -m codegen refresh"


def dumps(schema: Schema, *, indent: int | None = 1) -> str:
    """The text of the lock; it is made faster with ``indent=None``."""
    data = {"format": FORMAT, **_converter().unstructure(schema)}
    return json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False) + "\n"


def load(path: Path) -> Schema:
    """Read a lock.

    Raises:
        LockError: it is missing, broken, or from a newer format.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(
            f"{path} cannot be read ({error}); create it with: python -m codegen refresh"
        ) from error
    return loads(text, str(path))


def loads(text: str, label: str) -> Schema:
    """Read the text of a lock; ``label`` names it in messages.

    Raises:
        LockError: it is broken, or from a newer format.
    """
    from codegen.model import structured  # noqa: PLC0415 - slow to import

    try:
        data = json.loads(text)
        version = data["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LockError(f"{label} is not a lock ({error}); {HINT}") from error
    if version not in range(1, FORMAT + 1):
        raise LockError(
            f"{label} has format {version!r}; this codegen reads format {FORMAT}. Update it, or {HINT}"
        )
    try:
        data = lock_formats.upgraded(data)
        del data["format"]
        return structured.structure(_converter(), data, Schema)
    except structured.MistakenError as error:
        raise LockError(f"{label} is broken ({error}); {HINT}") from error
    except (KeyError, TypeError, AttributeError) as error:  # of a former format
        raise LockError(f"{label} is broken ({type(error).__name__}: {error}); {HINT}") from error


def load_reach(path: Path) -> Reach | None:
    """Read only the reach of a lock, which is quick; None if it cannot be read, or there is none."""
    try:
        text = path.read_text(encoding="utf-8")
        found = json.loads("{" + text[text.rindex(_LAST_ENTRY) :])["reach"]
        refusals = {Symbol.parse(name): tuple(texts) for name, texts in found["refusals"].items()}
        return Reach(files=tuple(found["files"]), digest=str(found["digest"]), refusals=refusals)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


@cache
def _converter() -> "Converter":
    """The converter of this file: types are tagged with the name of their class, conditions are texts."""
    from codegen.model import structured  # noqa: PLC0415 - slow to import

    made = structured.converter()
    types = {cls.__name__: cls for cls in get_args(Type)}

    def type_(raw: object, _: object) -> Type:
        rest = dict(structured.table(raw))
        name = rest.pop("is", None)
        if name not in types:
            raise ValueError(f"there is no type {name!r}")
        found: Type = made.structure(rest, types[str(name)])
        return found

    made.register_structure_hook_func(lambda asked: asked in (Type, "Type"), type_)
    made.register_structure_hook_func(
        lambda asked: asked in (Condition, Condition | None),
        lambda raw, asked: (
            None if raw is None and asked != Condition else condition_text.parse(structured.text(raw))
        ),
    )
    made.register_structure_hook_func(lambda asked: asked == str | int | bool, lambda raw, _: raw)
    for cls in get_args(Condition):
        made.register_unstructure_hook(cls, condition_text.text)
    made.register_unstructure_hook_func(lambda asked: asked == "Type", made.unstructure)
    for name, cls in types.items():
        made.register_unstructure_hook(cls, partial(_tagged, name, made.get_unstructure_hook(cls)))
    return made


def _tagged(name: str, unstructure: Any, value: object) -> dict[str, Any]:
    return {"is": name, **unstructure(value)}
