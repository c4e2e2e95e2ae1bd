"""The maintainer's tool: reads an upstream's source and renders the configuration of it.

``python -m codegen`` is the entry point; :mod:`codegen.cli.main` lists the commands. Nothing here imports an
upstream or torch: any release can be read, installed or not. The data flows one way::

    source -> extract -> (facts) + overrides -> merge -> Schema -> lock
                                                           |-> render -> prove -> generated modules
"""
