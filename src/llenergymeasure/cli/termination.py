"""SIGTERM, which SLURM, Kubernetes and ``timeout`` send before they kill a process, handled like Ctrl-C.

Only ``measure`` uses this, because only it has results to save. SIGTERM ends other commands at once.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llenergymeasure.measurement.progress import Progress


class Terminated(KeyboardInterrupt):
    """SIGTERM ended the command."""


class Termination:
    """Whether SIGTERM was received, and the handler that notes it."""

    def __init__(self) -> None:
        self.received = False

    def handle(self, *_: object) -> None:
        """Raise KeyboardInterrupt, but only once: one SIGTERM often reaches a process twice."""
        if not self.received:
            self.received = True
            raise KeyboardInterrupt


class InterruptibleProgress:
    """Progress reports that raise the interrupt again after a library caught and dropped it.

    SIGTERM is sent once, so without this the run would go on to its end.

    Args:
        progress: receives the reports.
        termination: whether SIGTERM was received.
    """

    def __init__(self, progress: "Progress", termination: Termination) -> None:
        self._progress = progress
        self._termination = termination

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Report a step.

        Raises:
            KeyboardInterrupt: SIGTERM was received.
        """
        if self._termination.received:
            raise KeyboardInterrupt
        self._progress.step(stage, done, total, left_s)

    def note(self, text: str) -> None:
        """Report a message."""
        self._progress.note(text)

    def close(self) -> None:
        """End the reports."""
        self._progress.close()


@contextmanager
def sigterm_as_interrupt() -> Iterator[Termination]:
    """While open, SIGTERM raises KeyboardInterrupt in the main thread, and the block ends with Terminated.

    If the process was started with SIGTERM ignored, it stays ignored, as Python does with SIGINT.

    Raises:
        Terminated: SIGTERM interrupted the block.
    """
    termination = Termination()
    before = signal.getsignal(signal.SIGTERM)
    if before is signal.SIG_IGN or threading.current_thread() is not threading.main_thread():
        yield termination
        return
    signal.signal(signal.SIGTERM, termination.handle)
    try:
        yield termination
    except KeyboardInterrupt as interrupt:
        if termination.received:
            raise Terminated from interrupt
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
