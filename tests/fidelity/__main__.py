"""A fidelity run for one release: ``python -m tests.fidelity [--version V]``.

Exit codes: 0 every promise is kept; 1 something is unsound, undeclared, stale or not executed, or a witness
shows no effect; 2 the run could not be made; 130 it was interrupted. ``docs/fidelity.md`` explains the words.
"""

import argparse
import importlib.metadata
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.fidelity.schema import ROOT

CACHE = ROOT / ".cache" / "fidelity"
CONFIGURATIONS = 5000


def main() -> int:
    """Run with the installed release or, in a process of its own, with another one; give the exit code."""
    arguments = _parser().parse_args()
    try:
        if arguments.version in (None, importlib.metadata.version("transformers")):
            return _here(arguments)
        return _elsewhere(arguments.version, arguments.schema, sys.argv[1:])
    except subprocess.CalledProcessError as error:
        print(
            f"fidelity: {' '.join(map(str, error.cmd[:4]))} ... failed with {error.returncode}",
            file=sys.stderr,
        )
        return 2
    except BrokenProcessPool:
        print("fidelity: a worker process died; what was done is kept, run it again.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nfidelity: interrupted; what was done is kept, run it again to go on.", file=sys.stderr)
        return 130


def _here(arguments: argparse.Namespace) -> int:
    """Run with the transformers that is installed in this process's environment."""
    from tests.fidelity.recorders import LostPointError, RecordingError, SilentRecorderError
    from tests.fidelity.run import Options, prove, write_record
    from tests.fidelity.work import Part

    options = Options(
        configurations=arguments.configurations,
        full=arguments.full,
        part=Part(arguments.part),
        calls=arguments.calls,
        causes=arguments.causes,
    )
    try:
        if arguments.record:
            return write_record(ROOT, arguments.calls)
        return prove(Path(arguments.schema or ROOT).resolve(), options)
    except (LostPointError, RecordingError, SilentRecorderError) as error:
        print(f"fidelity: {error}; tests/fidelity/recorders.py has to follow.", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("--version", help="a transformers release; the installed one if not given")
    parser.add_argument("--schema", help="a folder with generated files, in place of those of the release")
    parser.add_argument(
        "--configurations",
        type=int,
        default=CONFIGURATIONS,
        help="run at least this many distinct canonical ones",
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="only the test values and refusals, and codegen/engines/transformers/executed.json about them",
    )
    parser.add_argument(
        "--full", action="store_true", help="make every call again; an interrupted full run continues"
    )
    parser.add_argument(
        "--part",
        type=int,
        default=1,
        help="do one job in this many, always the same ones; nothing is written",
    )
    parser.add_argument("--calls", type=Path, default=CACHE / "calls", help="the folder of remembered calls")
    parser.add_argument("--causes", type=Path, help="a file to write what was found to, as JSON")
    return parser


def _elsewhere(version: str, schema: str | None, given: list[str]) -> int:
    """Run with another release in place of the installed one; its schema is generated if none is given."""
    from tests.codegen.releases import environment

    place = environment(version)
    if schema is None:
        schema = str(CACHE / version / "schema")
        source = ["--transformers", str(place), "--into", schema]
        command = [sys.executable, "-m", "codegen", "refresh", *source]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        given = [*given, "--schema", schema]
    path = os.pathsep.join(map(str, (place, ROOT / "src", ROOT)))
    command = [sys.executable, "-m", "tests.fidelity", *given]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
