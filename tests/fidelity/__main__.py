"""The whole proof for one release: ``python -m tests.fidelity [--version V]``.

Exit codes: 0 every promise is kept; 1 something is unsound, undeclared, dead or unexecuted; 2 the run could
not be made.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.fidelity.schema import LOCK, ROOT

CACHE = ROOT / ".cache" / "fidelity"
PACKAGES = ("torch==2.13.0", "pydantic", "ruamel.yaml", "nvidia-ml-py", "hypothesis", "pytest")
CONFIGURATIONS = 5000


def main() -> int:
    """Run the proof here, or in the environment of another release."""
    arguments = _parser().parse_args()
    try:
        if arguments.schema is None and arguments.version not in (None, _installed()):
            return _elsewhere(arguments.version, arguments.configurations)
        from tests.fidelity.run import prove, write_record

        if arguments.record:
            return write_record(ROOT)
        return prove(Path(arguments.schema or ROOT), arguments.configurations)
    except subprocess.CalledProcessError as error:
        print(
            f"fidelity: {' '.join(map(str, error.cmd[:4]))} ... failed with {error.returncode}",
            file=sys.stderr,
        )
        return 2
    except BrokenProcessPool:
        print("fidelity: a worker process died; nothing was written.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("fidelity: interrupted; nothing was written.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fidelity", description=__doc__)
    parser.add_argument("--version", help="a transformers release; the installed one if not given")
    parser.add_argument("--schema", help="the folder with the files generated for the installed release")
    parser.add_argument(
        "--configurations", type=int, default=CONFIGURATIONS, help="distinct canonical ones to run at least"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="only the test values, and codegen/engines/transformers/executed.json about them",
    )
    return parser


def _installed() -> str:
    lock = json.loads((ROOT / LOCK).read_text(encoding="utf-8"))
    return str(lock["version"])


def _elsewhere(version: str, configurations: int) -> int:
    """Make an environment for a release, generate its schema, and run there."""
    home = CACHE / version
    python = home / "venv" / "bin" / "python"
    if not (home / "ready").exists():
        print(f"Making an environment for transformers {version} (a few minutes) ...", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", str(home / "venv")], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pinned = [_pinned(package) for package in PACKAGES]
        subprocess.run([*pip, *pinned, f"transformers=={version}"], check=True)
        (home / "ready").touch()
    source = next((home / "venv" / "lib").glob("python*/site-packages"))
    schema = home / "schema"
    command = [
        sys.executable,
        "-m",
        "codegen",
        "refresh",
        "--transformers",
        str(source),
        "--into",
        str(schema),
    ]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    command = [str(python), "-m", "tests.fidelity", "--schema", str(schema)]
    command += ["--configurations", str(configurations)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def _pinned(package: str) -> str:
    """The package as this project's constraints pin it."""
    name = package.partition("==")[0]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if line.startswith(f"{name}==")), package)


if __name__ == "__main__":
    sys.exit(main())
