"""Typed configurations for Hugging Face ``generate()``, and the energy that each one costs.

::

    from llenergymeasure import ExperimentConfig, PyTorchConfig, measure

    config = PyTorchConfig(do_sample=True, temperature=0.7, max_new_tokens=64)
    record = measure(ExperimentConfig(model={"name": "builtin:llama"}, pytorch=config))
    print(record.energy)

Everything that a user needs is imported from here:

- ``PyTorchConfig``: every parameter of ``generate()`` as a typed field.
- ``get_backend_params``: what is known about each of them.
- ``ExperimentConfig``: a model, a workload, a configuration, and how to measure it.
- ``measure``: runs an experiment and returns its record.
- ``load_record``, ``compare``: read saved records, and compare two of them.
- ``EnergyMeter``: measures the energy of any code.

Importing the package is fast, and loads neither torch nor transformers: a name is loaded when it is first
used. The command line is ``llenergymeasure``; the documentation is in ``docs/``.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "EnergyMeter",
    "ExperimentConfig",
    "PyTorchConfig",
    "__version__",
    "compare",
    "get_backend_params",
    "load_record",
    "measure",
]

if TYPE_CHECKING:
    from llenergymeasure.config.backend_configs import PyTorchConfig
    from llenergymeasure.config.experiment import ExperimentConfig
    from llenergymeasure.config.introspection import get_backend_params
    from llenergymeasure.energy.meter import EnergyMeter
    from llenergymeasure.measurement.run import measure
    from llenergymeasure.results.compare import compare
    from llenergymeasure.results.storage import load_record
else:  # so that type checkers take the imports above, and complain about other names
    _MODULES = {
        "EnergyMeter": "energy.meter",
        "ExperimentConfig": "config.experiment",
        "PyTorchConfig": "config.backend_configs",
        "compare": "results.compare",
        "get_backend_params": "config.introspection",
        "load_record": "results.storage",
        "measure": "measurement.run",
    }

    def __getattr__(name: str) -> object:
        """Load a public name when it is first used (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415 - importing the package itself stays fast

        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """The public names, loaded or not."""
        return sorted({*globals(), *__all__})
