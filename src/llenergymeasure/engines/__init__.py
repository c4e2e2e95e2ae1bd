"""Engines: what generates text.

======================  ======================================================================================
``protocol``            what every engine provides: ``Engine``, ``LoadedModel``, ``Session``
``descriptions``        what an engine reports about itself, a model and a workload
``calls``               what an engine reports about a call: tokens, times, operations, memory
``prompts``, ``paths``  the texts to generate from, and where files are
``errors``              the exceptions
``registry``            the engine of a configuration, by the name of its folder
``transformers/``       Hugging Face transformers; the only folder that imports torch
======================  ======================================================================================

A new engine is a folder of its own, whose module ``engine`` has the ``ENGINE`` that implements the protocol.
Its section of an experiment is added in :mod:`llenergymeasure.config.engine_sections`.
"""
