"""Cumulative energy counters of any origin: a value in a file, or that a command prints, which only grows.

:mod:`.source` reads one, :mod:`.counter` says what is known of it, :mod:`.calibration` measures how often it
moves, :mod:`.chain` and :mod:`.joules` compute energy from readings, :mod:`.watch` reads it during long
windows, and :mod:`.sensor` is the :class:`~llenergymeasure.energy.sensor.Sensor`. :mod:`.named` makes
counters of what a configuration names; RAPL's zones are counters that :mod:`llenergymeasure.energy.rapl`
finds.
"""
