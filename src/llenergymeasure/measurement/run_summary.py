"""A run and the figures computed from it: what the checks read, and what a record is assembled from."""

from collections.abc import Mapping
from dataclasses import dataclass

from llenergymeasure.energy.sensors import Machine
from llenergymeasure.measurement.environment import versions
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.measurement.summaries import energies, phases, speed, with_tokens
from llenergymeasure.results.per_window import with_energy
from llenergymeasure.results.record import Versions
from llenergymeasure.results.schema import Energies, Estimate, NoEnergy, Phases, Speed, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run, and the figures over its windows.

    Args:
        context: what it worked with.
        observations: what it observed.
        energy: the joules of the work, or why there are none.
        speed: of the windows; None without one.
        phases: prefill and decode apart; None where they were not asked for, or are not known.
        versions: of everything that ran.
        dormant: settings without an effect, each with the reason.
        interrupted: whether an interrupt ended the run.
        failure: why the run ended early; empty if it did not.
    """

    context: RunContext
    observations: Observations
    energy: Energies | NoEnergy
    speed: Speed | None
    phases: Phases | None
    versions: Versions
    dormant: Mapping[str, str]
    interrupted: bool
    failure: str

    @property
    def work(self) -> list[Window]:
        """The workload's windows that came to their end."""
        return self.observations.work

    @property
    def headline(self) -> Estimate | None:
        """The quantity whose precision counts: energy per request or, without energy, time per call."""
        if isinstance(self.energy, Energies):
            return self.energy.gross.per_request
        return self.speed.seconds_per_call if self.speed else None

    @property
    def headline_windows(self) -> list[Window]:
        """The windows that it is computed over, in the order of its values."""
        if isinstance(self.energy, Energies):
            return with_energy(self.observations.windows, "work")
        return with_tokens(self.observations.windows)

    @property
    def headline_name(self) -> str:
        """That quantity's name."""
        return "energy per request" if isinstance(self.energy, Energies) else "time per call"


def summarise_run(
    context: RunContext,
    observations: Observations,
    machine: Machine,
    *,
    interrupted: bool,
    failure: str,
) -> RunSummary:
    """The figures of a run that ended as it did."""
    unmeasured = context.unmeasured
    return RunSummary(
        context=context,
        observations=observations,
        energy=_energy(observations, unmeasured),
        speed=speed(observations.windows),
        phases=None if unmeasured else phases(observations.windows),
        versions=versions(context, machine),
        dormant=context.session.dormant(),
        interrupted=interrupted,
        failure=failure,
    )


def _energy(observations: Observations, unmeasured: tuple[str, ...]) -> Energies | NoEnergy:
    """The joules of the work; none where the windows' joules are not those of the devices that did it."""
    energy = energies(observations.windows)
    if not unmeasured or isinstance(energy, NoEnergy):
        return energy
    return NoEnergy(
        reason=f"the model ran on {' and '.join(unmeasured)}, which is not measured",
        hint="See measurement.devices and `llenergymeasure doctor`.",
    )
