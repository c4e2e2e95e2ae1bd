"""Signals that end a run are handled like Ctrl-C: SIGTERM and SIGHUP.

SLURM, Kubernetes and ``timeout`` send SIGTERM before they kill a process; SIGHUP comes when a terminal or an
SSH connection closes. Only ``measure`` uses this, because only it has results to save. Other commands end at
once.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llenergymeasure.measurement.progress import Progress

ENDING: tuple[signal.Signals, ...] = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""The signals that end a run; Windows has no SIGHUP."""


class Terminated(KeyboardInterrupt):
    """A signal ended the command; ``signal`` says which."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__()
        self.signal = number


class Termination:
    """Which of the signals was received first, and the handler that notes it."""

    def __init__(self) -> None:
        self.received: signal.Signals | None = None

    def handle(self, number: int, _frame: object) -> None:
        """Raise KeyboardInterrupt, but only once: one signal often reaches a process twice."""
        if self.received is None:
            self.received = signal.Signals(number)
            raise KeyboardInterrupt


class InterruptibleProgress:
    """Progress reports that raise the interrupt again after a library caught and dropped it.

    The signal is sent once, so without this the run would go on to its end.

    Args:
        progress: receives the reports.
        termination: whether a signal was received.
    """

    def __init__(self, progress: "Progress", termination: Termination) -> None:
        self._progress = progress
        self._termination = termination

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Report a step.

        Raises:
            KeyboardInterrupt: a signal was received.
        """
        if self._termination.received is not None:
            raise KeyboardInterrupt
        self._progress.step(stage, done, total, left_s)

    def note(self, text: str) -> None:
        """Report a message."""
        self._progress.note(text)

    def close(self) -> None:
        """End the reports."""
        self._progress.close()


@contextmanager
def signals_as_interrupts() -> Iterator[Termination]:
    """While open, a signal raises KeyboardInterrupt in the main thread, and the block ends with Terminated.

    A signal that the process was started with ignored stays ignored, as Python does with SIGINT: ``nohup``
    ignores SIGHUP.

    Raises:
        Terminated: a signal interrupted the block.
    """
    termination = Termination()
    before = {number: signal.getsignal(number) for number in ENDING}
    handled = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    if threading.current_thread() is not threading.main_thread():
        handled = []
    for number in handled:
        signal.signal(number, termination.handle)
    try:
        yield termination
    except KeyboardInterrupt as interrupt:
        if termination.received is not None:
            raise Terminated(termination.received) from interrupt
        raise
    finally:
        for number in handled:
            signal.signal(number, before[number])
