"""The JSON Schema of an experiment."""

from typing import Any

from llenergymeasure.config.experiment import ExperimentConfig

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def experiment_schema() -> dict[str, Any]:
    """The JSON Schema of :class:`~llenergymeasure.config.experiment.ExperimentConfig`, for editors.

    It is a little wider than the class: JSON Schema does not tell 2.0 from 2, and knows no rules across keys.
    """
    schema = _with_list_lengths(ExperimentConfig.model_json_schema())
    return {"$schema": DIALECT, **schema}


def _with_list_lengths(node: Any) -> Any:
    """The least length of a list is ``minItems``; pydantic says ``minLength`` behind a validator of ours."""
    if isinstance(node, list):
        return [_with_list_lengths(each) for each in node]
    if not isinstance(node, dict):
        return node
    is_list = node.get("type") == "array"
    return {
        "minItems" if is_list and key == "minLength" else key: _with_list_lengths(value)
        for key, value in node.items()
    }
