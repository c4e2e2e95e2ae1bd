"""``llenergymeasure measure FILE``: run one experiment, print its record, save it."""

import argparse
import sys
import tempfile
from pathlib import Path

from llenergymeasure.cli.failure import COULD_NOT_WORK, RUN_FAILED, CommandError

SUMMARY = "run an experiment, and print and save its record"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", metavar="FILE", help="the experiment, in YAML or JSON")
    parser.add_argument(
        "--set",
        dest="overrides",
        metavar="PATH=VALUE",
        action="append",
        default=[],
        help="set a value on top of the file, such as pytorch.temperature=0.7; may be repeated",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("results"),
        help="the folder for the record (default: results)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure; 0 for a valid record, 1 for one that a finding spoils.

    Raises:
        CommandError: the experiment is invalid, the run failed, or the record cannot be saved.
    """
    from llenergymeasure.config.errors import ConfigError  # noqa: PLC0415 - only this command needs these rooms
    from llenergymeasure.config.loading import load_experiment  # noqa: PLC0415

    try:
        config = load_experiment(arguments.file, arguments.overrides)
    except ConfigError as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    _make(arguments.out)

    from llenergymeasure.energy.errors import EnergyError  # noqa: PLC0415
    from llenergymeasure.inference.errors import InferenceError, MissingPackageError  # noqa: PLC0415
    from llenergymeasure.measure.progress import progress_on  # noqa: PLC0415
    from llenergymeasure.measure.run import run_experiment  # noqa: PLC0415
    from llenergymeasure.results.errors import ResultsError  # noqa: PLC0415
    from llenergymeasure.results.render import render  # noqa: PLC0415
    from llenergymeasure.results.storage import save  # noqa: PLC0415

    try:
        record = run_experiment(config, progress=progress_on(sys.stderr))
    except (MissingPackageError, ConfigError) as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    except (InferenceError, EnergyError) as error:
        raise CommandError(error, RUN_FAILED) from error
    try:
        path = save(record, arguments.out)  # before it is printed: a reader that is gone does not lose it
    except ResultsError as error:
        print(render(record))  # a disk that filled up meanwhile does not lose the figures
        raise CommandError(error, COULD_NOT_WORK) from error
    print(render(record))
    print(f"saved as {path}")
    return 0 if record.valid else RUN_FAILED


def _make(folder: Path) -> None:
    """Make the folder now and try to write there: a run of hours should not end at a misspelt or a read-only one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror or error
        raise CommandError(
            f"--out {folder}: nothing can be written there ({why}). Name another folder.", COULD_NOT_WORK
        ) from error
