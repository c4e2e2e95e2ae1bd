"""``python -m codegen migrate``: files and folders, migrated from one release to another."""

import argparse
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from codegen import checkout
from codegen.diff.sides import open_sides
from codegen.errors import MigrateError
from codegen.exits import FINDINGS, FINE
from codegen.migrate import documents, python
from codegen.migrate.plan import Plan
from codegen.migrate.plan import make as make_plan
from codegen.migrate.result import Result
from codegen.render.files import replace_all
from codegen.review import overrides_file
from codegen.upstream.engine import Engine

_KINDS = (".py", ".yaml", ".yml", ".json")
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "build", "dist"})


def migrate(arguments: argparse.Namespace) -> int:
    """Print what would change, or write it; exit code 1 if something is left to write or to decide.

    Raises:
        MigrateError: a path is not there, or is not a known kind of file.
    """
    paths = _distinct(file for path in arguments.paths for file in _files(path))
    engine: Engine = arguments.engine
    old, new = open_sides(engine, arguments.old, arguments.new, overrides_file.load(engine, checkout.ROOT))
    plan = make_plan(old, new, checkout.ROOT, pin_defaults=arguments.pin_defaults)
    results = [_migrated(path, plan) for path in paths]
    for result in results:
        _report(result, show=not arguments.write)
    changed = [result for result in results if result.changed]
    if arguments.write:
        replace_all(
            Path(), {result.path.resolve(): result.after for result in changed}
        )  # keeps symbolic links
    left = sum(len(result.open) for result in results)
    done = "changed" if arguments.write else "to change; --write does it"
    print(
        f"{old.label} -> {new.label}: {len(paths)} files read, {len(changed)} {done}; "
        f"{left} {'change is' if left == 1 else 'changes are'} left to make by hand."
    )
    return FINDINGS if left or (changed and not arguments.write) else FINE


def _files(path: Path) -> Iterator[Path]:
    """The files to migrate: the path itself, or those in the folder.

    Raises:
        MigrateError: the path does not exist, or is not a file of a known kind.
    """
    if path.is_dir():
        for file in sorted(path.rglob("*")):
            skipped = any(part.startswith(".") or part in _SKIPPED for part in file.relative_to(path).parts)
            if file.suffix in _KINDS and file.is_file() and not skipped:
                yield file
    elif not path.is_file():
        raise MigrateError(f"{path}: there is no such file or folder.")
    elif path.suffix not in _KINDS:
        raise MigrateError(f"{path}: only files of the kinds {', '.join(_KINDS)} can be migrated.")
    else:
        yield path


def _distinct(paths: Iterable[Path]) -> list[Path]:
    """Each file once, even if several links lead to it."""
    by_target: dict[Path, Path] = {}
    for path in paths:
        if path.resolve() not in by_target or not path.is_symlink():
            by_target[path.resolve()] = path
    return list(by_target.values())


def _migrated(path: Path, plan: Plan) -> Result:
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return Result(path, open=("1: it is not text in UTF-8 and is left alone",))
    except OSError as error:
        return Result(path, open=(f"1: it cannot be read and is left alone ({error.strerror})",))
    byte_order_mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(byte_order_mark)
    if path.suffix == ".py":
        result = python.migrate(path, body, plan)
    elif "\r\n" in body and body.count("\r\n") == body.count("\n"):
        result = documents.migrate(path, body.replace("\r\n", "\n"), plan)
        result = replace(result, after=result.after.replace("\n", "\r\n"))
    else:
        result = documents.migrate(path, body, plan)
    return replace(result, before=text, after=f"{byte_order_mark}{result.after}")


def _report(result: Result, *, show: bool) -> None:
    for note in dict.fromkeys(result.notes):
        print(f"{result.path}:{note}")
    for note in dict.fromkeys(result.open):
        print(f"{result.path}:{note}  [decide]")
    if show and result.changed:
        lines = difflib.unified_diff(
            result.before.splitlines(),
            result.after.splitlines(),
            str(result.path),
            f"{result.path} (migrated)",
            lineterm="",
        )
        print("\n".join(lines))
