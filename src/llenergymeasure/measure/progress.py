"""How far a run is: said to whoever watches, and to nobody otherwise."""

import shutil
from typing import Protocol, TextIO


class Progress(Protocol):
    """What a run tells while it goes on."""

    def step(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` parts of a stage are behind; ``total`` is 0 where a stage has no parts."""
        ...

    def close(self) -> None:
        """Nothing more will be told, whether the run succeeded or not."""
        ...


class Silent:
    """Tells nobody."""

    def step(self, stage: str, done: int, total: int) -> None:
        """Say nothing."""

    def close(self) -> None:
        """Say nothing."""


class TerminalLine:
    """One line of a terminal, written over and over, and wiped at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def step(self, stage: str, done: int, total: int) -> None:
        """Show where the run is, cut to the terminal's width."""
        text = f"{stage} {done}/{total}" if total else f"{stage} ..."
        self._write(text[: shutil.get_terminal_size().columns - 1])

    def close(self) -> None:
        """Wipe the line."""
        self._write("")

    def _write(self, text: str) -> None:
        self._stream.write(f"\r{text}\x1b[K")
        self._stream.flush()


def progress_on(stream: TextIO) -> Progress:
    """A line where the stream is a terminal; nothing in a pipe or a file."""
    return TerminalLine(stream) if stream.isatty() else Silent()
