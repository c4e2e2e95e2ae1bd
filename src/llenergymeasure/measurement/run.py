"""One configuration, from its file to its record: :func:`measure`."""

from collections.abc import Sequence
from contextlib import ExitStack

from llenergymeasure.config.experiment import ExperimentConfig
from llenergymeasure.energy.clock import SystemClock
from llenergymeasure.energy.doctor import examine_sensors
from llenergymeasure.energy.meter import EnergyMeter
from llenergymeasure.engines.registry import find_engine, open_session
from llenergymeasure.measurement.assembly import assemble
from llenergymeasure.measurement.errors import Interrupted, sentence_of
from llenergymeasure.measurement.observations import Observations
from llenergymeasure.measurement.phases import run_phases
from llenergymeasure.measurement.progress import Progress, Silent
from llenergymeasure.measurement.redaction import home_folders, redact_mapping
from llenergymeasure.measurement.run_context import RunContext
from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Device


def measure(config: ExperimentConfig, *, progress: Progress | None = None) -> Record:
    """Measure what this configuration costs, by the protocol of ``docs/measuring.md``; nothing is written.

    Args:
        config: what to run, and how to measure it.
        progress: is informed of the progress of the run, and closed at its end, however it ends.

    Returns:
        The record. Its ``status`` is ``failed`` where the run failed after at least one window; everything
        that was measured before that is in it.

    Raises:
        EngineError: no torch (or a broken one), no model, no prompts, settings that the engine refuses, or no
            memory left, before the first window was measured.
        EnergyError: the configuration measures a GPU that is not here.
        ConfigError: ``extra`` holds an object that no record can hold, or a setting needs another release.
        Interrupted: Ctrl-C after the model was loaded; a KeyboardInterrupt that has the record so far.
    """
    progress = progress or Silent()
    try:
        return _measure(config, progress)
    finally:
        progress.close()


def _measure(config: ExperimentConfig, progress: Progress) -> Record:
    engine = find_engine(config.engine_settings)
    engine.require_packages()
    # A configuration that cannot be recorded is refused before the run, not after it.
    declared = redact_mapping(config.to_data(), home_folders())
    with ExitStack() as stack:
        messages = stack.enter_context(engine.messages())
        expected = engine.gpus(config.model, config.model.device)
        # Opened before the model is loaded, so that a device that cannot be measured costs no loading.
        meter = stack.enter_context(_open_meter(config, expected))
        devices = devices_before(meter)
        progress.step(f"loading {config.model.name}", 0, 0)
        session = stack.enter_context(open_session(engine, config))
        actual = [device.uuid for device in session.devices if device.uuid is not None]
        if config.measurement.devices == "auto" and set(actual) != set(expected):
            meter.close()
            meter = stack.enter_context(_open_meter(config, actual))
            devices = devices_before(meter)
        return record_run(
            RunContext(
                config=config,
                declared=declared,
                environment=engine.environment(),
                session=session,
                meter=meter,
                clock=SystemClock(),
                progress=progress,
                devices=devices,
                messages=messages,
            )
        )


def _open_meter(config: ExperimentConfig, gpus: Sequence[str]) -> EnergyMeter:
    """A meter; ``auto`` is the device that does the work: the model's GPUs or, without any, the CPU."""
    devices = config.measurement.devices
    return EnergyMeter.open(
        devices=(gpus or "cpu") if devices == "auto" else devices,
        modelled_cpu_watts=config.measurement.modelled_cpu_watts,
        counters=[counter.model_dump() for counter in config.measurement.counters],
    )


def devices_before(meter: EnergyMeter) -> tuple[Device, ...]:
    """The devices that are going to be measured, as the doctor finds them before the run."""
    return tuple(
        Device(
            device=device.device,
            name=device.name,
            scope=str(device.scope),
            measurable=device.measurable,
            method=None if device.method is None else str(device.method),
            period_s=device.period_s,
            processes=device.processes,
            notes=device.notes,
            reason=device.reason,
            hint=device.hint,
        )
        for device in examine_sensors(meter.sensors)
    )


def record_run(context: RunContext) -> Record:
    """Go through the protocol, and give the record of it.

    Raises:
        EngineError: a call failed before the first window was measured.
        Interrupted: Ctrl-C.
    """
    for name, reason in context.session.dormant().items():
        context.progress.note(f"{context.config.engine_section}.{name} has no effect here: {reason}")
    observations = Observations(plan=context.plan)
    begin_s = context.clock.monotonic()
    try:
        run_phases(context, observations)
        return assemble(context, observations, begin_s)
    except KeyboardInterrupt as error:
        raise Interrupted(assemble(context, observations, begin_s, interrupted=True)) from error
    except Exception as error:  # any error: the windows that were measured are kept
        if not observations.work:
            raise
        return assemble(context, observations, begin_s, failure=sentence_of(error))
