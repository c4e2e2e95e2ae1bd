"""How a measurement can end early and still have a record."""

from llenergymeasure.results.record import Record


class Interrupted(KeyboardInterrupt):
    """A KeyboardInterrupt during the protocol, with the ``record`` of the windows so far."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record
