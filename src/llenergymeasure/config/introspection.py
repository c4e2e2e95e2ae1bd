"""Every parameter with all that is known of it: the one source for documentation, command line, tests and sweeps.

A parameter is named by its path, ``pytorch.temperature``. ``extra`` is not one.
"""

from copy import deepcopy
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple

from llenergymeasure.config.backend_configs import PARAMS, PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.errors import UnknownNameError
from llenergymeasure.config.explain import nearest
from llenergymeasure.config.facts import ParamFacts, Value
from llenergymeasure.config.strict import fields_of


class ParamInfo(ParamFacts):
    """Facts about one parameter, with its field's default and description."""

    default: Value
    """What the field shows: the effective default, or a value that ``generate()`` treats alike."""
    description: str
    """What it does to the work, then its range, its off value and its requirements."""


class Backend(NamedTuple):
    """A backend's configuration class, and the facts about its parameters."""

    config: type[BackendConfig]
    params: dict[str, ParamFacts]


BACKENDS: MappingProxyType[str, Backend] = MappingProxyType({"pytorch": Backend(PyTorchConfig, PARAMS)})
"""The backends by name."""


def get_backend_params(backend: str) -> dict[str, ParamInfo]:
    """Every parameter of a backend by its path, in upstream's order. The result is the caller's own to change.

    Raises:
        UnknownNameError: there is no such backend.
    """
    if backend not in BACKENDS:
        raise UnknownNameError(f"there is no backend {backend!r}; {nearest(backend, list(BACKENDS))}")
    config, params = BACKENDS[backend]
    fields = fields_of(config)
    return {
        f"{backend}.{name}": ParamInfo(
            **deepcopy(facts),
            default=deepcopy(fields[name].default),
            description=fields[name].description or "",
        )
        for name, facts in params.items()
    }


def get_param(path: str) -> ParamInfo:
    """One parameter by its path.

    Raises:
        UnknownNameError: there is no such backend or parameter.
    """
    backend, dot, name = path.partition(".")
    params = get_backend_params(backend if dot else next(iter(BACKENDS)))
    if path in params:
        return params[path]
    paths = {each.partition(".")[2]: each for each in params}
    close = get_close_matches(name or path, paths, n=1)
    hint = f"did you mean {paths[close[0]]!r}?" if close else "`llenergymeasure params` lists them all"
    raise UnknownNameError(f"there is no parameter {path!r}; {hint}")


def get_param_test_values(path: str) -> tuple[Value, ...]:
    """Valid values of a parameter, in YAML form; they take effect under its ``context``.

    Raises:
        UnknownNameError: there is no such backend or parameter.
    """
    return get_param(path)["test_values"]
