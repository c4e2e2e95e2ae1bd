"""Users' scripts and configurations, migrated from one release to another.

::

    Schema x Schema + successors.toml --plan--> decisions --> python (libcst), documents (YAML, JSON)

``names``, ``settings`` and ``layout`` read and write a script's settings for ``python``; ``nodes`` reads a
document for ``documents``. A setting or value with a successor is rewritten; a removed one moves to ``extra``
or is reported. Everything else stays, comments and formatting included. A second run changes nothing.
"""
