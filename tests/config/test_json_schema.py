"""The JSON Schema for editors: as strict as it can be, and never stricter than the class."""

from typing import Any

import pytest

from llenergymeasure.config.backend_configs import PyTorchConfig
from llenergymeasure.config.schema import experiment_schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return experiment_schema()


def _nodes(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for each in node for found in _nodes(each)]
    if isinstance(node, dict):
        return [node, *(found for each in node.values() for found in _nodes(each))]
    return []


def test_an_editor_finds_every_key_with_its_description(schema: dict[str, Any]) -> None:
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert list(schema["properties"]) == ["model", "workload", "pytorch", "measurement", "transformers"]
    pytorch = schema["$defs"]["PyTorchConfig"]["properties"]
    assert set(pytorch) == {field.alias or name for name, field in PyTorchConfig.model_fields.items()}
    assert all(each.get("description") for each in pytorch.values())


def test_unknown_keys_are_marked_wrong(schema: dict[str, Any]) -> None:
    objects = [schema, *schema["$defs"].values()]
    assert all(each["additionalProperties"] is False for each in objects)


def test_lengths_of_lists_use_the_keywords_of_json_schema(schema: dict[str, Any]) -> None:
    assert not [node for node in _nodes(schema) if node.get("type") == "array" and "minLength" in node]
    (prompts,) = [
        each
        for each in schema["$defs"]["WorkloadConfig"]["properties"]["prompts"]["anyOf"]
        if each.get("type") == "array"
    ]
    assert prompts["minItems"] == 1


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    references = {node["$ref"] for node in _nodes(schema) if isinstance(node.get("$ref"), str)}
    assert references
    assert {reference.removeprefix("#/$defs/") for reference in references} <= schema["$defs"].keys()
