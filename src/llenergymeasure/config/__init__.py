"""Configurations: what a run is asked to do, as frozen values that are checked when they are made.

Generated, with ``python -m codegen refresh``:

=======================  ===================================================================================
``backend_configs``      the parameters of ``generate()`` as typed fields, with their documentation
``pytorch_nested``       configuration classes that are the value of one parameter, as ``compile_config``
``pytorch_metadata``     what is known of each parameter outside its field
``pytorch_rules``        the rules across parameters
``pytorch_settings``     the keyword arguments of ``PyTorchConfig``, for type checkers
``vocabulary``           names that the generator uses too: energy roles, effects of rules
=======================  ===================================================================================

Written by hand:

=======================  ===================================================================================
``base``                 the methods of a configuration
``parameter_model``      the class attributes of a configuration, and ``extra``
``nested``               the base of the classes in ``pytorch_nested``
``strict``               the base of every model: strict types, and equality over what was set
``types``, ``frozen``    markers for the annotations of fields, and containers that refuse changes
``annotations``          the fields of a model, and what an annotation consists of
``metadata``             the types of the generated tables; ``conditions`` the expressions in rules
``resolution``           the value in effect: set here, or the model's own, or upstream's default
``rules``                what does not go together, and what is needed and missing
``dormancy``             what has no effect, and the fewest settings that do the same work
``sending``              values as an engine takes them
``generation_config``    conversions to and from transformers' ``GenerationConfig``; ``conversion`` does them
``transformers_bridge``  objects of transformers' own classes, and the defaults of the installed release
``introspection``        the one source for every list of parameters
``releases``             how other releases of transformers differ
``engine_sections``      the engines, each with its section of an experiment
``experiment``           one experiment; ``loading`` and ``documents`` read it from a file
``explain``              errors in simple words, with ``phrasing``
``combination_errors``   errors about several settings that do not go together
``errors``               the exceptions
=======================  ===================================================================================

Nothing here imports torch or another part of llenergymeasure. Only functions of ``transformers_bridge``
import transformers, when they are called.
"""
