"""Energy: counters turned into joules that say where they come from.

:mod:`~llenergymeasure.energy.meter` measures, :mod:`~llenergymeasure.energy.figures` is what it says, and
:mod:`~llenergymeasure.energy.nvml` is the one place that talks to the driver. This room knows no model and no torch.
"""

from llenergymeasure.energy.errors import DeviceSelectionError, EnergyError, WindowError
from llenergymeasure.energy.figures import Figure, Measured, Modelled, Unavailable, WindowEnergy
from llenergymeasure.energy.meter import EnergyMeter, Window

__all__ = [
    "DeviceSelectionError",
    "EnergyError",
    "EnergyMeter",
    "Figure",
    "Measured",
    "Modelled",
    "Unavailable",
    "Window",
    "WindowEnergy",
    "WindowError",
]
