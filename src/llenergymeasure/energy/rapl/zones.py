"""RAPL's counters: the energy of CPU packages and of their memory, as Linux shows it under powercap.

This module finds and reads zones; :mod:`.sensor` turns the readings into joules. Some AMD parts show one
package's counter under several names: those are counted once. The files are readable by root only since Linux
5.10, and hidden in most containers; either is reported with a hint.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Scope, Unavailable

POWERCAP = Path("/sys/class/powercap")
UPDATE_S = 0.001
"""The counters move about every millisecond (Intel's manual, volume 3, on RAPL)."""
STANDSTILL_HINT = "A virtual machine may show a counter that does not count: measure on the host."
PROBE_S = 0.05
"""The time between the two reads at start, which show whether a counter counts and whether two zones show the
same one. It is fifty updates: every processor draws something in that time."""
PLAUSIBLE_W = {Scope.CPU_PACKAGE: 1500.0, Scope.DRAM: 300.0}
"""The most that a package, or its memory, draws. An assumption of the bounds (``docs/energy.md``)."""
_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
_CONTAINER_HINT = (
    "This is a container, and containers hide RAPL: start it with "
    "-v /sys/class/powercap:/sys/class/powercap:ro, as a user who may read it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One counter: its folder, what it counts, and the value at which it wraps."""

    path: Path
    name: str
    scope: Scope
    range_uj: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneReading:
    """A counter's value and the span of the read, or the reason that there is none."""

    energy_uj: int
    begin_s: float
    end_s: float
    failure: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapl:
    """What RAPL has here.

    ``zones`` are those that count, ``missing`` those that should and do not. If no zone counts, ``reason``
    and ``hint`` say why.
    """

    zones: tuple[Zone, ...]
    missing: tuple[Unavailable, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    hint: str = ""


def find_zones(powercap: Path, clock: Clock, *, in_container: bool | None = None) -> Rapl:
    """The package and memory zones that can be read, each physical counter once."""
    if in_container is None:
        in_container = any(mark.exists() for mark in _CONTAINER_MARKS)
    folders = sorted(powercap.glob("intel-rapl:*")) if powercap.is_dir() else []
    zones_here = [zone for folder in folders if (zone := _zone(folder)) is not None]
    if not zones_here:
        load = "Load the kernel's driver: modprobe intel_rapl_common intel_rapl_msr."
        hint = _CONTAINER_HINT if in_container else load
        if not powercap.is_dir():
            return Rapl(zones=(), reason=f"{powercap} does not exist: no RAPL", hint=hint)
        return Rapl(zones=(), reason=f"{powercap} has no RAPL package", hint=hint)
    zones = [zone for zone in zones_here if isinstance(zone, Zone)]
    first = {zone.path: read_zone(zone, clock) for zone in zones}
    clock.sleep(PROBE_S)
    second = {zone.path: read_zone(zone, clock) for zone in zones}
    dead = {
        zone.path: failure for zone in zones if (failure := _not_counting(zone, first, second)) is not None
    }
    missing = [zone for zone in zones_here if isinstance(zone, Unavailable)] + list(dead.values())
    counting = [zone for zone in zones if zone.path not in dead]
    if not counting:
        cause = missing[0]
        named = "" if str(powercap) in cause.reason else f"{cause.device}: "
        return Rapl(zones=(), reason=f"{named}{cause.reason}", hint=cause.hint)
    return _without_mirrors(counting, missing, first, second)


def _zone(folder: Path) -> Zone | Unavailable | None:
    """A package or memory zone; None for any other (core, uncore and psys overlap with the package)."""
    label = folder.name
    scope = Scope.CPU_PACKAGE
    try:
        label = (folder / "name").read_text().strip()
        if label == "dram":
            label, scope = f"dram-{folder.name.split(':')[1]}", Scope.DRAM
        elif not label.startswith("package"):
            return None
        range_uj = int((folder / "max_energy_range_uj").read_text())
    except OSError as error:
        return Unavailable(reason=_unreadable(error.filename, error), hint="", scope=scope, device=label)
    except ValueError as error:
        path = folder / "max_energy_range_uj"
        return Unavailable(reason=_unreadable(path, error), hint="", scope=scope, device=label)
    return Zone(path=folder, name=label, scope=scope, range_uj=range_uj)


def _unreadable(path: object, error: Exception) -> str:
    """What is wrong with a file."""
    is_gone = isinstance(error, OSError) and error.errno in {errno.ENOENT, errno.ENODEV}
    return f"{path} {'vanished' if is_gone else 'is unreadable'}"


def read_zone(zone: Zone, clock: Clock) -> ZoneReading:
    """Read a zone's counter."""
    path = zone.path / "energy_uj"
    begin_s = clock.monotonic()
    try:
        energy_uj = int(path.read_text())
    except PermissionError:
        return ZoneReading(
            energy_uj=0,
            begin_s=begin_s,
            end_s=begin_s,
            failure=f"permission refused: {path}",
            hint=f"Run as root, or once per boot: sudo chmod -R a+r {path.parents[1]}/*/energy_uj "
            "(any user can then watch the machine's power, which is why it is closed by default).",
        )
    except (OSError, ValueError) as error:
        return ZoneReading(
            energy_uj=0, begin_s=begin_s, end_s=begin_s, failure=_unreadable(path, error), hint=""
        )
    return ZoneReading(energy_uj=energy_uj, begin_s=begin_s, end_s=clock.monotonic())


def _not_counting(
    zone: Zone, first: Mapping[Path, ZoneReading], second: Mapping[Path, ZoneReading]
) -> Unavailable | None:
    """Why a zone does not count: a read failed, or its counter stood still; None where it counts."""
    before, after = first[zone.path], second[zone.path]
    failed = before if before.failure else after
    if failed.failure:
        return Unavailable(reason=failed.failure, hint=failed.hint, scope=zone.scope, device=zone.name)
    if before.energy_uj == after.energy_uj:
        reason = f"the counter stood still for {PROBE_S * 1e3:.0f} ms"
        return Unavailable(reason=reason, hint=STANDSTILL_HINT, scope=zone.scope, device=zone.name)
    return None


def _without_mirrors(
    zones: Sequence[Zone],
    missing: Sequence[Unavailable],
    first: Mapping[Path, ZoneReading],
    second: Mapping[Path, ZoneReading],
) -> Rapl:
    """Leave out packages whose counter is another's.

    Independent packages have drawn different energies since boot, so two counters that are equal to within a
    few milliseconds' energy, at two instants, are one.
    """
    distinct: list[Zone] = []
    notes: list[str] = []
    for zone in zones:
        twin = next((other for other in distinct if _mirrors(zone, other, first, second)), None)
        if twin is None:
            distinct.append(zone)
        else:
            apart = f"{PROBE_S * 1e3:.0f} ms apart"
            notes.append(
                f"{zone.name} shows the same counter as {twin.name} (equal at two instants {apart}): counted once"
            )
    return Rapl(zones=tuple(distinct), missing=tuple(missing), notes=tuple(notes))


def _mirrors(
    zone: Zone, other: Zone, first: Mapping[Path, ZoneReading], second: Mapping[Path, ZoneReading]
) -> bool:
    """Whether two zones of a kind show the same value both times, although both moved in between."""
    if zone.scope is not other.scope or zone.range_uj != other.range_uj:
        return False
    for readings in (first, second):
        # The two were read one after the other: meanwhile one counter can move on by this much.
        apart_s = abs(readings[zone.path].begin_s - readings[other.path].begin_s) + UPDATE_S
        moved_uj = PLAUSIBLE_W[zone.scope] * apart_s * 1e6
        if abs(readings[zone.path].energy_uj - readings[other.path].energy_uj) > moved_uj:
            return False
    return True
