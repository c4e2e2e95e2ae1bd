"""What transformers and the libraries under it say while they work, collected for the record instead of scattered over the terminal."""

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from transformers.utils import logging as transformers_logging


class _Collector(logging.Handler):
    def __init__(self, messages: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        _keep(self._messages, record.getMessage())


@contextmanager
def collected() -> Iterator[list[str]]:
    """A list that fills with warnings as they come: transformers', Python's, and those of libraries that log; each once.

    The loggers are put back at the end. Progress bars of downloads are shown only where standard error is a terminal.
    """
    messages: list[str] = []
    logging.Logger.warning_once.cache_clear()  # type: ignore[attr-defined]  # transformers' own: once a run, not a process
    logger = logging.getLogger("transformers")
    handlers, propagate, bars = (
        logger.handlers[:],
        logger.propagate,
        transformers_logging.is_progress_bar_enabled(),
    )
    collector = _Collector(messages)
    logger.handlers, logger.propagate = [collector], False
    logging.getLogger().addHandler(collector)  # a quantizer logs for itself, and would write to the terminal
    if not sys.stderr.isatty():
        transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, *_, **__: _keep(messages, str(message))
            warnings.simplefilter("default")
            for kind in (DeprecationWarning, ResourceWarning):  # for transformers' developers
                warnings.simplefilter("ignore", kind)
            yield messages
    finally:
        logging.getLogger().removeHandler(collector)
        logger.handlers, logger.propagate = handlers, propagate
        if bars:
            transformers_logging.enable_progress_bar()


def _keep(messages: list[str], message: str) -> None:
    line = " ".join(message.split())
    if line not in messages:
        messages.append(line)
