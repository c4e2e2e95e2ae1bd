"""The JSON Schema of an experiment."""

from typing import Any

from llenergymeasure.config.experiment import ExperimentConfig

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def experiment_schema() -> dict[str, Any]:
    """The JSON Schema of :class:`~llenergymeasure.config.experiment.ExperimentConfig`, for editors.

    It accepts a little more than the class: JSON Schema cannot tell 2.0 from 2, and it does not contain the
    rules across parameters.
    """
    schema = _with_list_lengths(ExperimentConfig.model_json_schema())
    return {"$schema": _DIALECT, **schema}


def _with_list_lengths(node: Any) -> Any:
    """The schema with ``minItems`` for lists, where pydantic writes ``minLength`` because of a validator."""
    if isinstance(node, list):
        return [_with_list_lengths(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_list = node.get("type") == "array"
    return {
        "minItems" if is_list and key == "minLength" else key: _with_list_lengths(value)
        for key, value in node.items()
    }
