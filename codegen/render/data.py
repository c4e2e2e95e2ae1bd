"""The generated data that is loaded only on request: where facts come from, and test values.

Both are JSON, with one entry per line.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from codegen.model.origins import Origin
from codegen.model.schema import Schema
from codegen.render.python import LINE_LENGTH
from codegen.upstream.engine import Engine


def sources(schema: Schema, engine: Engine) -> str:
    """The upstream definitions that each parameter's facts, and each rule, come from."""
    params = {param.name: _sources(param.origins, engine) for param in schema.params}
    rules = {rule.id: _sources(rule.origins, engine) for rule in schema.rules}
    return _object({"params": params, "rules": rules})


def _sources(origins: Iterable[Origin], engine: Engine) -> list[str]:
    """The symbols of the definitions, and the overrides file where a fact is hand-written; no duplicates."""
    return list(dict.fromkeys(str(origin.symbol or engine.overrides) for origin in origins))


def test_values(schema: Schema) -> str:
    """The test values of each parameter, and the other settings under which they take effect."""
    entries: dict[str, Any] = {}
    for param in schema.params:
        entries[param.name] = {"values": param.test_values}
        if param.context:
            entries[param.name]["context"] = param.context
    return _object(entries)


def _object(data: Mapping[str, Any]) -> str:
    return "".join(_lines(data, 0)) + "\n"


def _lines(value: Any, depth: int) -> Iterator[str]:
    """A value on one line if it fits, otherwise one line or more for each member, as at depth 0."""
    flat = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if (
        not value
        or not isinstance(value, dict | list | tuple)
        or (depth and depth + len(flat) <= LINE_LENGTH)
    ):
        yield flat
        return
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    members: Iterable[tuple[str, Any]] = (
        ((f"{json.dumps(key, ensure_ascii=False)}: ", member) for key, member in value.items())
        if isinstance(value, dict)
        else (("", member) for member in value)
    )
    yield opening
    for number, (key, member) in enumerate(members):
        yield f"{',' if number else ''}\n{' ' * (depth + 1)}{key}"
        yield from _lines(member, depth + 1)
    yield f"\n{' ' * depth}{closing}"
