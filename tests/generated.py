"""Loads generated modules from another folder, in place of the committed ones."""

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

PACKAGE = "llenergymeasure.config"


class _FolderFirst(MetaPathFinder):
    """Finds the modules of a folder in place of those of the package."""

    def __init__(self, folder: Path) -> None:
        self.places = {f"{PACKAGE}.{path.stem}": path for path in sorted(folder.glob("*.py"))}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        place = self.places.get(name)
        return None if place is None else importlib.util.spec_from_file_location(name, place)


def load(folder: Path) -> ModuleType:
    """The ``backend_configs`` of a folder, with the generated modules next to it; the committed ones stay."""
    finder = _FolderFirst(folder)
    with _without(finder.places):
        sys.meta_path.insert(0, finder)
        try:
            return importlib.import_module(f"{PACKAGE}.backend_configs")
        finally:
            sys.meta_path.remove(finder)


@contextmanager
def _without(names: dict[str, Path]) -> Iterator[None]:
    """Unload the modules of these names, and put them back at the end."""
    package = importlib.import_module(PACKAGE)
    committed = {name: sys.modules.pop(name, None) for name in names}
    try:
        yield
    finally:
        for name, module in committed.items():
            short = name.rpartition(".")[2]
            if module is None:
                sys.modules.pop(name, None)
                package.__dict__.pop(short, None)
            else:
                sys.modules[name] = module
                setattr(package, short, module)
