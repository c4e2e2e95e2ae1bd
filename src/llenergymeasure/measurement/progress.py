"""How far a run is: one line rewritten on a terminal, a line per phase in a pipe, or nothing.

A terminal that has gone away, or a full disk behind a log, does not end the run: what cannot be written is
dropped.
"""

import shutil
from contextlib import suppress
from typing import Protocol, TextIO


class Progress(Protocol):
    """What a run reports while it goes on."""

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """A run is at part ``done`` of ``total`` of a stage; both are 0 where a stage has no parts.

        ``left_s`` is how long the whole run may still take, where that is known.
        """
        ...

    def note(self, text: str) -> None:
        """Something to know before the run goes on, on a line of its own."""
        ...

    def close(self) -> None:
        """Nothing more is reported, whether the run succeeded or not."""
        ...


class Silent:
    """Reports nothing."""

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Report nothing."""

    def note(self, text: str) -> None:
        """Report nothing."""

    def close(self) -> None:
        """Report nothing."""


class TerminalLine:
    """One line of a terminal, rewritten at each step and erased at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Show where the run is, cut to the terminal's width."""
        self._write(_text(stage, done, total, left_s)[: shutil.get_terminal_size().columns - 1])

    def note(self, text: str) -> None:
        """Write the text in the line's place, to stay there."""
        self._write(f"{text}\n")

    def close(self) -> None:
        """Erase the line."""
        self._write("")

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(f"\r{text}\x1b[K")
            self._stream.flush()


class PlainLines:
    """A line when a stage begins, for a pipe or a log."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = ""

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Write the stage's name once."""
        if stage != self._stage:
            self._stage = stage
            self.note(_text(stage, done, total, left_s))

    def note(self, text: str) -> None:
        """Write the text."""
        with suppress(OSError):
            print(text, file=self._stream, flush=True)

    def close(self) -> None:
        """Write nothing more."""


def progress_on(stream: TextIO) -> Progress:
    """A rewritten line where the stream is a terminal; lines in a pipe or a file."""
    return TerminalLine(stream) if stream.isatty() else PlainLines(stream)


def _text(stage: str, done: int, total: int, left_s: float | None) -> str:
    part = f" {done}/{total}" if total else f" {done}" if done else " ..."
    if left_s is None:
        return f"{stage}{part}"
    minutes, seconds = divmod(round(left_s), 60)
    return f"{stage}{part}, about {minutes}:{seconds:02} left"
