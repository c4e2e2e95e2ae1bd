"""What a configuration class consists of: its engine, what is known of its fields, and ``extra``.

:mod:`llenergymeasure.config.base` adds the methods. The modules that implement those (``rules``,
``dormancy``, ``resolution``) import only this one, so that imports have no cycle.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from llenergymeasure.config.frozen import FrozenDict, freeze
from llenergymeasure.config.metadata import ParamInfo, Rule
from llenergymeasure.config.strict import StrictModel, describe


def _frozen_extra(value: dict[str, Any]) -> Any:
    return freeze(value, "extra")


class ParameterModel(StrictModel):
    """The parameters of one engine, under upstream's names."""

    engine: ClassVar[str]
    """The name of the engine that takes these parameters, such as ``transformers``."""
    engine_version: ClassVar[str]
    """The engine's release that the fields were generated from."""
    default_facts: ClassVar[Mapping[str, object]] = {}
    """Facts to assume where they are not given, as before the configuration is passed to anything."""
    rules: ClassVar[tuple[Rule, ...]] = ()
    """The rules across the parameters."""
    params: ClassVar[Mapping[str, ParamInfo]] = {}
    """What is known of each parameter outside its field."""

    extra: Annotated[dict[str, Any], AfterValidator(_frozen_extra)] = Field(
        default_factory=FrozenDict,
        description=(
            "Passed to model.generate() unchanged and unvalidated: arguments that are not fields here, or values that a field "
            "refuses. A key must not be set as a field too. Example: extra={'logits_processor': my_processors}."
        ),
    )

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        describe(cls, {name: info.description for name, info in cls.params.items()})
