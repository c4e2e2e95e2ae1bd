"""How a measurement can end early and still have something to keep."""

from llenergymeasure.results.record import Record


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during the protocol. Uncaught it is the KeyboardInterrupt that it is; ``record`` has the windows so far."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record
