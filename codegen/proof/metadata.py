"""The tables and data files next to the classes, compared with the Schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from codegen.model.conditions import FACT_PREFIXES
from codegen.model.origins import Origin
from codegen.model.schema import ROLES, Effect, Param, Schema
from codegen.model.type_text import text
from codegen.proof import phrases
from codegen.proof.difference import Difference, differs
from codegen.upstream.engine import Engine


def param_differences(
    found: Mapping[str, Mapping[str, str]], schema: Schema, engine: Engine
) -> Iterator[Difference]:
    """What is different about the facts outside the fields."""
    yield from differs("metadata", "PARAMS", list(found), [param.name for param in schema.params])
    for param in schema.params:
        meant = {key: repr(value) for key, value in _facts(param, schema, engine).items()}
        yield from differs("metadata", f"the facts of {param.name}", found.get(param.name), meant)


def _facts(param: Param, schema: Schema, engine: Engine) -> dict[str, Any]:
    return {
        "section": param.section,
        "type": text(param.type, takes_none=param.takes_none),
        "description": phrases.documentation(param, schema),
        "constraints": phrases.limits(param.type),
        "choices": phrases.choices(param.type),
        "energy_role": param.role,
        "role_reason": param.role_reason,
        "declared_default": param.declared_default,
        "effective_default": param.effective_default,
        "disabled_value": param.disabled_value,
        "equivalent_values": param.equivalent_values,
        "deprecation": None if param.deprecation is None else str(param.deprecation),
        "model_owned": param.name in engine.model_owned,
        "unset_differs": param.name in engine.unset_differs,
        "per_prompt": param.name in engine.per_prompt,
        "tightenings": {each.what: each.reason for each in param.tightenings},
    }


def vocabulary_differences(found: Mapping[str, str]) -> Iterator[Difference]:
    """What is different about the words that generator and library share."""
    meant = {
        "ENERGY_ROLES": repr(ROLES),
        "EnergyRole": repr(tuple(ROLES)),
        "Effect": repr(get_args(Effect)),
        "FACT_PREFIXES": repr(FACT_PREFIXES),
    }
    for name, value in meant.items():
        yield from differs("metadata", name, found.get(name), value)


def source_differences(written: str, schema: Schema, engine: Engine) -> Iterator[Difference]:
    """What is different about the file of sources."""
    meant = {
        "params": {param.name: _symbols(param.origins, engine) for param in schema.params},
        "rules": {rule.id: _symbols(rule.origins, engine) for rule in schema.rules},
    }
    yield from _file("the file of sources", written, meant)


def _symbols(origins: Iterable[Origin], engine: Engine) -> list[str]:
    found: list[str] = []
    for origin in origins:
        place = engine.overrides.as_posix() if origin.symbol is None else str(origin.symbol)
        found += [] if place in found else [place]
    return found


def test_value_differences(written: str, schema: Schema) -> Iterator[Difference]:
    """What is different about the file of test values."""
    meant = {
        param.name: {"values": param.test_values, **({"context": param.context} if param.context else {})}
        for param in schema.params
    }
    yield from _file("the file of test values", written, json.loads(json.dumps(meant)))


def _file(what: str, written: str, meant: object) -> Iterator[Difference]:
    try:
        found = json.loads(written)
    except ValueError as error:
        yield Difference("data", f"{what} is not JSON ({error}).")
        return
    yield from differs("data", what, found, meant)
