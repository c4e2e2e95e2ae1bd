"""The errors of a configuration as a whole: keys that are set twice, and values that do not go together.

:mod:`llenergymeasure.config.base` raises them. What is wrong with a single value is the subject of
:mod:`llenergymeasure.config.explain`.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from llenergymeasure.config.explain import Finding, error_of
from llenergymeasure.config.rules import Broken


def set_twice(
    model: type[BaseModel], names: list[str], extra: dict[str, Any], others: ValidationError | None
) -> ValidationError:
    """The error that keys are set both as a field and in ``extra``, after all other errors."""
    message = "is also set as a field; keep one of the two"
    rest = others.errors(include_url=False) if others else []
    findings = [Finding(detail["loc"], detail["type"], detail["msg"], detail["input"]) for detail in rest]
    findings += [Finding(("extra", name), "set_twice", message, extra[name]) for name in names]
    return error_of(model, findings)


def combined(model: type[BaseModel], broken: list[Broken], given: Mapping[str, Any]) -> ValidationError:
    """The error that values do not go together.

    Each is reported at the first of its fields that was given, or else at ``extra``.
    """
    findings = []
    for rule in broken:
        heads = (field.partition(".")[0] for field in rule.fields)
        place = next((name for name in heads if name in given), "extra")
        findings.append(Finding((place,), "combination", rule.message, given[place]))
    return error_of(model, findings)
