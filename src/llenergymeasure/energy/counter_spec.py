"""A cumulative counter as a user names it, in a configuration or from Python."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from llenergymeasure.energy.errors import EnergyError
from llenergymeasure.energy.figures import Scope

UNITS_J = {"uJ": 1e-6, "mJ": 1e-3, "J": 1.0, "kJ": 1e3, "mWh": 3.6, "Wh": 3.6e3, "kWh": 3.6e6}
"""The units that a counter may have, in joules."""
SCOPES = (Scope.MACHINE, Scope.MODULE, Scope.CPU_PACKAGE, Scope.DRAM, Scope.GPU)
"""What a counter may cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSpec:
    """A counter of energy: a number in a file, or one that a command prints, which only grows.

    Args:
        name: what it is called in figures.
        unit: of the number; one of ``UNITS_J``.
        scope: what its joules cover.
        file: the file that holds the number, and nothing else; or
        command: a program with its arguments that prints it. No shell is involved.
        wrap: the number at which it starts again at 0, if it does; this needs ``watts_max``.
        watts_max: the most that the device can draw; without it, figures have no bound.
        update_seconds: how often the number changes; by default this is measured when the meter opens.

    Raises:
        EnergyError: a value is not usable, or two do not go together.
    """

    name: str
    unit: str
    scope: Scope | str = Scope.MACHINE
    file: str | None = None
    command: Sequence[str] | None = None
    wrap: int | None = None
    watts_max: float | None = None
    update_seconds: float | None = None

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise EnergyError(f"counter {self.name!r}: {problem}")

    def _problems(self) -> Sequence[str]:
        """Everything that is wrong with it."""
        command = self.command
        checks = (
            (not self.name, "give it a name"),
            ((self.file is None) == (command is None), "give a file or a command, and not both"),
            (self.file == "", "the file is empty"),
            (
                isinstance(command, str)
                or (command is not None and not (command and all(isinstance(part, str) for part in command))),
                "the command is a list of a program and its arguments, all of them texts",
            ),
            (self.unit not in UNITS_J, f"unit is {self.unit!r}: write one of {', '.join(UNITS_J)}"),
            (self.scope not in SCOPES, f"scope is {str(self.scope)!r}: write one of {', '.join(SCOPES)}"),
            (
                self.wrap is not None and self.wrap < 1,
                "wrap is the number after which it starts again, above 0",
            ),
            (not _usable(self.watts_max), "watts_max is a number above 0"),
            (not _usable(self.update_seconds), "update_seconds is a number above 0"),
            (
                self.wrap is not None and self.watts_max is None,
                "wrap needs watts_max: how often it came round in a long window cannot be known otherwise",
            ),
        )
        return [problem for is_wrong, problem in checks if is_wrong]


def _usable(value: float | None) -> bool:
    return value is None or (math.isfinite(value) and value > 0)


def counter_specs(counters: Sequence[CounterSpec | Mapping[str, Any]]) -> tuple[CounterSpec, ...]:
    """The counters of a caller, who may write them as mappings.

    Raises:
        EnergyError: one is not a counter, or two have the same name.
    """
    specs = tuple(spec if isinstance(spec, CounterSpec) else _from_mapping(spec) for spec in counters)
    names = [spec.name for spec in specs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise EnergyError(f"two counters are called {twice!r}: give each a name of its own")
    return specs


def _from_mapping(data: Mapping[str, Any]) -> CounterSpec:
    known = [field.name for field in fields(CounterSpec)]
    if unknown := sorted(set(data) - set(known)):
        raise EnergyError(f"a counter has no {', '.join(unknown)}: it has {', '.join(known)}")
    if missing := [name for name in ("name", "unit") if name not in data]:
        raise EnergyError(f"a counter needs {' and '.join(missing)}")
    command = data.get("command")
    return CounterSpec(**{**data, "command": tuple(command) if isinstance(command, list) else command})
