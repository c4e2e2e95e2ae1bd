"""Settings as data for a record: no objects, and no path below somebody's home folder."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue


def plain(value: Any, home: Path) -> JsonValue:
    """The value as JSON has it: the home folder's path as ``~``, transformers' configuration objects as mappings.

    Raises:
        TypeError: an object without a data form.
    """
    if isinstance(value, str):
        return without_home(value, home)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return plain_mapping({str(key): item for key, item in value.items()}, home)
    if isinstance(value, list | tuple):
        return [plain(item, home) for item in value]
    if hasattr(value, "to_dict"):
        return plain(value.to_dict(), home)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name), home) for field in fields(value)}
    raise TypeError(f"a {type(value).__name__} has no form as data")


def plain_mapping(value: Mapping[str, Any], home: Path) -> dict[str, JsonValue]:
    """:func:`plain` of a mapping."""
    return {key: plain(item, home) for key, item in value.items()}


def without_home(text: str, home: Path) -> str:
    """The text with ``~`` for the home folder, wherever a path in it begins there."""
    folder = str(home)
    if folder == home.anchor:
        return text
    return re.sub(rf"(?<![\w.-]){re.escape(folder)}(?=/|$)", "~", text)


def short_hash(data: Mapping[str, JsonValue]) -> str:
    """Eight hexadecimal digits that stand for the data, whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
