"""RAPL: the energy counters of CPU packages and their memory, as Linux shows them under powercap.

The counters wrap at ``max_energy_range_uj``; a difference is taken modulo that, and refused where the zone could
have wrapped twice. Some AMD parts show one package's counter under several names: those are counted once.
The files are readable by root only since Linux 5.10, and hidden in most containers; either is told with the hint.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Measured, Method, Reading, Scope, Unavailable

POWERCAP = Path("/sys/class/powercap")
UPDATE_S = 0.001
"""The counters move about every millisecond (Intel's manual, volume 3, on RAPL)."""
STILL_S = 0.01
"""Ten updates without a change: a counter that stands still this long does not count, since no processor draws nothing."""
STILL_HINT = "A virtual machine may show a counter that does not count: measure on the host."
APART_S = 0.05
"""Between the two reads that show, at start, whether a counter counts and whether it is another's."""
PLAUSIBLE_W = {Scope.CPU_PACKAGE: 1500.0, Scope.DRAM: 300.0}
"""The most that a package, or its memory, draws."""
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
CONTAINER_HINT = (
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
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapl:
    """What RAPL has here: the zones that count, those that should and do not, notes, and why if none counts."""

    zones: tuple[Zone, ...]
    missing: tuple[Unavailable, ...] = ()
    notes: tuple[str, ...] = ()
    reason: str = ""
    hint: str = ""


def find_zones(powercap: Path, clock: Clock, *, in_container: bool | None = None) -> Rapl:
    """The package and memory zones that can be read, each physical counter once."""
    if in_container is None:
        in_container = any(mark.exists() for mark in CONTAINER_MARKS)
    folders = sorted(powercap.glob("intel-rapl:*")) if powercap.is_dir() else []
    found = [zone for folder in folders if (zone := _zone(folder)) is not None]
    if not found:
        hint = (
            CONTAINER_HINT
            if in_container
            else "Load the kernel's driver: modprobe intel_rapl_common intel_rapl_msr."
        )
        if not powercap.is_dir():
            return Rapl(zones=(), reason=f"{powercap} is not here: no RAPL", hint=hint)
        return Rapl(zones=(), reason=f"{powercap} has no RAPL package", hint=hint)
    zones = [zone for zone in found if isinstance(zone, Zone)]
    first = {zone.path: read_zone(zone, clock) for zone in zones}
    clock.sleep(APART_S)
    second = {zone.path: read_zone(zone, clock) for zone in zones}
    dead = {zone.path: why for zone in zones if (why := _why_dead(zone, first, second)) is not None}
    missing = [zone for zone in found if isinstance(zone, Unavailable)] + list(dead.values())
    counting = [zone for zone in zones if zone.path not in dead]
    if not counting:
        why = missing[0]
        named = "" if str(powercap) in why.reason else f"{why.device}: "
        return Rapl(zones=(), reason=f"{named}{why.reason}", hint=why.hint)
    return _without_mirrors(counting, missing, first, second)


def _zone(folder: Path) -> Zone | Unavailable | None:
    """A package, or memory zone; None for any other (core, uncore, psys overlap with the package)."""
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
        return Unavailable(reason=_broken(error.filename, error), hint="", scope=scope, device=label)
    except ValueError as error:
        path = folder / "max_energy_range_uj"
        return Unavailable(reason=_broken(path, error), hint="", scope=scope, device=label)
    return Zone(path=folder, name=label, scope=scope, range_uj=range_uj)


def _broken(path: object, error: Exception) -> str:
    """What is the matter with a file."""
    gone = isinstance(error, OSError) and error.errno in {errno.ENOENT, errno.ENODEV}
    return f"{path} {'vanished' if gone else 'is unreadable'}"


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
        return ZoneReading(energy_uj=0, begin_s=begin_s, end_s=begin_s, failure=_broken(path, error), hint="")
    return ZoneReading(energy_uj=energy_uj, begin_s=begin_s, end_s=clock.monotonic())


def _why_dead(
    zone: Zone, first: dict[Path, ZoneReading], second: dict[Path, ZoneReading]
) -> Unavailable | None:
    """Why a zone does not count: a read failed, or it stood still between the two."""
    before, after = first[zone.path], second[zone.path]
    failed = before if before.failure else after
    if failed.failure:
        return Unavailable(reason=failed.failure, hint=failed.hint, scope=zone.scope, device=zone.name)
    if before.energy_uj == after.energy_uj:
        reason = f"the counter stood still for {APART_S * 1e3:.0f} ms"
        return Unavailable(reason=reason, hint=STILL_HINT, scope=zone.scope, device=zone.name)
    return None


def _without_mirrors(
    zones: Sequence[Zone],
    missing: Sequence[Unavailable],
    first: dict[Path, ZoneReading],
    second: dict[Path, ZoneReading],
) -> Rapl:
    """Leave out packages whose counter is another's: equal to within a few milliseconds' energy, twice.

    Independent packages have drawn different energies since boot, so equality to well under a joule, at two
    instants, is a mirror.
    """
    kept: list[Zone] = []
    notes: list[str] = []
    for zone in zones:
        twin = next((other for other in kept if _mirrors(zone, other, first, second)), None)
        if twin is None:
            kept.append(zone)
        else:
            notes.append(
                f"{zone.name} shows the same counter as {twin.name} (equal at two instants {APART_S * 1e3:.0f} ms apart): counted once"
            )
    return Rapl(zones=tuple(kept), missing=tuple(missing), notes=tuple(notes))


def _mirrors(
    zone: Zone, other: Zone, first: dict[Path, ZoneReading], second: dict[Path, ZoneReading]
) -> bool:
    """Whether two zones of a kind read alike both times; both have moved in between."""
    if zone.scope is not other.scope or zone.range_uj != other.range_uj:
        return False
    for readings in (first, second):
        apart_s = abs(readings[zone.path].begin_s - readings[other.path].begin_s) + UPDATE_S
        most_uj = PLAUSIBLE_W[zone.scope] * apart_s * 1e6
        if abs(readings[zone.path].energy_uj - readings[other.path].energy_uj) > most_uj:
            return False
    return True


def zone_figure(
    zone: Zone, begin: ZoneReading, end: ZoneReading, *, boundaries: tuple[float, float]
) -> Figure | CounterFault:
    """The energy of a zone between the two instants ``boundaries``, from readings beside them."""
    failed = begin if begin.failure else end
    if failed.failure:
        return Unavailable(reason=failed.failure, hint=failed.hint, scope=zone.scope, device=zone.name)
    length_s = end.end_s - begin.begin_s
    ceiling_w = PLAUSIBLE_W[zone.scope]
    range_j = zone.range_uj * 1e-6
    if ceiling_w * length_s >= range_j:
        return Unavailable(
            reason=f"over {length_s:.0f} s the counter could have wrapped more than once (it holds {range_j:.0f} J)",
            hint=f"Use windows of at most {range_j / ceiling_w:.0f} s.",
            scope=zone.scope,
            device=zone.name,
        )
    energy_j = ((end.energy_uj - begin.energy_uj) % zone.range_uj) * 1e-6
    if energy_j > ceiling_w * (length_s + UPDATE_S):
        return CounterFault(
            finding="counter-reset",
            reason=f"the counter says {energy_j:.0f} J in {length_s:.3g} s, which no {zone.scope} draws: it was reset",
            hint="Measure again.",
            scope=zone.scope,
            device=zone.name,
        )
    if end.energy_uj == begin.energy_uj:
        return _unmoved(zone, length_s)
    slips_s = [_slip_s(begin, boundaries[0]), _slip_s(end, boundaries[1])]
    return Measured(
        energy_j=energy_j,
        uncertainty_j=energy_j / max(length_s, UPDATE_S) * math.hypot(*slips_s) / math.sqrt(12),
        bound_j=ceiling_w * sum(slips_s),
        method=Method.RAPL,
        scope=zone.scope,
        device=zone.name,
        period_s=UPDATE_S,
        begin=Reading(value=begin.energy_uj, unit="uJ", at_s=begin.end_s),
        end=Reading(value=end.energy_uj, unit="uJ", at_s=end.end_s),
    )


def _slip_s(reading: ZoneReading, boundary_s: float) -> float:
    """How far the counter's last update before a read can be from the window's boundary."""
    return UPDATE_S + max(abs(boundary_s - reading.begin_s), abs(boundary_s - reading.end_s))


def _unmoved(zone: Zone, length_s: float) -> Unavailable | CounterFault:
    """A counter that did not move: stuck if it had the time to."""
    if length_s > STILL_S:
        return CounterFault(
            finding="counter-stuck",
            reason=f"the counter stood still for {length_s:.3g} s",
            hint=STILL_HINT,
            scope=zone.scope,
            device=zone.name,
        )
    return Unavailable(
        reason=f"the counter did not move in {length_s * 1e3:.2g} ms",
        hint=f"Repeat the work inside the window until that lasts {STILL_S * 1e3:.0f} ms and more.",
        scope=zone.scope,
        device=zone.name,
    )
