"""What the rules of findings look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llenergymeasure.measurement.run_context import Observations
from llenergymeasure.results.record import Versions
from llenergymeasure.results.schema import Device, Energies, Estimate, NoEnergy, Phases, Speed, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A run, and the figures that came of it.

    Args:
        seen: what the protocol saw.
        devices: those that are measured, as they were before the run.
        energy: the joules of the work, or why there are none.
        speed: of the windows; None without one.
        phases: prefill and decode apart; None where they were not asked for, or not known.
        versions: what ran.
        messages: what transformers and others said meanwhile.
        worked_on: the device that took the prompts.
        gpus: UUIDs of those that hold weights.
        uncovered: the devices that did the work and whose joules are not known.
        dormant: settings without an effect, each with why.
        interrupted: whether Ctrl-C ended the run.
        failure: why the run ended early, if it did.
    """

    seen: Observations
    devices: Sequence[Device]
    energy: Energies | NoEnergy
    speed: Speed | None
    phases: Phases | None
    versions: Versions
    messages: Sequence[str]
    worked_on: str
    gpus: Sequence[str]
    uncovered: Sequence[str]
    dormant: Mapping[str, str]
    interrupted: bool = False
    failure: str = ""

    @property
    def work(self) -> list[Window]:
        """The workload's windows that came to their end."""
        return self.seen.work

    @property
    def headline(self) -> Estimate | None:
        """The quantity whose precision counts: energy per request or, without energy, time per call."""
        if isinstance(self.energy, Energies):
            return self.energy.gross.per_request
        return self.speed.seconds_per_call if self.speed else None

    @property
    def what(self) -> str:
        """That quantity's name."""
        return "energy per request" if isinstance(self.energy, Energies) else "time per call"
