"""``llenergymeasure show FILE``: a record as a table, and as a picture."""

import argparse
from pathlib import Path

from llenergymeasure.cli.failure import COULD_NOT_WORK, CommandError

SUMMARY = "show a record, or draw it"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a record, as measure saves it")
    parser.add_argument(
        "--plot",
        metavar="PICTURE",
        type=Path,
        help="also draw power over time with the windows marked, and the windows' spread; the name ends in "
        ".png, .svg or .pdf",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the record, and draw it if asked.

    Raises:
        CommandError: the file is not a record, or the picture cannot be drawn or written.
    """
    from llenergymeasure.results.errors import ResultsError  # noqa: PLC0415 - only this command needs these
    from llenergymeasure.results.render import render  # noqa: PLC0415
    from llenergymeasure.results.storage import load_record  # noqa: PLC0415

    try:
        record = load_record(arguments.file)
        print(render(record))
        if arguments.plot is not None:
            from llenergymeasure.results.plot import plot  # noqa: PLC0415 - loads matplotlib

            plot(record, arguments.file, arguments.plot)
            print(f"drawn as {arguments.plot}")
    except ResultsError as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    return 0
