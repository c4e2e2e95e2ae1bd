"""Hugging Face transformers.

The places in its source that facts come from, one module each, and what is added to them by hand.

:func:`codegen.engines.transformers.extract.extract` puts the facts together. ``overrides.toml`` and
``successors.toml`` are written by people; ``schema.lock.json`` and ``executed.json`` by commands.
"""
