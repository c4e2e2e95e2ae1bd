"""The process in which :mod:`codegen.proof.child` runs: started early, given one task."""

import marshal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from codegen.errors import ProofError

Child = subprocess.Popen[bytes]

_SCRIPT = Path(__file__).resolve().parent / "child.py"


@contextmanager
def started() -> Iterator[Child]:
    """A child that loads pydantic while its task is being prepared; it ends with the context at the latest.

    Raises:
        ProofError: it cannot be started.
    """
    pipe = subprocess.PIPE
    try:
        child = subprocess.Popen(  # noqa: S603 - our own script, the same interpreter
            [sys.executable, "-I", "-B", str(_SCRIPT)], stdin=pipe, stdout=pipe, stderr=pipe
        )
    except OSError as error:
        raise _not_tried(error) from error
    with child:
        yield child


def found(child: Child, texts: Mapping[Path, str], library: Path, task: Mapping[str, Any]) -> Any:
    """What the child finds in the rendered modules.

    Args:
        child: from :func:`started`.
        texts: of the modules, by their paths.
        library: the folder that contains the package ``llenergymeasure``, for the modules' imports.
        task: what it is to report.

    Raises:
        ProofError: it could not import them.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="codegen-proof-") as scratch:
            for path, text in texts.items():
                (Path(scratch) / path.name).write_text(text, encoding="utf-8")
            places = {"folder": scratch, "library": str(library)}
            output, said = child.communicate(marshal.dumps({**task, **places}))
    except OSError as error:
        raise _not_tried(error) from error
    if child.returncode != 0:
        last = said.decode(errors="replace").strip().rsplit("\n", 1)[-1]
        raise ProofError("import", f"a fresh process could not import it ({last}).")
    return marshal.loads(output)  # noqa: S302 - of our own child


def _not_tried(error: OSError) -> ProofError:
    return ProofError("import", f"it could not be tried ({error}).")
