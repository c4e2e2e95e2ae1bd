"""Measuring: a configuration becomes a record.

:func:`~llenergymeasure.measurement.run.measure` is the entry; :mod:`~llenergymeasure.measurement.protocol` has the phases, in their order,
:mod:`~llenergymeasure.measurement.summaries` the figures, :mod:`~llenergymeasure.measurement.findings` what is said against them. Nothing here
writes to disk.
"""
