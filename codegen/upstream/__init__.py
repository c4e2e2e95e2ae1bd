"""Reading the source of any package: where it is, definitions, digests, checks and constant tables.

Nothing here knows which upstream it reads; the folders of :mod:`codegen.engines` do.
"""
