"""What changed between two releases, or two locks, as findings with stable ids and levels.

::

    OLD, NEW --sides--> Schema (and source) x 2 --compare--> findings --accepted--> formats (text, json, ...)

:mod:`~codegen.diff.finding_kinds` lists the kinds of findings. ``shapes`` compares types, ``parameters``
everything else about one argument, ``rule_diff`` the cross-field rules (with ``implication``: what follows
from what), ``definitions`` and ``edits`` the code that all of it rests on.
"""
