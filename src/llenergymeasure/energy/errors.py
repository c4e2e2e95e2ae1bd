"""What can go wrong in using the meter.

::

    EnergyError
    ├── DeviceSelectionError    the devices asked for do not exist
    └── WindowError             a window entered twice or read while open, or a meter used after close

A sensor that fails is none of these: it becomes an ``Unavailable`` figure, with its reason and mend.
"""


class EnergyError(Exception):
    """Anything this room raises on purpose; its text is one sentence for the user, with the mend."""


class DeviceSelectionError(EnergyError):
    """The devices asked for do not exist here."""


class WindowError(EnergyError):
    """A window or a meter was used out of order."""
