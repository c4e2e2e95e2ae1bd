"""The generated files: the text of each by its path, and how all of them are replaced, or none."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from codegen.errors import RenderError, WriteError
from codegen.model import lock
from codegen.model.schema import Schema
from codegen.upstream.engine import Engine


def generate(schema: Schema, engine: Engine) -> dict[Path, str]:
    """The text of every generated file, by its path under the root of the checkout.

    Raises:
        RenderError: a file could not be rendered, or would hold half of a surrogate pair.
    """
    # Callers that only replace files need no templates.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    from codegen.render import data  # noqa: PLC0415
    from codegen.render.docs_page import page  # noqa: PLC0415
    from codegen.render.formatting import formatted  # noqa: PLC0415
    from codegen.render.module import modules  # noqa: PLC0415

    with ThreadPoolExecutor(max_workers=1) as pool:
        formatting = pool.submit(formatted, modules(schema, engine))
        others = {
            engine.sources_file: data.sources(schema, engine),
            engine.test_values_file: data.test_values(schema),
            engine.lock: lock.dumps(schema),
            engine.page: page(schema),
        }
        texts = {**formatting.result(), **others}
    for path, text in texts.items():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            near = text[max(0, error.start - 40) : error.end]
            raise RenderError(
                f"{path} would contain a character that UTF-8 cannot encode, at {near!r}."
            ) from error
    return texts


def replace_all(root: Path, texts: Mapping[Path, str]) -> list[Path]:
    """Write the files whose text differs, and return their paths.

    Each new text is complete on disk next to the old file before the first old one is replaced, so a full
    disk, a missing permission or a kill leaves every file in its old or its new state. If replacing one of
    them fails, those already replaced are restored.

    Raises:
        WriteError: a file could not be written; all old ones are unchanged.
    """
    staged: dict[Path, Path] = {}  # a temporary file with the new content of each target
    backups: dict[Path, Path] = {}  # one with the old content of each target that existed
    replaced: list[Path] = []
    changed: list[Path] = []
    try:
        for path, text in texts.items():
            target, content = root / path, text.encode()
            current = _current(target)
            if current == content:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            staged[target] = _stage(target, content)
            if current is not None:
                backups[target] = _stage(target, current)
            changed.append(path)
        for target, temporary in staged.items():
            temporary.replace(target)
            replaced.append(target)
    except BaseException as error:
        _restore(replaced, backups)
        if isinstance(error, OSError):
            where = error.filename or root
            raise WriteError(
                f"{where} could not be written ({error.strerror}); the old files are unchanged."
            ) from error
        raise
    finally:
        for temporary in (*staged.values(), *backups.values()):
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
    return changed


def _restore(replaced: Iterable[Path], backups: Mapping[Path, Path]) -> None:
    for target in replaced:
        if target in backups:
            backups[target].replace(target)
        else:
            target.unlink()


def _current(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _stage(target: Path, content: bytes) -> Path:
    """A new temporary file next to the target, with this content and the target's permissions."""
    from tempfile import mkstemp  # noqa: PLC0415 - slow to import, and most commands write nothing

    handle, name = mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary
