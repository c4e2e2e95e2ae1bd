"""Problems of a fidelity run, grouped by cause: what was promised, how it is broken, with which model.

500 configurations that fail in the same way are one cause, with a count and the smallest example. A cause is
the same text in every run and in every release in which it happens: numbers and addresses are left out of it,
so that a person can accept it, and a change of it is seen.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.fidelity.oracle import Outcome
from tests.fidelity.scenarios import Scenario
from tests.fidelity.schema import plain

LONGEST = 160
"""Characters of an error's message that belong to its cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One cause, and how often it was met.

    Args:
        kind: which promise is broken, in a word or two: ``unsound``, ``undeclared``, ``dormant``.
        what: how: the error and its place, or the rule or the bound that it is about.
        model: the class of the model; empty where no model was involved.
        example: the smallest case that was met.
        count: how often it was met.
    """

    kind: str
    what: str
    model: str = ""
    example: str = ""
    count: int = 1

    @property
    def cause(self) -> str:
        """The same text for the same cause."""
        return f"{self.kind}: {self.what}{f', with {self.model}' if self.model else ''}"

    def __str__(self) -> str:
        often = f" ({self.count} times)" if self.count > 1 else ""
        example = f"\n    {self.example}" if self.example else ""
        return f"{self.cause}{often}{example}"


def merged(one: Problem, other: Problem) -> Problem:
    """One cause out of two findings of it; the smaller example stays."""
    example = min((one.example, other.example), key=lambda text: (len(text), text))
    return replace(one, example=example, count=one.count + other.count)


def failure(outcome: Outcome) -> str:
    """What was raised and where, without what differs from case to case."""
    return f"{normal(outcome.error)}{f' ({outcome.place})' if outcome.place else ''}"


_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w)")
_LIST = re.compile(r"([\[({])#(?:, #)+([\])}])")


def normal(message: str) -> str:
    """The first line of a message, with ``#`` for each number, and one for a list of them."""
    first = message.splitlines()[0] if message else ""
    return _LIST.sub(r"\1#\2", _NUMBER.sub("#", _ADDRESS.sub("#", first)))[:LONGEST].strip()


def model_of(scenario: Scenario) -> str:
    """The class of a scenario's model."""
    return str(scenario.facts["model.class_name"])


def shown(given: Mapping[str, Any], scenario: Scenario) -> str:
    """A configuration and where it was tried, for people."""
    return f"{json.dumps(plain(given), default=repr)} in {scenario.name}"
