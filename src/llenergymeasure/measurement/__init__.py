"""The protocol: one configuration becomes one record. Nothing here writes to disk.

======================  ======================================================================================
``run``                 ``measure()``, the entry
``phases``              the phases in their order; ``measure_window`` one window, ``warmup`` when it is steady
``idle``, ``timing``    idle power after settling; single calls and tokens
``plan``                what a run will do; ``progress`` how far it is
``run_context``         what a run works with; ``observations`` what it observed; ``run_summary`` the figures
``summaries``           from windows to figures; ``samples`` power and temperature from the sampler
``checks``              what a reader should know before using the figures
``assembly``            the record; ``environment`` has versions and hardware, ``redaction`` hides secrets
``errors``              how a run can end early
======================  ======================================================================================
"""
