"""What is to be said against a window: findings with stable ids, by rules that are data.

A finding that spoils makes the window invalid: its figures do not stand for the work alone, or the counter was
not to be trusted. The window is kept all the same. Ids are never reused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from llenergymeasure.energy.attribution import Account
from llenergymeasure.energy.boundaries import Estimate
from llenergymeasure.energy.conditions import Conditions
from llenergymeasure.energy.figures import Figure, Measured, Method, WindowEnergy
from llenergymeasure.energy.integral import integrate
from llenergymeasure.energy.nvml_sampler import Row
from llenergymeasure.energy.planning import Resolution
from llenergymeasure.energy.sources import Sources

CAP_MOVED_W = 1.0
VIOLATION_SHARE = 0.01
"""Clocks held down for less than this part of the window do not spoil it."""
CROSS_CHECK_SIGMAS = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to know about a window: which rule, on which device, what was seen, and whether it spoils."""

    id: str
    device: str
    message: str
    spoils: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All findings of a window."""

    findings: tuple[Finding, ...]

    @property
    def valid(self) -> bool:
        """Whether no finding spoils the window."""
        return not any(finding.spoils for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"valid": self.valid, "findings": [asdict(finding) for finding in self.findings]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rules look at: one device, and the window."""

    figure: Figure
    conditions: Conditions | None
    integrated: Estimate | str
    length_s: float
    sampled: bool


Look: TypeAlias = Callable[[Evidence], str | None]
"""A rule's test: what was seen, as a sentence, or None where there is nothing to say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing to look for on each device."""

    id: str
    spoils: bool
    look: Look


def _foreign(evidence: Evidence) -> str | None:
    seen = evidence.conditions
    if seen is None or not seen.foreign_processes:
        return None
    return f"{seen.foreign_processes} other process(es) used the GPU, among them {seen.foreign_pid}: end them, or measure elsewhere"


def _unidentified(evidence: Evidence) -> str | None:
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


def _thermal(evidence: Evidence) -> str | None:
    seen = evidence.conditions
    if seen is None:
        return None
    share = max(seen.thermal_looks / seen.looks, (seen.thermal_violation_s or 0.0) / evidence.length_s)
    hottest = f" (up to {seen.temperature_c.high:.0f} degrees Celsius)" if seen.temperature_c else ""
    return (
        f"clocks were held down for heat {share:.0%} of the time{hottest}"
        if share > VIOLATION_SHARE
        else None
    )


def _power_cap(evidence: Evidence) -> str | None:
    seen = evidence.conditions
    if seen is None:
        return None
    share = max(seen.power_looks / seen.looks, (seen.power_violation_s or 0.0) / evidence.length_s)
    return (
        f"clocks were held down by the power cap {share:.0%} of the time" if share > VIOLATION_SHARE else None
    )


def _cap_changed(evidence: Evidence) -> str | None:
    limit = evidence.conditions.limit_w if evidence.conditions else None
    if limit is None or limit.high - limit.low <= CAP_MOVED_W:
        return None
    return f"the power cap changed during the window, between {limit.low:.0f} and {limit.high:.0f} W"


def _lost_midway(evidence: Evidence) -> str | None:
    seen = evidence.conditions
    if seen is None or seen.error is None or seen.failed_looks == 0:
        return None
    return f"{seen.failed_looks} of {seen.looks} looks at the GPU failed (NVML error {seen.error})"


def _cross_check(evidence: Evidence) -> str | None:
    figure, other = evidence.figure, evidence.integrated
    if (
        not isinstance(figure, Measured)
        or not isinstance(other, Estimate)
        or figure.method is Method.NVML_POWER_INTEGRAL
    ):
        return None
    off_j = figure.energy_j - other.energy_j
    allowed_j = CROSS_CHECK_SIGMAS * math.hypot(figure.uncertainty_j, other.uncertainty_j)
    if abs(off_j) <= allowed_j:
        return None
    return f"the counter says {figure.energy_j:.4g} J, power integrated over the window {other.energy_j:.4g} J: more apart than their uncertainties allow"


def _stopped(evidence: Evidence) -> str | None:
    seen = evidence.conditions
    if seen is None or not seen.unseen_s:
        return None
    return f"for {seen.unseen_s:.2g} s of the window the sampler did not look at the GPU: nothing is known of what else went on then"


def _unseen(evidence: Evidence) -> str | None:
    if not evidence.sampled or evidence.conditions is not None:
        return None
    return "the sampler did not look at the GPU during the window: nothing is known of what else went on"


RULES: tuple[Rule, ...] = (
    Rule(id="foreign-process", spoils=True, look=_foreign),
    Rule(id="unidentified-process", spoils=False, look=_unidentified),
    Rule(id="thermal-throttling", spoils=True, look=_thermal),
    Rule(id="power-cap-throttling", spoils=True, look=_power_cap),
    Rule(id="power-cap-changed", spoils=True, look=_cap_changed),
    Rule(id="counter-against-power", spoils=True, look=_cross_check),
    Rule(id="sensor-lost", spoils=True, look=_lost_midway),
    Rule(id="sampler-stopped", spoils=False, look=_stopped),
    Rule(id="conditions-unknown", spoils=False, look=_unseen),
)


def judge(
    sources: Sources,
    account: Account,
    *,
    seen: Sequence[Conditions | None],
    rows: Sequence[Row],
    edges: tuple[float, float],
    resolution: Resolution | None,
    interrupted: str,
    sampled: bool,
) -> Verdict:
    """All findings of a window between the two instants ``edges``; ``seen`` and the first figures are by GPU."""
    begin_s, end_s = edges
    findings: list[Finding] = []
    for index, sensor in enumerate(sources.gpus):
        own = [row for row in rows if row.device == index]
        evidence = Evidence(
            figure=account.energy.devices[index],
            conditions=seen[index],
            integrated=integrate(own, begin_s, end_s, sensor.ceiling_w),
            length_s=max(end_s - begin_s, 1e-9),
            sampled=sampled,
        )
        findings += [
            Finding(id=rule.id, device=sensor.gpu.uuid, message=message, spoils=rule.spoils)
            for rule in RULES
            if (message := rule.look(evidence)) is not None
        ]
    findings += [
        Finding(id=fault.finding, device=fault.device, message=fault.reason, spoils=True)
        for fault in account.faults
    ]
    findings += _of_the_window(account.energy, resolution, interrupted)
    return Verdict(findings=tuple(findings))


def _of_the_window(
    energy: WindowEnergy, resolution: Resolution | None, interrupted: str
) -> Iterator[Finding]:
    """What concerns the window as a whole."""
    device = energy.total.device
    if interrupted:
        message = f"the work ended with {interrupted}; the energy is that up to there"
        yield Finding(id="interrupted", device=device, message=message, spoils=True)
    if resolution is not None and not resolution.met:
        message = (
            f"the window lasted {resolution.length_s:.3g} s, and a relative uncertainty of {resolution.target:.2g} "
            f"takes {resolution.smallest_window_s:.3g} s: repeat the work inside the window"
        )
        yield Finding(id="under-resolution", device=device, message=message, spoils=True)
