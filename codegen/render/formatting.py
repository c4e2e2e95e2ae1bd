"""Generated Python as ruff formats it, whatever ruff settings the machine has."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from ruff import find_ruff_bin

from codegen.errors import RenderError
from codegen.render.python import LINE_LENGTH

_FORMAT = (
    "format",
    "--isolated",
    "--line-length",
    str(LINE_LENGTH),
    "--stdin-filename",
    "x.py",
    "-",
)


def formatted(texts: Mapping[Path, str]) -> dict[Path, str]:
    """The files as ruff formats them, all at the same time.

    Raises:
        RenderError: ruff is missing or refuses one of them.
    """
    try:
        running = {path: _start() for path in texts}
    except OSError as error:
        raise RenderError(f"The formatter could not be run: {error}") from error
    done = {path: process.communicate(texts[path].encode()) for path, process in running.items()}
    for path, process in running.items():
        if process.returncode != 0:
            complaint = done[path][1].decode(errors="replace").strip()
            raise RenderError(f"The formatter refused the rendered text of {path.name}: {complaint}")
    return {path: output.decode() for path, (output, _) in done.items()}


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a fixed command; the text goes through its standard input
        [find_ruff_bin(), *_FORMAT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
