"""What was worked out before, kept under ``.cache/codegen`` of a checkout: an entry is a file with one value.

An entry is used only under the key that it was made for, and only if it is whole. The callers make the key of
*everything* that the value follows from, by its content. So an entry never changes a result, and each may be
deleted at any moment. Two processes may write at once: the last one stays.

:mod:`codegen.upstream.remember` keeps what is read of a release here, :mod:`codegen.review.overrides_file`
what is written by hand as it was checked, and :mod:`codegen.diff.remember` what a comparison found.
"""

import hashlib
import io
import os
import pickle
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path

import packaging

FOLDER = Path(".cache/codegen")

_OWN = Path(__file__).resolve().parent
_LOADED = time.time()
_SETTLED_S = 2.0
"""What was edited this shortly before this module was loaded may be another text than what Python loaded."""


def load(root: Path, name: str, key: str) -> object | None:
    """The value that was kept; None where there is none, for another key, or not whole.

    Args:
        root: of the checkout.
        name: of the entry.
        key: a digest of all that the value follows from.
    """
    try:
        head, _, body = (root / FOLDER / name).read_bytes().partition(b"\n")
        return _Plain(io.BytesIO(body)).load() if head == _head(key, body) else None
    except (OSError, pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError):
        return None


def save(root: Path, name: str, key: str, value: object) -> None:
    """Keep a value; where that fails, it is made again.

    Args:
        root: of the checkout.
        name: of the entry.
        key: a digest of all that the value follows from.
        value: made of our own dataclasses and enumerations, ranges of versions, and what Python has built in.
    """
    from tempfile import mkstemp  # noqa: PLC0415 - slow to import, and mostly nothing is saved

    body = pickle.dumps(value, protocol=5)
    path = root / FOLDER / name
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = mkstemp(dir=path.parent, prefix=f".{name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(key, body) + b"\n" + body)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)


def _head(key: str, body: bytes) -> bytes:
    """The first line of an entry; a body that was cut off, or edited, has another one."""
    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()


_RANGES = frozenset({("packaging.specifiers", "Specifier"), ("packaging.specifiers", "SpecifierSet")})
"""Ranges of versions, which overrides state."""


class _Plain(pickle.Unpickler):
    """Makes our own dataclasses and enumerations and ranges of versions, and nothing that could do more."""

    def find_class(self, module: str, name: str) -> object:
        """The class of that name.

        Raises:
            UnpicklingError: it is none of those.
        """
        if (module, name) in _RANGES:
            return super().find_class(module, name)
        found: object = super().find_class(module, name) if module.startswith("codegen.") else None
        if isinstance(found, type) and (is_dataclass(found) or issubclass(found, Enum)):
            return found
        raise pickle.UnpicklingError(f"{module}.{name} is not plain data")


@cache
def code() -> str:
    """A digest of all of codegen's source, and of what runs it and reads versions: a part of every key.

    Where a file was edited just now, nobody knows which text was loaded; then it is a number by chance.
    """
    sources = sorted(_OWN.rglob("*.py"))
    if any(path.stat().st_mtime > _LOADED - _SETTLED_S for path in sources):
        return os.urandom(16).hex()
    named = ((str(path.relative_to(_OWN)), path.read_bytes()) for path in sources)
    return digest([sys.version, packaging.__version__, *(part for each in named for part in each)])


def content(path: Path) -> bytes | None:
    """What a file holds, for a key; None where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest(parts: Iterable[str | bytes | None]) -> str:
    """A digest of some texts, in order; None is not the empty text."""
    found = hashlib.sha256()
    for part in parts:
        content = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        found.update(b"-" if content is None else f"{len(content)} ".encode() + content)
    return found.hexdigest()
