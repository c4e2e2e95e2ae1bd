"""The maintainer's tool: reads transformers' source and renders ``backend_configs.py`` from it.

``python -m codegen`` is the way in; :mod:`codegen.cli.main` lists the commands. Nothing here imports transformers or
torch: any release can be read, installed or not. The data flows one way::

    source -> extract -> (facts) + overrides -> merge -> Schema -> lock
                                                           |-> render -> prove -> backend_configs.py
"""
