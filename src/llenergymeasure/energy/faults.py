"""Counters that cannot be trusted: what they did, as a figure's reason and as a finding's id.

Returned where a counter's readings are turned into joules (:mod:`.nvml.attribution` for GPUs,
:mod:`.rapl.sensor` for zones). :mod:`.checks` turns them into findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llenergymeasure.energy.figures import Scope, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFault:
    """Readings of one device's counter that a working counter does not give."""

    finding: Literal["counter-reset", "counter-stuck"]
    reason: str
    hint: str
    scope: Scope
    device: str

    def figure(self) -> Unavailable:
        """The device's figure: there is none."""
        return Unavailable(reason=self.reason, hint=self.hint, scope=self.scope, device=self.device)
