"""Proofs that the rendered files say what the Schema means, before anything is written.

A child process imports the rendered modules alone and reports what they really contain; that is compared with
the Schema. Nothing here imports the renderer or shares its code, so a mistake in a template, or in a function
that prints for it, shows up as a difference. ``refresh`` calls this.
"""
