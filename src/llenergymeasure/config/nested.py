"""The base of the generated classes that are the value of one parameter, such as ``compile_config``."""

from collections.abc import Mapping
from typing import Any, ClassVar

from llenergymeasure.config.strict import StrictModel, describe


class NestedConfig(StrictModel):
    """The arguments of one of the engine's own configuration classes."""

    upstream: ClassVar[str]
    """The engine's class that ``generate()`` takes an object of; empty where it takes a plain dictionary."""
    descriptions: ClassVar[Mapping[str, str]] = {}
    """What each argument does."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        describe(cls, cls.descriptions)
