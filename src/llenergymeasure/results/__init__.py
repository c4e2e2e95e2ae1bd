"""Results: what one run recorded, kept on disk without loss, and shown to a person.

:mod:`~llenergymeasure.results.record` is the data, :mod:`~llenergymeasure.results.storage` saves and loads it,
:mod:`~llenergymeasure.results.render` writes it as a table, :mod:`~llenergymeasure.results.compare` holds two against each other, and
:mod:`~llenergymeasure.results.plot` draws one.
"""
