"""Measuring: a configuration becomes a record.

:func:`~llenergymeasure.measure.run.measure` is the entry; :mod:`~llenergymeasure.measure.protocol` has the phases, in their order,
:mod:`~llenergymeasure.measure.summaries` the figures, :mod:`~llenergymeasure.measure.findings` what is said against them. Nothing here
writes to disk.
"""
