"""What a run works with: the model, the meter, the plan, and what was known before it began."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method, Scope
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.descriptions import EngineEnvironment
from llenergymeasure.engines.protocol import AnySession
from llenergymeasure.measurement.plan import plan_of
from llenergymeasure.measurement.progress import Progress
from llenergymeasure.results.schema import Device, Plan

_OF_THE_WORK = {Scope.MACHINE, Scope.MODULE, Scope.GPU}
"""A counter that the user names for one of these is taken to cover the device that does the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """A loaded model and an open meter, ready to be measured.

    Args:
        config: what is measured, and how.
        declared: the configuration as data, only what was set, fit for a record.
        environment: what the engine runs on.
        session: the model, bound to the configuration.
        meter: measures the energy of its work.
        clock: the same as the meter's.
        progress: is informed of the progress of the run.
        devices: those that are measured, as they were before the run.
        messages: fills with what the engine and its libraries warn of.
    """

    config: ExperimentConfig
    declared: dict[str, JsonValue]
    environment: EngineEnvironment
    session: AnySession
    meter: EnergyMeter
    clock: Clock
    progress: Progress
    devices: tuple[Device, ...]
    messages: Sequence[str]

    @property
    def plan(self) -> Plan:
        """What the configuration asks for."""
        return plan_of(self.config.measurement)

    @property
    def has_sensors(self) -> bool:
        """Whether any device has a sensor, so that idle power can be measured."""
        return self.meter.sensors.has_measured

    @property
    def gpus(self) -> tuple[str, ...]:
        """UUIDs of the GPUs that do the work."""
        return tuple(device.uuid for device in self.session.devices if device.uuid is not None)

    @property
    def unmeasured(self) -> tuple[str, ...]:
        """The devices that do the work and whose energy is not measured."""
        measurable = [device for device in self.devices if device.measurable]
        named = [device for device in measurable if device.method == Method.COUNTER]
        if any(device.scope in _OF_THE_WORK for device in named):
            return ()
        if self.gpus:
            measured = {device.device for device in measurable}
            return tuple(uuid for uuid in self.gpus if uuid not in measured)
        has_cpu = Scope.CPU_PACKAGE in {device.scope for device in measurable}
        return () if has_cpu or self.meter.sensors.has_modelled else ("cpu",)
