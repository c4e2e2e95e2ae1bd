"""SIGTERM, which SLURM, Kubernetes and ``timeout`` send before they kill, handled like Ctrl-C.

Only ``measure`` has something to keep, so only it uses this. Other commands end as any program does.
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
    """Whether SIGTERM has come."""

    def __init__(self) -> None:
        self.has_come = False

    def handle(self, *_: object) -> None:
        """Interrupt what runs, once: one SIGTERM often reaches a process twice."""
        if not self.has_come:
            self.has_come = True
            raise KeyboardInterrupt


class InterruptibleProgress:
    """A progress that repeats an interrupt by SIGTERM that a library swallowed; no second one is sent.

    Args:
        progress: is informed.
        termination: whether SIGTERM has come.
    """

    def __init__(self, progress: "Progress", termination: Termination) -> None:
        self._progress = progress
        self._termination = termination

    def step(self, stage: str, done: int, total: int, left_s: float | None = None) -> None:
        """Report a step, or interrupt the run where that is due."""
        if self._termination.has_come:
            raise KeyboardInterrupt
        self._progress.step(stage, done, total, left_s)

    def note(self, text: str) -> None:
        """Report a text."""
        self._progress.note(text)

    def close(self) -> None:
        """End the reports."""
        self._progress.close()


@contextmanager
def sigterm_as_interrupt() -> Iterator[Termination]:
    """While open, SIGTERM raises KeyboardInterrupt in the main thread; it leaves the block as Terminated.

    A SIGTERM that is ignored stays ignored, as Python does it with SIGINT.

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
        if termination.has_come:
            raise Terminated from interrupt
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
