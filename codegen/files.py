"""The generated files: where they belong, what is in them, and how they are replaced all or none."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from codegen import lock, parameters, render
from codegen.errors import WriteError
from codegen.ir import Schema

CHECKOUT = Path(__file__).resolve().parent.parent
MODULE = Path("src/llenergymeasure/config/backend_configs.py")
LOCK = Path("codegen/schema.lock.json")
PAGE = Path("docs/parameters.md")
OVERRIDES = CHECKOUT / "codegen" / "overrides.toml"
LIBRARY = CHECKOUT / "src"


def generate(schema: Schema) -> dict[Path, str]:
    """The text of every generated file, by its path under the root of the checkout."""
    return {MODULE: render.module(schema), LOCK: lock.dumps(schema), PAGE: parameters.page(schema)}


def replace_all(root: Path, texts: Mapping[Path, str]) -> list[Path]:
    """Write what differs, and give the paths that changed.

    Each new text is complete on disk beside the old file before the first old one is replaced, so a full disk, a missing
    permission or a kill leaves every file as it was or as it was meant.

    Raises:
        WriteError: a file could not be written; all old ones stand.
    """
    changed = [path for path, text in texts.items() if _current(root / path) != text.encode()]
    staged: list[tuple[Path, Path]] = []
    try:
        for path in changed:
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            staged.append((_stage(target, texts[path]), target))
        for temporary, target in staged:
            temporary.replace(target)
    except OSError as error:
        raise WriteError(
            f"{error.filename or root} could not be written ({error.strerror}); the old files stand."
        ) from error
    finally:
        for temporary, _ in staged:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    return changed


def _current(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _stage(target: Path, text: str) -> Path:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
