"""``llenergymeasure compare A.json B.json``: how much more or less the others cost than the first."""

import argparse
from pathlib import Path

from llenergymeasure.cli.failure import COULD_NOT_WORK, CommandError

SUMMARY = "compare records: ratios with intervals, and what differs"
NOT_COMPARABLE = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "base", metavar="A.json", type=Path, help="the record that the others are compared with"
    )
    parser.add_argument("others", metavar="B.json", type=Path, nargs="+", help="the others")


def run(arguments: argparse.Namespace) -> int:
    """Print a comparison of each other record with the first.

    Returns:
        0; or 1 if there is a warning against comparing any of them.

    Raises:
        CommandError: a file is not a record that this program reads.
    """
    from llenergymeasure.results.compare import compare  # noqa: PLC0415 - only this command needs these
    from llenergymeasure.results.errors import ResultsError  # noqa: PLC0415
    from llenergymeasure.results.render_comparison import render_comparison  # noqa: PLC0415
    from llenergymeasure.results.storage import load_record  # noqa: PLC0415

    try:
        base, *others = (load_record(path) for path in (arguments.base, *arguments.others))
    except ResultsError as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    warned = False
    for path, other in zip(arguments.others, others, strict=True):
        comparison = compare(base, other)
        warned = warned or bool(comparison.warnings)
        print(f"{path} against {arguments.base}\n{render_comparison(comparison)}")
    return NOT_COMPARABLE if warned else 0
