"""Two records side by side: ratios with intervals.

The first record is the base. The interval and the test of a ratio are Welch's, on the logarithms of the
windows' values, so that the interval excludes 1 exactly where the test finds a difference at 5 %. Both are
about the spread within each run, and do not cover what changes from one day, or one GPU, to the next.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from llenergymeasure.energy.figures import Measured
from llenergymeasure.results.differences import (
    Change,
    ComparisonWarning,
    TokensPerRequest,
    changes,
    conditions,
    configuration,
    same_sensors,
    tokens_per_request,
    warnings,
)
from llenergymeasure.results.per_window import Unit, amount, joules_per, output, requests, with_energy
from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Energies, Window
from llenergymeasure.results.statistics import Ratio, ratio_of_means

TEST = "Welch's t-test on logarithms, 95 %"
COVERED = "how windows differ within each run, and what the sensors leave open"
NOT_COVERED = (
    "what changes from one run to the next, such as temperature or other load. Runs that were made one after "
    "the other cannot distinguish such a drift from a difference: repeat both in turn, several times"
)
"""What the intervals of a comparison cover, and what they do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityComparison:
    """One quantity in two records. ``ratio`` is other over base; if it is None, ``missing`` says why.

    ``is_modelled`` says that the quantity of either record comes from a model instead of a measurement.
    """

    name: str
    unit: str
    base: float | None
    other: float | None
    ratio: Ratio | None
    missing: str = ""
    is_modelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two records compared: ratios, what differs in configuration and conditions, and warnings.

    ``tokens`` are the mean numbers of prompt and of output tokens per request, of the base and of the other;
    None where a record has no completed window.
    """

    quantities: tuple[QuantityComparison, ...]
    tokens: tuple[TokensPerRequest | None, TokensPerRequest | None]
    configuration: tuple[Change, ...]
    conditions: tuple[Change, ...]
    warnings: tuple[ComparisonWarning, ...]

    @property
    def headline(self) -> QuantityComparison | None:
        """The first measured quantity with a ratio; None without any.

        That is energy, or time where energy is not known or modelled: of a model's joules no test says
        whether they differ, since nobody knows how far the model is off.
        """
        return next(
            (
                quantity
                for quantity in self.quantities
                if quantity.ratio is not None and not quantity.is_modelled
            ),
            None,
        )

    @property
    def distinguishable(self) -> bool | None:
        """Whether the headline differs; None without a headline."""
        headline = self.headline
        return None if headline is None or headline.ratio is None else headline.ratio.distinguishable


@dataclass(frozen=True, slots=True)
class _Values:
    """A quantity in each window of one record, with two relative standard uncertainties that they share.

    ``shared_uncertainty`` is this record's own. ``sensor_uncertainty`` is that of the sensors, which cancels
    in the ratio of two records that were measured by the same ones.
    """

    per_window: list[float]
    shared_uncertainty: float = 0.0
    sensor_uncertainty: float = 0.0
    is_modelled: bool = False

    def uncertainty(self, *, sensors_cancel: bool) -> float:
        """Everything that the windows share and that does not cancel in the ratio."""
        return math.hypot(self.shared_uncertainty, 0.0 if sensors_cancel else self.sensor_uncertainty)


_ValuesOf: TypeAlias = Callable[[Record], _Values | None]


def compare(base: Record, other: Record) -> Comparison:
    """Compare two records: how much more ``other`` costs than ``base``, and whether that is clear.

    Args:
        base: what every ratio is relative to.
        other: the record that is compared with it.

    Returns:
        The ratio of each quantity (energy, time, latency, memory) with its 95 % interval; what differs in the
        two configurations and in the conditions; and a warning for anything that makes the comparison unfair.
    """
    return Comparison(
        quantities=tuple(
            _compare_quantity(name, unit, values_of, base, other) for name, unit, values_of in _QUANTITIES
        ),
        tokens=(tokens_per_request(base), tokens_per_request(other)),
        configuration=tuple(changes(configuration(base), configuration(other))),
        conditions=tuple(changes(conditions(base), conditions(other))),
        warnings=tuple(warnings(base, other)),
    )


def _gross_energy(unit: Unit) -> _ValuesOf:
    def values(record: Record) -> _Values | None:
        windows = with_energy(record.windows, "work")
        if not isinstance(record.energy, Energies) or not all(amount(window, unit) for window in windows):
            return None
        joules = joules_per(windows, unit)
        return _Values(
            joules,
            sensor_uncertainty=_sensor_uncertainty(windows, unit, fmean(joules)),
            is_modelled=record.energy.kind == "modelled",
        )

    return values


def _net_energy(unit: Unit) -> _ValuesOf:
    def values(record: Record) -> _Values | None:
        energy, windows = record.energy, with_energy(record.windows, "work")
        if not isinstance(energy, Energies) or energy.idle is None:
            return None
        if not all(amount(window, unit) for window in windows):
            return None
        joules = joules_per(windows, unit, energy.idle.power_w)
        seconds = fmean(window.length_s / amount(window, unit) for window in windows)
        mean = fmean(joules)
        # The same idle power is subtracted from all windows, so its uncertainty is not in their spread.
        return _Values(
            joules,
            shared_uncertainty=energy.idle.uncertainty_w * seconds / mean if mean > 0 else 0.0,
            sensor_uncertainty=_sensor_uncertainty(windows, unit, mean),
        )

    return values


def _sensor_uncertainty(windows: Sequence[Window], unit: Unit, mean: float) -> float:
    """The sensors' uncertainty that all windows share, relative to the mean of the quantity."""
    shared_j = [
        window.energy.total.shared_uncertainty_j / amount(window, unit)
        for window in windows
        if isinstance(window.energy.total, Measured)
    ]
    return fmean(shared_j) / mean if shared_j and mean > 0 else 0.0


def _tokens_per_second(record: Record) -> _Values | None:
    rates = [amount(window, output) / window.length_s for window in record.work]
    return _Values(rates) if rates and all(rates) else None


def _seconds_per_request(record: Record) -> _Values | None:
    seconds = [window.length_s / amount(window, requests) for window in record.work]
    return _Values(seconds) if seconds else None


_QUANTITIES: tuple[tuple[str, str, _ValuesOf], ...] = (
    ("gross energy per output token", "J", _gross_energy(output)),
    ("net energy per output token", "J", _net_energy(output)),
    ("gross energy per request", "J", _gross_energy(requests)),
    ("net energy per request", "J", _net_energy(requests)),
    ("time per request", "s", _seconds_per_request),
    ("output tokens per second", "1/s", _tokens_per_second),
)
"""Name, unit, and the function that gives the values; in the order of the answer and the table."""


def _compare_quantity(
    name: str, unit: str, values_of: _ValuesOf, base: Record, other: Record
) -> QuantityComparison:
    under, over = values_of(base), values_of(other)
    is_modelled = any(side is not None and side.is_modelled for side in (under, over))
    missing = _why_not_comparable(under, over)
    ratio = None
    if under is not None and over is not None and not missing:
        cancels = same_sensors(base, other)
        ratio = ratio_of_means(
            over.per_window,
            under.per_window,
            extra_over=over.uncertainty(sensors_cancel=cancels),
            extra_under=under.uncertainty(sensors_cancel=cancels),
        )
    return QuantityComparison(
        name=f"modelled {name}" if is_modelled else name,
        unit=unit,
        base=fmean(under.per_window) if under else None,
        other=fmean(over.per_window) if over else None,
        ratio=ratio,
        missing=missing,
        is_modelled=is_modelled,
    )


def _why_not_comparable(under: _Values | None, over: _Values | None) -> str:
    """Why two sides have no ratio; empty if they have one."""
    if under is None or over is None:
        return f"not known of {'both' if under is over else 'the base' if under is None else 'the other'}"
    if under.is_modelled != over.is_modelled:
        return f"measured in {'the other' if under.is_modelled else 'the base'} only, and modelled in the {'base' if under.is_modelled else 'other'}"
    sides = (("base", under.per_window), ("other", over.per_window))
    single = [side for side, values in sides if len(values) < 2]
    if single:
        return f"the {' and the '.join(single)} {'has' if len(single) == 1 else 'have'} one window only, whose spread is not known"
    not_positive = [side for side, values in sides if min(values) <= 0]
    if not_positive:
        return f"a window of the {' and of the '.join(not_positive)} has a value that is not above 0"
    return ""
