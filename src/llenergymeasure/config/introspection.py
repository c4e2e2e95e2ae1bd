"""Every parameter and all that is known about it, as data.

The documentation, the command ``params``, the tests and users' own studies get their lists of parameters from
here. A parameter is named by its path, ``pytorch.temperature``. ``extra`` is not a parameter.
"""

import json
from copy import deepcopy
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any, TypedDict

from llenergymeasure.config.annotations import fields_of
from llenergymeasure.config.base import BackendConfig
from llenergymeasure.config.engine_sections import engine_sections
from llenergymeasure.config.errors import UnknownNameError
from llenergymeasure.config.explain import nearest
from llenergymeasure.config.metadata import PlainValue, Rule
from llenergymeasure.config.vocabulary import Effect, EnergyRole


class RuleDict(TypedDict):
    """A rule across parameters, as data."""

    id: str
    """Stable from release to release."""
    effect: Effect
    """``reject``: the combination is refused. ``dormant``: the fields have no effect. ``require``: they need
    something.
    """
    fields: tuple[str, ...]
    """The parameters that the rule is about."""
    when: str
    """The condition under which it applies, over parameters and facts of the model, the call, the device and
    the packages.
    """
    need: str
    """What is needed then, as a condition; empty unless the effect is ``require``."""
    message: str
    """Why, and the hint."""
    tightening: str | None
    """Why it is refused although ``generate()`` may accept it; None where ``generate()`` refuses it too."""
    sources: tuple[str, ...]
    """Where it comes from: definitions in the engine's source (``path::qualname``), or the file of claims."""


class ParamDict(TypedDict):
    """All that is known of a parameter, as data.

    The first keys are those of :class:`~llenergymeasure.config.metadata.ParamInfo`.
    """

    section: str
    type: str
    description: str
    constraints: tuple[str, ...]
    choices: tuple[PlainValue, ...]
    energy_role: EnergyRole | None
    role_reason: str
    declared_default: PlainValue
    effective_default: PlainValue
    disabled_value: PlainValue
    equivalent_values: tuple[PlainValue, ...]
    deprecation: str | None
    model_owned: bool
    unset_differs: bool
    per_prompt: bool
    tightenings: tuple[tuple[str, str], ...]
    default: PlainValue
    """What the field shows: the effective default, or a value that ``generate()`` treats alike."""
    requires: tuple[str, ...]
    """What it needs, where it takes effect, from the model, the call, the device or the packages: one text
    for each need.
    """
    rules: tuple[RuleDict, ...]
    """The rules that relate it to other parameters, or to the model, the call, the device or the packages."""
    sources: tuple[str, ...]
    """Where the facts come from, in the same form as the sources of a rule."""
    test_values: tuple[PlainValue, ...]
    """Valid values to test with: at each bound and away from it, each choice, and the default."""
    context: dict[str, PlainValue]
    """The other settings that are needed for its values to take effect."""


BACKENDS = engine_sections()
"""The configuration class of each backend, by its name."""


def get_backend_params(backend: str) -> dict[str, ParamDict]:
    """Every parameter of a backend by its path, in upstream's order. The caller may change the result.

    Raises:
        UnknownNameError: there is no such backend.
    """
    config, rules = _backend(backend), get_backend_rules(backend)
    return {
        f"{backend}.{name}": _param_dict(
            backend, name, tuple(rule for rule in rules if _is_about(rule, name))
        )
        for name in config.params
    }


def _param_dict(backend: str, name: str, rules: tuple[RuleDict, ...]) -> ParamDict:
    config = BACKENDS[backend]
    info, tests = config.params[name], _data(f"{backend}_test_values.json")[name]
    return ParamDict(
        section=info.section,
        type=info.type,
        description=info.description,
        constraints=info.constraints,
        choices=info.choices,
        energy_role=info.energy_role,
        role_reason=info.role_reason,
        declared_default=info.declared_default,
        effective_default=info.effective_default,
        disabled_value=info.disabled_value,
        equivalent_values=deepcopy(info.equivalent_values),
        deprecation=info.deprecation,
        model_owned=info.model_owned,
        unset_differs=info.unset_differs,
        per_prompt=info.per_prompt,
        tightenings=tuple(info.tightenings.items()),
        default=deepcopy(fields_of(config)[name].default),
        requires=tuple(
            rule["message"] for rule in rules if rule["effect"] == "require" and name in rule["fields"]
        ),
        rules=rules,
        sources=_data(f"{backend}_sources.json")["params"][name],
        test_values=deepcopy(tests["values"]),
        context=deepcopy(tests.get("context", {})),
    )


def get_backend_rules(backend: str) -> tuple[RuleDict, ...]:
    """Every rule across a backend's parameters, in their order.

    Raises:
        UnknownNameError: there is no such backend.
    """
    config = _backend(backend)
    sources = _data(f"{backend}_sources.json")["rules"]
    return tuple(_rule_dict(rule, sources[rule.id]) for rule in config.rules)


def _rule_dict(rule: Rule, sources: tuple[str, ...]) -> RuleDict:
    return RuleDict(
        id=rule.id,
        effect=rule.effect,
        fields=rule.fields,
        when=str(rule.when),
        need="" if rule.need is None else str(rule.need),
        message=rule.message,
        tightening=rule.tightening,
        sources=sources,
    )


def _backend(name: str) -> type[BackendConfig]:
    if name not in BACKENDS:
        raise UnknownNameError(f"there is no backend {name!r}; {nearest(name, list(BACKENDS))}")
    return BACKENDS[name]


def _is_about(rule: RuleDict, name: str) -> bool:
    """Whether a rule is about a parameter, or about an argument of it."""
    return any(field.partition(".")[0] == name for field in rule["fields"])


@cache
def _data(name: str) -> dict[str, Any]:
    """A generated data file next to this module, with tuples for lists. Callers must not change it."""
    data: dict[str, Any] = _tupled(json.loads((files(__package__) / name).read_text(encoding="utf-8")))
    return data


def _tupled(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_tupled, value))
    if isinstance(value, dict):
        return {key: _tupled(item) for key, item in value.items()}
    return value


def get_param(path: str) -> ParamDict:
    """One parameter by its path.

    Raises:
        UnknownNameError: there is no such backend or parameter.
    """
    backend, dot, name = path.partition(".")
    params = get_backend_params(backend if dot else next(iter(BACKENDS)))
    if path in params:
        return params[path]
    paths = {full_path.partition(".")[2]: full_path for full_path in params}
    close = get_close_matches(name or path, paths, n=1)
    hint = f"did you mean {paths[close[0]]!r}?" if close else "`llenergymeasure params` lists them all"
    raise UnknownNameError(f"there is no parameter {path!r}; {hint}")


def get_param_test_values(path: str) -> tuple[PlainValue, ...]:
    """Valid values of a parameter, as YAML can write them; they take effect together with its ``context``.

    Raises:
        UnknownNameError: there is no such backend or parameter.
    """
    return get_param(path)["test_values"]
