"""The exception with which a command reports that it failed, and its exit codes."""

RUN_FAILED = 1
COULD_NOT_WORK = 2


class CommandError(Exception):
    """A command failed in an expected way. Its text is for the user.

    Args:
        error: the exception that ended the command, or a message; its text is shown as it is.
        code: the exit code, :data:`RUN_FAILED` or :data:`COULD_NOT_WORK`.
    """

    def __init__(self, error: object, code: int) -> None:
        super().__init__(str(error))
        self.code = code
