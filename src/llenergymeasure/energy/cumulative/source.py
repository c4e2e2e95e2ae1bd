"""Reading a number from a file, or from what a command prints: for a limited time, and of limited length.

Only the standard library is imported: the child process that reads counters in between loads this file too.
"""

from __future__ import annotations

import errno
import os
import re
import select
import stat
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, TypeAlias

LONGEST = 4096
"""Bytes that are read; a number needs far fewer."""
COMMAND_S = 2.0
"""How long a command may take."""
SCALE = 10**9
"""Values are whole numbers of billionths, so that no digit is lost."""
_NUMBER = re.compile(r"([0-9]{1,30})(?:\.([0-9]{1,30}))?")


class File(NamedTuple):
    """A file that holds the number, and nothing else."""

    path: str


class Command(NamedTuple):
    """A program with its arguments, which prints the number, and nothing else. No shell is involved."""

    arguments: tuple[str, ...]


Source: TypeAlias = File | Command


class Failed(NamedTuple):
    """Why there is no number: a clause, the file that is meant, and whether it may not be read or is gone."""

    reason: str
    path: str = ""
    is_refused: bool = False
    is_gone: bool = False


def read_value(source: Source) -> int | Failed:
    """The number in billionths of its unit, or why there is none."""
    text = _of_file(source.path) if isinstance(source, File) else _of_command(source.arguments)
    return text if isinstance(text, Failed) else _parsed(text, described(source))


def described(source: Source) -> str:
    """What a source is called in messages."""
    return source.path if isinstance(source, File) else f"the command {source.arguments[0]}"


def _parsed(text: str, name: str) -> int | Failed:
    number = _NUMBER.fullmatch(text.strip())
    if number is None:
        shown = text.strip()[:40]
        return Failed(f"{name} holds {shown!r}, and not a single number of 0 or more")
    whole, fraction = number[1], (number[2] or "")[:9]
    return int(whole) * SCALE + int(fraction.ljust(9, "0"))


def _of_file(path: str) -> str | Failed:
    """The text of a regular file. A pipe or a terminal could keep the reader waiting: neither is read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return file_failure(path, error)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return Failed(f"{path} is not a regular file", path)
        data = os.read(descriptor, LONGEST + 1)
    except OSError as error:
        return file_failure(path, error)
    finally:
        os.close(descriptor)
    return _decoded(data, path)


def file_failure(path: str, error: OSError) -> Failed:
    """What is wrong with a file."""
    if isinstance(error, PermissionError):
        return Failed(f"permission refused: {path}", path, is_refused=True)
    if error.errno in {errno.ENOENT, errno.ENODEV, errno.ENOTDIR}:
        return Failed(f"{path} does not exist", path, is_gone=True)
    return Failed(f"{path} is unreadable ({error.strerror})", path)


def _decoded(data: bytes, name: str) -> str | Failed:
    if len(data) > LONGEST:
        return Failed(f"{name} holds more than {LONGEST} bytes, and not a single number")
    return data.decode("utf-8", "replace")


def _of_command(arguments: Sequence[str]) -> str | Failed:
    """What a command prints, without waiting for it for longer than ``COMMAND_S``."""
    import signal  # noqa: PLC0415 - with subprocess, milliseconds that only a command costs
    import subprocess  # noqa: PLC0415

    name = f"the command {arguments[0]}"
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own arguments, no shell
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Failed(f"{name} cannot be started ({getattr(error, 'strerror', None) or error})")
    deadline_s = time.monotonic() + COMMAND_S
    try:
        data = _until_closed(process.stdout.fileno(), deadline_s) if process.stdout else b""
        if data is None:
            return Failed(f"{name} took longer than {COMMAND_S:g} s")
        if len(data) <= LONGEST:
            try:
                code = process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                return Failed(f"{name} took longer than {COMMAND_S:g} s")
            if code:
                return Failed(f"{name} failed with the exit code {code}")
        return _decoded(data, name)
    finally:
        with suppress(OSError):  # what it started ends with it
            os.killpg(process.pid, signal.SIGKILL)
        if process.stdout:
            process.stdout.close()
        process.wait()


def _until_closed(descriptor: int, deadline_s: float) -> bytes | None:
    """Everything up to the end, or a byte more than is allowed; None where the time is up first."""
    data = b""
    while len(data) <= LONGEST:
        left_s = deadline_s - time.monotonic()
        if left_s <= 0 or not select.select([descriptor], [], [], left_s)[0]:
            return None
        more = os.read(descriptor, LONGEST + 1 - len(data))
        if not more:
            return data
        data += more
    return data
