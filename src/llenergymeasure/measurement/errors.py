"""How a measurement can end early and still have a record."""

from llenergymeasure.energy.errors import EnergyError
from llenergymeasure.engines.errors import EngineError
from llenergymeasure.results.record import Record


class Interrupted(KeyboardInterrupt):
    """A KeyboardInterrupt during the protocol, with the ``record`` of the windows so far."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record


def sentence_of(error: Exception) -> str:
    """The error's own sentence, where it was raised on purpose; otherwise its class and text."""
    text = " ".join(str(error).split())
    return text if isinstance(error, EngineError | EnergyError) else f"{type(error).__name__}: {text}"
