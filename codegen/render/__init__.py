"""A Schema as text: the generated files, through ``templates/``, and the proof of them before anything is written."""
