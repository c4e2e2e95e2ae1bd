"""Reading anybody's source: where it is, its definitions and their digests, checks and constant tables in it.

Nothing here knows which upstream it reads; the folders of :mod:`codegen.engines` do.
"""
