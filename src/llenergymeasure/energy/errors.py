"""What can go wrong with the use of the meter.

::

    EnergyError
    ├── DeviceSelectionError    the devices asked for do not exist, or cannot be measured
    ├── WindowError             a window entered twice, read while open, or a meter used after close
    └── TraceError              a trace cannot be written or read

A sensor that fails is none of these: it becomes an ``Unavailable`` figure, with its reason and a hint.
"""

from __future__ import annotations


class EnergyError(Exception):
    """Anything this package raises on purpose. Its text is one sentence for the user, with a hint."""


class DeviceSelectionError(EnergyError):
    """The devices asked for do not exist here, or are of a kind that has no energy counter of its own."""


class WindowError(EnergyError):
    """A window or a meter was used out of order."""


class TraceError(EnergyError):
    """A trace cannot be written or read: pyarrow is missing, or the file system refused."""
