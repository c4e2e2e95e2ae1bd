"""Two records side by side: ratios with intervals.

The first record is the base. The interval and the test of a ratio are Welch's, on the logarithms of the
windows' values, so that the interval excludes 1 exactly where the test finds a difference at 5 %. Both are
about the spread within each run, and do not cover what changes from one day, or one GPU, to the next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from llenergymeasure.results.differences import (
    Change,
    ComparisonWarning,
    changes,
    conditions,
    configuration,
    warnings,
)
from llenergymeasure.results.per_window import Unit, amount, joules_per, output, requests, with_energy
from llenergymeasure.results.record import Record
from llenergymeasure.results.schema import Energies
from llenergymeasure.results.statistics import Ratio, ratio_of_means

TEST = "Welch's t-test on logarithms, 95 %"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityComparison:
    """One quantity in two records. ``ratio`` is other over base; if it is None, ``missing`` says why."""

    name: str
    unit: str
    base: float | None
    other: float | None
    ratio: Ratio | None
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two records compared: ratios, what differs in configuration and conditions, and warnings."""

    quantities: tuple[QuantityComparison, ...]
    configuration: tuple[Change, ...]
    conditions: tuple[Change, ...]
    warnings: tuple[ComparisonWarning, ...]

    @property
    def headline(self) -> QuantityComparison | None:
        """The first quantity with a ratio: energy, or time where energy is not known; None without any."""
        return next((quantity for quantity in self.quantities if quantity.ratio is not None), None)

    @property
    def distinguishable(self) -> bool | None:
        """Whether the headline differs; None without a headline."""
        headline = self.headline
        return None if headline is None or headline.ratio is None else headline.ratio.distinguishable


@dataclass(frozen=True, slots=True)
class _Values:
    """A quantity in each window of one record, and the relative standard uncertainty that they share."""

    per_window: list[float]
    shared_uncertainty: float = 0.0


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
        configuration=tuple(changes(configuration(base), configuration(other))),
        conditions=tuple(changes(conditions(base), conditions(other))),
        warnings=tuple(warnings(base, other)),
    )


def _gross_energy(unit: Unit) -> _ValuesOf:
    def values(record: Record) -> _Values | None:
        windows = with_energy(record.windows, "work")
        if not isinstance(record.energy, Energies) or not all(amount(window, unit) for window in windows):
            return None
        return _Values(joules_per(windows, unit))

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
        return _Values(joules, energy.idle.uncertainty_w * seconds / mean if mean > 0 else 0.0)

    return values


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
    ratio, missing = None, ""
    if under is None or over is None:
        missing = f"not known of {'both' if under is over else 'the base' if under is None else 'the other'}"
    else:
        ratio = ratio_of_means(
            over.per_window,
            under.per_window,
            extra_over=over.shared_uncertainty,
            extra_under=under.shared_uncertainty,
        )
        missing = "" if ratio else "one window only, or a value that is not above 0"
    return QuantityComparison(
        name=name,
        unit=unit,
        base=fmean(under.per_window) if under else None,
        other=fmean(over.per_window) if over else None,
        ratio=ratio,
        missing=missing,
    )
