"""What is to be said against a window: findings with stable ids, by rules that are data.

A finding that invalidates makes the window invalid: its figures do not stand for the work alone, or the counter was
not to be trusted. The window is kept all the same. Ids are never reused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from llenergymeasure.energy.attribution import Attribution
from llenergymeasure.energy.boundaries import EnergyEstimate
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.figures import EnergyBreakdown, Figure, Measured, Method
from llenergymeasure.energy.integral import integrate
from llenergymeasure.energy.nvml_sampler import DeviceSample
from llenergymeasure.energy.planning import Resolution
from llenergymeasure.energy.sensors import Sensors

CAP_MOVED_W = 1.0
VIOLATION_SHARE = 0.01
"""Clocks held down for less than this part of the window do not spoil it."""
CROSS_CHECK_SIGMAS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFinding:
    """Something to know about a window: which rule, on which device, what was seen, and whether it invalidates."""

    id: str
    device: str
    message: str
    invalidates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All findings of a window."""

    findings: tuple[WindowFinding, ...]

    @property
    def valid(self) -> bool:
        """Whether no finding invalidates the window."""
        return not any(finding.invalidates for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"valid": self.valid, "findings": [asdict(finding) for finding in self.findings]}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceObservations:
    """What the rules look at: one device, and the window."""

    figure: Figure
    conditions: Conditions | None
    integrated: EnergyEstimate | str
    length_s: float
    sampled: bool


CheckFunction: TypeAlias = Callable[[DeviceObservations], str | None]
"""A rule's test: what was seen, as a sentence, or None where there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCheck:
    """One thing to look for on each device."""

    id: str
    invalidates: bool
    find: CheckFunction


def _foreign(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None or not seen.foreign_processes:
        return None
    return f"{seen.foreign_processes} other process(es) used the GPU, among them {seen.foreign_pid}: end them, or measure elsewhere"


def _unidentified(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None:
        return None
    if not seen.processes_known:
        return "who else used the GPU cannot be told: the driver does not list its processes"
    if not seen.unidentified_processes:
        return None
    return (
        f"who else used the GPU cannot be told: {seen.unidentified_processes} of the processes on it are not seen "
        "from here, and this one is not among those that are (as in a container)"
    )


def _thermal(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None:
        return None
    share = max(seen.thermal_samples / seen.samples, (seen.thermal_violation_s or 0.0) / evidence.length_s)
    hottest = f" (up to {seen.temperature_c.high:.0f} degrees Celsius)" if seen.temperature_c else ""
    return (
        f"clocks were held down for heat {share:.0%} of the time{hottest}"
        if share > VIOLATION_SHARE
        else None
    )


def _power_cap(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None:
        return None
    share = max(seen.power_cap_samples / seen.samples, (seen.power_violation_s or 0.0) / evidence.length_s)
    return (
        f"clocks were held down by the power cap {share:.0%} of the time" if share > VIOLATION_SHARE else None
    )


def _cap_changed(evidence: DeviceObservations) -> str | None:
    limit = evidence.conditions.limit_w if evidence.conditions else None
    if limit is None or limit.high - limit.low <= CAP_MOVED_W:
        return None
    return f"the power cap changed during the window, between {limit.low:.0f} and {limit.high:.0f} W"


def _lost_midway(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None or seen.error is None or seen.failed_samples == 0:
        return None
    return f"{seen.failed_samples} of {seen.samples} looks at the GPU failed (NVML error {seen.error})"


def _cross_check(evidence: DeviceObservations) -> str | None:
    figure, other = evidence.figure, evidence.integrated
    if (
        not isinstance(figure, Measured)
        or not isinstance(other, EnergyEstimate)
        or figure.method is Method.NVML_POWER_INTEGRAL
    ):
        return None
    off_j = figure.energy_j - other.energy_j
    allowed_j = CROSS_CHECK_SIGMAS * math.hypot(figure.uncertainty_j, other.uncertainty_j)
    if abs(off_j) <= allowed_j:
        return None
    return f"the counter says {figure.energy_j:.4g} J, power integrated over the window {other.energy_j:.4g} J: more apart than their uncertainties allow"


def _stopped(evidence: DeviceObservations) -> str | None:
    seen = evidence.conditions
    if seen is None or not seen.unsampled_s:
        return None
    return f"for {seen.unsampled_s:.2g} s of the window the sampler did not look at the GPU: nothing is known of what else went on then"


def _unseen(evidence: DeviceObservations) -> str | None:
    if not evidence.sampled or evidence.conditions is not None:
        return None
    return "the sampler did not look at the GPU during the window: nothing is known of what else went on"


CHECKS: tuple[DeviceCheck, ...] = (
    DeviceCheck(id="foreign-process", invalidates=True, find=_foreign),
    DeviceCheck(id="unidentified-process", invalidates=False, find=_unidentified),
    DeviceCheck(id="thermal-throttling", invalidates=True, find=_thermal),
    DeviceCheck(id="power-cap-throttling", invalidates=True, find=_power_cap),
    DeviceCheck(id="power-cap-changed", invalidates=True, find=_cap_changed),
    DeviceCheck(id="counter-against-power", invalidates=True, find=_cross_check),
    DeviceCheck(id="sensor-lost", invalidates=True, find=_lost_midway),
    DeviceCheck(id="sampler-stopped", invalidates=False, find=_stopped),
    DeviceCheck(id="conditions-unknown", invalidates=False, find=_unseen),
)


def judge(
    sensors: Sensors,
    account: Attribution,
    *,
    seen: Sequence[Conditions | None],
    rows: Sequence[DeviceSample],
    boundaries: tuple[float, float],
    resolution: Resolution | None,
    interrupted: str,
    sampled: bool,
) -> Verdict:
    """All findings of a window between the two instants ``boundaries``; ``seen`` and the first figures are by GPU."""
    begin_s, end_s = boundaries
    findings: list[WindowFinding] = []
    for index, sensor in enumerate(sensors.gpus):
        own = [row for row in rows if row.device == index]
        evidence = DeviceObservations(
            figure=account.energy.devices[index],
            conditions=seen[index],
            integrated=integrate(own, begin_s, end_s, sensor.ceiling_w),
            length_s=max(end_s - begin_s, 1e-9),
            sampled=sampled,
        )
        findings += [
            WindowFinding(id=check.id, device=sensor.gpu.uuid, message=message, invalidates=check.invalidates)
            for check in CHECKS
            if (message := check.find(evidence)) is not None
        ]
    findings += [
        WindowFinding(id=fault.finding, device=fault.device, message=fault.reason, invalidates=True)
        for fault in account.faults
    ]
    findings += _of_the_window(account.energy, resolution, interrupted)
    return Verdict(findings=tuple(findings))


def _of_the_window(
    energy: EnergyBreakdown, resolution: Resolution | None, interrupted: str
) -> Iterator[WindowFinding]:
    """What concerns the window as a whole."""
    device = energy.total.device
    if interrupted:
        message = f"the work ended with {interrupted}; the energy is that up to there"
        yield WindowFinding(id="interrupted", device=device, message=message, invalidates=True)
    if resolution is not None and not resolution.met:
        message = (
            f"the window lasted {resolution.length_s:.3g} s, and a relative uncertainty of {resolution.target:.2g} "
            f"takes {resolution.smallest_window_s:.3g} s: repeat the work inside the window"
        )
        yield WindowFinding(id="under-resolution", device=device, message=message, invalidates=True)
