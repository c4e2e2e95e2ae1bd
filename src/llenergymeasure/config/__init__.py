"""Configurations: what a run is asked to do, as frozen values that are checked when they are made.

======================  ========================================================================================
``backend_configs``     GENERATED: every parameter of ``generate()``, typed; what is known of each
``base``, ``strict``    what those classes are built on: strictness, equality over what was set, sending
``types``, ``frozen``   the forms that values take, and the containers that refuse changes
``explain``, ``phrasing`` errors in plain words
``resolution``          what a parameter is worth: set here, or the model's own, or transformers' default
``rules``               what does not go together, and what is needed and not there
``dormancy``            what has no effect, and the shortest configuration that does the same
``transformers_bridge`` values as transformers takes them; ``conversion`` its GenerationConfig, and files of it
``introspection``       the one source for every list of parameters
``experiment``          the whole of one experiment; ``loading`` reads it from a file, ``documents`` reads files
``errors``              what can go wrong
======================  ========================================================================================

Nothing here imports another room, torch, or, but for a few functions of ``transformers_bridge``, transformers.
"""
