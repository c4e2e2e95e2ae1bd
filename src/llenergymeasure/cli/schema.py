"""``llenergymeasure schema``: the JSON Schema of an experiment, for editors."""

import argparse
import json
from pathlib import Path

from llenergymeasure.cli.failure import COULD_NOT_WORK, CommandError

SUMMARY = "print or write the JSON Schema of an experiment, for editors"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="write it to this file instead of printing it; an existing file is replaced",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print or write the schema.

    Raises:
        CommandError: the file cannot be written.
    """
    from llenergymeasure.config.schema import experiment_schema  # noqa: PLC0415 - only this command needs it

    text = json.dumps(experiment_schema(), indent=2) + "\n"
    if arguments.out is None:
        print(text, end="")
        return 0
    if arguments.out.exists() and not arguments.out.is_file():
        raise CommandError(
            f"--out {arguments.out}: is not a regular file, so it cannot be replaced; name another.",
            COULD_NOT_WORK,
        )
    from llenergymeasure.results.storage import draft_file  # noqa: PLC0415 - as above

    try:
        with draft_file(arguments.out, text) as draft:
            draft.replace(arguments.out)
    except OSError as error:
        why = error.strerror or error
        raise CommandError(f"--out {arguments.out}: cannot be written ({why}).", COULD_NOT_WORK) from error
    print(f"saved as {arguments.out}; in a YAML file: # yaml-language-server: $schema={arguments.out}")
    return 0
