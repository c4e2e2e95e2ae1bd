"""``codegen/engines/transformers/schema.lock.json``: the Schema as data, committed, so that releases can be compared without their sources.

Reading what was written gives an equal Schema. No sentence of upstream is in it, and nothing that changes without meaning: no
line numbers, no time, no path of a machine.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codegen.errors import LockError
from codegen.model import conditions, types
from codegen.model.schema import Deprecation, Field, NestedModel, Origin, Param, Rule, Schema, Tightening

FORMAT = 2
"""Of the file: 2 since rules are in it. Older ones are read, a newer one is refused."""

_TYPES = (
    types.Scalar,
    types.Choice,
    types.ListOf,
    types.TupleOf,
    types.MapOf,
    types.Nested,
    types.NoData,
    types.Union,
)


def dumps(schema: Schema) -> str:
    """The text of the lock."""
    data = {"format": FORMAT, **_encode_fields(schema)}
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def load(path: Path) -> Schema:
    """Read a lock.

    Raises:
        LockError: it is missing, broken, or from a newer format.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise LockError(
            f"{path} cannot be read ({error}); make it with: python -m codegen refresh"
        ) from error
    return loads(text, str(path))


def loads(text: str, label: str) -> Schema:
    """Read the text of a lock; ``label`` names it in messages."""
    mend = "make it anew with: python -m codegen refresh"
    try:
        data = json.loads(text)
        version = data["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LockError(f"{label} is not a lock ({error}); {mend}") from error
    if version not in (1, FORMAT):
        raise LockError(
            f"{label} has format {version!r}; this codegen reads format {FORMAT}. Update it, or {mend}"
        )
    try:
        data = _since_rules(data) if version == 1 else data
        return Schema(
            transformers_version=data["transformers_version"],
            params=tuple(_param(each) for each in data["params"]),
            nested=tuple(_nested(each) for each in data["nested"]),
            rules=tuple(_rule(each) for each in data["rules"]),
            class_tightenings=tuple(Tightening(**each) for each in data["class_tightenings"]),
            evidence=dict(data["evidence"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LockError(f"{label} is broken ({type(error).__name__}: {error}); {mend}") from error


def _since_rules(data: dict[str, Any]) -> dict[str, Any]:
    """A lock of format 1, in which arguments had texts of what they require, and there were no rules."""
    params = [{key: value for key, value in each.items() if key != "requires"} for each in data["params"]]
    nested = [
        each
        | {
            "fields": [
                {key: value for key, value in one.items() if key != "requires"} for one in each["fields"]
            ]
        }
        for each in data["nested"]
    ]
    return data | {"params": [each | {"alike": []} for each in params], "nested": nested, "rules": []}


def _encode(value: object) -> Any:
    if isinstance(value, conditions.Condition):
        return conditions.text(value)
    if isinstance(value, _TYPES):
        return {"is": type(value).__name__, **_encode_fields(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _encode_fields(value)
    if isinstance(value, tuple | list):
        return [_encode(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _encode(each) for key, each in value.items()}
    return value


def _encode_fields(value: Any) -> dict[str, Any]:
    return {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}


def frozen(value: Any) -> Any:
    """Data of JSON with tuples for lists."""
    if isinstance(value, list):
        return tuple(frozen(each) for each in value)
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return value


def _type(data: dict[str, Any]) -> types.Type:
    match data["is"]:
        case "Scalar":
            return types.Scalar(data["kind"], tuple(types.Bound(**each) for each in data["bounds"]))
        case "Choice":
            return types.Choice(tuple(data["values"]))
        case "ListOf":
            return types.ListOf(_type(data["item"]), data["least"])
        case "TupleOf":
            return types.TupleOf(tuple(map(_type, data["items"])))
        case "MapOf":
            return types.MapOf(_type(data["key"]), _type(data["value"]), data["least"])
        case "Nested":
            return types.Nested(data["name"])
        case "NoData":
            return types.NoData()
        case "Union":
            return types.Union(tuple(map(_type, data["members"])))
        case name:
            raise ValueError(f"there is no type {name!r}")


def _common(data: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: frozen(value) for key, value in data.items()},
        "type": _type(data["type"]),
        "tightenings": tuple(Tightening(**each) for each in data["tightenings"]),
        "origins": tuple(Origin(**each) for each in data["origins"]),
    }


def _param(data: dict[str, Any]) -> Param:
    deprecation = data["deprecation"]
    return Param(**_common(data) | {"deprecation": Deprecation(**deprecation) if deprecation else None})


def _rule(data: dict[str, Any]) -> Rule:
    need = data["need"]
    return Rule(
        **{key: frozen(value) for key, value in data.items()}
        | {
            "when": conditions.parse(data["when"]),
            "need": None if need is None else conditions.parse(need),
            "origins": tuple(Origin(**each) for each in data["origins"]),
        }
    )


def _nested(data: dict[str, Any]) -> NestedModel:
    return NestedModel(
        name=data["name"],
        upstream=data["upstream"],
        parameter=data["parameter"],
        fields=tuple(Field(**_common(each)) for each in data["fields"]),
        origins=tuple(Origin(**each) for each in data["origins"]),
    )
