"""What changed from one release to another, or from one of our locks to another, as findings with stable ids and levels.

::

    OLD, NEW --sides--> Schema (and source) x 2 --compare--> findings --accepted--> formats: text, markdown, json, github

:mod:`~codegen.diff.finding_kinds` lists the kinds of findings. ``shapes`` compares types, ``parameters`` everything else about one
argument, ``rules`` the cross-field rules (with ``implication``: what follows from what), ``definitions`` and ``edits`` the code that
all of it rests on.
"""
