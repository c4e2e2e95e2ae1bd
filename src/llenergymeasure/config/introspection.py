"""Every parameter with all that is known of it: the one source for documentation, command line, tests and sweeps.

A parameter is named by its path, ``pytorch.temperature``. ``extra`` is not one.
"""

from copy import deepcopy
from difflib import get_close_matches
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from llenergymeasure.config.backend_configs import PARAMS, PyTorchConfig
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.errors import UnknownNameError
from llenergymeasure.config.explain import nearest
from llenergymeasure.config.metadata import Effect, ParamFacts, Rule, Value
from llenergymeasure.config.strict import fields_of


class RuleInfo(TypedDict):
    """A rule across parameters, as plain data."""

    id: str
    """Stable from release to release."""
    effect: Effect
    """``reject``: the combination is refused. ``dormant``: the fields have no effect. ``require``: they need something."""
    fields: tuple[str, ...]
    """The parameters that it is about."""
    when: str
    """The condition under which it applies, over parameters and facts of the model, the call, the device and the packages."""
    need: str
    """What is needed then, as a condition; empty unless the effect is ``require``."""
    message: str
    """Why, and the mend."""
    tightening: str | None
    """Why it is refused although ``generate()`` might take it; None where it would not."""


class ParamInfo(ParamFacts):
    """Facts about one parameter, with its field's default and description, and the rules that name it."""

    default: Value
    """What the field shows: the effective default, or a value that ``generate()`` treats alike."""
    description: str
    """What it does to the work, then its range and its off value."""
    rules: tuple[RuleInfo, ...]
    """What holds across it and other parameters, or across it and the model, the call, the device or the packages."""


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
    config, params = _backend(backend)
    fields = fields_of(config)
    return {
        f"{backend}.{name}": ParamInfo(
            **deepcopy(facts),
            default=deepcopy(fields[name].default),
            description=fields[name].description or "",
            rules=tuple(_rule_info(rule) for rule in config.rules if _names(rule, name)),
        )
        for name, facts in params.items()
    }


def get_backend_rules(backend: str) -> tuple[RuleInfo, ...]:
    """Every rule across a backend's parameters, in their order.

    Raises:
        UnknownNameError: there is no such backend.
    """
    return tuple(map(_rule_info, _backend(backend).config.rules))


def _backend(name: str) -> Backend:
    if name not in BACKENDS:
        raise UnknownNameError(f"there is no backend {name!r}; {nearest(name, list(BACKENDS))}")
    return BACKENDS[name]


def _names(rule: Rule, name: str) -> bool:
    """Whether a rule is about a parameter, or about an argument of it."""
    return any(field.partition(".")[0] == name for field in rule.fields)


def _rule_info(rule: Rule) -> RuleInfo:
    return RuleInfo(
        id=rule.id,
        effect=rule.effect,
        fields=rule.fields,
        when=rule.text,
        need=rule.need_text,
        message=rule.message,
        tightening=rule.tightening,
    )


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
