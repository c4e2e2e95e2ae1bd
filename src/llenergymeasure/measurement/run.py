"""One configuration, from its file to its record: :func:`measure`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import JsonValue

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.clock import Clock, SystemClock
from llenergymeasure.energy.doctor import examine_sensors
from llenergymeasure.energy.errors import EnergyError
from llenergymeasure.energy.figures import Scope
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.transformers.errors import InferenceError
from llenergymeasure.engines.transformers.packages import require_packages
from llenergymeasure.measurement.errors import Interrupted
from llenergymeasure.measurement.plan import plan_of
from llenergymeasure.measurement.progress import Progress, Silent
from llenergymeasure.measurement.redaction import home_folders, plain_mapping
from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Device

if TYPE_CHECKING:
    from llenergymeasure.engines.transformers.session import Session


def measure(config: ExperimentConfig, *, progress: Progress | None = None) -> Record:
    """Measure what this configuration costs, by the protocol of ``docs/measuring.md``. Nothing is written to disk.

    Args:
        config: what to run, and how to measure it.
        progress: is told how far the run is, and closed at its end, however it ends.

    Returns:
        The record. Its ``status`` is ``failed`` where the run failed after at least one window; what was measured until then is
        in it.

    Raises:
        InferenceError: no torch (or a broken one), no model, no prompts, settings that ``generate()`` refuses, no memory left:
            before the first window was measured.
        EnergyError: the configuration measures a GPU that is not here.
        ConfigError: ``extra`` holds an object that no record can hold, or a setting needs another transformers.
        Interrupted: Ctrl-C after the model was loaded; a KeyboardInterrupt that has the record so far.
    """
    told = progress or Silent()
    try:
        require_packages()
        homes = home_folders()
        # Whatever cannot be recorded is found out before the run, not after it.
        declared = plain_mapping(config.to_data(), homes)
        plain_mapping(config.pytorch.generate_kwargs(), homes)
        return _measure(config, declared, told)
    finally:
        told.close()


def _measure(config: ExperimentConfig, declared: dict[str, JsonValue], progress: Progress) -> Record:
    # torch and transformers load with these, so not before it is known that they are there.
    from llenergymeasure.engines.transformers.devices import planned_gpus  # noqa: PLC0415 - see above
    from llenergymeasure.engines.transformers.messages import collected  # noqa: PLC0415
    from llenergymeasure.engines.transformers.session import load_session  # noqa: PLC0415

    with collected() as messages, _open_meter(config, planned_gpus(config.model)) as meter:
        devices = devices_before(meter)
        progress.step(f"loading {config.model.name}", 0, 0)
        with load_session(config) as session:
            run = Run(
                config=config,
                declared=declared,
                session=session,
                meter=meter,
                clock=SystemClock(),
                devices=devices,
                messages=messages,
            )
            return run.record(progress)


def _open_meter(config: ExperimentConfig, gpus: Sequence[str]) -> EnergyMeter:
    """``auto`` is the GPUs that the model runs on; for a model on the CPU, whatever there is to read."""
    wanted = config.measurement.devices
    return EnergyMeter.open(
        devices=tuple(gpus) if wanted == "auto" and gpus else wanted,
        modelled_cpu_watts=config.measurement.modelled_cpu_watts,
    )


def devices_before(meter: EnergyMeter) -> tuple[Device, ...]:
    """The doctor's checks of the devices that are going to be measured."""
    return tuple(
        Device(
            device=found.device,
            name=found.name,
            scope=str(found.scope),
            measurable=found.measurable,
            method=None if found.method is None else str(found.method),
            period_s=found.period_s,
            processes=found.processes,
            notes=found.notes,
            reason=found.reason,
            hint=found.hint,
        )
        for found in examine_sensors(meter.sensors)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A loaded model and an open meter, ready to be measured."""

    config: ExperimentConfig
    declared: dict[str, JsonValue]
    session: "Session"
    meter: EnergyMeter
    clock: Clock
    devices: tuple[Device, ...]
    messages: Sequence[str]

    def record(self, progress: Progress) -> Record:
        """Go through the protocol, and say what came out.

        Raises:
            InferenceError: a call failed before the first window was measured.
            Interrupted: Ctrl-C.
        """
        from llenergymeasure.measurement.assembly import assemble  # noqa: PLC0415 - needs torch
        from llenergymeasure.measurement.protocol import observe  # noqa: PLC0415
        from llenergymeasure.measurement.run_context import Apparatus, Observations  # noqa: PLC0415

        for name, why in self.session.dormant().items():
            progress.note(f"pytorch.{name} has no effect here: {why}")
        plan = plan_of(self.config.measurement)
        seen = Observations(plan=plan)
        apparatus = Apparatus(
            session=self.session, meter=self.meter, plan=plan, clock=self.clock, progress=progress
        )
        begin_s = self.clock.monotonic()
        try:
            observe(apparatus, seen)
            return assemble(self, seen, begin_s)
        except KeyboardInterrupt as error:
            raise Interrupted(assemble(self, seen, begin_s, interrupted=True)) from error
        except Exception as error:  # whatever it was: windows that were measured are not lost to it
            if not seen.work:
                raise
            return assemble(self, seen, begin_s, failure=_why(error))

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The devices that do the work, and that the meter does not measure."""
        known = [device for device in self.devices if device.measurable]
        if self.session.gpu_uuids:
            return tuple(
                uuid for uuid in self.session.gpu_uuids if uuid not in {device.device for device in known}
            )
        scopes = {device.scope for device in known}
        return () if self.meter.sensors.has_modelled or Scope.CPU_PACKAGE in scopes else ("cpu",)


def _why(error: Exception) -> str:
    """The error's own sentence, where it is one that was foreseen; else its kind and its words."""
    text = " ".join(str(error).split())
    return text if isinstance(error, InferenceError | EnergyError) else f"{type(error).__name__}: {text}"
