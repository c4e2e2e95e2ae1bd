"""RAPL: the energy counters of CPU packages and their memory, as Linux shows them under powercap.

The counters wrap at ``max_energy_range_uj``; a difference is taken modulo that, and refused where the zone could
have wrapped twice. Some AMD parts show one package's counter under several names: those are counted once.
The files are readable by root only since Linux 5.10, and hidden in most containers; either is told with the mend.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .clock import Clock
from .faults import CounterFault
from .figures import Figure, Measured, Method, Reading, Scope, Unavailable

POWERCAP = Path("/sys/class/powercap")
UPDATE_S = 0.001
"""The counters move about every millisecond (Intel's manual, volume 3, on RAPL)."""
STILL_S = 0.01
"""Ten updates without a change: a counter that stands still this long does not count, since no processor draws nothing."""
PLAUSIBLE_W = {Scope.CPU_PACKAGE: 1500.0, Scope.DRAM: 300.0}
"""The most that a package, or its memory, draws."""
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
CONTAINER_MEND = (
    "This is a container, and containers hide RAPL: start it with "
    "-v /sys/class/powercap:/sys/class/powercap:ro, as a user who may read it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One counter: its folder, what it counts, where it wraps."""

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
    mend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapl:
    """What RAPL has here: the zones that count, notes on those left out, and why if there are none."""

    zones: tuple[Zone, ...]
    notes: tuple[str, ...] = ()
    reason: str = ""
    mend: str = ""


def find_zones(powercap: Path, clock: Clock, *, in_container: bool | None = None) -> Rapl:
    """The package and memory zones that can be read, each physical counter once."""
    if in_container is None:
        in_container = any(mark.exists() for mark in CONTAINER_MARKS)
    folders = sorted(powercap.glob("intel-rapl:*")) if powercap.is_dir() else []
    zones = [zone for folder in folders if (zone := _zone(folder)) is not None]
    if not zones:
        mend = (
            CONTAINER_MEND
            if in_container
            else "Load the kernel's driver: modprobe intel_rapl_common intel_rapl_msr."
        )
        if not powercap.is_dir():
            return Rapl(zones=(), reason=f"{powercap} is not here: no RAPL", mend=mend)
        return Rapl(zones=(), reason=f"{powercap} has no RAPL package", mend=mend)
    first = {zone.path: read_zone(zone, clock) for zone in zones}
    refused = [zone for zone in zones if first[zone.path].failure]
    if refused:
        reading = first[refused[0].path]
        return Rapl(zones=(), reason=reading.failure, mend=reading.mend)
    return _without_mirrors(zones, first, clock)


def _zone(folder: Path) -> Zone | None:
    """A package, or memory zone; None for any other (core, uncore, psys overlap with the package)."""
    try:
        label = (folder / "name").read_text().strip()
        range_uj = int((folder / "max_energy_range_uj").read_text())
    except (OSError, ValueError):
        return None
    if label.startswith("package"):
        return Zone(path=folder, name=label, scope=Scope.CPU_PACKAGE, range_uj=range_uj)
    if label == "dram":
        package = folder.name.split(":")[1]
        return Zone(path=folder, name=f"dram-{package}", scope=Scope.DRAM, range_uj=range_uj)
    return None


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
            mend=f"Run as root, or once per boot: sudo chmod -R a+r {path.parents[1]}/*/energy_uj "
            "(any user can then watch the machine's power, which is why it is closed by default).",
        )
    except (OSError, ValueError) as error:
        what = (
            "vanished"
            if isinstance(error, OSError) and error.errno in {errno.ENOENT, errno.ENODEV}
            else "is unreadable"
        )
        return ZoneReading(energy_uj=0, begin_s=begin_s, end_s=begin_s, failure=f"{path} {what}", mend="")
    return ZoneReading(energy_uj=energy_uj, begin_s=begin_s, end_s=clock.monotonic())


def _without_mirrors(zones: Sequence[Zone], first: dict[Path, ZoneReading], clock: Clock) -> Rapl:
    """Leave out packages whose counter is another's: equal to within a few milliseconds' energy, twice.

    Independent packages have drawn different energies since boot, so equality to well under a joule, at two
    instants, is a mirror.
    """
    clock.sleep(0.05)
    second = {zone.path: read_zone(zone, clock) for zone in zones}
    kept: list[Zone] = []
    notes: list[str] = []
    for zone in zones:
        twin = next((other for other in kept if _mirrors(zone, other, first, second)), None)
        if twin is None:
            kept.append(zone)
        else:
            notes.append(
                f"{zone.name} shows the same counter as {twin.name} (equal at two instants 50 ms apart): counted once"
            )
    return Rapl(zones=tuple(kept), notes=tuple(notes))


def _mirrors(
    zone: Zone, other: Zone, first: dict[Path, ZoneReading], second: dict[Path, ZoneReading]
) -> bool:
    """Whether two zones of a kind read alike both times, and moved in between."""
    if zone.scope is not other.scope or zone.range_uj != other.range_uj:
        return False
    for readings in (first, second):
        apart_s = abs(readings[zone.path].begin_s - readings[other.path].begin_s) + UPDATE_S
        most_uj = PLAUSIBLE_W[zone.scope] * apart_s * 1e6
        if abs(readings[zone.path].energy_uj - readings[other.path].energy_uj) > most_uj:
            return False
    return first[zone.path].energy_uj != second[zone.path].energy_uj


def zone_figure(zone: Zone, begin: ZoneReading, end: ZoneReading) -> Figure | CounterFault:
    """The energy of a zone between two readings."""
    failed = begin if begin.failure else end
    if failed.failure:
        return Unavailable(reason=failed.failure, mend=failed.mend, scope=zone.scope, device=zone.name)
    length_s = end.end_s - begin.begin_s
    ceiling_w = PLAUSIBLE_W[zone.scope]
    range_j = zone.range_uj * 1e-6
    if ceiling_w * length_s >= range_j:
        return Unavailable(
            reason=f"over {length_s:.0f} s the counter could have wrapped more than once (it holds {range_j:.0f} J)",
            mend=f"Use windows of at most {range_j / ceiling_w:.0f} s.",
            scope=zone.scope,
            device=zone.name,
        )
    energy_j = ((end.energy_uj - begin.energy_uj) % zone.range_uj) * 1e-6
    if energy_j > ceiling_w * (length_s + UPDATE_S):
        return CounterFault(
            finding="counter-reset",
            reason=f"the counter says {energy_j:.0f} J in {length_s:.3g} s, which no {zone.scope} draws: it was reset",
            mend="Measure again.",
            scope=zone.scope,
            device=zone.name,
        )
    if end.energy_uj == begin.energy_uj and length_s > STILL_S:
        return CounterFault(
            finding="counter-stuck",
            reason=f"the counter stood still for {length_s:.3g} s",
            mend="A virtual machine may show a counter that does not count: measure on the host.",
            scope=zone.scope,
            device=zone.name,
        )
    power_w = energy_j / length_s if length_s > 0 else 0.0
    slips_s = [UPDATE_S + (reading.end_s - reading.begin_s) for reading in (begin, end)]
    return Measured(
        energy_j=energy_j,
        uncertainty_j=power_w * (sum(slip**2 for slip in slips_s) / 12) ** 0.5,
        bound_j=ceiling_w * max(slips_s),
        method=Method.RAPL,
        scope=zone.scope,
        device=zone.name,
        period_s=UPDATE_S,
        begin=Reading(value=begin.energy_uj, unit="uJ", at_s=begin.end_s),
        end=Reading(value=end.energy_uj, unit="uJ", at_s=end.end_s),
    )
