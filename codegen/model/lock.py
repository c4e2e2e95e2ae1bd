"""``schema.lock.json``: the Schema as data, committed, so that releases can be compared without their sources.

Reading what was written gives an equal Schema. What has its default is left out. No sentence of upstream is in it, and nothing that
changes without meaning: no line numbers, no time, no path of a machine.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from codegen.errors import LockError
from codegen.model import conditions, types
from codegen.model.lock_formats import upgraded
from codegen.model.origins import Origin, OriginKind, Symbol
from codegen.model.schema import Deprecation, Field, NestedModel, Param, Rule, Schema, Tightening

FORMAT = 3
"""Of the file: 2 since rules are in it, 3 since it names its engine. Older ones are read, a newer one is refused."""

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
    hint = "make it anew with: python -m codegen refresh"
    try:
        data = json.loads(text)
        version = data["format"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise LockError(f"{label} is not a lock ({error}); {hint}") from error
    if version not in range(1, FORMAT + 1):
        raise LockError(
            f"{label} has format {version!r}; this codegen reads format {FORMAT}. Update it, or {hint}"
        )
    try:
        return _schema(upgraded(data))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise LockError(f"{label} is broken ({type(error).__name__}: {error}); {hint}") from error


def _encode(value: object) -> Any:
    if isinstance(value, conditions.Condition):
        return conditions.text(value)
    if isinstance(value, Symbol):
        return str(value)
    if isinstance(value, _TYPES):
        return {"is": type(value).__name__, **_encode_fields(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _encode_fields(value)
    if isinstance(value, tuple | list):
        return [_encode(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _encode(each) for key, each in value.items()}
    return value


def _encode_fields(value: Any) -> dict[str, Any]:
    given = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
    return {field.name: _encode(each) for field, each in given if not _is_default(field, each)}


def _is_default(field: "dataclasses.Field[Any]", value: object) -> bool:
    if field.default is not dataclasses.MISSING:
        return type(value) is type(field.default) and value == field.default
    return field.default_factory is not dataclasses.MISSING and not value


def frozen(value: Any) -> Any:
    """Data of JSON with tuples for lists."""
    if isinstance(value, list):
        return tuple(frozen(each) for each in value)
    if isinstance(value, dict):
        return {key: frozen(each) for key, each in value.items()}
    return value


def _schema(data: dict[str, Any]) -> Schema:
    parts = {
        "params": tuple(map(_param, data["params"])),
        "nested": tuple(map(_nested, data.get("nested", []))),
        "rules": tuple(map(_rule, data.get("rules", []))),
        "conditions": {name: conditions.parse(text) for name, text in data.get("conditions", {}).items()},
        "class_tightenings": tuple(Tightening(**each) for each in data.get("class_tightenings", [])),
        "evidence": {Symbol.parse(key): str(value) for key, value in data.get("evidence", {}).items()},
    }
    return Schema(**{key: value for key, value in data.items() if key != "format"} | parts)


def _type(data: dict[str, Any]) -> types.Type:
    rest = {key: value for key, value in data.items() if key != "is"}
    match data["is"]:
        case "Scalar":
            bounds = tuple(types.Bound(**each) for each in rest.pop("bounds", []))
            return types.Scalar(**rest, bounds=bounds)
        case "Choice":
            return types.Choice(tuple(data["values"]))
        case "ListOf":
            return types.ListOf(**rest | {"item": _type(data["item"])})
        case "TupleOf":
            return types.TupleOf(tuple(map(_type, data["items"])))
        case "MapOf":
            return types.MapOf(**rest | {"key": _type(data["key"]), "value": _type(data["value"])})
        case "Nested":
            return types.Nested(data["name"])
        case "NoData":
            return types.NoData()
        case "Union":
            return types.Union(tuple(map(_type, data["members"])))
        case name:
            raise ValueError(f"there is no type {name!r}")


def _origin(data: dict[str, Any]) -> Origin:
    symbol = data.get("symbol")
    parts = {"kind": OriginKind(data["kind"]), "symbol": None if symbol is None else Symbol.parse(symbol)}
    return Origin(**data | parts)


def _common(data: dict[str, Any]) -> dict[str, Any]:
    return {
        **{key: frozen(value) for key, value in data.items()},
        "type": _type(data["type"]),
        "tightenings": tuple(Tightening(**each) for each in data.get("tightenings", [])),
        "origins": tuple(map(_origin, data.get("origins", []))),
    }


def _param(data: dict[str, Any]) -> Param:
    deprecation = data.get("deprecation")
    parts = {} if deprecation is None else {"deprecation": Deprecation(**deprecation)}
    return Param(**_common(data) | parts)


def _rule(data: dict[str, Any]) -> Rule:
    need = data.get("need")
    return Rule(
        **{key: frozen(value) for key, value in data.items()}
        | {
            "when": conditions.parse(data["when"]),
            "need": None if need is None else conditions.parse(need),
            "origins": tuple(map(_origin, data.get("origins", []))),
        }
    )


def _nested(data: dict[str, Any]) -> NestedModel:
    return NestedModel(
        name=data["name"],
        upstream=data["upstream"],
        parameter=data["parameter"],
        fields=tuple(Field(**_common(each)) for each in data["fields"]),
        origins=tuple(map(_origin, data.get("origins", []))),
    )
