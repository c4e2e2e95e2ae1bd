"""RAPL as a :class:`~llenergymeasure.energy.sensor.Sensor`: from a zone's readings to joules.

A counter moves every millisecond (``UPDATE_S``), so a reading is the energy up to at most that long before.
With ``E`` the counted energy, ``L`` the time between the two reads, and ``d`` at each boundary the update
plus how far the read was from the boundary (see :func:`_slip_s`)::

    uncertainty = E/L * hypot(d_begin, d_end) / sqrt(12)     mean power, for a time uniform over each d
    bound       = P_max * (d_begin + d_end)                  the most that can be drawn in both

The counter wraps at ``max_energy_range_uj``. A difference is taken modulo that, and refused where the zone
could have wrapped twice: where ``P_max * L`` is at least the range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.faults import CounterFault
from llenergymeasure.energy.figures import Figure, Measured, Method, Reading, Scope, Unavailable
from llenergymeasure.energy.findings import WindowFinding
from llenergymeasure.energy.rapl.zones import (
    PLAUSIBLE_W,
    STANDSTILL_HINT,
    UPDATE_S,
    Zone,
    ZoneReading,
    read_zone,
)
from llenergymeasure.energy.samples import DeviceSample
from llenergymeasure.energy.sensor import Device, DeviceReport

STANDSTILL_S = 0.01
"""Ten updates. A counter that stands still for longer does not count, since no processor draws nothing."""
BOUNDARIES_S = UPDATE_S * math.sqrt(2 / 12)
"""The standard uncertainty of both boundaries together, in seconds of mean power."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaplSensor:
    """The zones that count."""

    zones: tuple[Zone, ...]
    notes: tuple[str, ...]
    clock: Clock
    is_modelled: bool = False

    def open_window(self) -> RaplWindow:
        """The zones' part of a new window."""
        return RaplWindow(self.zones, self.clock)

    @property
    def devices(self) -> list[Device]:
        """The zones."""
        return [Device(id=zone.name, scope=zone.scope) for zone in self.zones]

    def start_sampling(self, hz: float) -> None:
        """A zone has no conditions."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """There are none."""
        return ()

    def smallest_window_s(self, target: float, *, aligned: bool) -> float | None:
        """How long a window must be for this relative standard uncertainty at steady power."""
        return BOUNDARIES_S / target

    def examine(self) -> list[DeviceReport]:
        """A report on each zone."""
        return [
            DeviceReport(
                device=zone.name,
                name=zone.path.name,
                scope=zone.scope,
                measurable=True,
                method=Method.RAPL,
                period_s=UPDATE_S,
                uncertainty_1s=BOUNDARIES_S,
                uncertainty_5s=BOUNDARIES_S / 5,
                notes=self.notes if zone.scope is Scope.CPU_PACKAGE else (),
            )
            for zone in self.zones
        ]

    def close(self) -> None:
        """Nothing is held: the files are opened for each read."""


class RaplWindow:
    """The zones over one window; a :class:`~llenergymeasure.energy.sensor.SensorWindow`."""

    def __init__(self, zones: Sequence[Zone], clock: Clock) -> None:
        self._zones = zones
        self._clock = clock
        self._begins: list[ZoneReading] = []
        self._ends: list[ZoneReading] = []

    def align(self) -> None:
        """A counter that moves every millisecond is not waited for."""

    def read_begin(self) -> None:
        """Read every zone."""
        self._begins = [read_zone(zone, self._clock) for zone in self._zones]

    def read_end(self) -> None:
        """Read every zone."""
        self._ends = [read_zone(zone, self._clock) for zone in self._zones]

    def request_sample(self) -> None:
        """There is nothing to sample."""

    def follow(self) -> None:
        """A counter that moves every millisecond is not waited for."""

    def confirm(self) -> None:
        """A reading shows by itself whether it is valid."""

    def samples(self, begin_s: float, end_s: float) -> Sequence[DeviceSample]:
        """There are none."""
        return ()

    def conditions(self, begin_s: float, end_s: float) -> list[Conditions | None]:
        """There are none."""
        return []

    def findings(self, figures: Sequence[Figure], begin_s: float, end_s: float) -> list[WindowFinding]:
        """A figure of a zone says itself what is wrong with it."""
        return []

    def figures(self, begin_s: float, end_s: float) -> list[Figure | CounterFault]:
        """The energy of each zone."""
        return [
            zone_figure(zone, begin, end, boundaries=(begin_s, end_s))
            for zone, begin, end in zip(self._zones, self._begins, self._ends, strict=True)
        ]


def zone_figure(
    zone: Zone, begin: ZoneReading, end: ZoneReading, *, boundaries: tuple[float, float]
) -> Figure | CounterFault:
    """The energy of a zone between the two instants ``boundaries``, from readings next to them."""
    failed = begin if begin.failure else end
    if failed.failure:
        return Unavailable(reason=failed.failure, hint=failed.hint, scope=zone.scope, device=zone.name)
    length_s = end.end_s - begin.begin_s
    ceiling_w = PLAUSIBLE_W[zone.scope]
    range_j = zone.range_uj * 1e-6
    if ceiling_w * length_s >= range_j:
        return Unavailable(
            reason=f"over {length_s:.0f} s the counter could have wrapped more than once "
            f"(it holds {range_j:.0f} J)",
            hint=f"Use windows of at most {range_j / ceiling_w:.0f} s.",
            scope=zone.scope,
            device=zone.name,
        )
    energy_j = ((end.energy_uj - begin.energy_uj) % zone.range_uj) * 1e-6
    # A reset looks like a wrap, and so like almost the whole range: more than can be drawn in a short window.
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
    """The longest time between the counter's last update before a read and the window's boundary."""
    return UPDATE_S + max(abs(boundary_s - reading.begin_s), abs(boundary_s - reading.end_s))


def _unmoved(zone: Zone, length_s: float) -> Unavailable | CounterFault:
    """A counter that did not move: it is stuck if the window was long enough for it to move."""
    if length_s > STANDSTILL_S:
        return CounterFault(
            finding="counter-stuck",
            reason=f"the counter stood still for {length_s:.3g} s",
            hint=STANDSTILL_HINT,
            scope=zone.scope,
            device=zone.name,
        )
    return Unavailable(
        reason=f"the counter did not move in {length_s * 1e3:.2g} ms",
        hint=f"Repeat the work inside the window until that lasts {STANDSTILL_S * 1e3:.0f} ms and more.",
        scope=zone.scope,
        device=zone.name,
    )
