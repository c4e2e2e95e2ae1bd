"""The maintainer's tool: reads the source of an upstream package and generates typed configuration classes.

``python -m codegen`` is the entry point; :mod:`codegen.cli.main` lists the commands. Nothing here imports the
upstream package or torch: any release can be read, installed or not. The data flows one way::

    source -> extract -> (facts) + overrides -> merge -> Schema -> lock
                                                           |-> render -> prove -> generated modules
"""
