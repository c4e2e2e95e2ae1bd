"""Configurations: what a run is asked to do, as frozen values that are checked when they are made.

Generated, with ``python -m codegen refresh``:

=======================  ===================================================================================
``backend_configs``      the parameters of ``generate()`` as typed fields, with their documentation
``pytorch_nested``       the classes that are the value of one parameter
``pytorch_metadata``     what is known of each parameter outside its field
``pytorch_rules``        the rules across parameters
``pytorch_settings``     what the class takes as keyword arguments, for type checkers
``vocabulary``           words that the generator uses too: energy roles, effects of rules
=======================  ===================================================================================

Written by hand:

=======================  ===================================================================================
``base``                 the methods of a configuration, and how it is sent
``parameter_model``      the fields, tables and ``extra`` that such a class has; ``nested`` the same
``strict``               strictness, and equality over what was set
``types``, ``frozen``    the forms that values take, and the containers that refuse changes
``annotations``          the fields of a model, and what an annotation consists of
``metadata``             the shapes of the generated tables; ``conditions`` the expressions in rules
``resolution``           the value in effect: set here, or the model's own, or upstream's default
``rules``                what does not go together, and what is needed and missing
``dormancy``             what has no effect, and the fewest settings that do the same work
``sending``              values as an engine takes them
``generation_config``    conversions of transformers' own; done by ``conversion``, ``transformers_bridge``
``introspection``        the one source for every list of parameters; ``releases`` what other releases had
``engine_sections``      the table of engines: one row each, which is a section of an experiment
``experiment``           one experiment; ``loading`` and ``documents`` read it from a file
``explain``              errors in simple words, with ``phrasing``; ``combination_errors`` of combinations
``errors``               what can go wrong
=======================  ===================================================================================

Nothing here imports another package or torch. Only functions of ``transformers_bridge`` import transformers.
"""
