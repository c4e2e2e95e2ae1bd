"""How a command says that it failed."""

RUN_FAILED = 1
COULD_NOT_WORK = 2


class CommandError(Exception):
    """A command failed in a way that was foreseen; its text is for the user.

    Args:
        error: what went wrong, as the room that met it says.
        code: the exit code, :data:`RUN_FAILED` or :data:`COULD_NOT_WORK`.
    """

    def __init__(self, error: object, code: int) -> None:
        super().__init__(str(error))
        self.code = code
