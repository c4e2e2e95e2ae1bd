"""Inference: load a model, batch prompts, call ``generate()``, count tokens. The only room with torch.

Its errors and :func:`~llenergymeasure.engines.transformers.packages.require_packages` can be imported without torch; import the
other modules only after that function has returned.
"""
