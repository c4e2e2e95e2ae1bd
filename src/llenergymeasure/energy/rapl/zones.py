"""RAPL's counters: the energy of CPU packages and of their memory, as Linux shows it under powercap.

This module finds zones, and gives those that count as counters. Some AMD parts show one package's counter
under several names: those are counted once. The files are readable by root only since Linux 5.10, and hidden
in most containers; either is reported with a hint. A package's counter counts what the package uses, whoever
makes it work.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.cumulative.calibration import unavailable
from llenergymeasure.energy.cumulative.chain import Broken, counted
from llenergymeasure.energy.cumulative.counter import UNIT_DOUBTED, Counter, CounterReading
from llenergymeasure.energy.cumulative.source import SCALE, Failed, File, file_failure, read_value
from llenergymeasure.energy.figures import Method, Scope, Unavailable
from llenergymeasure.energy.host import Host
from llenergymeasure.energy.rapl.hints import POWERCAP_VARIABLE, absent_hint, refused_hint

POWERCAP = Path("/sys/class/powercap")
UNIT, UNIT_J = "uJ", 1e-6
UPDATE_S = 0.001
"""The counters move about every millisecond (Intel's manual, volume 3, on RAPL)."""
STANDSTILL_HINT = "A virtual machine may show a counter that does not count: measure on the host."
PROBE_S = 0.05
"""The time between the two reads at start, which show whether a counter counts and whether two zones show the
same one. It is fifty updates: every processor draws something in that time."""
PLAUSIBLE_W = {Scope.CPU_PACKAGE: 1500.0, Scope.DRAM: 300.0}
"""The most that a package, or its memory, draws where the zone names no limit. An assumption of the bounds
(``docs/energy.md``)."""
LIMIT_MARGIN = 2.0
"""A zone's limits hold for its mean power over some time. Within milliseconds it may draw this many times the
highest of them: Intel sets the peak limit (PL4) to about twice the sustained one."""
EVERYBODYS = "its joules are of everything that runs on the processor, not of this process alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapl:
    """What RAPL has here.

    ``counters`` are those that count, ``missing`` those that should and do not. If none counts, ``reason``
    and ``hint`` say why.
    """

    counters: tuple[Counter, ...]
    missing: tuple[Unavailable, ...] = ()
    reason: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Zone:
    """A zone that was read twice: its counter, and why it does not count; None where it does."""

    counter: Counter
    first: CounterReading
    second: CounterReading

    @property
    def problem(self) -> Unavailable | None:
        """Why it does not count: a read failed, it stood still, or it rises faster than it could."""
        for reading in (self.first, self.second):
            if reading.failure:
                return unavailable(self.counter, reading.failure, reading.hint)
        if self.first.value == self.second.value:
            reason = f"the counter stood still for {PROBE_S * 1e3:.0f} ms"
            return unavailable(self.counter, reason, STANDSTILL_HINT)
        rise = counted(self.counter, (self.first, self.second))
        if isinstance(rise, Broken):
            return unavailable(self.counter, rise.reason, rise.hint or UNIT_DOUBTED)
        return None


def powercap_folder(environ: Mapping[str, str]) -> Path:
    """The folder that the zones are in: the usual one, unless the environment names another."""
    return Path(environ.get(POWERCAP_VARIABLE) or POWERCAP)


def find_counters(powercap: Path, clock: Clock, host: Host) -> Rapl:
    """The package and memory zones that count, each physical counter once."""
    found = list(_zones(powercap, host))
    if not found:
        missing = "does not exist: no RAPL" if not powercap.is_dir() else "has no RAPL package"
        return Rapl(counters=(), reason=f"{powercap} {missing}", hint=absent_hint(host))
    zones = _read_twice([zone for zone in found if isinstance(zone, Counter)], clock)
    problems = [problem for zone in zones if (problem := zone.problem) is not None]
    unknown = [zone for zone in found if isinstance(zone, Unavailable)]
    counting = [zone for zone in zones if zone.problem is None]
    if not any(zone.counter.scope is Scope.CPU_PACKAGE for zone in counting):
        cause = (*unknown, *problems)[0]
        named = "" if str(powercap) in cause.reason else f"{cause.device}: "
        return Rapl(counters=(), reason=f"{named}{cause.reason}", hint=cause.hint)
    packages = [one for one in (*unknown, *problems) if one.scope is not Scope.DRAM]
    memory = [
        f"{one.device} is not counted: {one.reason}"
        for one in (*unknown, *problems)
        if one.scope is Scope.DRAM
    ]
    return Rapl(counters=tuple(_noted(counting, memory)), missing=tuple(packages))


def _noted(zones: Sequence[_Zone], notes: Sequence[str]) -> Iterator[Counter]:
    """The distinct counters. What is left out, and whose joules they are, is noted at each package."""
    distinct, mirrors = _without_mirrors(zones)
    for zone in distinct:
        is_package = zone.counter.scope is Scope.CPU_PACKAGE
        yield replace(zone.counter, notes=(EVERYBODYS, *mirrors, *notes) if is_package else ())


def _folders(powercap: Path) -> list[Path]:
    """The zones' folders: side by side as links, or nested as they are in the kernel's own tree."""
    patterns = ("intel-rapl:*", "intel-rapl/intel-rapl:*", "intel-rapl:*/intel-rapl:*:*")
    nested = "intel-rapl/intel-rapl:*/intel-rapl:*:*"
    by_name: dict[str, Path] = {}
    for pattern in (*patterns, nested):
        for folder in powercap.glob(pattern):
            by_name.setdefault(folder.name, folder)
    return [by_name[name] for name in sorted(by_name)]


def _zones(powercap: Path, host: Host) -> Iterator[Counter | Unavailable]:
    pattern = f"{powercap}/*/{{name,energy_uj,max_energy_range_uj}}"
    refused = refused_hint(host, pattern)
    for folder in _folders(powercap) if powercap.is_dir() else ():
        zone = _zone(folder, refused, host)
        if zone is not None:
            yield zone


def _zone(folder: Path, refused: str, host: Host) -> Counter | Unavailable | None:
    """A package or memory zone; None for any other (core, uncore and psys overlap with the package)."""
    label = folder.name
    scope = Scope.CPU_PACKAGE
    try:
        label = (folder / "name").read_text().strip()
    except OSError as error:
        failure = file_failure(str(folder / "name"), error)
        if failure.is_gone and os.path.islink(folder) and not folder.exists():  # noqa: PTH114 - of the link itself
            reason = f"{folder} leads to {os.readlink(folder)}, which is hidden here"  # noqa: PTH115
            return Unavailable(reason=reason, hint=absent_hint(host), scope=scope, device=label)
        hint = refused if failure.is_refused else absent_hint(host)
        return Unavailable(reason=failure.reason, hint=hint, scope=scope, device=label)
    if label == "dram":
        label, scope = f"dram-{folder.name.split(':')[1]}", Scope.DRAM
    elif not label.startswith("package"):
        return None
    limit = read_value(File(str(folder / "max_energy_range_uj")))
    if isinstance(limit, Failed):
        hint = refused if limit.is_refused else ""
        return Unavailable(reason=limit.reason, hint=hint, scope=scope, device=label)
    return Counter(
        name=label,
        scope=scope,
        method=Method.RAPL,
        source=File(str(folder / "energy_uj")),
        unit=UNIT,
        unit_j=UNIT_J,
        period_s=UPDATE_S,
        wrap=max(1, limit // SCALE),
        watts_max=_most_w(folder, scope),
        standstill_hint=STANDSTILL_HINT,
        refused_hint=refused,
    )


def _most_w(folder: Path, scope: Scope) -> float:
    """The most that a zone can draw, by its own limits where it has some."""
    limits = [
        read_value(File(str(path)))
        for name in ("max_power_uw", "power_limit_uw")
        for path in folder.glob(f"constraint_*_{name}")
    ]
    known_w = [limit / SCALE * 1e-6 for limit in limits if isinstance(limit, int) and limit > 0]
    most_w = LIMIT_MARGIN * max(known_w, default=0.0)
    return min(most_w, PLAUSIBLE_W[scope]) if most_w else PLAUSIBLE_W[scope]


def _read_twice(counters: Sequence[Counter], clock: Clock) -> list[_Zone]:
    first = [counter.read(clock) for counter in counters]
    if counters:
        clock.sleep(PROBE_S)
    second = [counter.read(clock) for counter in counters]
    return [
        _Zone(counter, before, after) for counter, before, after in zip(counters, first, second, strict=True)
    ]


def _without_mirrors(zones: Sequence[_Zone]) -> tuple[list[_Zone], list[str]]:
    """Leave out packages whose counter is another's.

    Independent packages have drawn different energies since boot, so two counters that are equal to within a
    few milliseconds' energy, at two instants, are one.
    """
    distinct: list[_Zone] = []
    notes: list[str] = []
    for zone in zones:
        twin = next((other for other in distinct if _mirrors(zone, other)), None)
        if twin is None:
            distinct.append(zone)
        else:
            notes.append(
                f"{zone.counter.name} shows the same counter as {twin.counter.name} (equal at two instants "
                f"{PROBE_S * 1e3:.0f} ms apart): counted once"
            )
    return distinct, notes


def _mirrors(zone: _Zone, other: _Zone) -> bool:
    """Whether two zones of a kind show the same value both times, although both moved in between."""
    if zone.counter.scope is not other.counter.scope or zone.counter.wrap != other.counter.wrap:
        return False
    for mine, its in ((zone.first, other.first), (zone.second, other.second)):
        # The two were read one after the other: meanwhile one counter can move on by this much.
        apart_s = abs(mine.begin_s - its.begin_s) + UPDATE_S
        moved_j = PLAUSIBLE_W[zone.counter.scope] * apart_s
        if abs(zone.counter.joules(mine.value - its.value)) > moved_j:
            return False
    return True
