"""The GPUs of an NVIDIA driver: finding them, their counters and power, what a window of them used.

:mod:`.sensor` is the :class:`~llenergymeasure.energy.sensor.Sensor`; the other modules are steps of it.
"""
