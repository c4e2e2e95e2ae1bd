"""One GPU as the meter uses it: its counter, what that covers, and the most power the board can draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llenergymeasure.energy.clock import Clock
from llenergymeasure.energy.figures import Method, Scope
from llenergymeasure.energy.nvml.calibration import calibrate
from llenergymeasure.energy.nvml.counter import Counter, Read
from llenergymeasure.energy.nvml.counter_reading import counter_reader
from llenergymeasure.energy.nvml.devices import MIG_HINT, Gpu
from llenergymeasure.energy.nvml.driver import FIELD_POWER_INSTANT, NOT_SUPPORTED, Driver, Failure

CEILING_MARGIN = 1.2
"""Mean power over a few milliseconds stays under the board's highest power limit times this. An assumption of
the bounds (``docs/energy.md``): the limit is held by a control loop, which power passes for moments."""
UNKNOWN_CEILING_W = 2000.0
"""Taken where the driver reports no limit: more than any board of today may draw."""
WHOLE_MODULE = ("GH200", "GB200")
"""On these the counter covers the module: CPU and memory too."""

NO_SENSOR_HINT = (
    "Measure on another GPU, or name a counter that covers this one, such as a power meter, in "
    "measurement.counters."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredGpu:
    """A GPU and the best of its energy sensors.

    ``counter`` is None where there is none that can be used: then ``reason`` and ``hint`` say why.
    ``has_power`` says whether its power can be read, and so be integrated instead.
    """

    card: Gpu
    scope: Scope
    ceiling_w: float
    counter: Counter | None
    reason: str = ""
    hint: str = ""
    has_power: bool = False
    flags: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        """The card's UUID."""
        return self.card.uuid


def open_gpus(driver: Driver, cards: Sequence[Gpu], clock: Clock, budget_s: float) -> list[MeasuredGpu]:
    """Find each GPU's sensor and measure the counters' periods, all at once, in at most ``budget_s``."""
    readers: dict[str, tuple[Method, Read]] = {}
    failures: dict[str, Failure] = {}
    for card in cards:
        if card.mig:
            continue
        reader = counter_reader(driver, card.handle, clock)
        if isinstance(reader, Failure):
            failures[card.uuid] = reader
        else:
            readers[card.uuid] = reader
    counters = dict(zip(readers, calibrate(list(readers.values()), clock, budget_s), strict=True))
    return [
        _measured(driver, card, counters.get(card.uuid) or failures.get(card.uuid), budget_s)
        for card in cards
    ]


def _measured(driver: Driver, card: Gpu, counter: Counter | Failure | None, budget_s: float) -> MeasuredGpu:
    """A GPU with its counter; or, with the failure or None in its place, with what there is instead."""
    ceiling_w, flags = _ceiling_w(driver, card)
    scope = Scope.MODULE if any(part in card.name for part in WHOLE_MODULE) else Scope.GPU
    if card.mig:
        return MeasuredGpu(
            card=card,
            scope=scope,
            ceiling_w=ceiling_w,
            counter=None,
            reason="the GPU is in MIG mode",
            hint=MIG_HINT,
        )
    has_power = _has_power(driver, card)
    if isinstance(counter, Counter):
        return MeasuredGpu(
            card=card, scope=scope, ceiling_w=ceiling_w, counter=counter, has_power=has_power, flags=flags
        )
    reason = counter.reason if counter else f"the energy counter did not move steadily within {budget_s:g} s"
    hint = counter.hint if counter else "See whether `nvidia-smi -q -d POWER` shows a sensor that works."
    if not has_power and isinstance(counter, Failure) and counter.code == NOT_SUPPORTED:
        reason, hint = f"this GPU has no sensor of energy or power ({counter.call})", NO_SENSOR_HINT
    return MeasuredGpu(
        card=card,
        scope=scope,
        ceiling_w=ceiling_w,
        counter=None,
        reason=reason,
        hint=hint,
        has_power=has_power,
        flags=flags,
    )


def _has_power(driver: Driver, card: Gpu) -> bool:
    """Whether the driver gives the power of this GPU in any way."""
    usage = driver.call("nvmlDeviceGetPowerUsage", card.handle)
    return not isinstance(usage, Failure) or not isinstance(
        driver.field(card.handle, FIELD_POWER_INSTANT), Failure
    )


def _ceiling_w(driver: Driver, card: Gpu) -> tuple[float, tuple[str, ...]]:
    """The most power the board can draw, for the hard bounds; and a flag where that is assumed."""
    limits = driver.call("nvmlDeviceGetPowerManagementLimitConstraints", card.handle)
    if not isinstance(limits, Failure) and limits[1] > 0:
        return CEILING_MARGIN * limits[1] * 1e-3, ()
    limit = driver.call("nvmlDeviceGetEnforcedPowerLimit", card.handle)
    if not isinstance(limit, Failure) and limit > 0:
        return CEILING_MARGIN * limit * 1e-3, ()
    return UNKNOWN_CEILING_W, ("power-ceiling-assumed",)
