"""Records which functions of transformers a call enters, in all of its threads."""

import cProfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import transformers

PACKAGE = Path(transformers.__file__).parent
_PREFIX = f"{PACKAGE}/"


class Watch:
    """The functions that were entered while the watch was on.

    It uses the profiler of the standard library, which is written in C and makes a call about a third slower.
    """

    def __init__(self) -> None:
        self._profilers: list[cProfile.Profile] = []

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watch this thread, and those that are started from it."""
        own = self._new()
        threading.setprofile(lambda *_: self._new().enable())
        own.enable()
        try:
            yield
        finally:
            own.disable()
            threading.setprofile(None)

    def _new(self) -> cProfile.Profile:
        made = cProfile.Profile(subcalls=False, builtins=False)
        self._profilers.append(made)
        return made

    @property
    def functions(self) -> frozenset[str]:
        """Those of transformers, as ``file::qualified name``; a nested function counts as the outer one."""
        codes = [entry.code for each in self._profilers for entry in each.getstats()]
        return frozenset(
            f"{code.co_filename.removeprefix(_PREFIX)}::{code.co_qualname.partition('.<locals>')[0]}"
            for code in codes
            if not isinstance(code, str) and code.co_filename.startswith(_PREFIX)
        )
