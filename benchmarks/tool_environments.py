"""Environments of their own for the tools that ours is compared with, made on first use."""

import subprocess
import sys
import venv
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path


def interpreter(home: Path, requirements: Sequence[str]) -> Path:
    """The interpreter of an environment that has some packages.

    Args:
        home: the folder of the environment. It is made anew where other packages are asked for.
        requirements: the packages, each pinned to a version.
    """
    python, ready = home / "bin" / "python", home / "ready"
    digest = sha256("\n".join(requirements).encode()).hexdigest()
    if not ready.exists() or ready.read_text(encoding="ascii") != digest:
        sys.stderr.write(f"making the environment {home.name} ...\n")
        venv.create(home, with_pip=True, clear=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
        subprocess.run([str(python), *install], check=True)
        ready.write_text(digest, encoding="ascii")
    return python
