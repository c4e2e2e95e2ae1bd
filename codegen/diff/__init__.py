"""What changed between two releases, or two locks, as findings with stable ids and levels.

::

    OLD, NEW --sides--> Schema (and source) x 2 --compare--> findings --accepted--> formats (text, json, ...)

:mod:`~codegen.diff.finding_kinds` lists the kinds of findings. ``type_diff`` compares types, ``parameters``
everything else about one argument, ``rule_diff`` the cross-field rules (``implication`` says whether one
follows from others), ``definitions`` and ``edits`` the code that facts rest on, ``reach`` and
``refusal_diff`` the other code that the call can run. ``history`` and ``by_hand`` make pages about all
releases.
"""
