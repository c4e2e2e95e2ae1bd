"""The whole proof for one release: ``python -m tests.fidelity [--version V]``.

Exit codes: 0 every promise is kept; 1 something is unsound, undeclared, dead or unexecuted; 2 the run could
not be made.
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
    """Run the proof here, or in the environment of another release."""
    arguments = _parser().parse_args()
    try:
        if arguments.version not in (None, importlib.metadata.version("transformers")):
            return _elsewhere(arguments.version, arguments.schema, sys.argv[1:])
        from tests.fidelity.recorders import LostPointError, RecordingError, SilentRecorderError
        from tests.fidelity.run import Options, prove, write_record
        from tests.fidelity.work import Part

        try:
            if arguments.record:
                return write_record(ROOT, arguments.calls)
            folder, part = Path(arguments.schema or ROOT).resolve(), Part(arguments.part)
            return prove(
                folder,
                Options(
                    configurations=arguments.configurations,
                    full=arguments.full,
                    part=part,
                    calls=arguments.calls,
                    causes=arguments.causes,
                ),
            )
        except (LostPointError, RecordingError, SilentRecorderError) as error:
            print(f"fidelity: {error}; tests/fidelity/recorders.py has to follow.", file=sys.stderr)
            return 2
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("--version", help="a transformers release; the installed one if not given")
    parser.add_argument("--schema", help="a folder with generated files; else those of the release")
    parser.add_argument(
        "--configurations", type=int, default=CONFIGURATIONS, help="distinct canonical ones to run at least"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="only the test values and refusals, and codegen/engines/transformers/executed.json about them",
    )
    parser.add_argument(
        "--full", action="store_true", help="make each call anew; one that was interrupted goes on"
    )
    parser.add_argument(
        "--part",
        type=int,
        default=1,
        help="only one job in so many, always the same ones; nothing is written",
    )
    parser.add_argument("--calls", type=Path, default=CACHE / "calls", help="the folder of remembered calls")
    parser.add_argument("--causes", type=Path, help="a file to write what was found to, as JSON")
    return parser


def _elsewhere(version: str, schema: str | None, given: list[str]) -> int:
    """Unpack another release, generate its schema if none is given, and run with it in place of the installed
    one."""
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
