"""The upgrade to a new release, in two jobs: one prepares a patch, the other proposes it.

:mod:`codegen.upgrade.prepare` installs the release and executes its code; it may write only in its checkout.
:mod:`codegen.upgrade.propose` may push, and executes nothing from the first job: it reads the patch as data
and checks which files it changes.
"""
