"""The errors of a configuration as a whole: keys that are set twice, and values that do not go together.

:mod:`llenergymeasure.config.base` raises them. :mod:`llenergymeasure.config.explain` does the same for errors
of single values.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from llenergymeasure.config.explain import Mistake, error_of
from llenergymeasure.config.rules import BrokenRule


def set_twice(
    model: type[BaseModel], names: list[str], extra: dict[str, Any], others: ValidationError | None
) -> ValidationError:
    """The error that keys are set both as a field and in ``extra``.

    Args:
        model: the configuration class.
        names: the keys.
        extra: the value of ``extra``.
        others: the errors of single values, which come first in the result.
    """
    message = "is also set as a field; keep one of the two"
    details = others.errors(include_url=False) if others else []
    mistakes = [Mistake(detail["loc"], detail["type"], detail["msg"], detail["input"]) for detail in details]
    mistakes += [Mistake(("extra", name), "set_twice", message, extra[name]) for name in names]
    return error_of(model, mistakes)


def refused_combinations(
    model: type[BaseModel], broken: list[BrokenRule], given: Mapping[str, Any]
) -> ValidationError:
    """The error that values do not go together.

    Each broken rule is reported at the first of its fields that was given, or else at ``extra``.
    """
    mistakes = []
    for rule in broken:
        heads = (field.partition(".")[0] for field in rule.fields)
        place = next((name for name in heads if name in given), "extra")
        mistakes.append(Mistake((place,), "combination", rule.message, given[place]))
    return error_of(model, mistakes)
