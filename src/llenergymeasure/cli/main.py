"""The entry point: it parses the arguments, runs the command, and turns failures into exit codes."""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Protocol, TextIO

from llenergymeasure import __version__
from llenergymeasure.cli import compare, doctor, measure, params, schema, show
from llenergymeasure.cli.failure import COULD_NOT_WORK, CommandError
from llenergymeasure.cli.termination import Terminated

_INTERRUPTED = 130
_SIGNALLED = 128
"""Added to a signal's number, as shells do."""
_READER_GONE = 141
_USAGE = 2


class Command(Protocol):
    """What the module of a command provides."""

    SUMMARY: str

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Declare the arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work and return the exit code; raises CommandError for an expected failure."""


COMMANDS: dict[str, Command] = {
    "measure": measure,
    "show": show,
    "compare": compare,
    "doctor": doctor,
    "params": params,
    "schema": schema,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``llenergymeasure`` with some arguments.

    Args:
        argv: the arguments; by default those of the process.

    Returns:
        The exit code; :mod:`llenergymeasure.cli` lists them.
    """
    _never_fail_to_encode(sys.stdout, sys.stderr)
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            code = _run(sys.argv[1:] if argv is None else list(argv))
        sys.stdout.flush()
    except KeyboardInterrupt as interrupt:
        for stream, text in ((sys.stdout, ""), (sys.stderr, "interrupted\n")):
            _write_last(stream, text)
        return _SIGNALLED + interrupt.signal if isinstance(interrupt, Terminated) else _INTERRUPTED
    except BrokenPipeError:
        # No one reads what is still buffered either, and Python would complain about that as it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_GONE
    except OSError as error:  # a full disk behind standard output
        if error.filename is not None:
            raise  # it is about a file, and commands report on their own files
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print(f"the output could not be written: {error.strerror or error}", file=sys.stderr)
        return COULD_NOT_WORK
    return code


def _write_last(stream: TextIO, text: str) -> None:
    """Write what is left for a stream; where that fails, as for a terminal that is gone, drop it.

    Otherwise Python would try again as it exits, and replace the exit code.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print a warning without the line of code that issued it."""
    print(f"warning: {message}", file=sys.stderr)


def _run(argv: list[str]) -> int:
    parser = _parser()
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        return _report_unknown_command(argv[0])
    try:
        arguments = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has printed its help, or what is wrong
        return stop.code if isinstance(stop.code, int) else _USAGE
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return _USAGE
    try:
        return COMMANDS[arguments.command].run(arguments)
    except CommandError as error:
        print(error, file=sys.stderr)
        return error.code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="llenergymeasure",
        description="Typed configurations for Hugging Face generate(), and the energy that each one costs.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"llenergymeasure {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, command in COMMANDS.items():
        command.configure(
            commands.add_parser(name, help=command.SUMMARY, description=command.SUMMARY, allow_abbrev=False)
        )
    return parser


def _report_unknown_command(word: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    close = get_close_matches(word, COMMANDS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"the commands are {', '.join(COMMANDS)}."
    print(f"llenergymeasure: there is no command {word!r}; {hint}", file=sys.stderr)
    return _USAGE


def _never_fail_to_encode(*streams: TextIO) -> None:
    """Write characters that the terminal's encoding lacks as escapes, instead of failing."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
