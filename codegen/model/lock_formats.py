"""Locks in former formats, converted to the current one. Called by :mod:`codegen.model.lock` only."""

import re
from collections.abc import Callable
from typing import Any

Data = dict[str, Any]

_PARAMS = {"off": "disabled_value", "alike": "equivalent_values", "boundless": "unbounded_reason"}
_CLAIMS = {"least": "min_length", "boundless": "unbounded"}
_FACT = re.compile(
    r"(?P<evidence>evidence of the )?(?P<rule>rule )?(?P<about>'.*'|[^:]*)(: (?P<reason>.*))?", re.DOTALL
)


def upgraded(data: Data) -> Data:
    """The data of any former format, converted to the current one.

    Raises:
        KeyError, TypeError, AttributeError: it is not what that format has.
    """
    for version, step in _STEPS.items():
        if data["format"] == version:
            data = step(data) | {"format": version + 1}
    return data


def _with_rules(data: Data) -> Data:
    """From format 1, in which arguments had texts of what they require, and there were no rules."""

    def without(field: Data) -> Data:
        return {key: value for key, value in field.items() if key != "requires"}

    nested = [model | {"fields": list(map(without, model["fields"]))} for model in data["nested"]]
    return data | {"params": list(map(without, data["params"])), "nested": nested, "rules": []}


def _with_engine(data: Data) -> Data:
    """From format 2, which had one engine, other names, and origins in prose."""
    rest = {key: value for key, value in data.items() if key != "transformers_version"}
    return rest | {
        "engine": "transformers",
        "version": data["transformers_version"],
        "params": list(map(_field, data["params"])),
        "nested": [
            _with_origins(model) | {"fields": list(map(_field, model["fields"]))} for model in data["nested"]
        ],
        "rules": list(map(_with_origins, data["rules"])),
    }


def _without_reach(data: Data) -> Data:
    """From format 3, which did not have the code that a call can reach."""
    return data


_STEPS: dict[int, Callable[[Data], Data]] = {1: _with_rules, 2: _with_engine, 3: _without_reach}
"""The step from each former format to the next."""


def _with_origins(data: Data) -> Data:
    return data | {"origins": list(map(_origin, data["origins"]))}


def _field(data: Data) -> Data:
    renamed = {_PARAMS.get(key, key): value for key, value in _with_origins(data).items()}
    return renamed | {"type": _type(data["type"])}


def _type(data: Any) -> Any:
    if isinstance(data, list):
        return list(map(_type, data))
    if not isinstance(data, dict):
        return data
    return {"min_length" if key == "least" else key: _type(value) for key, value in data.items()}


def _origin(data: Data) -> Data:
    """An origin as data; format 2 had a text such as ``evidence of rule 'x'`` or ``bound: a reason``."""
    found = _FACT.fullmatch(data["fact"])
    assert found is not None  # the pattern takes anything
    about, reason = found["about"], found["reason"] or ""
    symbol = data["symbol"] if "::" in data["symbol"] else None
    if found["evidence"]:
        return {"kind": "evidence", "symbol": symbol, "about": _CLAIMS.get(about, about)}
    if found["rule"]:
        return {"kind": "rule", "symbol": symbol, "about": about.strip("'")}
    if symbol is None:
        return {"kind": "claim", "about": _CLAIMS.get(about, about), "reason": reason}
    return {"kind": about, "symbol": symbol}
