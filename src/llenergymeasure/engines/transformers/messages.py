"""What transformers and the libraries under it warn of, collected for the record instead of the terminal."""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from transformers.utils import logging as transformers_logging


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        _add(self._messages, record.getMessage())


_LOGGERS = ("transformers", "ContinuousBatchingLogger")
"""transformers' own, which write to the terminal by themselves."""


@contextmanager
def collected_messages() -> Iterator[list[str]]:
    """A list that fills with warnings as they come: transformers', Python's and other libraries', each once.

    The loggers are put back at the end. Progress bars of downloads are shown only where standard error is a
    terminal.
    """
    messages: list[str] = []
    # transformers' own cache: a warning comes once per run, not once per process
    logging.Logger.warning_once.cache_clear()  # type: ignore[attr-defined]
    bars = transformers_logging.is_progress_bar_enabled()
    collector = _Collector(messages)
    logging.getLogger().addHandler(collector)  # a quantizer logs for itself, and would write to the terminal
    if not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings(), ExitStack() as stack:
            for name in _LOGGERS:
                stack.enter_context(_diverted(logging.getLogger(name), collector))
            warnings.showwarning = lambda message, *_, **__: _add(messages, str(message))
            warnings.simplefilter("default")
            for kind in (DeprecationWarning, ResourceWarning):  # for transformers' developers
                warnings.simplefilter("ignore", kind)
            yield messages
    finally:
        logging.getLogger().removeHandler(collector)
        if bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def _diverted(logger: logging.Logger, collector: logging.Handler) -> Iterator[None]:
    """While open, messages of a logger and of those below it go to the collector alone."""

    def divert(record: logging.LogRecord) -> bool:
        if record.levelno >= collector.level:
            collector.handle(record)
        return False

    handlers, propagate = logger.handlers[:], logger.propagate
    logger.handlers, logger.propagate = [collector], False
    logger.addFilter(divert)  # a progress bar of continuous batching brings a handler of its own
    try:
        yield
    finally:
        logger.removeFilter(divert)
        logger.handlers, logger.propagate = handlers, propagate


def _add(messages: list[str], message: str) -> None:
    line = " ".join(message.split())
    if line not in messages:
        messages.append(line)
