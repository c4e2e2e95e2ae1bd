"""Measuring: a configuration becomes a record.

:func:`~llenergymeasure.measure.run.run_experiment` is the entry. One measured run with its warm-up, for now; windows,
repeats and statistics are a protocol of their own, to come around it.
"""
