"""The shape of a configuration class: which engine it is for, what is known of its fields, and ``extra``.

The methods of a configuration are in :mod:`llenergymeasure.config.base`, which uses the modules that
implement them; those need no more of it than this.
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
    """What generates with these parameters, such as ``transformers``."""
    engine_version: ClassVar[str]
    """The release of it that the fields were generated from."""
    without_call: ClassVar[Mapping[str, object]] = {}
    """Facts that hold for a configuration that is not passed to anything yet, unless they are given
    otherwise.
    """
    rules: ClassVar[tuple[Rule, ...]] = ()
    """What holds across parameters."""
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
