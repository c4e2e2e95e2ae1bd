"""RAPL: the energy counters of processors, as Linux shows them under powercap.

:mod:`.zones` finds them, and gives each as a counter of :mod:`llenergymeasure.energy.cumulative`.
:mod:`.hints` says what to do where they cannot be read.
"""
