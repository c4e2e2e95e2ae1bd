"""What generates text.

======================  ======================================================================================
``protocol``            what an engine offers to a measurement: ``Engine``, ``LoadedModel``, ``Session``
``descriptions``        what an engine reports of itself, of a model and of a workload
``calls``               what an engine reports of a call: tokens, times, operations, memory
``prompts``, ``paths``  the texts to generate from, and where files are
``errors``              what can go wrong
``registry``            the engine of a configuration, by the name of its folder
``transformers/``       Hugging Face transformers; the only folder that imports torch
======================  ======================================================================================

A new engine is a folder of its own, whose module ``engine`` has the ``ENGINE`` that implements the protocol.
Its row is in :mod:`llenergymeasure.config.engine_sections`.
"""
