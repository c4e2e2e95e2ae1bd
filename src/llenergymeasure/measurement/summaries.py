"""From windows to the figures of a record: pure functions, whose formulas are in ``docs/measuring.md``."""

import math
from collections.abc import Sequence
from statistics import fmean, median, quantiles, stdev

from llenergymeasure.config.experiment import CarbonConfig
from llenergymeasure.energy.figures import Measured, Unavailable
from llenergymeasure.results.per_window import (
    Unit,
    amount,
    joules,
    joules_per,
    output,
    requests,
    total_tokens,
    with_energy,
)
from llenergymeasure.results.schema import (
    Carbon,
    Difference,
    Distribution,
    Energies,
    Estimate,
    IdlePower,
    NoEnergy,
    PerUnit,
    Phases,
    Speed,
    Window,
)
from llenergymeasure.results.statistics import difference_of_means, summarise, trend

JOULES_PER_KWH = 3.6e6
FEWEST_FOR_P95 = 20


def energies(windows: Sequence[Window]) -> Energies | NoEnergy:
    """The joules of the workload.

    Windows whose energy is not known are left out. If no window has a known energy, the reason is that of the
    first window.

    Args:
        windows: all windows of the run.
    """
    work = [window for window in windows if window.kind == "work" and not window.interrupted]
    known = with_energy(windows, "work")
    if not known:
        return _no_energy(work)
    measured = all(isinstance(window.energy.total, Measured) for window in known)
    idle = idle_power(windows) if measured else None
    return Energies(
        kind="measured" if measured else "modelled",
        gross=_per_unit(known, None),
        idle=idle,
        net=None if idle is None else _per_unit(known, idle),
        trend=trend(joules_per(known, requests)),
        power_w=math.fsum(map(joules, known)) / math.fsum(window.length_s for window in known),
    )


def _no_energy(work: Sequence[Window]) -> NoEnergy:
    for window in work:
        if isinstance(window.energy.total, Unavailable):
            return NoEnergy(reason=window.energy.total.reason, hint=window.energy.total.hint)
    return NoEnergy(reason="no window was completed", hint="Measure again.")


def idle_power(windows: Sequence[Window]) -> IdlePower | None:
    """The mean of idle power before and after; None where neither was measured.

    Its uncertainty joins the sensors' part to the difference of the two, for a value that lies anywhere
    between them.
    """
    readings: dict[str, tuple[float, float]] = {}
    for window in windows:
        total = window.energy.total
        if window.kind in {"idle-before", "idle-after"} and isinstance(total, Measured) and window.length_s:
            readings[window.kind] = (total.energy_j / window.length_s, total.uncertainty_j / window.length_s)
    if not readings:
        return None
    powers = [power_w for power_w, _ in readings.values()]
    sensor_w = math.hypot(*(uncertainty_w for _, uncertainty_w in readings.values())) / len(readings)
    return IdlePower(
        power_w=fmean(powers),
        uncertainty_w=math.hypot(sensor_w, (max(powers) - min(powers)) / math.sqrt(12)),
        before_w=readings.get("idle-before", (None,))[0],
        after_w=readings.get("idle-after", (None,))[0],
    )


def with_tokens(windows: Sequence[Window]) -> list[Window]:
    """The workload's windows whose times count: those that came to their end."""
    return [
        window
        for window in windows
        if window.kind == "work" and not window.interrupted and window.tokens is not None
    ]


def speed(windows: Sequence[Window]) -> Speed | None:
    """How fast the workload's windows were; None without any."""
    work = with_tokens(windows)
    if not work:
        return None
    per_call = [window.length_s / window.calls for window in work]
    rates = [window.tokens.output / window.length_s for window in work if window.tokens is not None]
    return Speed(
        seconds_per_call=Estimate(spread=summarise(per_call), sensor=None),
        output_tokens_per_second=Estimate(spread=summarise(rates), sensor=None),
        trend=trend(per_call),
    )


def phases(windows: Sequence[Window]) -> Phases | None:
    """Prefill and decode apart; None without prefill windows, or without their energy."""
    work, prefill = with_energy(windows, "work"), with_energy(windows, "prefill")
    if not work or not prefill:
        return None
    prefill_estimate, work_estimate = _estimate(prefill, requests, None), _estimate(work, requests, None)
    decode = _difference(work_estimate, prefill_estimate)
    # The first token of a sequence comes from the prefill; decoding makes the others.
    decoded = fmean(amount(window, output) / amount(window, requests) for window in work) - fmean(
        amount(window, output) / amount(window, requests) for window in prefill
    )
    if decode is None or not decode.resolved:
        return Phases(prefill_per_request=prefill_estimate, decode_per_request=None, decode_per_token=None)
    per_token = None
    if decoded > 0:
        per_token = Difference(
            mean=decode.mean / decoded,
            low=decode.low / decoded,
            high=decode.high / decoded,
            sensor=None if decode.sensor is None else decode.sensor / decoded,
        )
    return Phases(prefill_per_request=prefill_estimate, decode_per_request=decode, decode_per_token=per_token)


def _difference(whole: Estimate, part: Estimate) -> Difference | None:
    difference = difference_of_means(whole.spread, part.spread)
    if difference is None:
        return None
    mean, half = difference
    sensor = None if whole.sensor is None or part.sensor is None else math.hypot(whole.sensor, part.sensor)
    return Difference(mean=mean, low=mean - half, high=mean + half, sensor=sensor)


def distribution(times_s: Sequence[float]) -> Distribution | None:
    """A summary of single times; None without any."""
    if not times_s:
        return None
    return Distribution(
        count=len(times_s),
        mean_s=fmean(times_s),
        sd_s=stdev(times_s) if len(times_s) > 1 else None,
        min_s=min(times_s),
        median_s=median(times_s),
        p95_s=quantiles(times_s, n=20)[-1] if len(times_s) >= FEWEST_FOR_P95 else None,
        max_s=max(times_s),
    )


def carbon(energy: Energies | NoEnergy, config: CarbonConfig | None) -> Carbon | None:
    """The carbon of the gross joules; None without an intensity, or without joules."""
    if config is None or isinstance(energy, NoEnergy):
        return None
    grams_per_j = config.grams_per_kwh / JOULES_PER_KWH
    token = energy.gross.per_output_token
    return Carbon(
        grams_per_request=energy.gross.per_request.mean * grams_per_j,
        grams_per_output_token=None if token is None else token.mean * grams_per_j,
        grams_per_kwh=config.grams_per_kwh,
        source=config.source,
    )


def _per_unit(windows: Sequence[Window], idle: IdlePower | None) -> PerUnit:
    """Joules per unit; a unit that some window does not have is left out."""

    def estimate_of(unit: Unit) -> Estimate | None:
        return _estimate(windows, unit, idle) if all(amount(window, unit) for window in windows) else None

    return PerUnit(
        per_request=_estimate(windows, requests, idle),
        per_output_token=estimate_of(output),
        per_total_token=estimate_of(total_tokens),
    )


def _estimate(windows: Sequence[Window], unit: Unit, idle: IdlePower | None) -> Estimate:
    """Joules per unit, window by window; net where idle power is given.

    The sensors' uncertainty at the boundaries is independent from window to window, so that part shrinks with
    their number. The gain of a power sensor and the error of the idle power are the same in all windows, so
    those parts do not.
    """
    amounts = [amount(window, unit) for window in windows]
    parts = [_uncertainties_j(window) for window in windows]
    sensor = None
    if None not in parts:
        known = [
            (part[0] / count, part[1] / count) for part, count in zip(parts, amounts, strict=True) if part
        ]
        independent = math.hypot(*(part for part, _ in known)) / len(known)
        gain = fmean(part for _, part in known)
        shared = 0.0
        if idle is not None:
            seconds = fmean(window.length_s / count for window, count in zip(windows, amounts, strict=True))
            shared = idle.uncertainty_w * seconds
        sensor = math.hypot(independent, gain, shared)
    return Estimate(
        spread=summarise(joules_per(windows, unit, 0.0 if idle is None else idle.power_w)), sensor=sensor
    )


def _uncertainties_j(window: Window) -> tuple[float, float] | None:
    """The window's standard uncertainty in two parts: independent from window to window, and the same in all.

    The second is the gain of sensors, where that is known; that of a counter cannot be.
    """
    total = window.energy.total
    if not isinstance(total, Measured):
        return None
    shared_j = total.shared_uncertainty_j
    return math.sqrt(max(total.uncertainty_j**2 - shared_j**2, 0.0)), shared_j
