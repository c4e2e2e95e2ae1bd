"""What a run will do, from the configuration: windows and their lengths, warm-up, idle."""

from llenergymeasure.config.experiment import MeasurementConfig
from llenergymeasure.results.observed import Plan

QUICK = {"windows": 3, "window_seconds": 0.5, "warmup_seconds": 3.0, "idle_seconds": 1.0}
"""What ``measurement.quick`` puts in the place of the defaults; values that were set stay."""


def plan_of(config: MeasurementConfig) -> Plan:
    """The plan that the configuration asks for."""
    if config.quick:
        shorter = {name: value for name, value in QUICK.items() if name not in config.model_fields_set}
        config = config.model_copy(update=shorter)
    return Plan(
        windows=config.windows,
        window_s=config.window_seconds,
        target=config.target,
        warmup_s=config.warmup_seconds,
        idle_s=config.idle_seconds,
        prefill=config.prefill,
        cooldown_celsius=config.cooldown_celsius,
        quick=config.quick,
    )
