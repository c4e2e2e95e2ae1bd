"""A Schema as text: the generated files, through ``templates/``. :mod:`codegen.proof` checks them."""
