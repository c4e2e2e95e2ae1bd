"""Collecting the warnings of transformers and its libraries for the record, instead of the terminal."""

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
"""transformers' own loggers, which have handlers that write to the terminal."""


@contextmanager
def collected_messages() -> Iterator[list[str]]:
    """Gives a list, and adds each warning to it once: transformers', Python's and other libraries'.

    At the end the loggers are as they were. Progress bars of downloads are shown only if standard error is a
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
            for category in (DeprecationWarning, ResourceWarning):  # for transformers' developers
                warnings.simplefilter("ignore", category)
            yield messages
    finally:
        logging.getLogger().removeHandler(collector)
        if bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def _diverted(logger: logging.Logger, collector: logging.Handler) -> Iterator[None]:
    """While open, messages of a logger and of its child loggers go to the collector alone."""

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
