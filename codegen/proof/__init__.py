"""Proofs that the rendered files say what the Schema means, before anything is written.

A child process imports the rendered modules alone and says what they really have; that is compared here with
the Schema. Nothing here imports the renderer or shares its code, so a mistake in a template, or in a function
that prints for it, is a difference. Who calls this: ``refresh``.
"""
