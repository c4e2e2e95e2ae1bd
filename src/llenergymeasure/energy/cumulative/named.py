"""Counters that a user names: opened, calibrated, or missing with the reason."""

from __future__ import annotations

from collections.abc import Sequence

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.counter_spec import UNITS_J, CounterSpec
from llenergymeasure.energy.cumulative.calibration import CALIBRATION_BUDGET_S, calibrate
from llenergymeasure.energy.cumulative.counter import Counter
from llenergymeasure.energy.cumulative.sensor import CounterSensor
from llenergymeasure.energy.cumulative.source import Command, File
from llenergymeasure.energy.figures import Method, Scope, Unavailable
from llenergymeasure.energy.sensor import Setup

REFUSED_HINT = "Run as a user who may read it."


def open_named(setup: Setup) -> tuple[CounterSensor | None, list[Unavailable]]:
    """The counters that the setup names, and a figure for each of them that cannot be used."""
    budget_s = CALIBRATION_BUDGET_S if setup.calibration_s is None else setup.calibration_s
    results = _calibrated(setup.counters, setup.clock, budget_s)
    counters = tuple(result for result in results if isinstance(result, Counter))
    missing = [result for result in results if isinstance(result, Unavailable)]
    if not counters:
        return None, missing
    sensor = CounterSensor(counters=counters, clock=setup.clock, start_recording=setup.start_recording)
    return sensor, missing


def _calibrated(specs: Sequence[CounterSpec], clock: Clock, budget_s: float) -> list[Counter | Unavailable]:
    return calibrate([_counter(spec) for spec in specs], clock, budget_s) if specs else []


def _counter(spec: CounterSpec) -> Counter:
    source = File(spec.file) if spec.file is not None else Command(tuple(spec.command or ()))
    return Counter(
        name=spec.name,
        scope=Scope(spec.scope),
        method=Method.COUNTER,
        source=source,
        unit=spec.unit,
        unit_j=UNITS_J[spec.unit],
        period_s=spec.update_seconds or 0.0,
        wrap=spec.wrap,
        watts_max=spec.watts_max,
        refused_hint=REFUSED_HINT,
    )
