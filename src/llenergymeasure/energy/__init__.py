"""Measuring energy: joules with an error bar and an origin. Nothing here depends on torch or on models.

::

    with EnergyMeter.open(devices="auto") as meter:
        with meter.window("decode") as window:
            work()
    window.energy.total  # Measured | Modelled | Unavailable

``figures`` holds the results, ``meter`` and ``window`` are what callers use, ``doctor`` says what can be
measured on a machine. Each sensor is a module behind the protocol in ``sensor``. Each of the other modules is
one step of the arithmetic. ``docs/energy.md`` says what is assumed.
"""

from typing import TYPE_CHECKING

from llenergymeasure.energy.errors import DeviceSelectionError, EnergyError, TraceError, WindowError
from llenergymeasure.energy.figures import (
    EnergyBreakdown,
    Figure,
    Measured,
    Method,
    Modelled,
    Reading,
    Scope,
    Unavailable,
    figure_from_dict,
    total,
)

if TYPE_CHECKING:
    from llenergymeasure.energy.meter import EnergyMeter
    from llenergymeasure.energy.window import EnergyWindow

__all__ = [
    "DeviceSelectionError",
    "EnergyBreakdown",
    "EnergyError",
    "EnergyMeter",
    "EnergyWindow",
    "Figure",
    "Measured",
    "Method",
    "Modelled",
    "Reading",
    "Scope",
    "TraceError",
    "Unavailable",
    "WindowError",
    "figure_from_dict",
    "total",
]


def __getattr__(name: str) -> object:
    """Import the meter when it is first used: records are read, and figures compared, without it."""
    if name == "EnergyMeter":
        from llenergymeasure.energy.meter import EnergyMeter  # noqa: PLC0415

        return EnergyMeter
    if name == "EnergyWindow":
        from llenergymeasure.energy.window import EnergyWindow  # noqa: PLC0415

        return EnergyWindow
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
