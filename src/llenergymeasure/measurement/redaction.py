"""Settings and texts as a record may hold them: no objects, no secrets, no path below a home folder."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from pydantic import JsonValue

HIDDEN = "***"
SECRETS = frozenset(
    {
        "access_token",
        "api_key",
        "auth_token",
        "authorization",
        "credentials",
        "hf_token",
        "hub_token",
        "password",
        "secret",
        "secret_key",
        "token",
        "use_auth_token",
    }
)
"""Keys, in small letters, whose texts are hidden."""
HUB_TOKEN = re.compile(r"\bhf_[A-Za-z0-9]{20,}\b")
LOGIN = re.compile(r"(?<=://)(?:[^/\s@:]*:\S+|[^/\s]+)(?=@)")
"""The login in an address, such as that of a proxy; a password may hold any character."""
_WORD = re.compile(r"[^\s'\"()\[\]<>,;=]+")
_ABSOLUTE = re.compile(r"(?:[A-Za-z][\w+.-]*:)?[/\\~]")


def redact(value: object, homes: Collection[Path]) -> JsonValue:
    """The value as JSON has it, with ``~`` for a home folder, ``***`` for a secret, and objects as mappings.

    Raises:
        TypeError: an object that cannot be written as data.
    """
    if isinstance(value, str):
        return redact_text(value, homes)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return redact_mapping(value, homes)
    if isinstance(value, list | tuple):
        return [redact(item, homes) for item in value]
    if hasattr(value, "to_dict"):
        return redact(value.to_dict(), homes)
    if is_dataclass(value):
        return {field.name: redact(getattr(value, field.name), homes) for field in fields(value)}
    raise TypeError(f"a {type(value).__name__} cannot be written as data")


def redact_mapping(value: Mapping[str, object], homes: Collection[Path]) -> dict[str, JsonValue]:
    """:func:`redact` of a mapping."""
    return {
        str(key): HIDDEN if isinstance(item, str) and str(key).lower() in SECRETS else redact(item, homes)
        for key, item in value.items()
    }


def redact_text(text: str, homes: Collection[Path]) -> str:
    """The text without home folders, secrets, logins, and the user's name in absolute paths elsewhere.

    The same name stays where the word is not an absolute path, such as in the name of a model.
    """
    text = without_home(text, homes)
    for name in {folder.name for folder in homes}:
        text = _WORD.sub(lambda word, name=name: _without_name(word[0], name), text)  # type: ignore[misc]
    return LOGIN.sub(HIDDEN, HUB_TOKEN.sub(HIDDEN, text))


def _without_name(word: str, name: str) -> str:
    if not _ABSOLUTE.match(word):
        return word
    return re.sub(rf"(?<=[/\\~]){re.escape(name)}(?![\w.-])", HIDDEN, word)


def home_folders() -> frozenset[Path]:
    """The home folder as it is named and, where that is a link, its target; empty where there is none."""
    try:
        home = Path.home()
    except RuntimeError:  # HOME is not set, and the system has no entry for this user
        return frozenset()
    if not home.is_absolute() or str(home) == home.anchor:
        return frozenset()
    return frozenset((home, home.resolve()))


def without_home(text: str, homes: Collection[Path]) -> str:
    """The text with ``~`` for a home folder, wherever a path in it is that folder or begins there."""
    # The longest first: one of them may begin with the other. A full stop after a path ends a sentence.
    for folder in sorted(map(str, homes), key=len, reverse=True):
        text = re.sub(rf"(?<![\w.-]){re.escape(folder)}(?![\w-]|\.\w)", "~", text)
    return text


def short_hash(data: Mapping[str, JsonValue]) -> str:
    """Eight hexadecimal digits of a hash of the data; the order of its keys does not matter."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
