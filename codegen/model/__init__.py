"""What is known of a release, as plain frozen data.

Types, conditions, regions, facts, the Schema, test values, the lock.

Nothing here reads source code, renders text or knows an upstream by name. Everything else in ``codegen``
works on these values.
"""
