"""``llenergymeasure measure FILE``: run one experiment, print its record, save it."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from llenergymeasure.cli.failure import COULD_NOT_WORK, RUN_FAILED, CommandError
from llenergymeasure.cli.termination import (
    ENDING,
    InterruptibleProgress,
    Termination,
    signals_as_interrupts,
)

if TYPE_CHECKING:
    from llenergymeasure.results.record import Record

RECORD_BYTES = 1 << 18
"""About the size of a large record; the output folder must have room for one before a run starts."""
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
        help="override a value of the file, such as pytorch.temperature=0.7; may be repeated",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="few and short windows, to try a configuration; the record is marked",
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        default=Path("results"),
        help="the folder for the record (default: results)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Measure, and save and print the record.

    Returns:
        0 for a valid record, 1 for an invalid one.

    Raises:
        CommandError: the experiment is invalid, the run failed, or the record cannot be saved.
        KeyboardInterrupt: Ctrl-C; what was measured so far is saved.
        Terminated: SIGTERM or SIGHUP; likewise.
    """
    with signals_as_interrupts() as termination:
        return _measure(arguments, termination)


def _measure(arguments: argparse.Namespace, termination: Termination) -> int:
    from llenergymeasure.config.errors import ConfigError  # noqa: PLC0415 - only this command needs these
    from llenergymeasure.config.loading import load_experiment  # noqa: PLC0415

    overrides = [*arguments.overrides, *(["measurement.quick=true"] if arguments.quick else [])]
    try:
        config = load_experiment(arguments.file, overrides)
    except ConfigError as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    _require_writable(arguments.out)

    from llenergymeasure.energy.errors import EnergyError  # noqa: PLC0415
    from llenergymeasure.engines.errors import EngineError, MissingPackageError  # noqa: PLC0415
    from llenergymeasure.measurement.errors import Interrupted  # noqa: PLC0415
    from llenergymeasure.measurement.progress import progress_on  # noqa: PLC0415
    from llenergymeasure.measurement.run import measure  # noqa: PLC0415

    try:
        record = measure(config, progress=InterruptibleProgress(progress_on(sys.stderr), termination))
    except Interrupted as interrupt:
        with suppress(OSError):  # it is saved before it is printed, and the terminal may be gone
            _save_and_print(interrupt.record, arguments.out)
        raise
    except (MissingPackageError, ConfigError) as error:
        raise CommandError(error, COULD_NOT_WORK) from error
    except (EngineError, EnergyError) as error:
        raise CommandError(error, RUN_FAILED) from error
    _save_and_print(record, arguments.out)
    return 0 if record.valid else RUN_FAILED


def _save_and_print(record: "Record", folder: Path) -> None:
    """Save the record and its trace, and print it.

    Raises:
        CommandError: one of them cannot be saved; the figures are still printed. Without pyarrow there
            is no trace, and a message on standard error says so.
    """
    from llenergymeasure.results.errors import NoPackageError, ResultsError  # noqa: PLC0415
    from llenergymeasure.results.render import render  # noqa: PLC0415
    from llenergymeasure.results.storage import save, save_trace  # noqa: PLC0415

    failure: ResultsError | None = None
    trace = None
    # Saved before it is printed: if the output cannot be written, the record is not lost.
    with _ignoring_interrupts():
        try:
            path = save(record, folder)
        except ResultsError as error:
            print(render(record))  # if the disk is full by now, the figures are still shown
            raise CommandError(error, COULD_NOT_WORK) from error
        try:
            trace = save_trace(record, path)
        except NoPackageError as error:
            print(error, file=sys.stderr)
        except ResultsError as error:
            failure = error
    print(render(record))
    print(f"saved as {path}" + (f" and {trace.name}" if trace else ""))
    if failure is not None:
        raise CommandError(failure, COULD_NOT_WORK) from failure


@contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """While open, Ctrl-C, SIGTERM and SIGHUP do nothing: a second one would lose what the first one left."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _require_writable(folder: Path) -> None:
    """Make the folder and write to it: a misspelt, read-only or full one is found before a long run.

    Raises:
        CommandError: nothing can be written there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(RECORD_BYTES))
            file.flush()
    except OSError as error:
        why = error.strerror or error
        raise CommandError(
            f"--out {folder}: nothing can be written there ({why}). Name another folder.", COULD_NOT_WORK
        ) from error
