"""What ``generate()`` did when it was called before, so that what did not change is not run again.

A *call* is identified by its scenario and its arguments. What is remembered is a digest of its work trace, or
what it raised, and the functions of transformers that it entered. This is valid for a release in which each
of these functions has the same digest (:mod:`tests.fidelity.fingerprints`). Only calls of ``generate()`` are
remembered. What the schema says of them is asked again in every run, so a changed schema invalidates nothing.

There is one file for each release and each environment: torch, Python, and the code here that makes and
records calls (:mod:`tests.fidelity.archive`). Each call is written as soon as it was made.
"""

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.fidelity.archive import Archive, Call, digest
from tests.fidelity.forms import form, is_data

ENOUGH = 2
"""How many questions of a kind are tried before the others count as represented by them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a call.

    Args:
        call: what it did.
        changed: those of the functions that it entered that are different in this release.
    """

    call: Call
    changed: frozenset[str]

    @property
    def is_valid(self) -> bool:
        """Whether it would do the same again."""
        return bool(self.call.work) and not self.changed


@dataclass(frozen=True, slots=True)
class Plan:
    """Which calls a run may take from memory. It is sent to the worker processes.

    Args:
        own: the file of this release.
        former: the file of another release, for calls that ``own`` does not have; None without one.
        changed: the functions in ``former`` that are different in this release.
        run: the number of the full run that this is part of, which only takes calls that it made itself. None
            if this is no full run: then every valid call may be taken.
        values: the values that this run tries by themselves, as texts.
    """

    own: Path
    former: Path | None = None
    changed: frozenset[str] = frozenset()
    run: int | None = None
    values: frozenset[str] = frozenset()


@dataclass(slots=True)
class Memory:
    """The calls that a process may recall, and those that it makes."""

    plan: Plan
    recalled: int = 0
    made: int = 0
    _own: Archive = field(init=False)
    _former: Archive | None = field(init=False)
    _forgets: bool = False
    _surprises: set[tuple[frozenset[str], str]] = field(default_factory=set)
    _values: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._values |= self.plan.values
        self._own = Archive(self.plan.own)
        self._former = Archive(self.plan.former) if self.plan.former else None

    @contextmanager
    def forgetting(self) -> Iterator[None]:
        """Recall nothing, so that each call is made."""
        self._forgets = True
        try:
            yield
        finally:
            self._forgets = False

    def recall(self, key: str) -> Call | None:
        """What a call does, if it was made before and would do the same again; None otherwise."""
        known = None if self._forgets else self.known(key)
        if known is None or not known.is_valid:
            return None
        self.recalled += 1
        if self._own.call(key) is None:
            self._own.keep(key, replace(known.call, run=0))  # so that the next release needs this file only
        return known.call

    def known(self, key: str) -> Known | None:
        """What is remembered of a call, valid or not."""
        call = self._own.call(key)
        if self.plan.run is not None:
            return Known(call, frozenset()) if call is not None and call.run == self.plan.run else None
        if call is not None and call.work:
            return Known(call, frozenset())
        former = self._former.call(key) if self._former else None
        if former is not None:
            return Known(former, former.functions & self.plan.changed)
        return None if call is None else Known(call, call.functions)

    def remember(self, key: str, call: Call) -> None:
        """Keep what a call did. If it ends differently than before, all of its kind are tried."""
        self.made += 1
        known = self.known(key)
        if known is not None and known.changed and known.call.error != call.error:
            self._surprises.add((known.changed, known.call.error))
        self._own.keep(key, call)

    def is_represented(self, key: str, about: str, kinds: dict[object, int], values: Set[str]) -> bool:
        """Whether a question need not be tried, as enough of its kind were.

        Questions are of one kind if they are about the same thing, their calls ended alike before, and these
        calls entered the same of the functions that changed since. If one of a kind ends differently now, all
        are tried. A question is also tried if it has a value that no earlier question of this process had,
        and that the run does not try by itself.

        Args:
            key: of the call that the question is about.
            about: what the question is about.
            kinds: how many questions of each kind there were; this one is added.
            values: the values that are set, as texts.
        """
        known = self.known(key)
        if known is None or known.is_valid or self._forgets:
            return False
        if (known.changed, known.call.error) in self._surprises:
            return False
        kind = (about, known.changed, known.call.error)
        kinds[kind] = kinds.get(kind, 0) + 1
        if kinds[kind] <= ENOUGH or not values <= self._values:
            self._values |= values
            return False
        self._own.keep(
            key, replace(known.call, work="", run=0)
        )  # so that the next release knows what it enters
        return True


CURRENT: ContextVar[Memory | None] = ContextVar("memory", default=None)
"""The memory of this process; if there is none, each call is made."""


def key_of(scenario: str, kwargs: Mapping[str, Any]) -> str | None:
    """What identifies a call; None if an argument is an object that no text can identify."""
    if not is_data(kwargs):
        return None
    return digest(f"{scenario} {form(dict(sorted(kwargs.items())))}")
