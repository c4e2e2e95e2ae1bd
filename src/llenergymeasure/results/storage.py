"""Saving and loading records. A file is written completely or not at all, and never replaces another.

The file is validated when it is read.
"""

import errno
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from os import PathLike
from pathlib import Path

from pydantic import ValidationError

from llenergymeasure.config.releases import ENGINE, warn_of_another_release
from llenergymeasure.energy.errors import TraceError
from llenergymeasure.energy.parquet import INSTALL
from llenergymeasure.results.errors import BrokenRecordError, NewerRecordError, NoPackageError, StorageError
from llenergymeasure.results.record import OLDEST_VERSION, SCHEMA_VERSION, Record
from llenergymeasure.results.trace_file import SUFFIX
from llenergymeasure.results.upgrade import upgrade

_NO_HARD_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
"""The error numbers with which file systems without hard links (some network and USB drives) refuse one."""


def save(record: Record, folder: Path) -> Path:
    """Write the record to a new file in a folder, which is made if it does not exist.

    The trace is not in this file; see :func:`save_trace`.

    Returns:
        The path of the file.

    Raises:
        StorageError: the file cannot be written; nothing is left behind.
    """
    text = record.model_dump_json(indent=2) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            path = folder / (f"{record.name}.json" if number == 1 else f"{record.name}-{number}.json")
            try:
                write_atomically(path, text)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise StorageError(
            f"The record cannot be saved in {folder}: {error.strerror or error}. Name another folder with "
            "--out."
        ) from error
    raise AssertionError("count() does not end")


def save_trace(record: Record, path: Path) -> Path | None:
    """Write a record's trace next to the record's file.

    Args:
        record: the record.
        path: the file of the record.

    Returns:
        The path of the trace; None if the record has none.

    Raises:
        NoPackageError: pyarrow is not installed.
        StorageError: the trace cannot be written; the record's file is not affected.
    """
    if record.trace is None:
        return None
    if find_spec("pyarrow") is None:
        raise NoPackageError(f"No trace is kept next to the record, since that needs pyarrow: {INSTALL}")
    target = path.with_suffix(SUFFIX)
    try:
        record.trace.write(target)
    except TraceError as error:
        raise StorageError(f"The trace is not saved: {error}.") from error
    return target


def write_atomically(path: Path, text: str) -> None:
    """Make a new file with a text: after a kill or a full disk at any moment, it is complete or not there.

    The text is written to a temporary file next to it, flushed to the disk, and then hard-linked to the name.
    Linking fails if the name is taken, so an existing file is never replaced.

    Raises:
        FileExistsError: there is such a file.
        OSError: it cannot be written.
    """
    with draft_file(path, text) as draft:
        _link(draft, path)
    _flush_folder(path.parent)


@contextmanager
def draft_file(path: Path, text: str) -> Iterator[Path]:
    """A temporary file next to ``path`` with the text, flushed to the disk. It is removed unless renamed.

    Raises:
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # Not tempfile's: its files are closed to everybody else, and these get what the umask allows.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def load_record(path: str | PathLike[str]) -> Record:
    """Read a record that ``llenergymeasure measure`` saved.

    Raises:
        StorageError: the file cannot be read.
        NewerRecordError: its format is newer than this program.
        BrokenRecordError: it is not a complete record.

    Warns:
        OtherReleaseWarning: it was made under another release of the engine. The message says what differs.
    """
    path = Path(path)
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise StorageError(f"The record {path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise BrokenRecordError(f"{path} is not a record: it is not JSON ({error}).") from error
    version = data.get("schema_version") if isinstance(data, dict) else None
    if type(version) is not int or version < 1:
        raise BrokenRecordError(f"{path} is not a record: it has no schema_version.")
    if version < OLDEST_VERSION:
        raise BrokenRecordError(
            f"{path} has record format {version}, of single runs, which no release wrote: measure again."
        )
    if version > SCHEMA_VERSION:
        raise NewerRecordError(
            f"{path} has record format {version}, and this llenergymeasure reads up to {SCHEMA_VERSION}. "
            "Update llenergymeasure to read it."
        )
    try:
        record = Record.model_validate(upgrade(data) if version < SCHEMA_VERSION else data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BrokenRecordError(f"{path} is not a whole record: {place}: {first['msg']}.") from error
    if record.versions.engine == ENGINE:
        warn_of_another_release(str(path), record.versions.schema_release, record.settings)
    return record


def _link(draft: Path, path: Path) -> None:
    """Give the draft its final name.

    Raises:
        FileExistsError: the name is taken.
    """
    try:
        path.hardlink_to(draft)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, "File exists", str(path)) from error
        draft.replace(path)


def _flush_folder(folder: Path) -> None:
    """Flush the folder to the disk, so that a power failure does not lose the new name."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
