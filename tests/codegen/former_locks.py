"""Writes locks in former formats: with every field, under its former name, and with origins in prose."""

import dataclasses
from typing import Any

from codegen.model import condition_text, conditions
from codegen.model.origins import Origin, OriginKind
from codegen.model.schema import Rule, Schema
from codegen.model.types import Scalar

_NAMES = {
    "min_length": "least",
    "disabled_value": "off",
    "equivalent_values": "alike",
    "unbounded_reason": "boundless",
}
_OVERRIDES = "codegen/overrides.toml"


def format_2(schema: Schema) -> dict[str, Any]:
    """The lock of a schema from before there were several engines."""
    data = {key: _encoded(getattr(schema, key)) for key in ("params", "nested", "class_tightenings")}
    rules = [
        _encoded(rule) | {"origins": [_origin(each, rule) for each in rule.origins]} for rule in schema.rules
    ]
    evidence = {str(symbol): digest for symbol, digest in schema.evidence.items()}
    return {"format": 2, "transformers_version": schema.version, **data, "rules": rules, "evidence": evidence}


def format_1(schema: Schema) -> dict[str, Any]:
    """The lock of a schema from before there were rules; what an argument requires was a list of texts."""
    data = format_2(schema) | {"format": 1}
    del data["rules"]
    for each in data["params"]:
        del each["alike"]
        each["requires"] = ["device:cuda"]
    for model in data["nested"]:
        for each in model["fields"]:
            del each["contexts"]
            each["requires"] = []
    return data


def _encoded(value: object) -> Any:
    if isinstance(value, conditions.Condition):
        return condition_text.text(value)
    match value:
        case Origin():
            return _origin(value)
        case tuple():
            return [_encoded(each) for each in value]
        case dict():
            return {key: _encoded(each) for key, each in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    fields = {
        _NAMES.get(each.name, each.name): _encoded(getattr(value, each.name))
        for each in dataclasses.fields(value)
    }
    is_type = type(value).__module__ == Scalar.__module__ and type(value).__name__ != "Bound"
    return {"is": type(value).__name__, **fields} if is_type else fields


def _origin(origin: Origin, rule: Rule | None = None) -> dict[str, str]:
    about = {"unbounded": "boundless"}.get(origin.about, _NAMES.get(origin.about, origin.about))
    match origin.kind:
        case OriginKind.CLAIM:
            fact = f"{about}: {origin.reason}"
        case OriginKind.EVIDENCE:
            fact = f"evidence of the {'rule ' if rule else ''}{about}"
        case OriginKind.RULE if rule is not None:
            fact = f"rule {about!r}" if origin.symbol else f"rule {rule.id}: {rule.message}"
        case _:
            fact = origin.kind.value
    return {"fact": fact, "symbol": str(origin.symbol or _OVERRIDES)}
