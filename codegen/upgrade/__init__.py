"""The upgrade to a new release as two jobs: one makes a patch, the other proposes it.

:mod:`codegen.upgrade.prepare` runs upstream's code (it installs the release and executes it) and needs no
permission to write anywhere but in its checkout. :mod:`codegen.upgrade.propose` has permission to push, and
runs nothing of what the first job hands on: it takes a patch as data and checks which files it changes.
"""
