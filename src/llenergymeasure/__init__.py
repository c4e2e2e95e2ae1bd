"""Typed, provenance-carrying configuration for Hugging Face ``generate()`` and the energy it costs.

Importing this package is light: neither torch nor transformers is loaded. The rooms are imported by name::

    from llenergymeasure.config.backend_configs import PyTorchConfig
    from llenergymeasure.config.introspection import get_backend_params
"""

__version__ = "0.1.0"

__all__ = ["__version__"]
